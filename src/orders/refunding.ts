import { type InferSelectModel, sql } from "drizzle-orm";
import type { BatchResponse } from "drizzle-orm/batch";
import { orders, refunds } from "../../schema/tables/orders.ts";
import { actorOf, type Context } from "../context.ts";
import { changesOf, insertRows, isAmong } from "../database/bulk.ts";
import { mustChange, mustHold, type Statement } from "../database/commit.ts";
import { readReturns } from "../earning/read-returns.ts";
import { openReturns } from "../earning/returns.ts";
import { tierFacts } from "../tiers/review-standings.ts";
import { tiersOfRefunds } from "../tiers/tiers-of-facts.ts";
import type { FactKey } from "./fact.ts";
import type { OrderRow } from "./order-book.ts";
import { withReactions } from "./reaction.ts";
import { enterRefunds, type RefundBook, type SentRefund } from "./refund-book.ts";

/** Which refunds are told of, and of which orders. */
type ToldRefund = FactKey & Pick<SentRefund, "orderExternalId">;

/** Reads what recording these refunds is decided on; rides in one request. */
export function readForRefunds(context: Context, sent: readonly ToldRefund[]) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const orderKeys = sent.map(({ source, orderExternalId }) => [source, orderExternalId] as const);
  const keys = sent.map(({ source, externalId }) => [source, externalId] as const);
  return [
    database.query.orders.findMany({
      where: { brandId, RAW: (t) => isAmong([t.source, t.externalId], orderKeys) },
      with: { refunds: true },
    }),
    database.query.refunds.findMany({
      where: { brandId, RAW: (t) => isAmong([t.source, t.externalId], keys) },
    }),
    ...tierFacts(database, brandId, membersOf(brandId, orderKeys), now),
    ...readReturns(context, { keys: orderKeys, names: [] }),
  ] as const;
}

type RefundRows = BatchResponse<ReturnType<typeof readForRefunds>>;

/**
 * Records refunds, with all that follows from them in the same commit: points that were spent on the order
 * come back, what it earned is taken back, and a plan that it bought ends.
 */
export function decideRefunds(
  context: Context,
  sent: readonly SentRefund[],
  [ofOrders, recorded, program, members, counted, ...earned]: RefundRows,
) {
  const { newId, now } = context;
  const { brandId } = actorOf(context);
  const { settle, reaction } = openReturns(context, earned);
  const facts = { brandId, orders: ofOrders, recorded };
  const book = enterRefunds(sent, facts, now, () => newId("Refund"), settle);
  const settled = reaction();
  const refundsOf = (orderId: string) => [
    ...(ofOrders.find(({ id }) => id === orderId)?.refunds ?? []),
    ...book.added.filter((refund) => refund.orderId === orderId),
  ];
  const rows = [program, members, counted] as const;
  const tiers = tiersOfRefunds(context, rows, book.changed, refundsOf, settled.counted);
  const told = { effects: effectsOf(context, book), ...recordsOf(book) };
  return { book, ...withReactions(context, told, [settled], tiers) };
}

/** Whose these orders are. */
const membersOf = (brandId: string, keys: readonly (readonly [string, string])[]) =>
  sql`(select ${orders.memberId} from ${orders} where ${orders.brandId} = ${brandId}
    and ${isAmong([orders.source, orders.externalId], keys)})`;

function effectsOf(context: Context, { added, changed }: RefundBook): Statement[] {
  if (added.length === 0) return [];
  const { database } = context;
  const { brandId } = actorOf(context);
  const changes = changesOf(
    brandId,
    changed.map(({ was, is, refundsBefore }) => ({
      ...{ id: is.id, was: was.state, refundsBefore },
      ...{ state: is.state, refundedMinor: is.refundedMinor, updatedAt: is.updatedAt },
    })),
  );
  return [
    // What is left was decided on these refunds, so there must be no other. Refunds are only ever added.
    mustHold(
      database,
      sql`not exists (select 1 from ${changes} where f.value ->> '$.refundsBefore' <>
        (select count(*) from ${refunds} where ${refunds.brandId} = ${brandId} and ${refunds.orderId} = f.value ->> '$.id'))`,
    ),
    ...insertRows(database, refunds, added),
    database.run(sql`
      update ${orders} set state = f.value ->> '$.state', refunded_minor = f.value ->> '$.refundedMinor',
        updated_at = f.value ->> '$.updatedAt'
      from ${changes}
      where ${orders.brandId} = f.value ->> '$.brandId' and ${orders.id} = f.value ->> '$.id'
        and ${orders.state} = f.value ->> '$.was'`),
    mustChange(database, changed.length),
  ];
}

function recordsOf({ added, changed }: RefundBook) {
  const orderOf = ({ orderId }: InferSelectModel<typeof refunds>): OrderRow | undefined =>
    changed.find(({ is }) => is.id === orderId)?.is;
  return {
    audit: added.map((refund) => ({
      subjectId: refund.orderId,
      detail: { refundId: refund.id, amountMinor: refund.amountMinor },
    })),
    events: added.map((refund) => ({
      type: "order.refunded",
      payload: {
        ...{ orderId: refund.orderId, refundId: refund.id, memberId: orderOf(refund)?.memberId ?? null },
        ...{ amountMinor: refund.amountMinor, state: orderOf(refund)?.state ?? null },
      },
    })),
  };
}
