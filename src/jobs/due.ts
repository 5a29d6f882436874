import { and, asc, lte, type SQL, sql } from "drizzle-orm";
import type { SQLiteColumn, SQLiteTable } from "drizzle-orm/sqlite-core";
import type { Database } from "../database/client.ts";

/** How far a job has come: of the last row that it looked at. */
export interface Place {
  /** When its time had passed. */
  at: number;
  brandId: string;
  id: string;
}

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
