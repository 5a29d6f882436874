import { inject } from "vitest";
import type { Actor } from "../../src/access/actor.ts";
import { type ActorKind, scopesFor } from "../../src/access/scopes.ts";
import { issueAccessToken } from "../../src/access/tokens.ts";
import { app } from "../../src/app.ts";
import { type Database, openDatabase } from "../../src/database/client.ts";
import { type Bindings, type Environment, readEnvironment } from "../../src/environment.ts";

export const bindings = inject("bindings") as unknown as Bindings;

export const environment = (): Promise<Environment> => readEnvironment(bindings);

/** A database client for what a test asks directly. */
export function database(): Database {
  const { database: opened } = openDatabase({
    url: bindings.DATABASE_URL,
    deadline: Date.now() + 25_000,
    clock: Date.now,
  });
  return opened;
}

// biome-ignore lint/suspicious/noExplicitAny: answers are as deep as the operations that tests write
export interface Answer<Data = Record<string, any>> {
  status: number;
  data: Data;
  errors?: { message: string; path?: string[]; extensions: { code: string } }[];
  /** How many requests to the database it took. */
  databaseRequests: number;
}

export type Caller = (
  query: string,
  variables?: Record<string, unknown>,
  headers?: Record<string, string>,
) => Promise<Answer>;

/** What goes on behind an answer just goes on. */
const execution = { waitUntil: () => undefined, passThroughOnException: () => undefined, props: {} };

/** Sends operations to the real app, over its route, with this token. */
export function callerWith(token: string | undefined): Caller {
  return async (query, variables = {}, headers = {}) => {
    const response = await app.request(
      "/graphql",
      {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "application/graphql-response+json",
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...headers,
        },
        body: JSON.stringify({ query, variables }),
      },
      bindings,
      execution,
    );
    const body = (await response.json()) as Omit<Answer, "status" | "databaseRequests">;
    const counted = /(\d+) requests/.exec(response.headers.get("server-timing") ?? "")?.[1];
    return { ...body, status: response.status, databaseRequests: Number(counted) };
  };
}

export const anonymous = callerWith(undefined);

/** A caller of a kind with all the scopes it can have, unless the actor says otherwise. */
export async function callerOfKind(
  kind: ActorKind,
  actor: Partial<Actor> & { brandId: string },
): Promise<Caller> {
  const token = await issueAccessToken(
    await environment(),
    {
      kind,
      clientId: `cli_test_${kind.toLowerCase()}_${actor.brandId}`,
      scopes: new Set(scopesFor(kind)),
      ...actor,
    },
    Date.now(),
  );
  return callerWith(token);
}
