import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { openDatabase } from "../../src/database/client.ts";
import { openWire } from "../support/wire.ts";

test("what JSON cannot say of a value is refused on its way in and out, and never taken for null", async () => {
  const wire = openWire();
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, new Uint8Array([1])])
    await expect(wire.open().run(sql`select ${value}`)).rejects.toThrow();
  expect(wire.exchanges).toHaveLength(0);
  for (const value of [sql`x'01'`, sql`1e999`, sql`9007199254740992`])
    await expect(wire.open().all(sql`select ${value}`)).rejects.toThrow();
  await wire.close();
});

test("an address may say that it is without TLS, and bring its token", async () => {
  const heard: { url: string; authorization: string | null }[] = [];
  const send = (async (input: RequestInfo | URL, init?: RequestInit) => {
    const { url, headers } = new Request(input as string, init);
    heard.push({ url, authorization: headers.get("authorization") });
    throw new TypeError("Network connection lost.");
  }) as typeof fetch;
  const ask = (url: string, authToken?: string) =>
    openDatabase({ url, authToken, deadline: Date.now() + 1_000, clock: Date.now, send })
      .database.run(sql`update guard set must_hold = 0 where false`)
      .then(() => undefined, String);
  await ask("libsql://a.example.com", "mine");
  await ask("libsql://b.example.com:8080?tls=0&authToken=its-own");
  await ask("https://c.example.com/path/?authToken=its-own");
  expect(heard).toEqual([
    { url: "https://a.example.com/v3/pipeline", authorization: "Bearer mine" },
    { url: "http://b.example.com:8080/v3/pipeline", authorization: "Bearer its-own" },
    { url: "https://c.example.com/path/v3/pipeline", authorization: "Bearer its-own" },
  ]);
});
