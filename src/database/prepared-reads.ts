import { fillPlaceholders, sql } from "drizzle-orm";
import { SQLiteAsyncRelationalQuery } from "drizzle-orm/sqlite-core/async/query";
import { RelationalQueryBuilder } from "drizzle-orm/sqlite-core/query-builders/query";
import { relations } from "../../schema/relations.ts";
import type { Database } from "./client.ts";

/** A relational read as SQL, but for its values. */
interface Prepared {
  sql: string;
  /** With a placeholder in each value's place: `0`, `1`, … */
  params: unknown[];
  mapper: unknown;
}

/** What Drizzle keeps to itself of a query, in the version that package.json pins. */
interface Internals {
  mode: string;
  schema: object;
  table: object;
  tableConfig: { name: string };
  dialect: object;
  session: { prepareQuery(...options: unknown[]): unknown };
  config: unknown;
  forbidJsonb: boolean | undefined;
}
type Unprepared = new (
  ...parts: unknown[]
) => { _prepare(): { query: Omit<Prepared, "mapper">; mapper: unknown } };

const prepared = new Map<string, Prepared>();
/** Documents are the callers', so their number is bounded; a large one takes 25 KB of an isolate's 128 MB. */
const MOST_PREPARED = 500;

/**
 * Drizzle's relational query that is written as SQL once for each shape: what is selected, and how it is
 * filtered, ordered and bounded, without the values. Writing one costs a tenth of a request's time. One with a
 * function in it that was made for it alone, or with SQL, is written each time: what is in those has no shape.
 */
class PreparedRead extends (SQLiteAsyncRelationalQuery as unknown as Unprepared) {
  override _prepare() {
    const { mode, schema, table, tableConfig, dialect, session, config, forbidJsonb } =
      this as unknown as Internals;
    const values: unknown[] = [];
    const shape = shapeOf(config, false, values);
    if (shape === undefined) return super._prepare();
    const key = `${tableConfig.name} ${mode} ${shape}`;
    let read = prepared.get(key);
    if (!read) {
      const withPlaces = placesIn(config, false, { next: 0 });
      const Unprepared = SQLiteAsyncRelationalQuery as unknown as Unprepared;
      const { query, mapper } = new Unprepared(
        ...["async", schema, table, tableConfig, dialect, session, withPlaces, mode, forbidJsonb],
      )._prepare();
      read = { sql: query.sql, params: query.params, mapper };
      if (prepared.size >= MOST_PREPARED) prepared.clear();
      prepared.set(key, read);
    }
    const params = fillPlaceholders(read.params, values as unknown as Record<string, unknown>);
    return session.prepareQuery(
      ...[{ sql: read.sql, params }, "arrays", false, "all", read.mapper],
    ) as ReturnType<InstanceType<Unprepared>["_prepare"]>;
  }
}

/** The relational queries of a client, each table's made when it is first asked for. */
export function preparedReads({ dialect, session }: { dialect: object; session: object }): Database["query"] {
  return Object.create(queries, {
    dialect: { value: dialect },
    session: { value: session },
  }) as Database["query"];
}

const queries = Object.defineProperties(
  {},
  Object.fromEntries(
    Object.entries(relations).map(([name, relation]) => [
      name,
      {
        get(this: { dialect: object; session: object }) {
          const { table } = relations[relation.name as keyof typeof relations];
          const parts = [
            "async",
            relations,
            table,
            relation,
            this.dialect,
            this.session,
            false,
            PreparedRead,
          ];
          return new (RelationalQueryBuilder as unknown as new (...parts: unknown[]) => object)(...parts);
        },
      },
    ]),
  ),
);

/** Functions that were met before: those are declared once, and always say the same. */
const functions = new WeakMap<object, number>();
let functionCount = 0;

/**
 * A query's configuration as a text without its values, which are added to `values` in their order; undefined
 * for one that has no shape.
 *
 * @param isFilter whether it lies within a filter, where texts and numbers are values.
 */
function shapeOf(part: unknown, isFilter: boolean, values: unknown[]): string | undefined {
  if (isValue(part, isFilter)) {
    values.push(part);
    return "?";
  }
  if (typeof part === "function") {
    const known = functions.get(part);
    if (known === undefined) functions.set(part, ++functionCount);
    return known === undefined ? undefined : `f${known}`;
  }
  if (typeof part !== "object" || part === null) return typeof part === "symbol" ? "-" : String(part);
  if (!isPlain(part)) return undefined;
  let shape = Array.isArray(part) ? "[" : "{";
  for (const [key, inner] of Object.entries(part)) {
    const innerShape = shapeOf(inner, isFilter || FILTERS.has(key), values);
    if (innerShape === undefined) return undefined;
    shape += `${key}:${innerShape},`;
  }
  return `${shape}}`;
}

/** The same configuration with a placeholder in each value's place. */
function placesIn(part: unknown, isFilter: boolean, count: { next: number }): unknown {
  if (isValue(part, isFilter)) return sql.placeholder(String(count.next++));
  if (typeof part !== "object" || part === null) return part;
  if (Array.isArray(part)) return part.map((inner) => placesIn(inner, isFilter, count));
  return Object.fromEntries(
    Object.entries(part).map(([key, inner]) => [key, placesIn(inner, isFilter || FILTERS.has(key), count)]),
  );
}

const FILTERS = new Set(["where", "limit", "offset"]);

const isValue = (part: unknown, isFilter: boolean): boolean =>
  isFilter && (typeof part === "string" || typeof part === "number" || typeof part === "bigint");

const isPlain = (part: object): boolean => {
  const prototype = Object.getPrototypeOf(part);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
};
