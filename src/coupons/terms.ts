import type { couponStates, OfferTerms, offerStates } from "../../schema/tables/coupons.ts";
import { endOfDayAfter } from "../calendar.ts";
import { InvalidValue, type Refusal } from "../errors.ts";
import {
  CouponAlreadyRedeemed,
  CouponExpired,
  CouponNotClaimed,
  CouponNotYetValid,
  CouponOfAnotherMember,
  CouponRevoked,
  CurrencyMismatch,
  MemberLimitReached,
  MinimumSpendNotMet,
  OfferEnded,
} from "./refusals.ts";

export const couponStatuses = ["UPCOMING", "AVAILABLE", "REDEEMED", "EXPIRED", "REVOKED"] as const;
export type CouponStatus = (typeof couponStatuses)[number];

/** In minor units; far enough below 2^53 for sums to stay exact. */
const LARGEST_AMOUNT = 1_000_000_000_000;

export interface CouponFacts {
  id: string;
  memberId: string | null;
  state: (typeof couponStates)[number];
  startsAt: number | null;
  expiresAt: number | null;
}

export interface OrderFacts {
  orderAmountMinor: number;
  currency: string;
  memberId?: string | null | undefined;
}

/** Where a coupon is in its life at a moment: what happened to it, and what time does to it. */
export function statusOf(
  { state, startsAt, expiresAt }: Omit<CouponFacts, "id" | "memberId">,
  now: number,
): CouponStatus {
  if (state !== "AVAILABLE") return state;
  if (expiresAt !== null && expiresAt <= now) return "EXPIRED";
  return startsAt !== null && now < startsAt ? "UPCOMING" : "AVAILABLE";
}

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
  offer: { id: string; state: (typeof offerStates)[number]; terms: OfferTerms },
  now: number,
): Refusal | undefined {
  const endsAt = offer.terms.endsAt ?? null;
  const over = endsAt !== null && endsAt <= now;
  return offer.state === "ENDED" || over
    ? OfferEnded({ offerId: offer.id, endedAt: over ? endsAt : null })
    : undefined;
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

/** Why a coupon cannot be used on an order now. */
export function whyNotRedeemable(
  coupon: CouponFacts,
  terms: OfferTerms,
  brand: { currency: string },
  order: OrderFacts,
  now: number,
): Refusal | undefined {
  const couponId = coupon.id;
  const status = statusOf(coupon, now);
  if (status === "REVOKED") return CouponRevoked({ couponId });
  if (status === "REDEEMED") return CouponAlreadyRedeemed({ couponId, redeemedAt: null });
  if (coupon.memberId === null) return CouponNotClaimed({ couponId });
  if (order.memberId && order.memberId !== coupon.memberId) return CouponOfAnotherMember({ couponId });
  if (status === "EXPIRED") return CouponExpired({ couponId, expiredAt: coupon.expiresAt ?? now });
  if (status === "UPCOMING") return CouponNotYetValid({ couponId, startsAt: coupon.startsAt ?? now });
  if (order.currency !== brand.currency) return CurrencyMismatch({ currency: brand.currency });
  const minimumSpendMinor = terms.minimumSpendMinor ?? 0;
  if (order.orderAmountMinor < minimumSpendMinor) {
    return MinimumSpendNotMet({
      minimumSpendMinor,
      missingMinor: minimumSpendMinor - order.orderAmountMinor,
    });
  }
  return undefined;
}

/** The discount on an amount, in minor units: a share is rounded down, and nothing exceeds the amount. */
export function discountOf(terms: OfferTerms, orderAmountMinor: number): number {
  const { percentageBasisPoints, amountOffMinor, maximumDiscountMinor } = terms;
  const share = percentageBasisPoints
    ? Number((BigInt(orderAmountMinor) * BigInt(percentageBasisPoints)) / 10_000n)
    : 0;
  return Math.min((amountOffMinor ?? 0) + share, maximumDiscountMinor ?? orderAmountMinor, orderAmountMinor);
}

/** Which term of a new offer cannot stand. */
export function faultOfTerms(
  terms: OfferTerms,
  limits: { issueLimit: number | null; perMemberLimit: number | null },
): Refusal | undefined {
  const { percentageBasisPoints, amountOffMinor, startsAt, endsAt } = terms;
  if ((percentageBasisPoints == null) === (amountOffMinor == null)) {
    return InvalidValue({ field: "terms", reason: "give either percentageBasisPoints or amountOffMinor" });
  }
  const ranges: [name: string, value: number | null | undefined, least: number, most: number][] = [
    ["terms.percentageBasisPoints", percentageBasisPoints, 1, 10_000],
    ["terms.amountOffMinor", amountOffMinor, 1, LARGEST_AMOUNT],
    ["terms.maximumDiscountMinor", terms.maximumDiscountMinor, 1, LARGEST_AMOUNT],
    ["terms.minimumSpendMinor", terms.minimumSpendMinor, 0, LARGEST_AMOUNT],
    ["terms.validDaysAfterClaim", terms.validDaysAfterClaim, 1, 3_650],
    ["terms.pricePoints", terms.pricePoints, 1, LARGEST_AMOUNT],
    ["issueLimit", limits.issueLimit, 1, 2_000_000_000],
    ["perMemberLimit", limits.perMemberLimit, 1, 10_000],
  ];
  for (const [field, value, least, most] of ranges) {
    if (value != null && (value < least || value > most)) {
      return InvalidValue({ field, reason: `must lie between ${least} and ${most}` });
    }
  }
  if (startsAt != null && endsAt != null && startsAt >= endsAt) {
    return InvalidValue({ field: "terms.endsAt", reason: "must come after startsAt" });
  }
  return undefined;
}
