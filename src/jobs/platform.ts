import { createContext } from "../context.ts";
import type { Database } from "../database/client.ts";
import { describeError, failureOf } from "../database/failures.ts";
import type { Environment } from "../environment.ts";

const DEADLINE_MS = 30_000;

/** What the platform does by itself in a brand's name, because time has passed; on record as `tessera`. */
export const asPlatform = (database: Database, environment: Environment, brandId: string, now: number) =>
  createContext({
    ...{ database, environment, now },
    actor: { kind: "SERVICE", brandId, clientId: "tessera", scopes: new Set() },
    deadline: Date.now() + DEADLINE_MS,
    locales: [],
  });

/**
 * Does a job's work a brand after the other. One that fails holds up no other: it is counted, logged
 * without data and left out; what it is due is due in the next run as well.
 *
 * @param work answers how much it did.
 */
export async function eachBrand(
  job: string,
  byBrand: readonly (readonly [brandId: string, ids: string[]])[],
  work: (brandId: string, ids: string[]) => Promise<number>,
): Promise<{ done: number; failed: number }> {
  let [done, failed] = [0, 0];
  for (const [brandId, ids] of byBrand) {
    try {
      done += await work(brandId, ids);
    } catch (error) {
      failed += 1;
      logFailure({ job, brandId }, error);
    }
  }
  return { done, failed };
}

/** Writes that a job failed, and where; nothing of what it worked on. */
export function logFailure(place: { job: string; brandId?: string }, error: unknown): void {
  const failure = failureOf(error);
  console.error(JSON.stringify({ level: "error", ...place, failure, ...describeError(error) }));
}
