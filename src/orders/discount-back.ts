import type { LineDiscount } from "../../schema/tables/coupons.ts";
import { floorOf } from "../shares.ts";
import { isWhole, paidFor, type RefundableOrder, type Refunded, shareBack, togetherOf } from "./refund.ts";

export interface ReturnedOrder extends RefundableOrder {
  cancelledAt: number | null;
}

/** What a coupon, or points, took off an order: off its lines, and the rest off its shipping. */
export interface OrderDiscount {
  discountMinor: number;
  lines: readonly LineDiscount[];
}

/** Whether all money or all goods of an order went back, or it was cancelled. */
export const isAllBack = (order: ReturnedOrder, refunds: readonly Refunded[]): boolean =>
  order.cancelledAt !== null || isWhole(order, togetherOf(refunds));

/**
 * Whether nothing of an order is left: each line went back, or what was paid for it, or the order was cancelled.
 * Goods that cost nothing are still there when all money went back.
 */
export function isEmptied(order: ReturnedOrder, refunds: readonly Refunded[]): boolean {
  if (order.cancelledAt !== null) return true;
  const paid = paidFor(order).lines;
  const back = togetherOf(refunds).lines;
  return order.lines.every((line) => {
    const [part, whole] = shareBack(line, paid.get(line.lineId) ?? 0, back.get(line.lineId));
    return part === whole;
  });
}

/**
 * How much of a discount is for what went back with an order's refunds so far: of each line the share of its
 * units, rounded down; of the shipping the share of what was paid for it; everything when nothing of the order
 * is left. In minor units. PURE; it only grows with refunds, whatever their order, so that partial ones add up
 * to the discount.
 */
export function discountBack(
  { discountMinor, lines }: OrderDiscount,
  order: ReturnedOrder,
  refunds: readonly Refunded[],
): number {
  if (isEmptied(order, refunds)) return discountMinor;
  const paid = paidFor(order);
  const back = togetherOf(refunds);
  let due = 0;
  let ofShipping = discountMinor;
  for (const { lineId, discountMinor: ofLine } of lines) {
    ofShipping -= ofLine;
    const bought = order.lines.find((line) => line.lineId === lineId);
    const ofIt = back.lines.get(lineId);
    if (!bought || !ofIt) continue;
    const [part, whole] = shareBack(bought, paid.lines.get(lineId) ?? 0, ofIt);
    due += part === whole ? ofLine : floorOf(ofLine, ofIt.quantity, bought.quantity);
  }
  // Shipping that cost nothing goes back with the last of the order.
  return due + (paid.shippingMinor > 0 ? floorOf(ofShipping, back.shippingMinor, paid.shippingMinor) : 0);
}
