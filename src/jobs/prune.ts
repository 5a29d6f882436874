import { lt, type SQL, sql } from "drizzle-orm";
import type { AnySQLiteTable } from "drizzle-orm/sqlite-core";
import { linkCodes } from "../../schema/tables/alliances.ts";
import { idempotency, outbox } from "../../schema/tables/commits.ts";
import { DAY_MS } from "../calendar.ts";
import type { Database } from "../database/client.ts";
import type { Environment } from "../environment.ts";

export const KEPT_DAYS = 30;

interface Pruned {
  table: AnySQLiteTable;
  /** Grows with the order in which rows came in. */
  age: SQL;
  isOver: (before: number) => SQL;
}

/** What nobody asks for any more once it is so old: answers given, events delivered, codes of no use. */
const pruned: readonly Pruned[] = [
  {
    table: idempotency,
    age: sql`${idempotency.createdAt}`,
    isOver: (before) => lt(idempotency.createdAt, before),
  },
  { table: outbox, age: sql`${outbox.createdAt}`, isOver: (before) => lt(outbox.deliveredAt, before) },
  // One that was used is over as well by then: it lives for minutes.
  {
    table: linkCodes,
    age: sql`${linkCodes.expiresAt}`,
    isOver: (before) => lt(linkCodes.expiresAt, before),
  },
];

export interface PrunePlace {
  /** Which of the tables, and the last of its rows that was looked at. */
  table: number;
  row: number;
}

/**
 * Deletes what has been over for 30 days, of at most `limit` rows that it looks at, in the order in which
 * they came in. A table is done where its rows are too young; doing it again changes nothing.
 *
 * @param now milliseconds since 1970.
 * @param after where an earlier call stopped.
 */
export async function prune(
  database: Database,
  _environment: Environment,
  now: number,
  limit: number,
  after?: PrunePlace | null,
): Promise<{ rows: number; next: PrunePlace | null }> {
  const place = after ?? { table: 0, row: 0 };
  const part = pruned[place.table];
  if (!part) return { rows: 0, next: null };
  const { table, age, isOver } = part;
  const before = now - KEPT_DAYS * DAY_MS;
  const page = sql`select rowid as row, ${age} as age from ${table} where rowid > ${place.row} order by rowid limit ${limit}`;
  // The one that reads comes first: what was deleted would be missing in its page.
  const [found, deleted] = await database.batch([
    database.all<{ last: number | null; youngest: number | null }>(
      sql`select max(row) as last, max(age) as youngest from (${page})`,
    ),
    database.run(sql`delete from ${table} where rowid in (select row from (${page})) and ${isOver(before)}`),
  ]);
  const { last, youngest } = found[0] ?? { last: null, youngest: null };
  const isDone = last === null || youngest === null || youngest >= before;
  const next = isDone ? { table: place.table + 1, row: 0 } : { table: place.table, row: last };
  return { rows: deleted.rowsAffected, next: next.table < pruned.length ? next : null };
}
