import { and, between, eq, gte, inArray, lte, sql } from "drizzle-orm";
import type { BatchResponse } from "drizzle-orm/batch";
import { brands } from "../../schema/tables/brands.ts";
import { awards } from "../../schema/tables/earning.ts";
import { type ActivityKind, activities } from "../../schema/tables/orders.ts";
import { type EarningRules, ruleSets } from "../../schema/tables/rules.ts";
import { DAY_MS } from "../calendar.ts";
import { actorOf, type Context } from "../context.ts";
import { idsNamed, type MemberNames } from "../members/named-members.ts";

/** A month, and what days and time zones can add to it. */
const MONTH_MS = 33 * DAY_MS;

/** Every time zone's day begins at a quarter of an hour of every other's. */
const quarterOf = (column: typeof awards.earnedAt | typeof activities.occurredAt) =>
  sql<number>`${column} - ${column} % 900000`;

/** What is read to decide what facts of these moments earn the members that are named; one request with others. */
export function readEarning(context: Context, names: MemberNames, moments: readonly number[]) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const [first, last] = spanOf(moments, now);
  return [
    database
      .select({ timeZone: brands.timeZone, pointsPolicy: brands.pointsPolicy })
      .from(brands)
      .where(eq(brands.id, brandId)),
    database.query.accounts.findMany({ where: { brandId, memberId: { isNull: true } } }),
    database
      .select({ id: ruleSets.id, startsAt: ruleSets.startsAt, rules: ruleSets.rules })
      .from(ruleSets)
      .where(
        and(
          eq(ruleSets.brandId, brandId),
          eq(ruleSets.kind, "EARNING"),
          lte(ruleSets.startsAt, last),
          // The one in force at the first moment, and those that start after it.
          gte(
            ruleSets.startsAt,
            sql`coalesce((select max(s.starts_at) from rule_sets s where s.brand_id = ${brandId} and s.kind = 'EARNING' and s.starts_at <= ${first}), 0)`,
          ),
        ),
      ),
    database.query.members.findMany({
      where: { brandId, state: "ACTIVE", RAW: (t) => inArray(t.id, idsNamed(brandId, names)) },
      columns: { id: true, locale: true },
      with: {
        tier: {
          columns: { id: true, name: true },
          with: {
            benefits: {
              columns: { terms: true, startsAt: true, endsAt: true },
              where: { kind: "POINTS_MULTIPLIER" },
              orderBy: { id: "asc" },
            },
          },
        },
        // Only where there are rules to earn by: an import reads those of a thousand members at once.
        accounts: {
          columns: { id: true, unit: true, kind: true, balance: true },
          where: {
            RAW: sql`exists (select 1 from rule_sets s where s.brand_id = ${brandId} and s.kind = 'EARNING')`,
          },
        },
        standing: { columns: { version: true } },
      },
    }),
    // The caps are on what was given, whatever was taken back of it.
    database
      .select({
        memberId: awards.memberId,
        at: quarterOf(awards.earnedAt),
        points: sql<number>`sum(${awards.points})`,
      })
      .from(awards)
      .where(
        and(
          eq(awards.brandId, brandId),
          inArray(awards.memberId, idsNamed(brandId, names)),
          between(awards.earnedAt, first - MONTH_MS, last + MONTH_MS),
        ),
      )
      .groupBy(awards.memberId, quarterOf(awards.earnedAt)),
  ] as const;
}

/** What is read besides of activities of these kinds: how often the members earned with them. */
export function readTimesEarned(
  context: Context,
  names: MemberNames,
  kinds: readonly ActivityKind[],
  moments: readonly number[],
) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const [first, last] = spanOf(moments, now);
  // Beyond the days that matter they are counted together.
  const at = sql<number>`case when ${activities.occurredAt} between ${first - MONTH_MS} and ${last + MONTH_MS}
    then ${quarterOf(activities.occurredAt)} else 0 end`;
  return database
    .select({
      memberId: activities.memberId,
      kind: activities.kind,
      name: activities.name,
      at: at.as("at"),
      times: sql<number>`count(*)`,
    })
    .from(activities)
    .innerJoin(awards, and(eq(awards.brandId, activities.brandId), eq(awards.activityId, activities.id)))
    .where(
      and(
        eq(activities.brandId, brandId),
        inArray(activities.memberId, idsNamed(brandId, names)),
        inArray(activities.kind, [...new Set(kinds)]),
      ),
    )
    .groupBy(activities.memberId, activities.kind, activities.name, sql`4`);
}

function spanOf(moments: readonly number[], now: number): [first: number, last: number] {
  return moments.length > 0 ? [Math.min(...moments), Math.max(...moments)] : [now, now];
}

/** The rows that `readEarning` finds, in turn. */
export type EarningRows = BatchResponse<ReturnType<typeof readEarning>>;
export type TimesEarned = Awaited<ReturnType<typeof readTimesEarned>>;
export type Earner = EarningRows[3][number];
export type EarningRuleSet = Omit<EarningRows[2][number], "rules"> & { rules: EarningRules };
