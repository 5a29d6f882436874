import type { OrderLine, RefundLine } from "../../schema/tables/orders.ts";
import { InvalidValue, isRefusal, type Refusal } from "../errors.ts";
import { shareBetween } from "../shares.ts";
import { RefundExceedsOrder } from "./refusals.ts";

export interface RefundableOrder {
  id: string;
  lines: readonly OrderLine[];
  shippingMinor: number;
  discountMinor: number;
  totalMinor: number;
}

/** What goes back of a line; without an amount, its units' share of what was paid for the line. */
export interface AskedLine {
  lineId: string;
  quantity: number;
  amountMinor?: number | null;
}

export interface Refunded {
  lines: readonly RefundLine[];
  shippingMinor: number;
}

export interface RefundDecision {
  lines: RefundLine[];
  shippingMinor: number;
  /** Of lines and shipping together. */
  amountMinor: number;
  /** Whether nothing is left: all money went back, or all goods did. */
  isWhole: boolean;
}

/** What was paid for each line, and for the shipping, in minor units: the total, without remainder. */
export interface Paid {
  lines: Map<string, number>;
  shippingMinor: number;
}

/**
 * Takes its own discount off each line, and spreads the rest of the order's over what is left of the lines,
 * and over the shipping only what exceeds them. Of the rest each line bears the difference of two running
 * shares, rounded down, so that all add up.
 */
export function paidFor({
  lines,
  shippingMinor,
  discountMinor,
}: {
  lines: readonly Pick<OrderLine, "lineId" | "amountMinor" | "discountMinor">[];
  shippingMinor: number;
  discountMinor: number;
}): Paid {
  const own = lines.reduce((total, line) => total + (line.discountMinor ?? 0), 0);
  const sum = lines.reduce((total, { amountMinor }) => total + amountMinor, -own);
  const rest = discountMinor - own;
  const ofLines = Math.min(rest, sum);
  const inOrder = [...lines].sort((a, b) => (a.lineId < b.lineId ? -1 : 1));
  const paid = new Map<string, number>();
  let before = 0;
  for (const line of inOrder) {
    const leftMinor = line.amountMinor - (line.discountMinor ?? 0);
    const after = before + leftMinor;
    paid.set(line.lineId, leftMinor - shareBetween(ofLines, before, after, sum));
    before = after;
  }
  return { lines: paid, shippingMinor: shippingMinor - (rest - ofLines) };
}

/**
 * What a refund pays back, or why not: never more units, nor more money, than is left after the refunds
 * before. Without amounts of their own, partial refunds add up to exactly what was paid, whatever their
 * order: each pays the difference of two running shares of its line, rounded down.
 *
 * @param before the order's refunds so far.
 */
export function refundOf(
  order: RefundableOrder,
  before: readonly Refunded[],
  asked: { lines: readonly AskedLine[]; shippingMinor: number },
): Refusal | RefundDecision {
  const paid = paidFor(order);
  const taken = togetherOf(before);
  const lines: RefundLine[] = [];
  for (const line of asked.lines) {
    if (lines.some(({ lineId }) => lineId === line.lineId))
      return InvalidValue({ field: `lines.${line.lineId}`, reason: "must be there once" });
    const refunded = refundOfLine(order, paid, taken, line);
    if (isRefusal(refunded)) return refunded;
    lines.push(refunded);
  }
  const { shippingMinor } = asked;
  const left = paid.shippingMinor - taken.shippingMinor;
  if (shippingMinor < 0) return InvalidValue({ field: "shippingMinor", reason: "must not be negative" });
  if (shippingMinor > left)
    return RefundExceedsOrder({ orderId: order.id, field: "shippingMinor", asked: shippingMinor, left });
  if (lines.length === 0 && shippingMinor === 0)
    return InvalidValue({ field: "lines", reason: "must name what goes back, unless shipping does" });
  const refund = { lines, shippingMinor };
  return {
    ...refund,
    amountMinor: amountOf(refund),
    isWhole: isWhole(order, togetherOf([...before, refund])),
  };
}

/** Whether all money of an order went back, or all its goods did. */
export const isWhole = ({ totalMinor, lines }: RefundableOrder, back: Together): boolean =>
  (totalMinor > 0 && back.amountMinor === totalMinor) ||
  lines.every(({ lineId, quantity }) => back.lines.get(lineId)?.quantity === quantity);

function refundOfLine(
  { id: orderId, lines }: RefundableOrder,
  paid: Paid,
  taken: Together,
  { lineId, quantity, amountMinor }: AskedLine,
): Refusal | RefundLine {
  const bought = lines.find((line) => line.lineId === lineId);
  if (!bought) return InvalidValue({ field: `lines.${lineId}`, reason: "must be a line of the order" });
  if (quantity < 1) return InvalidValue({ field: `lines.${lineId}.quantity`, reason: "must be at least 1" });
  const back = taken.lines.get(lineId) ?? { quantity: 0, amountMinor: 0 };
  const unitsLeft = bought.quantity - back.quantity;
  if (quantity > unitsLeft)
    return RefundExceedsOrder({
      orderId,
      field: `lines.${lineId}.quantity`,
      asked: quantity,
      left: unitsLeft,
    });
  const whole = paid.lines.get(lineId) ?? 0;
  const left = whole - back.amountMinor;
  if (amountMinor == null) {
    const share = shareBetween(whole, back.quantity, back.quantity + quantity, bought.quantity);
    return { lineId, quantity, amountMinor: Math.min(share, left) };
  }
  if (amountMinor < 0)
    return InvalidValue({ field: `lines.${lineId}.amountMinor`, reason: "must not be negative" });
  return amountMinor > left
    ? RefundExceedsOrder({ orderId, field: `lines.${lineId}.amountMinor`, asked: amountMinor, left })
    : { lineId, quantity, amountMinor };
}

/**
 * How much of a line went back: the share of what was paid for it, or of its units where it cost nothing; all
 * once all of either is back.
 */
export function shareBack(
  { quantity }: Pick<OrderLine, "quantity">,
  paidMinor: number,
  back: LineBack = { quantity: 0, amountMinor: 0 },
): readonly [part: number, whole: number] {
  if (back.quantity === quantity) return [1, 1];
  return paidMinor > 0 ? [back.amountMinor, paidMinor] : [back.quantity, quantity];
}

/** What went back of a line. */
export type LineBack = Omit<RefundLine, "lineId">;

/** What went back with several refunds, line by line. */
export interface Together {
  lines: Map<string, LineBack>;
  shippingMinor: number;
  amountMinor: number;
}

export function togetherOf(refunds: readonly Refunded[]): Together {
  const taken: Together = { lines: new Map(), shippingMinor: 0, amountMinor: 0 };
  for (const refund of refunds) {
    taken.shippingMinor += refund.shippingMinor;
    taken.amountMinor += amountOf(refund);
    for (const { lineId, quantity, amountMinor } of refund.lines) {
      const line = taken.lines.get(lineId) ?? { quantity: 0, amountMinor: 0 };
      taken.lines.set(lineId, {
        quantity: line.quantity + quantity,
        amountMinor: line.amountMinor + amountMinor,
      });
    }
  }
  return taken;
}

const amountOf = ({ lines, shippingMinor }: Refunded): number =>
  lines.reduce((total, { amountMinor }) => total + amountMinor, shippingMinor);
