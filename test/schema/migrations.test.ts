import { type SQL, sql } from "drizzle-orm";
import { getTableConfig, SQLiteDialect, type SQLiteTable } from "drizzle-orm/sqlite-core";
import { expect, test } from "vitest";
import { relations } from "../../schema/relations.ts";
import { database } from "../support/caller.ts";

const tables = Object.values(relations).map(({ table }) => table as SQLiteTable);

/** What a table is, in words that both the tables and the database can be put into. */
interface Shape {
  columns: string[];
  primaryKey: string;
  references: string[];
  unique: string[];
  indexes: string[];
  checks: string[];
}

test("the migrated database is what the tables say", async () => {
  expect(await shapesOfDatabase()).toEqual(
    Object.fromEntries(tables.map((table) => [getTableConfig(table).name, shapeOfTable(table)])),
  );
});

test("every table is strict", async () => {
  const loose = await rowsOf(sql`
    select name from pragma_table_list where type = 'table' and strict = 0 and name not like 'sqlite\\_%' escape '\\'`);
  // The migrator's own.
  expect(loose).toEqual([{ name: "__drizzle_migrations" }]);
});

test("every row belongs to a brand", () => {
  const shared = tables
    .map(getTableConfig)
    .filter(({ columns }) => !columns.some(({ name, notNull }) => name === "brand_id" && notNull))
    .map(({ name }) => name);
  // A brand is the tenant itself; the guard holds no rows; jobs are the platform's, over all brands.
  expect(shared.sort()).toEqual(["brands", "guard", "jobs"]);
});

test("a reference to a brand's row names the brand as well", () => {
  // Brands are tenants, and an alliance belongs to no single one.
  const shared = ["brands", "alliances"];
  const loose = tables
    .flatMap((table) => shapeOfTable(table).references.map((way) => `${getTableConfig(table).name} ${way}`))
    .filter((way) => !shared.some((name) => way.includes(`→ ${name}(`)))
    .filter((way) => !/\((.*, )?(partner_)?brand_id(, .*)?\) → \w+\((.*, )?brand_id(, .*)?\)/.test(way));
  expect(loose).toEqual([]);
});

test("what ends in _id refers to a row, apart from what names no row, or any", () => {
  const loose = tables.flatMap((table) => {
    const { name, columns } = getTableConfig(table);
    const { references } = shapeOfTable(table);
    return columns
      .map((column) => column.name)
      .filter(
        (column) => column.endsWith("_id") && !references.some((way) => namesFrom(way).includes(column)),
      )
      .map((column) => `${name}.${column}`);
  });
  expect(loose.sort()).toEqual([
    // A source's own id of a fact.
    "activities.external_id",
    // Records of a commit: their brand is the caller's, as its token says, and brands are never deleted.
    "audit.brand_id",
    "audit.subject_id",
    "card_scans.payload_id",
    // Found by the verb that writes them, and never deleted since.
    "clients.alliance_id",
    "idempotency.brand_id",
    "members.external_id",
    "orders.external_id",
    "outbox.brand_id",
    // The coupon's; a trigger refuses another.
    "redemptions.offer_id",
    "refunds.external_id",
  ]);
});

/** The columns that a reference goes out from. */
const namesFrom = (way: string): string[] => /\((.*?)\) →/.exec(way)?.[1]?.split(", ") ?? [];

function shapeOfTable(table: SQLiteTable): Shape {
  const { columns, primaryKeys, foreignKeys, indexes, uniqueConstraints, checks } = getTableConfig(table);
  const indexed = indexes.map(({ config }) => ({
    isUnique: config.unique,
    text: `${namesOf(config.columns as { name: string }[])}${config.where ? ` where ${textOf(config.where)}` : ""}`,
  }));
  return sorted({
    columns: columns.map((column) =>
      columnText(column.name, column.getSQLType(), column.notNull, column.default),
    ),
    primaryKey: namesOf(primaryKeys[0]?.columns ?? columns.filter(({ primary }) => primary)),
    references: foreignKeys.map((key) => {
      const { columns: from, foreignTable, foreignColumns: to } = key.reference();
      return `(${namesOf(from)}) → ${getTableConfig(foreignTable).name}(${namesOf(to)})`;
    }),
    unique: [
      ...columns.filter(({ isUnique }) => isUnique).map(({ name }) => name),
      ...uniqueConstraints.map((constraint) => namesOf(constraint.columns)),
      ...indexed.filter(({ isUnique }) => isUnique).map(({ text }) => text),
    ],
    indexes: indexed.filter(({ isUnique }) => !isUnique).map(({ text }) => text),
    checks: checks.map(({ name, value }) => `${name}: ${textOf(value)}`),
  });
}

async function shapesOfDatabase(): Promise<Record<string, Shape>> {
  const tablesOfOurs = sql`sqlite_master t where t.type = 'table' and t.name not like '\\_\\_%' escape '\\'
    and t.name not like 'sqlite\\_%' escape '\\'`;
  const created = await rowsOf(sql`select t.name, t.sql from ${tablesOfOurs}`);
  const shapes = created.map(async ({ name, sql: statement }) => {
    const columns = await rowsOf(sql`select * from pragma_table_xinfo(${name}) order by pk`);
    const keys = await rowsOf(sql`select * from pragma_foreign_key_list(${name}) order by id, seq`);
    const indexes = await rowsOf(sql`
      select l.name, l."unique", l.origin, m.sql, group_concat(i.name, ', ') as columns
      from pragma_index_list(${name}) l join pragma_index_info(l.name) i left join sqlite_master m on m.name = l.name
      where l.origin <> 'pk' group by l.name`);
    const indexText = (row: Row) => {
      const [, where] = / where (.*)$/is.exec(String(row.sql ?? "")) ?? [];
      return `${row.columns}${where ? ` where ${withoutTable(where)}` : ""}`;
    };
    const shape = sorted({
      columns: columns.map((column) =>
        columnText(String(column.name), String(column.type), column.notnull === 1, column.dflt_value),
      ),
      primaryKey: columns
        .filter(({ pk }) => Number(pk) > 0)
        .map((column) => column.name)
        .join(", "),
      references: Object.values(Object.groupBy(keys, ({ id }) => String(id))).map((parts = []) => {
        const names = (side: "from" | "to") => parts.map((part) => part[side]).join(", ");
        return `(${names("from")}) → ${parts[0]?.table}(${names("to")})`;
      }),
      unique: indexes.filter((index) => index.unique === 1).map(indexText),
      indexes: indexes.filter((index) => index.unique === 0).map(indexText),
      checks: [...String(statement).matchAll(/CONSTRAINT "(\w+)" CHECK\((.*)\)/g)].map(
        ([, check, value]) => `${check}: ${value}`,
      ),
    });
    return [String(name), shape] as const;
  });
  return Object.fromEntries(await Promise.all(shapes));
}

type Row = Record<string, unknown>;

async function rowsOf(query: SQL): Promise<Row[]> {
  return database().all(query);
}

const columnText = (name: string, type: string, notNull: boolean, initial: unknown): string =>
  `${name} ${type.toLowerCase()}${notNull ? " not null" : ""}${initial == null ? "" : ` default ${initial}`}`;

const namesOf = (columns: readonly { name: string }[]): string => columns.map(({ name }) => name).join(", ");

const textOf = (value: SQL): string => withoutTable(new SQLiteDialect().sqlToQuery(value).sql);

/** drizzle-kit names the table in an index's condition, and leaves it out of a check. */
const withoutTable = (text: string): string => text.replace(/"\w+"\.(?=")/g, "");

function sorted(shape: Shape): Shape {
  const inOrder = Object.entries(shape).map(([part, value]) => [
    part,
    Array.isArray(value) ? value.toSorted() : value,
  ]);
  return Object.fromEntries(inOrder) as Shape;
}
