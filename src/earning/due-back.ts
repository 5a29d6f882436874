import type { EarningDecision } from "../../schema/tables/earning.ts";
import { isWhole, paidFor, type RefundableOrder, type Refunded, togetherOf } from "../orders/refund.ts";
import { floorOf } from "../shares.ts";

export interface ReturnedOrder extends RefundableOrder {
  cancelledAt: number | null;
}

interface Earned {
  points: number;
  growthValue: number;
  decision: Pick<EarningDecision, "lines">;
}

/**
 * How many of the points and how much of the growth value that an order earned must have been taken back
 * after its refunds so far: line by line, all when all units or all money of the line are back, otherwise
 * the share of its money, rounded down; everything when nothing of the order is left, or it was cancelled.
 * PURE; it only grows with refunds, whatever their order, so that partial ones add up to the award.
 */
export function dueBack(
  { points, growthValue, decision }: Earned,
  order: ReturnedOrder,
  refunds: readonly Refunded[],
): { points: number; growthValue: number } {
  if (isAllBack(order, refunds)) return { points, growthValue };
  const { lines } = togetherOf(refunds);
  const paid = paidFor(order).lines;
  const due = { points: 0, growthValue: 0 };
  for (const earned of decision.lines) {
    const bought = order.lines.find(({ lineId }) => lineId === earned.lineId);
    const back = lines.get(earned.lineId);
    if (!bought || !back) continue;
    const whole = paid.get(earned.lineId) ?? 0;
    // What cost nothing goes back by its units.
    const [part, of] = whole > 0 ? [back.amountMinor, whole] : [back.quantity, bought.quantity];
    const share = back.quantity === bought.quantity ? ([1, 1] as const) : ([part, of] as const);
    due.points += floorOf(earned.points, ...share);
    due.growthValue += floorOf(earned.growthValue, ...share);
  }
  return { points: Math.min(points, due.points), growthValue: Math.min(growthValue, due.growthValue) };
}

/**
 * How many of the points that were spent on an order must have come back after its refunds so far: the
 * share of its money, rounded down; all when nothing of the order is left, or it was cancelled. PURE.
 */
export function spentBack(
  points: number,
  order: ReturnedOrder & { refundedMinor: number },
  refunds: readonly Refunded[],
): number {
  if (isAllBack(order, refunds)) return points;
  return order.totalMinor > 0 ? floorOf(points, order.refundedMinor, order.totalMinor) : 0;
}

/** Whether nothing of an order is left, or it was cancelled. */
export const isAllBack = (order: ReturnedOrder, refunds: readonly Refunded[]): boolean =>
  order.cancelledAt !== null || isWhole(order, togetherOf(refunds));
