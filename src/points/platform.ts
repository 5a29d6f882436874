import { and, asc, lte, type SQL, sql } from "drizzle-orm";
import type { SQLiteColumn, SQLiteTable } from "drizzle-orm/sqlite-core";
import { createContext } from "../context.ts";
import type { Database } from "../database/client.ts";
import { describeError, failureOf } from "../database/failures.ts";
import type { Environment } from "../environment.ts";

const DEADLINE_MS = 30_000;

/** How far a job has come: of the last row that it looked at. */
export interface Place {
  /** When its time had passed. */
  at: number;
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

/** Where what is due after a moment begins; as a place, since two bounds on the same index are one too many. */
export const firstAfter = (now: number): Place => ({ at: now + 1, brandId: "", id: "" });

/** What names the rows of a table whose time can pass, and when it does. */
export interface DueColumns {
  at: SQLiteColumn;
  brandId: SQLiteColumn;
  id: SQLiteColumn;
}

interface Page {
  byBrand: [brandId: string, ids: string[]][];
  count: number;
  next: Place | null;
}

/**
 * A page of the rows of a table whose time has passed, in the order of that time: their ids by brand, how
 * many they are, and where to go on, null at the end.
 */
export const readDue = (
  database: Database,
  table: SQLiteTable,
  columns: DueColumns,
  isDue: SQL,
  { now, ...page }: { now: number; limit: number; after?: Place | null | undefined },
): Promise<Page> => readPage(database, table, columns, and(isDue, lte(columns.at, now)), page);

/** The same of the rows for which a condition holds. */
export async function readPage(
  database: Database,
  table: SQLiteTable,
  { at, brandId, id }: DueColumns,
  condition: SQL | undefined,
  { limit, after }: { limit: number; after?: Place | null | undefined },
): Promise<Page> {
  const isAfter = after && sql`(${at}, ${brandId}, ${id}) > (${after.at}, ${after.brandId}, ${after.id})`;
  const rows = (await database
    .select({ at, brandId, id })
    .from(table)
    .where(and(condition, isAfter ?? undefined))
    .orderBy(asc(at), asc(brandId), asc(id))
    .limit(limit)) as Place[];
  const byBrand = Object.entries(Object.groupBy(rows, (row) => row.brandId)).map(
    ([brand, own = []]): [string, string[]] => [brand, own.map((row) => row.id)],
  );
  return { byBrand, count: rows.length, next: (rows.length === limit && rows.at(-1)) || null };
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
