import type { OfferState, OfferTerms } from "../../schema/tables/offers.ts";
import { type CouponFacts, statusOf } from "../coupons/redeemable.ts";
import type { Reason } from "./cart.ts";

/** Who would use it (null for a guest), when, and what the clock says. */
export interface Moment {
  buyerId: string | null;
  at: number;
  now: number;
}

/** An offer as it is now, as far as giving out and using its coupons goes. */
export interface OfferNow {
  state: OfferState;
  issueLimit: number | null;
  issuedCount: number;
  perMemberLimit: number | null;
}

/**
 * Why a coupon's life does not let it be used, whatever is in the cart. PURE.
 *
 * @param held of one that nobody has claimed: how many of its offer the buyer has, used ones included.
 */
export function faultOfCoupon(
  coupon: Omit<CouponFacts, "id">,
  offer: OfferNow,
  held: number,
  { buyerId, at, now }: Moment,
): Reason | null {
  const { memberId, startsAt, expiresAt, heldUntil } = coupon;
  // Of another's coupon nothing more is told.
  if (memberId !== null && buyerId !== null && memberId !== buyerId) return { code: "OF_ANOTHER_MEMBER" };
  const isHeld = statusOf(coupon, now) === "HELD";
  const status = isHeld ? "HELD" : statusOf({ ...coupon, heldUntil: null }, at);
  if (status === "REVOKED" || status === "REDEEMED") return { code: status };
  if (status === "HELD") return { code: "HELD", until: heldUntil };
  if (status === "EXPIRED") return { code: "EXPIRED", until: expiresAt };
  return (
    (isClosed(offer) ? ({ code: "NOT_ACTIVE" } as const) : null) ??
    (status === "UPCOMING" ? { code: "NOT_YET_VALID", from: startsAt, until: expiresAt } : null) ??
    (memberId === null ? faultOfBuyer(offer, buyerId, held) : null) ??
    (buyerId === null ? { code: "MEMBER_NEEDED" } : null)
  );
}

/**
 * Why no coupon of an offer can be made of a code, or of nothing but the offer, and be used at once. PURE.
 *
 * @param terms those that it would have.
 * @param code undefined for an offer that applies by itself.
 */
export function faultOfNewCoupon(
  offer: OfferNow,
  { startsAt = null, endsAt = null }: OfferTerms,
  code: { kind: string; shared?: { claimLimit: number | null; claimedCount: number } } | null,
  held: number,
  { buyerId, at }: Moment,
): Reason | null {
  const { state, issueLimit, issuedCount } = offer;
  // A code of a batch is out already; one for everybody gives out another coupon.
  const isOut = code?.kind === "BATCH";
  const isGone = issueLimit !== null && issuedCount >= issueLimit;
  if (!isOut && (state === "ENDED" || isGone)) return { code: "ENDED" };
  if (endsAt !== null && endsAt <= at) return { code: "EXPIRED", until: endsAt };
  if (isClosed(offer)) return { code: "NOT_ACTIVE" };
  if (startsAt !== null && at < startsAt) return { code: "NOT_YET_VALID", from: startsAt, until: endsAt };
  const { claimLimit = null, claimedCount = 0 } = code?.shared ?? {};
  if (claimLimit !== null && claimedCount >= claimLimit) return { code: "USED_UP", limit: claimLimit };
  return faultOfBuyer(offer, buyerId, held);
}

/** Coupons of an offer that has ended stay valid; of one that is prepared or paused none can be used. */
const isClosed = ({ state }: OfferNow): boolean => state === "DRAFT" || state === "PAUSED";

const faultOfBuyer = ({ perMemberLimit }: OfferNow, buyerId: string | null, held: number): Reason | null => {
  if (buyerId === null) return { code: "MEMBER_NEEDED" };
  return perMemberLimit !== null && held >= perMemberLimit
    ? { code: "USED_UP", limit: perMemberLimit }
    : null;
};
