/**
 * The part of Hrana 3 over HTTP, JSON, that Tessera speaks with libSQL: statements in, rows out.
 *
 * @see https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md
 */

/** A value as the database has it; integers beyond 2^53 are refused, as none is stored. */
export type Value = null | string | number;

/** A statement with its values in the order of its places. */
export interface Statement {
  sql: string;
  args: readonly unknown[];
}

/** What a statement answered. */
export interface Rows {
  columns: string[];
  rows: Value[][];
  rowsAffected: number;
}

type Wire = { type: "null" } | { type: "integer" | "text"; value: string } | { type: "float"; value: number };

interface WireStatement {
  sql: string;
  args?: Wire[];
  want_rows: boolean;
}

interface Step {
  stmt: WireStatement;
  condition?: object;
}

export type PipelineRequest =
  | { type: "execute"; stmt: WireStatement }
  | { type: "batch"; batch: { steps: Step[] } }
  | { type: "get_autocommit" | "close" };

interface WireRows {
  cols: { name: string | null }[];
  rows: Wire[][];
  affected_row_count: number;
}

interface WireError {
  message: string;
  code?: string | null;
}

interface BatchAnswer {
  step_results: (WireRows | null)[];
  step_errors: (WireError | null)[];
}

export type PipelineResult =
  | { type: "ok"; response: { type: string; is_autocommit?: boolean; result?: WireRows | BatchAnswer } }
  | { type: "error"; error: WireError };

/** A refusal of the database's own, with its code: `SQLITE_BUSY`, `SQLITE_CONSTRAINT`, `STREAM_EXPIRED`. */
export class HranaError extends Error {
  override readonly name = "HranaError";
  readonly code: string | undefined;

  constructor({ message, code }: WireError) {
    super(code ? `${code}: ${message}` : message);
    this.code = code ?? undefined;
  }
}

/** How reads begin that travel together. */
export const BEGIN_READS = "begin transaction readonly";

/**
 * What is asked for some statements: one alone is a transaction by itself; several are one, read only or
 * immediate, of which each step needs the one before it.
 */
export function requestFor(statements: readonly Statement[], mode: "read" | "write"): PipelineRequest {
  const [only, ...others] = statements;
  if (only && others.length === 0) return { type: "execute", stmt: wireOf(only) };
  const begin = mode === "read" ? BEGIN_READS : "begin immediate";
  const steps: Step[] = [{ stmt: plain(begin) }];
  for (const statement of statements) steps.push({ stmt: wireOf(statement), condition: after(steps.length) });
  const commit = steps.length;
  steps.push({ stmt: plain("commit"), condition: after(commit) });
  steps.push({ stmt: plain("rollback"), condition: { type: "not", cond: { type: "ok", step: commit } } });
  return { type: "batch", batch: { steps } };
}

/** @throws HranaError of the first statement that failed. */
export function rowsOf(statements: number, result: PipelineResult): Rows[] {
  if (result.type === "error") throw new HranaError(result.error);
  const answer = result.response.result as WireRows & BatchAnswer;
  if (result.response.type === "execute") return [readRows(answer)];
  const fault = answer.step_errors.find((error) => error !== null);
  if (fault) throw new HranaError(fault);
  // Before them came `begin`.
  return answer.step_results.slice(1, 1 + statements).map((rows) => readRows(rows as WireRows));
}

const plain = (sql: string): WireStatement => ({ sql, want_rows: false });
const after = (step: number) => ({ type: "ok", step: step - 1 });
const wireOf = ({ sql, args }: Statement): WireStatement => ({
  sql,
  args: args.map(toWire),
  want_rows: true,
});

function toWire(value: unknown): Wire {
  if (value === null || value === undefined) return { type: "null" };
  // Half of a surrogate pair is no text that the database can be sent.
  if (typeof value === "string") return { type: "text", value: value.toWellFormed() };
  // A whole number bound as a float is one that a STRICT column of integers only just forgives.
  if (typeof value === "bigint" || Number.isSafeInteger(value))
    return { type: "integer", value: String(value) };
  if (Number.isFinite(value)) return { type: "float", value: value as number };
  if (typeof value === "boolean") return { type: "integer", value: value ? "1" : "0" };
  throw new TypeError(`A ${typeof value} cannot be bound.`);
}

const readRows = ({ cols, rows, affected_row_count }: WireRows): Rows => ({
  columns: cols.map(({ name }) => name ?? ""),
  rows: rows.map((row) => row.map(fromWire)),
  rowsAffected: affected_row_count,
});

function fromWire(value: Wire): Value {
  if (value.type === "null") return null;
  if (value.type !== "integer") {
    // Bytes, and what is infinite, are not in the answer; they must not be taken for nothing.
    if (value.value == null) throw new TypeError(`A ${value.type} of the database cannot be read.`);
    return value.value;
  }
  const number = Number(value.value);
  if (!Number.isSafeInteger(number)) throw new RangeError("An integer of the database is beyond 2^53.");
  return number;
}
