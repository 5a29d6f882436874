import type { InferSelectModel } from "drizzle-orm";
import type { refunds } from "../../schema/tables/orders.ts";
import { InvalidValue, isRefusal, NotFound, type Refusal } from "../errors.ts";
import {
  accepted,
  type Content,
  differencesBetween,
  type FactKey,
  type FactResult,
  fieldsOf,
  isToCome,
  keyOf,
  momentText,
  type Returned,
  refused,
} from "./fact.ts";
import type { OrderRow } from "./order-book.ts";
import { stateOf } from "./order-state.ts";
import { type AskedLine, refundOf } from "./refund.ts";
import { OrderNotPaid, RefundDiffers } from "./refusals.ts";

export type RefundRow = InferSelectModel<typeof refunds>;

const MOST_LINES = 200;

/** A refund as a source sends it; `source` is the order's as well. */
export interface SentRefund extends FactKey {
  orderExternalId: string;
  lines: readonly AskedLine[];
  shippingMinor: number;
  refundedAt: number;
}

export interface RefundFacts {
  brandId: string;
  /** The orders that are named, with all of their refunds. */
  orders: readonly (OrderRow & { refunds: readonly RefundRow[] })[];
  /** The refunds among those sent that are recorded already, of whichever order. */
  recorded: readonly RefundRow[];
}

/** What else a refund does, asked before it is entered: with the order and its refunds as they would be. */
type Settle = (order: OrderRow, refunds: readonly RefundRow[], refundId: string) => Refusal | Returned;

export interface RefundBook {
  /** For each refund that was sent, in turn. */
  results: FactResult[];
  added: RefundRow[];
  /** The orders that they change, as read and as they are now. */
  changed: { was: OrderRow; is: OrderRow; refundsBefore: number }[];
}

interface Entry {
  was: OrderRow;
  is: OrderRow;
  refunds: RefundRow[];
  refundsBefore: number;
}

/**
 * Enters refunds into the book of those recorded; each counts after the ones before it, also of the
 * same call. PURE, apart from the new ids.
 *
 * @param now milliseconds since 1970.
 * @param settle what else it does; a refund that it refuses is not entered.
 */
export function enterRefunds(
  sent: readonly SentRefund[],
  { brandId, orders, recorded }: RefundFacts,
  now: number,
  newRefundId: () => string,
  settle: Settle = () => ({ coupons: [] }),
): RefundBook {
  const entries = new Map<string, Entry>(
    orders.map(({ refunds: before, ...row }) => [
      keyOf(row),
      { was: row, is: row, refunds: [...before], refundsBefore: before.length },
    ]),
  );
  const known = new Map(recorded.map((refund) => [keyOf(refund), refund]));
  const added: RefundRow[] = [];
  const results = sent.map((refund): FactResult => {
    const { source, externalId, orderExternalId, lines, shippingMinor, refundedAt } = refund;
    const entry = entries.get(keyOf({ source, externalId: orderExternalId }));
    if (!entry) return refused(refund, NotFound({ id: orderExternalId }));
    const { is } = entry;
    const same = known.get(keyOf(refund));
    if (same) return again(same, refund, is.id);
    if (lines.length > MOST_LINES)
      return refused(refund, InvalidValue({ field: "lines", reason: `must be at most ${MOST_LINES}` }));
    if (isToCome(refundedAt, now))
      return refused(refund, InvalidValue({ field: "refundedAt", reason: "must not be in the future" }));
    if (is.paidAt === null) return refused(refund, OrderNotPaid({ orderId: is.id }));
    if (refundedAt < is.paidAt)
      return refused(refund, InvalidValue({ field: "refundedAt", reason: "must not be before paidAt" }));
    const decided = refundOf(is, entry.refunds, { lines, shippingMinor });
    if (isRefusal(decided)) return refused(refund, decided);
    const { isWhole, ...amounts } = decided;
    const id = newRefundId();
    const row = { brandId, id, orderId: is.id, source, externalId, ...amounts, refundedAt, createdAt: now };
    const after = {
      ...is,
      state: stateOf(is, isWhole ? "REFUNDED" : "PARTLY_REFUNDED"),
      refundedMinor: is.refundedMinor + row.amountMinor,
      updatedAt: now,
    };
    const returned = settle(after, [...entry.refunds, row], id);
    if (isRefusal(returned)) return refused(refund, returned);
    entry.refunds.push(row);
    entry.is = after;
    known.set(keyOf(row), row);
    added.push(row);
    const { points, coupons } = returned;
    return { ...accepted(refund, "RECORDED", id), returned: points, rolledBack: coupons };
  });
  return { results, added, changed: [...entries.values()].filter(({ was, is }) => was !== is) };
}

/** A refund that is sent again: the same, whatever its lines' order, or refused. */
function again(recorded: RefundRow, sent: SentRefund, orderId: string): FactResult {
  const differences = differencesBetween(
    contentOf(recorded, recorded.orderId, recorded.lines, sent.lines),
    contentOf(sent, orderId, sent.lines, sent.lines),
  );
  return differences.length === 0
    ? accepted(sent, "UNCHANGED", recorded.id)
    : refused(sent, RefundDiffers({ refundId: recorded.id, fields: fieldsOf(differences) }), differences);
}

/** An amount that was left to us to reckon is no difference: it is compared where it was sent. */
function contentOf(
  { shippingMinor, refundedAt }: { shippingMinor: number; refundedAt: number },
  orderId: string,
  lines: readonly AskedLine[],
  sent: readonly AskedLine[],
): Content {
  const reckoned = new Set(sent.filter(({ amountMinor }) => amountMinor == null).map(({ lineId }) => lineId));
  return {
    ...{ orderId, shippingMinor, refundedAt: momentText(refundedAt) },
    ...Object.fromEntries(lines.map(({ lineId, quantity }) => [`lines.${lineId}.quantity`, quantity])),
    ...Object.fromEntries(
      lines
        .filter(({ lineId }) => !reckoned.has(lineId))
        .map(({ lineId, amountMinor }) => [`lines.${lineId}.amountMinor`, amountMinor ?? null]),
    ),
  };
}
