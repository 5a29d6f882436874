import type { Overheard } from "../../scripts/support/overhearing-proxy.ts";

/** Tables of which a brand has more with every day, member or order: no operation may look through them. */
export const growing = [
  ...["accounts", "activities", "adjustments", "audit", "awards", "benefit_usages", "benefit_uses"],
  ...["card_scans", "checkout_benefits", "checkout_coupons", "checkouts", "coupon_changes", "coupons"],
  ...["decisions", "holds", "idempotency", "joint_memberships", "link_codes", "lot_uses", "lots"],
  ...["members", "offer_counters", "orders", "outbox", "redemptions", "refunds", "reminders"],
  ...["standings", "tier_changes", "tier_grants", "transfers"],
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
  const sql = "select type, name, tbl_name from sqlite_schema where type in ('table', 'index')";
  const named = await rowsOf(url, { sql });
  const own = named.filter(([, name = ""]) => !/^(sqlite_(?!autoindex)|__|libsql_)/.test(name));
  const schema: Schema = {
    tables: new Set(own.flatMap(([type, name = ""]) => (type === "table" ? name : []))),
    tableOf: new Map(
      own.flatMap(([type, name = "", table = ""]) => (type === "index" ? [[name, table]] : [])),
    ),
  };
  return {
    tables: schema.tables,
    scansOf: async (statement) => {
      // With the statement's own values: by them it is decided whether an index of some rows will do.
      const plan = await rowsOf(url, { ...statement, sql: `explain query plan ${statement.sql}` });
      return scansIn(
        schema,
        statement.sql ?? "",
        plan.map(([, , , step = ""]) => step),
      );
    },
  };
}

/** What a statement answers, as texts. */
async function rowsOf(url: string, stmt: Overheard): Promise<string[][]> {
  const requests = [{ type: "execute", stmt }, { type: "close" }];
  const response = await fetch(`${url}/v3/pipeline`, { method: "POST", body: JSON.stringify({ requests }) });
  const { results } = (await response.json()) as {
    results: { type: string; response?: unknown; error?: unknown }[];
  };
  const [answered] = results;
  if (answered?.type !== "ok")
    throw new Error(`No answer to ${stmt.sql}: ${JSON.stringify(answered?.error)}`);
  const { result } = answered.response as { result: { rows: { value: string }[][] } };
  return result.rows.map((row) => row.map(({ value }) => value));
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
