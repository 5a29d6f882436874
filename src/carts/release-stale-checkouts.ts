import { sql } from "drizzle-orm";
import { checkouts } from "../../schema/tables/carts.ts";
import { eachOf } from "../database/bulk.ts";
import type { Database } from "../database/client.ts";
import { commit } from "../database/commit.ts";
import type { Environment } from "../environment.ts";
import { isRefusal } from "../errors.ts";
import { type Place, readDue } from "../jobs/due.ts";
import { asPlatform, eachBrand } from "../jobs/platform.ts";
import { endStaleCheckouts, recordsOfEnded } from "./end-checkouts.ts";
import { readHeldCheckouts } from "./held-checkouts.ts";

/**
 * Lets go of what checkouts hold whose time has passed: at most `limit` checkouts, a commit a brand. Going on
 * after `next`, until it is null, takes all; doing it again changes nothing. The member's next checkout does
 * the same for its own.
 *
 * @param now milliseconds since 1970.
 * @param after where an earlier call stopped.
 * @returns `failed`: how many brands' commits failed; theirs stay due.
 */
export async function releaseStaleCheckouts(
  database: Database,
  environment: Environment,
  now: number,
  limit: number,
  after?: Place | null,
): Promise<{ checkouts: number; failed: number; next: Place | null }> {
  const due = { at: checkouts.expiresAt, brandId: checkouts.brandId, id: checkouts.id };
  // Written out, so that the index of the open ones answers it.
  const isDue = sql`${checkouts.state} = 'OPEN'`;
  const { byBrand, next } = await readDue(database, checkouts, due, isDue, { now, limit, after });
  const { done, failed } = await eachBrand("releaseStaleCheckouts", byBrand, (brandId, ids) =>
    releaseOfBrand(database, environment, { brandId, ids }, now),
  );
  return { checkouts: done, failed, next };
}

async function releaseOfBrand(
  database: Database,
  environment: Environment,
  { brandId, ids }: { brandId: string; ids: string[] },
  now: number,
): Promise<number> {
  const context = asPlatform(database, environment, brandId, now);
  const result = await commit(context, {
    name: "releaseStaleCheckouts",
    input: {},
    load: () => [
      readHeldCheckouts(context, sql`${checkouts.id} in (${eachOf(ids)}) and ${checkouts.state} = 'OPEN'`),
    ],
    decide: ([stale]) => ({
      outcome: stale.length,
      effects: endStaleCheckouts(context, stale),
      ...recordsOfEnded(stale, "EXPIRED"),
    }),
  });
  return isRefusal(result) ? 0 : result.outcome;
}
