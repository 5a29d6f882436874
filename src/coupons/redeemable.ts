import type { couponStates } from "../../schema/tables/coupons.ts";
import type { OfferTerms } from "../../schema/tables/offers.ts";
import type { Refusal } from "../errors.ts";
import {
  CouponAlreadyRedeemed,
  CouponExpired,
  CouponHeld,
  CouponNotClaimed,
  CouponNotYetValid,
  CouponOfAnotherMember,
  CouponRevoked,
  CurrencyMismatch,
  MinimumSpendNotMet,
} from "./refusals.ts";

export const couponStatuses = ["UPCOMING", "AVAILABLE", "HELD", "REDEEMED", "EXPIRED", "REVOKED"] as const;
export type CouponStatus = (typeof couponStatuses)[number];

export interface CouponFacts {
  id: string;
  memberId: string | null;
  state: (typeof couponStates)[number];
  startsAt: number | null;
  expiresAt: number | null;
  heldUntil: number | null;
}

export interface OrderFacts {
  orderAmountMinor: number;
  currency: string;
  memberId?: string | null | undefined;
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
  // Also past its time: that checkout has to be ended first.
  if (coupon.state === "HELD") return CouponHeld({ couponId, heldUntil: coupon.heldUntil });
  return status === "EXPIRED" ? CouponExpired({ couponId, expiredAt: coupon.expiresAt ?? now }) : undefined;
}

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
  if (status === "HELD") return CouponHeld({ couponId, heldUntil: coupon.heldUntil });
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
