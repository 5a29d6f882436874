import {
  type Client,
  createClient,
  type InStatement,
  type InValue,
  type ResultSet,
} from "@libsql/client/web";
import type { LibSQLDatabase } from "drizzle-orm/libsql";
import { drizzle } from "drizzle-orm/libsql/web";
import { relations } from "../../schema/relations.ts";
import { keepStreamsWarm } from "./streams.ts";

export type Database = LibSQLDatabase<typeof relations>;

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
  const counted: typeof fetch = (input, init) => {
    requests += 1;
    const signal = AbortSignal.timeout(Math.max(1, deadline - clock()));
    return send(input, { ...init, signal });
  };
  const client = createClient({
    url,
    ...(authToken === undefined ? {} : { authToken }),
    fetch: keepStreamsWarm(counted, clock),
  });
  const database = drizzle({
    client: { ...bind(client), execute: coalesce(client) } as unknown as Client,
    relations,
    paramsInErrors: false,
  });
  return { database, requestCount: () => requests };
}

type Statement = Exclude<InStatement, string>;

function bind(client: Client) {
  return {
    batch: (statements: Statement[]) =>
      client.batch(
        statements.map(bindValues),
        statements.every(({ sql }) => /^\s*select\b/i.test(sql)) ? "read" : "write",
      ),
    migrate: (statements: Statement[]) => client.migrate(statements),
    executeMultiple: (sql: string) => client.executeMultiple(sql),
    close: () => client.close(),
  };
}

interface Waiting {
  statement: Statement;
  resolve: (result: ResultSet) => void;
  reject: (error: unknown) => void;
}

function coalesce(client: Client) {
  let waiting: Waiting[] = [];
  const flush = async () => {
    const batch = waiting;
    waiting = [];
    try {
      const statements = batch.map(({ statement }) => statement);
      const [only] = statements;
      const results =
        statements.length === 1 && only
          ? [await client.execute(only)]
          : await client.batch(statements, "read");
      for (const [position, { resolve }] of batch.entries()) resolve(results[position] as ResultSet);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  };
  return (statement: Statement): Promise<ResultSet> => {
    const bound = bindValues(statement);
    if (!/^\s*select\b/i.test(statement.sql)) return client.execute(bound);
    return new Promise((resolve, reject) => {
      waiting.push({ statement: bound, resolve, reject });
      if (waiting.length === 1) setTimeout(flush, 0);
    });
  };
}

function bindValues({ sql, args }: Statement): { sql: string; args: InValue[] } {
  return { sql, args: (Array.isArray(args) ? args : []).map(bindValue) };
}

function bindValue(value: InValue): InValue {
  // Half of a surrogate pair is no text that the database can be sent.
  if (typeof value === "string") return value.toWellFormed();
  // A JavaScript number would be bound as REAL, which a STRICT column of integers only just forgives.
  return Number.isSafeInteger(value) ? BigInt(value as number) : value;
}
