import type { OfferState, OfferTerms } from "../../schema/tables/offers.ts";
import { DAY_MS } from "../calendar.ts";
import { couponsLeft, whyNotIssuable } from "../offers/issuing.ts";

/** How many offers are shown, and how far ahead. */
export const MOST_IN_REACH = 20;
export const SOON_MS = 30 * DAY_MS;

interface Offered {
  id: string;
  state: OfferState;
  terms: OfferTerms;
  issueLimit: number | null;
  issuedCount: number;
}

interface Rung {
  id: string;
  rank: number;
}

/** What of a member decides which offers are near. */
export interface Reacher {
  tierId: string;
  /** The brand's tiers. */
  ladder: readonly Rung[];
  /** Points that can be spent. */
  points: number;
  /** How many coupons the member has, by offer, without those that were revoked. */
  held: Readonly<Record<string, number>>;
}

/** How an offer can be had. */
export interface InReach<Offer> {
  offer: Offer;
  /** From when it can be claimed, also if that is past; null where it cannot. */
  claimableFrom: number | null;
  /** Points still missing to buy it; null where points buy none. */
  missingPoints: number | null;
  /** The tier that can use it; null where the member's can. */
  tierId: string | null;
}

/**
 * The offers that a member has no coupon of and could get one: the nearest first, which are those that the
 * member's tier can use now, then those of a time to come, those of points to earn, and those of a higher tier.
 * PURE.
 */
export function offersInReach<Offer extends Offered>(
  offers: readonly Offer[],
  member: Reacher,
  now: number,
): InReach<Offer>[] {
  const rankOf = new Map(member.ladder.map(({ id, rank }) => [id, rank]));
  const own = rankOf.get(member.tierId) ?? 0;
  const reach = offers.flatMap((offer) => {
    const { claimableFrom = null, claimableUntil = null, pricePoints = null, tierIds } = offer.terms;
    const isOpen =
      claimableFrom !== null &&
      claimableFrom <= now + SOON_MS &&
      (claimableUntil === null || now < claimableUntil);
    const isOut = whyNotIssuable(offer, now) !== undefined || couponsLeft(offer) < 1;
    if (isOut || (!isOpen && pricePoints === null) || (member.held[offer.id] ?? 0) > 0) return [];
    const suits = !tierIds || tierIds.includes(member.tierId);
    const higher = (tierIds ?? []).map((id) => rankOf.get(id) ?? 0).filter((rank) => rank > own);
    // A tier below one's own is none that one rises to.
    if (!suits && higher.length === 0) return [];
    const rank = suits ? own : Math.min(...higher);
    const missingPoints = pricePoints === null ? null : Math.max(0, pricePoints - member.points);
    const waitMs = isOpen ? Math.max(0, (claimableFrom ?? 0) - now) : Number.POSITIVE_INFINITY;
    const found: InReach<Offer> = {
      offer,
      claimableFrom: isOpen ? claimableFrom : null,
      missingPoints,
      tierId: suits ? null : (member.ladder.find((rung) => rung.rank === rank)?.id ?? null),
    };
    const missing = missingPoints ?? Number.POSITIVE_INFINITY;
    return [{ found, distance: [rank - own, missing === 0 ? 0 : waitMs, missing] }];
  });
  return reach
    .sort((a, b) => compare(a.distance, b.distance) || (a.found.offer.id < b.found.offer.id ? 1 : -1))
    .slice(0, MOST_IN_REACH)
    .map(({ found }) => found);
}

function compare(one: readonly number[], other: readonly number[]): number {
  const place = one.findIndex((part, at) => part !== other[at]);
  return place === -1 ? 0 : (one[place] as number) < (other[place] as number) ? -1 : 1;
}
