import { and, asc, lte, type SQL, sql } from "drizzle-orm";
import type { SQLiteColumn, SQLiteTable } from "drizzle-orm/sqlite-core";
import { createContext } from "../context.ts";
import type { Database } from "../database/client.ts";
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

/** What names the rows of a table whose time can pass, and when it does. */
export interface DueColumns {
  at: SQLiteColumn;
  brandId: SQLiteColumn;
  id: SQLiteColumn;
}

/**
 * A page of the rows of a table whose time has passed, in the order of that time: their ids by brand, how
 * many they are, and where to go on, null at the end.
 */
export async function readDue(
  database: Database,
  table: SQLiteTable,
  { at, brandId, id }: DueColumns,
  isDue: SQL,
  { now, limit, after }: { now: number; limit: number; after?: Place | null | undefined },
): Promise<{ byBrand: [brandId: string, ids: string[]][]; count: number; next: Place | null }> {
  const isAfter = after && sql`(${at}, ${brandId}, ${id}) > (${after.at}, ${after.brandId}, ${after.id})`;
  const due = (await database
    .select({ at, brandId, id })
    .from(table)
    .where(and(isDue, lte(at, now), isAfter ?? undefined))
    .orderBy(asc(at), asc(brandId), asc(id))
    .limit(limit)) as Place[];
  const byBrand = Object.entries(Object.groupBy(due, (row) => row.brandId)).map(
    ([brand, rows = []]): [string, string[]] => [brand, rows.map((row) => row.id)],
  );
  const last = due.length === limit ? due.at(-1) : undefined;
  return { byBrand, count: due.length, next: last ?? null };
}
