import { and, asc, eq, inArray, lte, sql } from "drizzle-orm";
import { brands } from "../../schema/tables/brands.ts";
import { members } from "../../schema/tables/members.ts";
import { lots, reminders } from "../../schema/tables/points.ts";
import { DAY_MS } from "../calendar.ts";
import type { Database } from "../database/client.ts";
import { commit } from "../database/commit.ts";
import type { Environment } from "../environment.ts";
import { isRefusal } from "../errors.ts";
import { firstAfter, type Place, readPage } from "../jobs/due.ts";
import { asPlatform, eachBrand } from "../jobs/platform.ts";
import { rememberTold, toldOf } from "../jobs/told.ts";
import { policyOf } from "./policy.ts";
import { remindersDue } from "./reminders.ts";

/**
 * Tells of points that expire as many days ahead as their brands' policies say, once each, by the event
 * `points.expiring`: looks at `limit` lots at most, in the order in which they expire, a commit a brand.
 * Going on after `next`, until it is null, takes all; doing it again changes nothing.
 *
 * @param now milliseconds since 1970.
 * @param after where an earlier call stopped.
 * @returns `failed`: how many brands' commits failed; theirs stay due.
 */
export async function remindExpiringPoints(
  database: Database,
  environment: Environment,
  now: number,
  limit: number,
  after?: Place | null,
): Promise<{ reminders: number; failed: number; next: Place | null }> {
  const columns = { at: lots.expiresAt, brandId: lots.brandId, id: lots.id };
  const isAhead = and(sql`${lots.remaining} > 0`, lte(lots.expiresAt, farthest(now)));
  const { byBrand, next } = await readPage(database, lots, columns, isAhead, {
    limit,
    after: after ?? firstAfter(now),
  });
  const { done, failed } = await eachBrand("remindExpiringPoints", byBrand, (brandId, ids) =>
    remindOf(database, environment, { brandId, ids }, now),
  );
  return { reminders: done, failed, next };
}

/** Nothing that expires later is to be told of in any brand; a day more, for what a day is differs. */
const farthest = (now: number) => {
  const ownLongest = sql`(select max(value) from json_each(${brands.pointsPolicy}, '$.remindDaysBefore'))`;
  const usual = Math.max(...policyOf(null).remindDaysBefore);
  return sql`(select ${now} + (max(coalesce(${ownLongest}, ${usual})) + 2) * ${DAY_MS} from ${brands})`;
};

async function remindOf(
  database: Database,
  environment: Environment,
  { brandId, ids }: { brandId: string; ids: string[] },
  now: number,
): Promise<number> {
  const context = asPlatform(database, environment, brandId, now);
  // A member's points of a moment are told of together, whichever of their lots the page holds.
  const ofThese = sql`(${lots.memberId}, ${lots.expiresAt}) in (select member_id, expires_at from ${lots}
    where ${lots.brandId} = ${brandId} and ${inArray(lots.id, ids)})`;
  const result = await commit(context, {
    name: "remindExpiringPoints",
    input: {},
    load: () => [
      database
        .select({ timeZone: brands.timeZone, pointsPolicy: brands.pointsPolicy })
        .from(brands)
        .where(eq(brands.id, brandId)),
      database
        .select({
          memberId: lots.memberId,
          expiresAt: sql<number>`${lots.expiresAt}`,
          points: sql<number>`sum(${lots.remaining})`,
        })
        .from(lots)
        .innerJoin(members, and(eq(members.brandId, lots.brandId), eq(members.id, lots.memberId)))
        .where(
          and(eq(lots.brandId, brandId), sql`${lots.remaining} > 0`, ofThese, eq(members.state, "ACTIVE")),
        )
        .groupBy(lots.memberId, lots.expiresAt)
        .orderBy(asc(lots.expiresAt), asc(lots.memberId)),
      database
        .select({ memberId: reminders.memberId, subject: reminders.subject })
        .from(reminders)
        .where(
          and(
            eq(reminders.brandId, brandId),
            sql`${reminders.memberId} in (select member_id from ${lots} where ${lots.brandId} = ${brandId} and ${inArray(lots.id, ids)})`,
          ),
        ),
    ],
    decide: ([[brand], expiring, given]) => {
      if (!brand) throw new Error(`Brand ${brandId} of a lot does not exist.`);
      const { timeZone } = brand;
      const daysBefore = policyOf(brand.pointsPolicy).remindDaysBefore;
      const told = new Set(given.map(toldOf));
      const due = remindersDue(expiring, { now, timeZone, daysBefore }, told);
      return {
        outcome: due.length,
        effects: rememberTold(context, due),
        audit: [],
        events: due.map(({ memberId, points, expiresAt, daysBefore: days }) => ({
          type: "points.expiring",
          payload: { memberId, points, expiresAt, daysBefore: days },
        })),
      };
    },
  });
  return isRefusal(result) ? 0 : result.outcome;
}
