import type { LineDiscount } from "../../schema/tables/coupons.ts";
import { isAllBack, type ReturnedOrder } from "../earning/due-back.ts";
import { paidFor, type Refunded, togetherOf } from "../orders/refund.ts";
import { floorOf } from "../shares.ts";

/** What a coupon took off an order: off its lines, and the rest off its shipping. */
export interface OrderDiscount {
  discountMinor: number;
  lines: readonly LineDiscount[];
}

/**
 * How much of a coupon's discount must have been rolled back after an order's refunds so far: of each line
 * the share of its units, rounded down; of the shipping the share of what was paid for it; everything when
 * nothing of the order is left, or it was cancelled. In minor units. PURE; it only grows with refunds, whatever
 * their order, so that partial ones add up to the discount.
 */
export function discountBack(
  { discountMinor, lines }: OrderDiscount,
  order: ReturnedOrder,
  refunds: readonly Refunded[],
): number {
  if (isAllBack(order, refunds)) return discountMinor;
  const back = togetherOf(refunds);
  let due = 0;
  let ofShipping = discountMinor;
  for (const { lineId, discountMinor: ofLine } of lines) {
    ofShipping -= ofLine;
    const bought = order.lines.find((line) => line.lineId === lineId);
    if (bought) due += floorOf(ofLine, back.lines.get(lineId)?.quantity ?? 0, bought.quantity);
  }
  const paid = paidFor(order).shippingMinor;
  // Shipping that cost nothing goes back with the last of the order.
  return due + (paid > 0 ? floorOf(ofShipping, back.shippingMinor, paid) : 0);
}
