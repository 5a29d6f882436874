import {
  type Client,
  createClient,
  type InStatement,
  type InValue,
  type ResultSet,
} from "@libsql/client/http";
import type { LibSQLDatabase } from "drizzle-orm/libsql";
import { drizzle } from "drizzle-orm/libsql/http";
import { relations } from "../../schema/relations.ts";
import { DatabaseError } from "./failures.ts";
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
  const patient = persistent(client, deadline, clock);
  const database = drizzle({
    client: { ...bound(patient, client), execute: coalesce(patient) } as unknown as Client,
    relations,
    paramsInErrors: false,
  });
  return { database, requestCount: () => requests };
}

type Statement = Exclude<InStatement, string>;
type Batch = (statements: Statement[], mode: "read" | "write") => Promise<ResultSet[]>;

const ATTEMPTS = 6;

/**
 * Sends a batch; busy means that nothing was applied, so it waits, a little longer each time and by
 * chance, and tries again. A read that got no answer is asked once more.
 */
function persistent(client: Client, deadline: number, clock: () => number): Batch {
  return async (statements, mode) => {
    const [only] = statements;
    for (let attempt = 1; ; attempt += 1) {
      try {
        // One statement is a transaction by itself.
        return statements.length === 1 && only
          ? [await client.execute(only)]
          : await client.batch(statements, mode);
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

function bound(batch: Batch, client: Client) {
  return {
    batch: (statements: Statement[]) =>
      batch(statements.map(bindValues), statements.every(isRead) ? "read" : "write"),
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
      for (const [position, { resolve }] of together.entries()) resolve(results[position] as ResultSet);
    } catch (error) {
      for (const { reject } of together) reject(error);
    }
  };
  return async (statement: Statement): Promise<ResultSet> => {
    const values = bindValues(statement);
    if (!isRead(statement)) return (await batch([values], "write"))[0] as ResultSet;
    return new Promise((resolve, reject) => {
      waiting.push({ statement: values, resolve, reject });
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
