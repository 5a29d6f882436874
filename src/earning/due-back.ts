import type { EarningDecision } from "../../schema/tables/earning.ts";
import {
  discountBack,
  isAllBack,
  isEmptied,
  type OrderDiscount,
  type ReturnedOrder,
} from "../orders/discount-back.ts";
import { paidFor, type Refunded, shareBack, togetherOf } from "../orders/refund.ts";
import { floorOf } from "../shares.ts";

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
    const share = shareBack(bought, paid.get(earned.lineId) ?? 0, back);
    due.points += floorOf(earned.points, ...share);
    due.growthValue += floorOf(earned.growthValue, ...share);
  }
  return { points: Math.min(points, due.points), growthValue: Math.min(growthValue, due.growthValue) };
}

/**
 * How many of the points that were spent on an order must have come back after its refunds so far: those that
 * paid for what went back, rounded down; all when nothing of the order is left. PURE.
 *
 * @param took what they took off the order; undefined where no checkout of ours says so.
 */
export function spentBack(
  points: number,
  order: ReturnedOrder,
  refunds: readonly Refunded[],
  took: OrderDiscount = offGoods(order),
): number {
  if (isEmptied(order, refunds)) return points;
  return took.discountMinor > 0 ? floorOf(points, discountBack(took, order, refunds), took.discountMinor) : 0;
}

/** Points that take off each line in proportion to what it costs without its own discount, none off the shipping. */
function offGoods({ lines }: ReturnedOrder): OrderDiscount {
  const ofEach = (costOf: (line: ReturnedOrder["lines"][number]) => number): OrderDiscount => {
    const costs = lines.map((line) => ({ lineId: line.lineId, discountMinor: costOf(line) }));
    return { discountMinor: costs.reduce((sum, cost) => sum + cost.discountMinor, 0), lines: costs };
  };
  const costs = ofEach(({ amountMinor, discountMinor }) => amountMinor - (discountMinor ?? 0));
  // Where lines say that they cost nothing, points are what paid for them.
  return costs.discountMinor > 0 ? costs : ofEach(({ amountMinor }) => amountMinor);
}
