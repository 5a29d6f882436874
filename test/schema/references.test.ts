import { type SQL, sql } from "drizzle-orm";
import { getTableConfig, type SQLiteColumn, type SQLiteTable } from "drizzle-orm/sqlite-core";
import { beforeAll, describe, expect, test } from "vitest";
import { relations } from "../../schema/relations.ts";
import { database } from "../support/caller.ts";

type Values = Record<string, unknown>;

const tables = new Map(
  Object.values(relations).map(({ table }) => [
    getTableConfig(table as SQLiteTable).name,
    table as SQLiteTable,
  ]),
);

type Side = "ours" | "theirs";
const other = { ours: "theirs", theirs: "ours" } as const;

/** A row of each table for two brands, made when it is first needed; every reference stays within its brand. */
const rows = { ours: new Map<string, Values>(), theirs: new Map<string, Values>() };

beforeAll(async () => {
  for (const name of tables.keys()) if (name !== "guard") await rowOf(name, "ours");
});

/** The references that must stay within a brand, of all tables. */
const references = [...tables].flatMap(([name, table]) =>
  getTableConfig(table).foreignKeys.flatMap((key) => {
    const { columns, foreignTable, foreignColumns } = key.reference();
    const from = columns.map((column) => column.name);
    const to = foreignColumns.map((column) => column.name);
    const within = from.length > 1 && from[to.indexOf("brand_id")] === "brand_id";
    const target = getTableConfig(foreignTable).name;
    return within ? [{ way: `${name}(${from.join(", ")}) → ${target}`, name, from, to, target }] : [];
  }),
);

/** Triggers that find out first. */
const refusals: Record<string, RegExp> = {
  transfers: /a transfer stays in one unit|FOREIGN KEY constraint failed/,
  lot_uses: /a lot is used for its own member/,
};

describe("the database refuses a row that refers to another brand's", () => {
  test.for(references)("$way", async ({ name, from, to, target }) => {
    const theirs = await rowOf(target, "theirs");
    const foreign = from
      .map((column, position) => [column, theirs[to[position] as string]] as const)
      .filter(([column]) => column !== "brand_id");
    // A row made in the same way, without the foreign id, was accepted before.
    expect(rows.ours.has(name)).toBe(true);
    const row = { ...(await newRow(name, "ours")), ...Object.fromEntries(foreign) };
    await expect(insert(name, row)).rejects.toSatisfy(
      saying(refusals[name] ?? /FOREIGN KEY constraint failed/),
    );
  });
});

describe("what happened is final", () => {
  test.for([
    "transfers",
    "audit",
    "lots",
    "rule_sets",
    "awards",
    "tier_changes",
    "benefit_usages",
    "refunds",
    "activities",
    "offer_versions",
    "coupon_changes",
    "decisions",
    "code_batches",
  ])("%s are neither changed nor deleted", async (name) => {
    const where = sql`where brand_id = ${rows.ours.get(name)?.brand_id}`;
    await expect(run(sql`update ${sql.identifier(name)} set created_at = 0 ${where}`)).rejects.toSatisfy(
      saying(/final/),
    );
    await expect(run(sql`delete from ${sql.identifier(name)} ${where}`)).rejects.toSatisfy(saying(/final/));
    // What is not final can be changed by the same statement.
    await run(sql`update outbox set created_at = 1 where brand_id = ${rows.ours.get("outbox")?.brand_id}`);
  });

  test("the use of a lot is neither changed nor deleted", async () => {
    const use = sql`where brand_id = ${rows.ours.get("lot_uses")?.brand_id}`;
    await expect(run(sql`update lot_uses set amount = 7 ${use}`)).rejects.toSatisfy(saying(/final/));
    await expect(run(sql`delete from lot_uses ${use}`)).rejects.toSatisfy(saying(/final/));
  });

  test("the terms of an offer do not change, its state does", async () => {
    const offer = sql`where brand_id = ${rows.ours.get("offers")?.brand_id}`;
    for (const column of ["terms", "issue_limit", "per_member_limit"]) {
      await expect(run(sql`update offers set ${sql.identifier(column)} = 7 ${offer}`)).rejects.toSatisfy(
        saying(/final/),
      );
    }
    await run(sql`update offers set state = 'ENDED' ${offer}`);
  });
});

test("a number that is no integer is refused where an integer belongs", async () => {
  const row = await newRow("tiers", "ours");
  await expect(insert("tiers", { ...row, rank: 1.5 })).rejects.toSatisfy(saying(/cannot store REAL value/));
});

/** Whether an error, or what caused it, says so. */
function saying(words: RegExp) {
  const says = (error: unknown): boolean =>
    error instanceof Error && (words.test(error.message) || says(error.cause));
  return says;
}

/** A side's row of a table; the first call inserts it, after those it refers to. */
async function rowOf(name: string, side: Side): Promise<Values> {
  const known = rows[side].get(name);
  if (known) return known;
  const row = await newRow(name, side);
  rows[side].set(name, row);
  await insert(name, row);
  return row;
}

let made = 0;

/** A row that the database accepts: what refers to a row names that of the same side. */
async function newRow(name: string, side: Side): Promise<Values> {
  made += 1;
  const { columns, foreignKeys } = getTableConfig(tables.get(name) as SQLiteTable);
  const row: Values = {};
  for (const column of columns) {
    if (column.notNull && !column.hasDefault && !column.generated) row[column.name] = valueFor(column);
  }
  if ("brand_id" in row) row.brand_id = (await rowOf("brands", side)).id;
  for (const key of foreignKeys) {
    const { columns: from, foreignTable, foreignColumns: to } = key.reference();
    const target = getTableConfig(foreignTable).name;
    // What may refer to a row of its own table refers to none.
    if (target === name) continue;
    const isPartners = from.some((column) => column.name.startsWith("partner_"));
    const referred = await (isPartners ? partnersRow(target, side) : rowOf(target, side));
    for (const [position, column] of from.entries()) {
      row[column.name] = referred[(to[position] as SQLiteColumn).name];
    }
  }
  return { ...row, ...(await particulars(name, side, row)) };
}

/** What a table's checks and unique indexes ask of a row besides. */
async function particulars(name: string, side: Side, row: Values): Promise<Values> {
  if (name === "joint_campaigns") return { ends_at: (row.starts_at as number) + 1 };
  if (name === "redemptions")
    return { rolled_back_at: made, offer_id: (await rowOf("coupons", side)).offer_id };
  if (name === "lots") return { remaining: 0 };
  // No job takes them for what is due.
  if (name === "holds") return { state: "RELEASED" };
  if (name === "checkouts") return { state: "CANCELLED" };
  if (name === "checkout_coupons" || name === "checkout_benefits") {
    const checkout = await newRow("checkouts", side);
    await insert("checkouts", checkout);
    return { checkout_id: checkout.id };
  }
  // A fact is awarded once, and an order buys a plan once.
  if (name === "awards") return { order_id: null, activity_id: null };
  if (name === "tier_grants") return { order_id: null };
  if (name === "standings") {
    const member = await newRow("members", side);
    await insert("members", member);
    return { member_id: member.id };
  }
  // The transfer puts points into the account that lots are of.
  if (name === "lot_uses") return { amount: 1 };
  if (name !== "transfers") return {};
  // Out of the brand's own account, which may go below zero, into its member's.
  const issuing: Values = { ...(await newRow("accounts", side)), member_id: null, kind: "ISSUANCE" };
  await insert("accounts", issuing, "or ignore");
  const [account] = await database().all<Values>(
    sql`select id from accounts where brand_id = ${issuing.brand_id} and kind = 'ISSUANCE'`,
  );
  return { debit_account_id: account?.id, amount: 1 };
}

/** What a row that is about two brands names of the other one: its part in the same alliance, its member. */
async function partnersRow(target: string, side: Side): Promise<Values> {
  if (target !== "alliance_brands") return rowOf(target, other[side]);
  const { alliance_id } = await rowOf(target, side);
  const row = { ...(await newRow(target, other[side])), alliance_id };
  await insert(target, row, "or ignore");
  return row;
}

function valueFor(column: SQLiteColumn): unknown {
  if (column.dataType.includes("json")) return "{}";
  if (column.enumValues?.[0]) return column.enumValues[0];
  return column.getSQLType() === "integer" ? made : `${column.name}-${crypto.randomUUID()}`;
}

async function insert(name: string, row: Values, orElse: "" | "or ignore" = ""): Promise<void> {
  const columns = Object.keys(row).map((column) => sql.identifier(column));
  const values = Object.values(row).map((value) => sql`${value}`);
  await run(
    sql`insert ${sql.raw(orElse)} into ${sql.identifier(name)} (${sql.join(columns, sql`, `)}) values (${sql.join(values, sql`, `)})`,
  );
}

/** Runs a statement; the error it rejects with is the database's own. */
async function run(statement: SQL): Promise<void> {
  try {
    await database().run(statement);
  } catch (error) {
    throw (error as Error).cause ?? error;
  }
}
