import { endStaleCheckouts, recordsOfEnded } from "../carts/end-checkouts.ts";
import { type HeldCheckout, madeFor } from "../carts/held-checkouts.ts";
import type { Context } from "../context.ts";
import type { Statement } from "../database/commit.ts";
import type { CouponFacts } from "./redeemable.ts";

/** A coupon as it is when the checkout that holds it past its time has been ended, and what ends that. */
export interface Freed<Coupon> {
  coupon: Coupon;
  /** Goes before what wants the coupon. */
  ends: Statement[];
  /** The checkouts that are ended. */
  ended: readonly HeldCheckout[];
  records: ReturnType<typeof recordsOfEnded>;
}

/** @param stale the checkouts of the coupon's member that time has ended and nobody has yet. */
export function freed<Coupon extends Pick<CouponFacts, "id" | "state" | "heldUntil">>(
  context: Context,
  coupon: Coupon,
  stale: readonly HeldCheckout[],
): Freed<Coupon> {
  const ended = stale.filter(
    (checkout) => coupon.state === "HELD" && checkout.coupons.some(({ couponId }) => couponId === coupon.id),
  );
  const isGone = ended.flatMap(madeFor).some(({ couponId }) => couponId === coupon.id);
  const state = isGone ? ("REVOKED" as const) : ("AVAILABLE" as const);
  return {
    coupon: ended.length > 0 ? { ...coupon, state, heldUntil: null } : coupon,
    ends: endStaleCheckouts(context, ended),
    ...{ ended, records: recordsOfEnded(ended, "EXPIRED") },
  };
}
