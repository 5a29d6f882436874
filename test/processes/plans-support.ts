import { createClient } from "@libsql/client/http";
import type { Overheard } from "../../scripts/support/overhearing-proxy.ts";

/** Tables of which a brand has more with every day, member or order: no operation may look through them. */
export const growing = [
  ...[
    "accounts",
    "activities",
    "adjustments",
    "audit",
    "awards",
    "benefit_usages",
    "benefit_uses",
    "card_scans",
  ],
  ...[
    "checkout_benefits",
    "checkout_coupons",
    "checkouts",
    "coupon_changes",
    "coupons",
    "decisions",
    "holds",
  ],
  ...[
    "idempotency",
    "joint_memberships",
    "link_codes",
    "lot_uses",
    "lots",
    "members",
    "offer_counters",
    "orders",
  ],
  ...[
    "outbox",
    "redemptions",
    "refunds",
    "reminders",
    "standings",
    "tier_changes",
    "tier_grants",
    "transfers",
  ],
];

/** Tables of which there are few: what a brand decides, and who calls. */
export const few = [
  ...["alliance_brands", "alliances", "benefits", "brands", "clients", "code_batches", "guard", "jobs"],
  ...["joint_campaign_partners", "joint_campaigns", "membership_plans", "offer_versions", "offers"],
  ...["rule_sets", "shared_codes", "tier_benefits", "tiers"],
];

/** Steps that look through a growing table, and may. */
export const exceptions: readonly { step: RegExp; because: string }[] = [
  {
    step: /^SEARCH \S+ USING INDEX brand_account \(brand_id=\?\)$/,
    because: "the index holds the brand's own accounts alone, one of each kind",
  },
];

/** A step of a plan that looks through a growing table, and what asks for it. */
export interface Scan {
  table: string;
  /** As SQLite tells it. */
  step: string;
  sql: string;
}

interface Schema {
  tables: ReadonlySet<string>;
  /** What each index is of. */
  tableOf: ReadonlyMap<string, string>;
}

export interface Planner {
  /** Every table there is, by its name. */
  tables: ReadonlySet<string>;
  /** The steps of a statement's plan that look through a growing table. */
  scansOf: (statement: Overheard) => Promise<Scan[]>;
}

/** Asks a libSQL server how it would answer statements. */
export async function openPlanner(url: string): Promise<Planner> {
  const client = createClient({ url });
  const rows = async (sql: string) => (await client.execute(sql)).rows;
  const named = await rows("select type, name, tbl_name from sqlite_schema where type in ('table', 'index')");
  const own = named.filter(({ name }) => !/^(sqlite_(?!autoindex)|__|libsql_)/.test(String(name)));
  const schema: Schema = {
    tables: new Set(own.filter(({ type }) => type === "table").map(({ name }) => String(name))),
    tableOf: new Map(
      own.filter(({ type }) => type === "index").map((row) => [String(row.name), String(row.tbl_name)]),
    ),
  };
  return {
    tables: schema.tables,
    scansOf: async (statement) => scansIn(schema, statement.sql ?? "", await planOf(url, statement)),
  };
}

/** With the statement's own values: by them it is decided whether an index of some rows will do. */
async function planOf(url: string, { sql = "", ...values }: Overheard): Promise<string[]> {
  const requests = [
    { type: "execute", stmt: { ...values, sql: `explain query plan ${sql}` } },
    { type: "close" },
  ];
  const response = await fetch(`${url}/v3/pipeline`, { method: "POST", body: JSON.stringify({ requests }) });
  const { results } = (await response.json()) as {
    results: { type: string; response?: unknown; error?: unknown }[];
  };
  const [planned] = results;
  if (planned?.type !== "ok") throw new Error(`No plan of ${sql}: ${JSON.stringify(planned?.error)}`);
  const { result } = planned.response as { result: { rows: { value: string }[][] } };
  return result.rows.map((row) => row[3]?.value ?? "");
}

/** The steps that look through a growing table: all of it, or all that a brand has. PURE. */
export function scansIn(schema: Schema, sql: string, plan: readonly string[]): Scan[] {
  return plan.flatMap((step) => {
    const [, how, alias = "", rest = ""] = /^(SCAN|SEARCH) (\S+)(.*)$/.exec(step) ?? [];
    if (how === undefined || / VIRTUAL TABLE /.test(rest)) return [];
    const [, index] = /USING (?:COVERING )?INDEX (\S+)/.exec(rest) ?? [];
    const [, terms = ""] = /\(([^()]*(?:\([^()]*\)[^()]*)*)\)(?: LEFT-JOIN)?$/.exec(rest) ?? [];
    const isAutomatic = /USING AUTOMATIC/.test(rest);
    const narrows = terms.split(" AND ").some((term) => term !== "" && !/^brand_id[=<>]/.test(term));
    if (how === "SEARCH" && narrows && !isAutomatic) return [];
    const of = index ? schema.tableOf.get(index) : undefined;
    // What an insert would have to mend: planned for its foreign keys, and left out while nothing is broken.
    if (of && /^\s*insert\b/i.test(sql) && !new RegExp(`\\b${of}\\b`).test(sql)) return [];
    const tables = of ? [of] : tablesOf(schema, sql, alias);
    // What cannot be told is a fault as well, lest something hides behind a name.
    if (tables.length === 0 && !isDerived(sql, alias)) return [{ table: "?", step, sql }];
    return tables.filter((table) => growing.includes(table)).map((table) => ({ table, step, sql }));
  });
}

/** Whether a name is of no table of ours: of a query in brackets, one that `with` names, or a migration's. PURE. */
const isDerived = (sql: string, alias: string): boolean =>
  /^(\(|CONSTANT$|\d+$|sqlite_|__drizzle_)/.test(alias) ||
  new RegExp(`\\)\\s*(as\\s+)?"?${alias}"?\\b|\\b${alias}"?\\s*(\\([^)]*\\)\\s*)?as\\s*\\(`, "i").test(sql);

/** What a statement calls by a name: a table itself, or those that it gives that name. PURE. */
function tablesOf({ tables }: Schema, sql: string, alias: string): string[] {
  const given = [...sql.matchAll(/(?:\b(?:from|join|update|into)|,)\s+"?(\w+)"?\s+(?:as\s+)?"?(\w+)"?/gi)];
  const named = given.filter(([, , name]) => name === alias).flatMap(([, table = ""]) => table);
  return [...(tables.has(alias) ? [alias] : []), ...named].filter((table) => tables.has(table));
}
