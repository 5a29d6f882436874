import { endStaleCheckouts, recordsOfEnded } from "../carts/end-checkouts.ts";
import { type HeldCheckout, madeFor } from "../carts/held-checkouts.ts";
import type { Context } from "../context.ts";
import type { Statement } from "../database/commit.ts";
import type { CouponFacts } from "./redeemable.ts";

/** A coupon as it is when its member's checkouts that are over have been ended, and what ends those. */
export interface Freed<Coupon> {
  coupon: Coupon;
  /** Goes before what wants the coupon, or counts what they took. */
  ends: Statement[];
  records: ReturnType<typeof recordsOfEnded>;
}

/** @param stale the checkouts of the coupon's member that time has ended and nobody has yet. */
export function freed<Coupon extends Pick<CouponFacts, "id" | "state" | "heldUntil"> | undefined>(
  context: Context,
  coupon: Coupon,
  stale: readonly HeldCheckout[],
): Freed<Coupon> {
  const isIt = ({ couponId }: { couponId: string }) => couponId === coupon?.id;
  const isHeld = coupon?.state === "HELD" && stale.some(({ coupons }) => coupons.some(isIt));
  const state = stale.flatMap(madeFor).some(isIt) ? ("REVOKED" as const) : ("AVAILABLE" as const);
  return {
    coupon: isHeld ? { ...coupon, state, heldUntil: null } : coupon,
    ends: endStaleCheckouts(context, stale),
    records: recordsOfEnded(stale, "EXPIRED"),
  };
}
