import { and, asc, lte, type SQL, sql } from "drizzle-orm";
import type { holds, lots } from "../../schema/tables/points.ts";
import { createContext } from "../context.ts";
import type { Database } from "../database/client.ts";
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

/**
 * A page of the rows of a table whose time has passed, in the order of that time: their ids by brand, how
 * many they are, and where to go on, null at the end.
 */
export async function readDue(
  database: Database,
  table: typeof lots | typeof holds,
  isDue: SQL,
  { now, limit, after }: { now: number; limit: number; after?: Place | null | undefined },
): Promise<{ byBrand: [brandId: string, ids: string[]][]; count: number; next: Place | null }> {
  const { expiresAt, brandId, id } = table;
  const isAfter =
    after && sql`(${expiresAt}, ${brandId}, ${id}) > (${after.expiresAt}, ${after.brandId}, ${after.id})`;
  const due = await database
    .select({ expiresAt, brandId, id })
    .from(table)
    .where(and(isDue, lte(expiresAt, now), isAfter ?? undefined))
    .orderBy(asc(expiresAt), asc(brandId), asc(id))
    .limit(limit);
  const byBrand = Object.entries(Object.groupBy(due, (row) => row.brandId)).map(
    ([brand, rows = []]): [string, string[]] => [brand, rows.map((row) => row.id)],
  );
  const last = due.length === limit ? due.at(-1) : undefined;
  return { byBrand, count: due.length, next: last ? (last as Place) : null };
}
