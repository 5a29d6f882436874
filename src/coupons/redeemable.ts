import type { couponStates } from "../../schema/tables/coupons.ts";
import type { Refusal } from "../errors.ts";
import {
  CouponAlreadyRedeemed,
  CouponExpired,
  CouponHeld,
  CouponNotClaimed,
  CouponOfAnotherMember,
  CouponRevoked,
} from "./refusals.ts";

export type CouponStatus = "UPCOMING" | "EXPIRED" | (typeof couponStates)[number];

export interface CouponFacts {
  id: string;
  memberId: string | null;
  state: (typeof couponStates)[number];
  startsAt: number | null;
  expiresAt: number | null;
  heldUntil: number | null;
}

/** Where a coupon is in its life at a moment: what happened to it, and what time does to it. */
export function statusOf(
  { state, startsAt, expiresAt, heldUntil }: Omit<CouponFacts, "id" | "memberId">,
  now: number,
): CouponStatus {
  // What a checkout held has become free by itself when its time is over.
  const isFree = state === "AVAILABLE" || (state === "HELD" && (heldUntil ?? 0) <= now);
  if (!isFree) return state;
  if (expiresAt !== null && expiresAt <= now) return "EXPIRED";
  return startsAt !== null && now < startsAt ? "UPCOMING" : "AVAILABLE";
}

/** Why a coupon is not its member's to use or to give: what happened to it, or that its time has passed. */
export function whyNotFree(coupon: Omit<CouponFacts, "memberId">, now: number): Refusal | undefined {
  const couponId = coupon.id;
  const status = statusOf(coupon, now);
  if (status === "REVOKED") return CouponRevoked({ couponId });
  if (status === "REDEEMED") return CouponAlreadyRedeemed({ couponId, redeemedAt: null });
  // Also past its time: what was not freed by ending that checkout.
  if (coupon.state === "HELD") return CouponHeld({ couponId, heldUntil: coupon.heldUntil });
  return status === "EXPIRED" ? CouponExpired({ couponId, expiredAt: coupon.expiresAt ?? now }) : undefined;
}

/** Whose a coupon must be, for who names a member: nobody's is to be claimed first. */
export function whyNotTheirs(
  { id: couponId, memberId }: Pick<CouponFacts, "id" | "memberId">,
  named: string | null | undefined,
): Refusal | undefined {
  if (memberId === null) return named ? undefined : CouponNotClaimed({ couponId });
  return named && named !== memberId ? CouponOfAnotherMember({ couponId }) : undefined;
}
