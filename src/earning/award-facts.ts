import { and, eq, isNull, type SQL, sql } from "drizzle-orm";
import { awards } from "../../schema/tables/earning.ts";
import { orders } from "../../schema/tables/orders.ts";
import { ruleSets } from "../../schema/tables/rules.ts";
import { actorOf, type Context } from "../context.ts";
import { changesOf, insertRows, isAmong, type Pairs } from "../database/bulk.ts";
import { mustChange, mustHold, type Statement } from "../database/commit.ts";
import { areActiveMembers } from "../members/conditions.ts";
import type { Reaction } from "../orders/reaction.ts";
import { type Activity, keepAlive } from "../points/keep-alive.ts";
import { moveManyPoints } from "../points/move-points.ts";
import { policyOf } from "../points/policy.ts";
import type { CountedFact } from "../tiers/counted-fact.ts";
import { type ActivityRow, type NewAward, type OrderRow, openAwardBook } from "./award-book.ts";
import { movesOfAward } from "./award-moves.ts";
import type { EarningRows, TimesEarned } from "./earning-facts.ts";
import { spendableAfter } from "./spendable.ts";

/** Reads the awards of these orders whose points wait for the order to be completed. */
export function readWaiting({ database, actor }: Context, keys: Pairs) {
  const { brandId } = actorOf({ actor });
  return database
    .select({
      id: awards.id,
      orderId: awards.orderId,
      pendingDays: sql<number>`${ruleSets.rules} ->> '$.pendingDays'`,
    })
    .from(orders)
    .innerJoin(awards, and(eq(awards.brandId, orders.brandId), eq(awards.orderId, orders.id)))
    .innerJoin(ruleSets, and(eq(ruleSets.brandId, awards.brandId), eq(ruleSets.id, awards.ruleSetId)))
    .where(
      and(
        eq(orders.brandId, brandId),
        isAmong([orders.source, orders.externalId], keys),
        eq(awards.state, "PENDING"),
        isNull(awards.spendableAt),
      ),
    );
}

type Waiting = Awaited<ReturnType<typeof readWaiting>>;

/**
 * Awards orders that became paid, each once, whichever call told it first and in the order of their
 * payment; and lets awards of orders that were completed wait no longer than their rules say.
 */
export function awardOrders(
  context: Context,
  { added, advanced }: { added: readonly OrderRow[]; advanced: readonly { was: OrderRow; is: OrderRow }[] },
  rows: EarningRows,
  waiting: Waiting,
): Reaction {
  const { newId, now } = context;
  const book = openAwardBook(rows, now, newId);
  const paid = [...added, ...advanced.flatMap(({ was, is }) => (was.paidAt === null ? [is] : []))]
    .flatMap((order) => {
      const { paidAt, cancelledAt, memberId } = order;
      return paidAt !== null && cancelledAt === null && memberId !== null && book.earnerOf.has(memberId)
        ? [{ order, paidAt, memberId }]
        : [];
    })
    .sort((a, b) => a.paidAt - b.paidAt || (a.order.id < b.order.id ? -1 : 1));
  for (const { order, paidAt } of paid) book.addOrder(order, paidAt);
  const reaction = reactionOf(context, rows, book, "recordOrders");
  const counted = paid.flatMap(({ order, paidAt, memberId }): CountedFact[] => [
    { memberId, at: paidAt, measure: "SPEND", amount: order.totalMinor },
    { memberId, at: paidAt, measure: "ORDERS", amount: 1 },
  ]);
  const completions = advanced.flatMap(({ was, is }) => {
    const award = waiting.find(({ orderId }) => orderId === is.id);
    return award && was.completedAt === null && is.completedAt !== null
      ? [{ id: award.id, at: spendableAfter(is.completedAt, award.pendingDays, timeZoneOf(rows)) }]
      : [];
  });
  return withCounted(
    rows,
    {
      ...reaction,
      effects: [
        ...reaction.effects,
        ...liveOn(
          context,
          rows,
          paid.map(({ memberId, paidAt: at }) => ({ memberId, at })),
        ),
        ...setSpendableAt(context, completions),
      ],
    },
    counted,
  );
}

/** Awards activities, in the order in which they happened. */
export function awardActivities(
  context: Context,
  added: readonly ActivityRow[],
  rows: EarningRows,
  times: TimesEarned,
): Reaction {
  const book = openAwardBook(rows, context.now, context.newId);
  book.addTimes(times);
  const inTurn = [...added].sort((a, b) => a.occurredAt - b.occurredAt || (a.id < b.id ? -1 : 1));
  for (const activity of inTurn) book.addActivity(activity);
  const visits = inTurn.flatMap(({ kind, memberId, occurredAt: at }): CountedFact[] =>
    kind === "CHECK_IN" ? [{ memberId, at, measure: "VISITS", amount: 1 }] : [],
  );
  const reaction = reactionOf(context, rows, book, "recordActivities");
  const did = inTurn.map(({ memberId, occurredAt: at }) => ({ memberId, at }));
  return withCounted(
    rows,
    { ...reaction, effects: [...reaction.effects, ...liveOn(context, rows, did)] },
    visits,
  );
}

function reactionOf(
  context: Context,
  [, brandAccounts]: EarningRows,
  { made }: { made: readonly NewAward[] },
  operation: string,
): Reaction {
  const { database } = context;
  const memberIds = [...new Set(made.map(({ earner }) => earner.id))];
  return {
    effects: [
      ...moveManyPoints(
        context,
        made.flatMap((one) => movesOfAward(context, one, brandAccounts, operation)),
      ),
      ...insertRows(
        database,
        awards,
        made.map(({ award }) => award),
      ),
      ...(memberIds.length > 0
        ? [mustHold(database, areActiveMembers(actorOf(context).brandId, memberIds))]
        : []),
    ],
    audit: made.map(({ award }) => ({ subjectId: award.memberId, detail: namesOf(award) })),
    events: made.map(({ award, repaid }) => ({
      type: "award.made",
      payload: {
        ...{ memberId: award.memberId, ...namesOf(award), repaid },
        ...{ state: award.state, earnedAt: award.earnedAt, spendableAt: award.spendableAt },
      },
    })),
    standings: [],
    counted: made.flatMap(({ award: { memberId, earnedAt: at, points, growthValue } }): CountedFact[] => [
      ...(points > 0 ? [{ memberId, at, measure: "POINTS_EARNED" as const, amount: points }] : []),
      ...(growthValue > 0 ? [{ memberId, at, measure: "GROWTH_VALUE" as const, amount: growthValue }] : []),
    ]),
  };
}

/** What members did keeps their points, those that it earned included, where they expire by inactivity. */
function liveOn(context: Context, [[brand]]: EarningRows, activities: readonly Activity[]): Statement[] {
  if (!brand) return [];
  const policy = policyOf(brand.pointsPolicy);
  return keepAlive(context, { policy, timeZone: brand.timeZone }, activities);
}

const namesOf = ({ id, orderId, activityId, ruleSetId, points, growthValue }: NewAward["award"]) => ({
  ...{ awardId: id, orderId, activityId, ruleSetId, points, growthValue },
});

/** With the standings of all members that have something new. */
function withCounted(rows: EarningRows, reaction: Reaction, counted: CountedFact[]): Reaction {
  const all = [...counted, ...reaction.counted];
  const touched = new Set([
    ...all.map(({ memberId }) => memberId),
    ...reaction.audit.map(({ subjectId }) => subjectId),
  ]);
  const standings = rows[3]
    .filter(({ id }) => touched.has(id))
    .map(({ id, standing }) => ({ memberId: id, version: standing.version }));
  return { ...reaction, standings, counted: all };
}

const timeZoneOf = ([[brand]]: EarningRows): string => brand?.timeZone ?? "UTC";

function setSpendableAt(
  { database, now, actor }: Context,
  completions: readonly { id: string; at: number }[],
): Statement[] {
  if (completions.length === 0) return [];
  // With a plus, so that it is no use to look for all that wait.
  const isWaiting: SQL = sql`${awards.state} = 'PENDING' and +${awards.spendableAt} is null`;
  return [
    database.run(sql`
      update ${awards} set spendable_at = f.value ->> '$.at', updated_at = ${now}
      from ${changesOf(actorOf({ actor }).brandId, completions)}
      where ${awards.brandId} = f.value ->> '$.brandId' and ${awards.id} = f.value ->> '$.id' and ${isWaiting}`),
    mustChange(database, completions.length),
  ];
}
