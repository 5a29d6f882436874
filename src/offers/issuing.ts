import type { OfferState, OfferTerms } from "../../schema/tables/offers.ts";
import { endOfDayAfter } from "../calendar.ts";
import type { Refusal } from "../errors.ts";
import { MemberLimitReached, OfferEnded, OfferNotActive } from "./refusals.ts";

/** The time in which a coupon claimed now can be used: the offer's dates, or so many days, whichever ends first. */
export function validityOf(terms: OfferTerms, timeZone: string, now: number) {
  const { startsAt, endsAt, validDaysAfterClaim } = terms;
  // Days in which it cannot be used yet do not count.
  const begins = Math.max(now, startsAt ?? now);
  const byClaim = validDaysAfterClaim ? endOfDayAfter(begins, validDaysAfterClaim, timeZone) : null;
  const ends = [endsAt, byClaim].filter((moment) => moment !== null && moment !== undefined);
  return { startsAt: startsAt ?? null, expiresAt: ends.length > 0 ? Math.min(...ends) : null };
}

/** Why no coupons of an offer can be given out now. */
export function whyNotIssuable(
  offer: { id: string; state: OfferState; terms: OfferTerms },
  now: number,
): Refusal | undefined {
  const endsAt = offer.terms.endsAt ?? null;
  const over = endsAt !== null && endsAt <= now;
  if (offer.state === "ENDED" || over)
    return OfferEnded({ offerId: offer.id, endedAt: over ? endsAt : null });
  return offer.state === "ACTIVE" ? undefined : OfferNotActive({ offerId: offer.id, state: offer.state });
}

/** How many coupons of an offer can still be issued. */
export const couponsLeft = ({
  issueLimit,
  issuedCount,
}: {
  issueLimit: number | null;
  issuedCount: number;
}): number => (issueLimit === null ? Number.POSITIVE_INFINITY : issueLimit - issuedCount);

/** Why a member cannot have another coupon of an offer. @param held how many of it the member has. */
export const whyNotAnother = (
  { perMemberLimit }: { perMemberLimit: number | null },
  memberId: string,
  held: number,
): Refusal | undefined =>
  perMemberLimit !== null && held >= perMemberLimit
    ? MemberLimitReached({ memberId, limit: perMemberLimit })
    : undefined;
