import { requestFor, rowsOf } from "../../src/database/hrana.ts";
import { converse } from "../../src/database/streams.ts";
import type { Statement } from "./by-hand.ts";

/** What the hand-written handlers need of a client. */
export interface BareClient {
  execute(statement: Statement): Promise<{ rows: Row[] }>;
  batch(statements: Statement[], mode: "write"): Promise<{ rows: Row[] }[]>;
}
type Row = Record<string, unknown>;

/** Tessera's own way to the database, without Drizzle: as little as a handler can do on its streams. */
export function createOwnClient(url: string): BareClient {
  const line = { url, headers: {}, clock: Date.now, send: fetch };
  const ask = async (statements: Statement[], mode: "read" | "write") => {
    const results = rowsOf(statements.length, await converse(line, requestFor(statements, mode)));
    return results.map(({ columns, rows }) => ({
      rows: rows.map((row) => Object.fromEntries(row.map((value, place) => [columns[place], value]))),
    }));
  };
  return {
    execute: async (statement) => (await ask([statement], "read"))[0] ?? { rows: [] },
    batch: ask,
  };
}
