import { and, asc, lte, type SQL, sql } from "drizzle-orm";
import type { holds, lots } from "../../schema/tables/points.ts";
import { createContext } from "../context.ts";
import type { Database } from "../database/client.ts";
import { describeError, failureOf } from "../database/failures.ts";
import type { Environment } from "../environment.ts";

const DEADLINE_MS = 30_000;

/** How far a job has come: of the last row that it looked at. */
export interface Place {
  expiresAt: number;
  brandId: string;
  id: string;
}

/** What the platform does by itself in a brand's name, because time has passed; on record as `tessera`. */
export const asPlatform = (database: Database, environment: Environment, brandId: string, now: number) =>
  createContext({
    ...{ database, environment, now },
    actor: { kind: "SERVICE", brandId, clientId: "tessera", scopes: new Set() },
    deadline: Date.now() + DEADLINE_MS,
    locales: [],
  });

type Page = { byBrand: [brandId: string, ids: string[]][]; count: number; next: Place | null };

/**
 * A page of the rows of a table whose time has passed, in the order of that time: their ids by brand, how
 * many they are, and where to go on, null at the end.
 */
export const readDue = (
  database: Database,
  table: typeof lots | typeof holds,
  isDue: SQL,
  { now, ...page }: { now: number; limit: number; after?: Place | null | undefined },
): Promise<Page> => readPage(database, table, and(isDue, lte(table.expiresAt, now)), page);

/** The same of the rows for which a condition holds. */
export async function readPage(
  database: Database,
  table: typeof lots | typeof holds,
  condition: SQL | undefined,
  { limit, after }: { limit: number; after?: Place | null | undefined },
): Promise<Page> {
  const { expiresAt, brandId, id } = table;
  const isAfter =
    after && sql`(${expiresAt}, ${brandId}, ${id}) > (${after.expiresAt}, ${after.brandId}, ${after.id})`;
  const due = await database
    .select({ expiresAt, brandId, id })
    .from(table)
    .where(and(condition, isAfter ?? undefined))
    .orderBy(asc(expiresAt), asc(brandId), asc(id))
    .limit(limit);
  const byBrand = Object.entries(Object.groupBy(due, (row) => row.brandId)).map(
    ([brand, rows = []]): [string, string[]] => [brand, rows.map((row) => row.id)],
  );
  const last = due.length === limit ? due.at(-1) : undefined;
  return { byBrand, count: due.length, next: last ? (last as Place) : null };
}

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
