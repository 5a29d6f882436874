import { eq, sql } from "drizzle-orm";
import type { BatchResponse } from "drizzle-orm/batch";
import { brands } from "../../schema/tables/brands.ts";
import { orders } from "../../schema/tables/orders.ts";
import { actorOf, type Context } from "../context.ts";
import { changesOf, insertRows, isAmong, type Pairs } from "../database/bulk.ts";
import { mustChange, mustHold, type Statement } from "../database/commit.ts";
import { awardOrders, readWaiting } from "../earning/award-facts.ts";
import { readEarning } from "../earning/earning-facts.ts";
import { type Concerned, readReturns } from "../earning/read-returns.ts";
import { openReturns, type Returns } from "../earning/returns.ts";
import { NotFound } from "../errors.ts";
import { areActiveMembers } from "../members/conditions.ts";
import { type MemberNames, membersNamed } from "../members/named-members.ts";
import { tierFactsOfNamed } from "../tiers/review-standings.ts";
import { tiersOfOrders } from "../tiers/tiers-of-facts.ts";
import { type Book, enterOrders, type OrderRow, type SentOrder } from "./order-book.ts";
import { type Reaction, withReactions } from "./reaction.ts";

/** Which orders are told of, and whose they are: by their names, or by a query of those. */
export interface ToldOrders {
  /** Source and external id of each. */
  keys: Pairs;
  names: MemberNames;
  /** When they were paid. */
  payments: readonly number[];
  /** Those that are told as cancelled. */
  cancelled: Concerned;
}

/** Reads what recording these orders is decided on; rides in one request. */
export function readForOrders(context: Context, { keys, names, payments, cancelled }: ToldOrders) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  return [
    database.select({ currency: brands.currency }).from(brands).where(eq(brands.id, brandId)),
    database.query.orders.findMany({
      where: { brandId, RAW: (t) => isAmong([t.source, t.externalId], keys) },
      with: { member: { columns: { id: true, externalId: true } } },
    }),
    membersNamed(database, brandId, names),
    readWaiting(context, keys),
    ...tierFactsOfNamed(database, brandId, names, now),
    ...readReturns(context, cancelled),
    ...readEarning(context, names, payments),
  ] as const;
}

type OrderRows = BatchResponse<ReturnType<typeof readForOrders>>;

/**
 * Records orders, with all that follows from them in the same commit: what becomes paid earns and may lift
 * the member's tier; what is cancelled gives back what was spent on it and loses what it earned.
 */
export function decideOrders(
  context: Context,
  sent: readonly SentOrder[],
  [[brand], recorded, members, waiting, ...reactions]: OrderRows,
) {
  const { newId, now } = context;
  const { brandId } = actorOf(context);
  if (!brand) return NotFound({ id: brandId });
  const facts = { brandId, currency: brand.currency, recorded, members };
  const book = enterOrders(sent, facts, now, () => newId("Order"));
  const [program, standings, counted, owners, spends, awards, accounts, used, ...earning] = reactions;
  const awarded = awardOrders(context, book, earning, waiting);
  const returned = returnCancelled(book, openReturns(context, [owners, spends, awards, accounts, used]));
  const newFacts = [...awarded.counted, ...returned.counted];
  const tiers = tiersOfOrders(context, [program, standings, counted], book, newFacts);
  const told = { effects: effectsOf(context, book), ...recordsOf(book) };
  return { book, ...withReactions(context, told, [returned, awarded], tiers) };
}

/** What was spent on orders that are cancelled comes back, and what they earned is taken back. */
function returnCancelled({ added, advanced }: Book, { settle, reaction }: Returns): Reaction {
  const gone = advanced.flatMap(({ was, is }) => (was.cancelledAt === null ? [is] : []));
  for (const order of [...added, ...gone]) if (order.cancelledAt !== null) settle(order, []);
  return reaction();
}

function effectsOf(context: Context, { added, advanced }: Book): Statement[] {
  const { database } = context;
  const { brandId } = actorOf(context);
  const memberIds = [...new Set(added.flatMap(({ memberId }) => memberId ?? []))];
  return [
    ...insertRows(database, orders, added),
    ...(memberIds.length > 0 ? [mustHold(database, areActiveMembers(brandId, memberIds))] : []),
    ...(advanced.length > 0
      ? [database.run(advancement(brandId, advanced)), mustChange(database, advanced.length)]
      : []),
  ];
}

/** Lets orders go on, each from what was read of it and nothing else. */
const advancement = (brandId: string, advanced: Book["advanced"]) => sql`
  update ${orders} set
    state = f.value ->> '$.is.state', paid_at = f.value ->> '$.is.paidAt',
    completed_at = f.value ->> '$.is.completedAt', cancelled_at = f.value ->> '$.is.cancelledAt',
    updated_at = f.value ->> '$.is.updatedAt'
  from ${changesOf(
    brandId,
    advanced.map(({ was, is }) => ({ was: momentsIn(was), is: momentsIn(is) })),
  )}
  where ${orders.brandId} = f.value ->> '$.brandId' and ${orders.id} = f.value ->> '$.is.id'
    and ${orders.state} = f.value ->> '$.was.state'
    and ${orders.paidAt} is f.value ->> '$.was.paidAt'
    and ${orders.completedAt} is f.value ->> '$.was.completedAt'
    and ${orders.cancelledAt} is f.value ->> '$.was.cancelledAt'`;

const momentsIn = ({ id, state, paidAt, completedAt, cancelledAt, updatedAt }: OrderRow) => ({
  ...{ id, state, paidAt, completedAt, cancelledAt, updatedAt },
});

/** One entry for each order that changed: where nothing did, there is nothing to record. */
function recordsOf({ added, advanced }: Book) {
  const namesOf = ({ id, memberId, source, externalId, state }: OrderRow) => ({
    ...{ orderId: id, memberId, source, externalId, state },
  });
  return {
    audit: [
      ...added.map(({ id, source, externalId, state }) => ({
        subjectId: id,
        detail: { source, externalId, state },
      })),
      ...advanced.map(({ was, is }) => ({ subjectId: is.id, detail: { from: was.state, to: is.state } })),
    ],
    events: [
      ...added.map((order) => ({
        type: "order.recorded",
        payload: { ...namesOf(order), totalMinor: order.totalMinor, currency: order.currency },
      })),
      ...advanced.map(({ was, is }) => ({
        type: "order.advanced",
        payload: { ...namesOf(is), from: was.state },
      })),
    ],
  };
}
