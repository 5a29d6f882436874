import { sql } from "drizzle-orm";
import { standings } from "../../schema/tables/standings.ts";
import { inForceAt } from "../brands/rules-in-force.ts";
import { DAY_MS } from "../calendar.ts";
import { eachOf } from "../database/bulk.ts";
import type { Database } from "../database/client.ts";
import { commit } from "../database/commit.ts";
import type { Environment } from "../environment.ts";
import { isRefusal } from "../errors.ts";
import { firstAfter, type Place, readDue } from "../jobs/due.ts";
import { asPlatform, eachBrand } from "../jobs/platform.ts";
import { rememberTold, toldOf } from "../jobs/told.ts";
import { countedByMember } from "./counted-facts.ts";
import { fallAhead, warningDue } from "./fall-ahead.ts";
import { LONGEST_NOTICE_DAYS } from "./fault-of-rules.ts";
import { standingFacts, tierFacts } from "./review-standings.ts";

/**
 * Tells ahead, by an event `tier.expiring`, whose tier would be lowered as things are now: on the days that
 * the rules name, each once. At most `limit` members, a commit a brand; going on after `next`, until it is
 * null, tells all, and doing it again tells nothing twice.
 *
 * @param now milliseconds since 1970.
 * @returns `failed`: how many brands' commits failed; theirs stay due.
 */
export async function remindTiers(
  database: Database,
  environment: Environment,
  now: number,
  limit: number,
  after?: Place | null,
): Promise<{ members: number; reminders: number; failed: number; next: Place | null }> {
  const due = await readDue(
    database,
    standings,
    { at: standings.reviewAt, brandId: standings.brandId, id: standings.memberId },
    sql`${standings.reviewAt} is not null`,
    { now: now + LONGEST_NOTICE_DAYS * DAY_MS, limit, after: after ?? firstAfter(now) },
  );
  const { done, failed } = await eachBrand("remindTiers", due.byBrand, (brandId, ids) =>
    remind(database, environment, { brandId, ids }, now),
  );
  return { members: due.count, reminders: done, failed, next: due.next };
}

async function remind(
  database: Database,
  environment: Environment,
  { brandId, ids }: { brandId: string; ids: string[] },
  now: number,
): Promise<number> {
  const context = asPlatform(database, environment, brandId, now);
  const result = await commit(context, {
    name: "remindTiers",
    input: {},
    load: () => [
      ...tierFacts(database, brandId, sql`(${eachOf(ids)})`, now),
      database.query.reminders.findMany({
        where: { brandId, memberId: { in: ids }, subject: { like: "tier:%" } },
      }),
    ],
    decide: ([program, found, facts, told]) => {
      const factsOf = countedByMember(facts);
      const isTold = new Set(told.map(toldOf));
      const warnings = found.flatMap(({ id: memberId, state, tierId, standing, tierGrants }) => {
        const given = standingFacts(program, standing, factsOf.get(memberId) ?? []);
        const warnDays = inForceAt(given.ruleSets, now)?.rules.warnDaysBefore ?? [];
        if (state !== "ACTIVE" || warnDays.length === 0) return [];
        const fall = fallAhead(given, { tierId, grants: tierGrants }, now);
        if (!fall) return [];
        const daysBefore = warningDue(warnDays, fall.at, now, given.timeZone);
        if (daysBefore === undefined) return [];
        const subject = `tier:${fall.from}:${fall.at}:${daysBefore}`;
        return isTold.has(toldOf({ memberId, subject })) ? [] : [{ memberId, subject, fall, daysBefore }];
      });
      return {
        outcome: warnings.length,
        effects: rememberTold(context, warnings),
        audit: warnings.map(({ memberId, subject }) => ({ subjectId: memberId, detail: { subject } })),
        events: warnings.map(({ memberId, fall: { at, from, to }, daysBefore }) => ({
          type: "tier.expiring",
          payload: { memberId, from, to, at, daysBefore },
        })),
      };
    },
  });
  return isRefusal(result) ? 0 : result.outcome;
}
