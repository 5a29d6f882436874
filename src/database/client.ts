import { libsqlCodecs } from "drizzle-orm/libsql/codecs";
import { drizzle, type SqliteRemoteDatabase } from "drizzle-orm/sqlite-proxy";
import type { relations } from "../../schema/relations.ts";
import { DatabaseError } from "./failures.ts";
import { type Rows, requestFor, rowsOf, type Statement } from "./hrana.ts";
import { preparedReads } from "./prepared-reads.ts";
import { converse } from "./streams.ts";

export type Database = SqliteRemoteDatabase<Pick<Rows, "rowsAffected">, typeof relations>;

export interface DatabaseOptions {
  url: string;
  authToken?: string | undefined;
  /** When the answer must be there, in milliseconds since 1970; every exchange ends by then. */
  deadline: number;
  clock: () => number;
  /** Sends a request to the database; tests put faults in its place. */
  send?: typeof fetch;
}

/** A request's own client, and how many requests it has made to the database. */
export interface OpenDatabase {
  database: Database;
  requestCount: () => number;
}

/**
 * Opens the database for one request. Reads that are asked for in the same turn of the event loop
 * travel as one request; a batch with a write begins immediate, so that it waits for its lock at the
 * door instead of failing half way.
 */
export function openDatabase({
  url,
  authToken,
  deadline,
  clock,
  send = fetch,
}: DatabaseOptions): OpenDatabase {
  let requests = 0;
  let signal: AbortSignal | undefined;
  const { address, token = authToken } = readAddress(url);
  const line = {
    url: address,
    headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    clock,
    send: ((input, init) => {
      requests += 1;
      signal ??= AbortSignal.timeout(Math.max(1, deadline - clock()));
      return send(input, { ...init, signal });
    }) as typeof fetch,
  };
  const batch: Batch = persistent(
    async (statements, mode) => rowsOf(statements.length, await converse(line, requestFor(statements, mode))),
    deadline,
    clock,
  );
  const execute = coalesce(batch);
  const database = drizzle(
    {
      all: async (text, params, mode) => shaped(await execute({ sql: text, args: params }), mode),
      get: async (text, params, mode) => shaped(await execute({ sql: text, args: params }), mode)[0] as never,
      run: (text, params) => execute({ sql: text, args: params }),
      batch: async (items) => {
        const statements = items.map((item) => ({ sql: item.sql, args: item.params }));
        const results = await batch(statements, statements.every(isRead) ? "read" : "write");
        return results.map((rows, position) => {
          const { method, rowMode } = items[position] as (typeof items)[number];
          if (method === "run") return rows;
          return method === "get" ? shaped(rows, rowMode)[0] : shaped(rows, rowMode);
        });
      },
    },
    { codecs: libsqlCodecs, paramsInErrors: false },
  ) as unknown as Database;
  database.query = preparedReads(database as unknown as Parameters<typeof preparedReads>[0]);
  return { database, requestCount: () => requests };
}

/** What libSQL's own clients make of an address: one of `libsql:` is HTTPS but with `tls=0`; it may bring a token. */
function readAddress(url: string): { address: string; token?: string } {
  const [place = "", query] = url.split("?");
  const parameters = new URLSearchParams(query);
  const scheme = parameters.get("tls") === "0" ? "http:" : "https:";
  const token = parameters.get("authToken");
  return { address: place.replace(/^libsql:/, scheme), ...(token ? { token } : {}) };
}

type Batch = (statements: Statement[], mode: "read" | "write") => Promise<Rows[]>;

/** Rows as Drizzle wants them. */
function shaped({ columns, rows }: Rows, mode: "array" | "object" | undefined) {
  if (mode !== "object") return rows;
  return rows.map((row) => Object.fromEntries(row.map((value, place) => [columns[place], value])));
}

const ATTEMPTS = 6;

/**
 * Sends a batch; busy means that nothing was applied, so it waits, a little longer each time and by
 * chance, and tries again. A read that got no answer is asked once more.
 */
function persistent(batch: Batch, deadline: number, clock: () => number): Batch {
  return async (statements, mode) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await batch(statements, mode);
      } catch (cause) {
        const error = new DatabaseError(cause);
        const { failure } = error;
        const again =
          failure === "busy" ? attempt < ATTEMPTS : failure === "unknown" && mode === "read" && attempt === 1;
        if (!again || clock() >= deadline) throw error;
        await pause(attempt, deadline - clock());
      }
    }
  };
}

/** Waits a little longer each time, by chance, and no longer than what is left. */
export async function pause(attempt: number, leftMs: number): Promise<void> {
  const longest = Math.max(0, Math.min(20 * 2 ** attempt, leftMs));
  await new Promise((resolve) => setTimeout(resolve, Math.random() * longest));
}

const isRead = ({ sql }: Statement): boolean => /^\s*select\b/i.test(sql);

interface Waiting {
  statement: Statement;
  resolve: (rows: Rows) => void;
  reject: (error: unknown) => void;
}

function coalesce(batch: Batch) {
  let waiting: Waiting[] = [];
  const flush = async () => {
    const together = waiting;
    waiting = [];
    try {
      const results = await batch(
        together.map(({ statement }) => statement),
        "read",
      );
      for (const [position, { resolve }] of together.entries()) resolve(results[position] as Rows);
    } catch (error) {
      for (const { reject } of together) reject(error);
    }
  };
  return async (statement: Statement): Promise<Rows> => {
    if (!isRead(statement)) return (await batch([statement], "write"))[0] as Rows;
    return new Promise((resolve, reject) => {
      waiting.push({ statement, resolve, reject });
      if (waiting.length === 1) setTimeout(flush, 0);
    });
  };
}
