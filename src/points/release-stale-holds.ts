import { sql } from "drizzle-orm";
import { holds } from "../../schema/tables/points.ts";
import type { Database } from "../database/client.ts";
import { commit } from "../database/commit.ts";
import type { Environment } from "../environment.ts";
import { isRefusal } from "../errors.ts";
import { type Place, readDue } from "../jobs/due.ts";
import { asPlatform, eachBrand } from "../jobs/platform.ts";
import { byKind } from "./move-points.ts";
import { endHold, isOpen } from "./wallet.ts";

/**
 * Gives the points of holds whose time has passed back to their lots: at most `limit` holds, a commit a
 * brand. Going on after `next`, until it is null, takes all; doing it again changes nothing. Whoever
 * spends next does the same for the member's own.
 *
 * @param now milliseconds since 1970.
 * @param after where an earlier call stopped.
 * @returns `failed`: how many brands' commits failed; theirs stay due.
 */
export async function releaseStaleHolds(
  database: Database,
  environment: Environment,
  now: number,
  limit: number,
  after?: Place | null,
): Promise<{ holds: number; failed: number; next: Place | null }> {
  const due = { at: holds.expiresAt, brandId: holds.brandId, id: holds.id };
  const isDue = sql`${holds.state} = 'OPEN'`;
  const { byBrand, next } = await readDue(database, holds, due, isDue, { now, limit, after });
  const { done, failed } = await eachBrand("releaseStaleHolds", byBrand, (brandId, ids) =>
    releaseOfBrand(database, environment, { brandId, ids }, now),
  );
  return { holds: done, failed, next };
}

async function releaseOfBrand(
  database: Database,
  environment: Environment,
  { brandId, ids }: { brandId: string; ids: string[] },
  now: number,
): Promise<number> {
  const context = asPlatform(database, environment, brandId, now);
  const result = await commit(context, {
    name: "releaseStaleHolds",
    input: {},
    load: () => [
      database.query.holds.findMany({
        where: { brandId, id: { in: ids }, ...isOpen },
        with: {
          uses: true,
          member: { columns: { id: true }, with: { accounts: { where: { unit: "POINTS" } } } },
        },
      }),
    ],
    decide: ([stale]) => ({
      outcome: stale.length,
      effects: stale.flatMap((hold) =>
        endHold(context, hold, byKind(hold.member.accounts), "releaseStaleHolds"),
      ),
      audit: stale.map(({ id, memberId, amount }) => ({
        subjectId: memberId,
        detail: { holdId: id, points: amount },
      })),
      events: stale.map(({ id, memberId, amount, orderReference }) => ({
        type: "points.released",
        payload: { memberId, holdId: id, points: amount, orderReference },
      })),
    }),
  });
  return isRefusal(result) ? 0 : result.outcome;
}
