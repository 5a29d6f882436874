import {
  getColumns,
  getTableName,
  type InferInsertModel,
  type InferSelectModel,
  is,
  SQL,
  type SQLWrapper,
  sql,
} from "drizzle-orm";
import type { SQLiteTable } from "drizzle-orm/sqlite-core";
import type { Database } from "./client.ts";
import type { Statement } from "./commit.ts";

/** A whole row as it is written: without what the database works out itself. */
export type NewRow<Table extends SQLiteTable> = Pick<
  InferSelectModel<Table>,
  keyof InferSelectModel<Table> & keyof InferInsertModel<Table>
>;

/**
 * Inserts many rows with one short statement over `json_each`, which a multi-row `VALUES` takes four
 * times as long for. Every column is written: a default does not fill in. No statement for no rows.
 * A row travels as a list of its values: with the names of its columns it would be twice as long.
 *
 * Texts must be free of U+0000, at which SQLite ends a text of JSON.
 */
export function insertRows<Table extends SQLiteTable>(
  database: Database,
  table: Table,
  rows: readonly NewRow<Table>[],
): Statement[] {
  if (rows.length === 0) return [];
  const { text, keys } = insertionInto(table);
  const lists = rows.map((row) => keys.map((key) => row[key as keyof typeof row]));
  return [database.run(sql`${text}${JSON.stringify(lists)})`)];
}

interface Insertion {
  /** The statement up to the rows. */
  text: SQL;
  /** A row's values, in the statement's order. */
  keys: string[];
}

const insertions = new WeakMap<SQLiteTable, Insertion>();

/** How rows of a table are inserted; worked out once, as it is the same for all of them. */
function insertionInto(table: SQLiteTable): Insertion {
  const known = insertions.get(table);
  if (known) return known;
  const columns = Object.entries(getColumns(table) as Record<string, { name: string; generated?: object }>)
    // What the database works out itself cannot be written.
    .filter(([, { generated }]) => !generated);
  const names = columns.map(([, { name }]) => `"${name}"`);
  const values = columns.map((_, place) => `value ->> ${place}`);
  const text = sql.raw(
    `insert into "${getTableName(table)}" (${names.join(", ")}) select ${values.join(", ")} from json_each(`,
  );
  const insertion = { text, keys: columns.map(([key]) => key) };
  insertions.set(table, insertion);
  return insertion;
}

/**
 * Many texts, each once, as what a subselect yields: `in (${eachOf(ids)})` is one short parameter however many
 * they are. Null is left out.
 */
export const eachOf = (texts: readonly (string | null | undefined)[]): SQL =>
  sql`select value from json_each(${JSON.stringify([...new Set(texts)].filter((text) => text != null))})`;

/** Pairs of texts, or a query that yields them. */
export type Pairs = SQL | readonly (readonly [string, string])[];

/** A condition: two columns together are among these pairs of texts. */
export const isAmong = (columns: readonly [SQLWrapper, SQLWrapper], pairs: Pairs): SQL => {
  const yielded = is(pairs, SQL)
    ? pairs
    : sql`select value ->> 0, value ->> 1 from json_each(${JSON.stringify(pairs)})`;
  return sql`(${columns[0]}, ${columns[1]}) in (${yielded})`;
};

/**
 * The rows `f` by which many rows of a brand are changed: `update … from ${changes} where … brand_id =
 * f.value ->> '$.brandId' and … id = f.value ->> '$.id'`. They name the brand themselves: given apart, SQLite
 * would begin with all that the brand has, and not with these.
 */
export const changesOf = (brandId: string, rows: readonly object[]): SQL =>
  sql`json_each(${JSON.stringify(rows.map((row) => ({ ...row, brandId })))}) f`;
