import type { Context } from "../context.ts";
import { commit, type Read } from "../database/commit.ts";
import { InvalidValue, NotFound } from "../errors.ts";
import type { ReturnedPoints, RolledBackCoupon } from "./fact.ts";
import { paidFor, togetherOf } from "./refund.ts";
import { decideRefunds, readForRefunds } from "./refunding.ts";

export interface RefundOrderInput {
  source: string;
  orderReference: string;
  lines: readonly { lineId: string; quantity: number }[];
  /** Whether what is left of the shipping goes back as well. */
  shipping: boolean;
  /** The refund's id in the order's source; one of ours, when left out. */
  externalId?: string | null;
  idempotencyKey: string;
}

export interface RefundOrderOutcome {
  refundId: string;
  /** What to pay back, in minor units. */
  amountMinor: number;
  coupons: RolledBackCoupon[];
  returned: ReturnedPoints | null;
}

/**
 * Refunds units of an order's lines, and answers what to pay back: what was paid for them, with all that
 * `recordRefunds` does. Coupons that were used on them are rolled back in proportion.
 */
export async function refundOrder<Row>(
  context: Context,
  input: RefundOrderInput,
  read: Read<RefundOrderOutcome, Row>,
) {
  const { now, newId } = context;
  const { source, orderReference: orderExternalId, lines, shipping } = input;
  const told = { source, orderExternalId, externalId: input.externalId ?? newId("Refund") };
  return commit(context, {
    name: "refundOrder",
    input,
    load: () => readForRefunds(context, [told]),
    decide: (rows) => {
      const [[order], [before]] = rows;
      if (!order) return NotFound({ id: orderExternalId });
      const left = paidFor(order).shippingMinor - togetherOf(order.refunds).shippingMinor;
      // Told again, it is what was told before.
      const shippingMinor = shipping ? (before?.shippingMinor ?? left) : 0;
      if (shipping && shippingMinor === 0 && lines.length === 0)
        return InvalidValue({ field: "shipping", reason: "cost nothing, or has gone back already" });
      const refund = { ...told, lines, shippingMinor, refundedAt: before?.refundedAt ?? now };
      const { book, ...recorded } = decideRefunds(context, [refund], rows);
      const [result] = book.results;
      if (!result?.factId) return result?.refusal ?? NotFound({ id: orderExternalId });
      const { amountMinor } = book.added[0] ?? before ?? { amountMinor: 0 };
      return {
        outcome: {
          ...{ refundId: result.factId, amountMinor },
          ...{ coupons: result.rolledBack ?? [], returned: result.returned ?? null },
        },
        ...recorded,
      };
    },
    read,
  });
}
