import { createClient } from "@libsql/client/http";
import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/libsql/http";
import * as fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { relations } from "../../schema/relations.ts";
import { outbox } from "../../schema/tables/commits.ts";
import { tiers } from "../../schema/tables/tiers.ts";
import type { Database } from "../../src/database/client.ts";
import { newBrand } from "../support/brand.ts";
import { bindings, database } from "../support/caller.ts";
import {
  type Fault,
  inTurn,
  loseAnswer,
  loseRequest,
  neverAnswer,
  openWire,
  type Wire,
} from "../support/wire.ts";

const wires: Wire[] = [];

function newWire(options?: { url: string }): Wire {
  const wire = openWire(options);
  wires.push(wire);
  return wire;
}

afterEach(async () => {
  for (const wire of wires.splice(0)) await wire.close();
});

/** Writes a row that can be counted; the id makes a second one fail. */
const event = (on: Database, id: string) =>
  on.insert(outbox).values({ brandId: "streams", id, type: "test", payload: {}, createdAt: 1 });

/** How often an event is there, asked over another way. */
async function countOf(id: string): Promise<number> {
  const [row] = await database().all<{ n: number }>(sql`select count(*) as n from outbox where id = ${id}`);
  return row?.n ?? -1;
}

const newEventId = () => `evt_${crypto.randomUUID()}`;

test("a stream is used again by the next request", async () => {
  const wire = newWire();
  await wire.open().run(sql`select 1`);
  await wire.open().run(sql`select 2`);
  await wire.open().run(sql`select 3`);
  expect(wire.exchanges).toHaveLength(3);
  expect(wire.exchanges.map(({ sent }) => sent)).toEqual([
    null,
    wire.exchanges[0]?.received,
    wire.exchanges[1]?.received,
  ]);
});

test("a stream that the server has closed is replaced, and the statement runs once", async () => {
  const wire = newWire();
  await wire.open().run(sql`select 1`);
  await wire.close();
  const id = newEventId();
  wire.exchanges.length = 0;
  await event(wire.open(), id);
  expect(wire.exchanges.map(({ sent, status }) => [sent === null, status])).toEqual([
    [false, 400],
    [true, 200],
  ]);
  expect(await countOf(id)).toBe(1);
});

test("a stream that has expired on the server is replaced, and the statement runs once", async () => {
  const wire = newWire();
  await wire.open().run(sql`select 1`);
  // Word for word what sqld answers after 10 idle seconds.
  const expired = { message: "The stream has expired due to inactivity", code: "STREAM_EXPIRED" };
  wire.fault = inTurn(() => Promise.resolve(Response.json(expired, { status: 400 })));
  const id = newEventId();
  await event(wire.open(), id);
  expect(wire.exchanges.slice(1).map(({ sent }) => sent === null)).toEqual([false, true]);
  expect(await countOf(id)).toBe(1);
});

test("a stream that was idle too long is not tried", async () => {
  const wire = newWire();
  await wire.open().run(sql`select 1`);
  wire.advance(8_001);
  await wire.open().run(sql`select 2`);
  expect(wire.exchanges.map(({ sent }) => sent)).toEqual([null, null]);
});

test("after a lost answer its stream is never used again", async () => {
  const wire = newWire();
  await wire.open().run(sql`select 1`);
  const id = newEventId();
  wire.fault = inTurn(loseAnswer);
  await expect(event(wire.open(), id)).rejects.toThrow();
  // It was done, and only its answer was lost.
  expect(await countOf(id)).toBe(1);
  const lost = wire.exchanges.at(-1)?.received;
  expect(lost).toBeTruthy();
  for (let turn = 0; turn < 5; turn += 1) await wire.open().run(sql`select ${turn}`);
  expect(wire.exchanges.map(({ sent }) => sent)).not.toContain(lost);
});

const badGateway = () => inTurn(() => Promise.resolve(new Response("bad gateway", { status: 502 })));

test("an error of the server's throws the stream away; a write is not repeated", async () => {
  const wire = newWire();
  await wire.open().run(sql`select 1`);
  wire.fault = badGateway();
  await expect(wire.open().run(sql`update guard set must_hold = 0 where false`)).rejects.toThrow();
  expect(wire.exchanges).toHaveLength(2);
  const [first] = wire.exchanges;
  await wire.open().run(sql`select 3`);
  expect(wire.exchanges.slice(2).map(({ sent }) => sent)).not.toContain(first?.received);
});

test("a read that got no answer is asked once more, on another stream", async () => {
  const wire = newWire();
  await wire.open().run(sql`select 1`);
  wire.fault = badGateway();
  await wire.open().run(sql`select 2`);
  const [first, ...others] = wire.exchanges;
  expect(others).toHaveLength(2);
  expect(others[1]?.sent).not.toBe(first?.received);
});

test("a stream with an open transaction is closed, so that it holds no lock and leaks nothing", async () => {
  const wire = newWire();
  const id = newEventId();
  await wire.open().run(sql`begin immediate`);
  expect(wire.exchanges.map(({ asked }) => asked.at(-1))).toEqual(["get_autocommit", "close"]);
  expect(wire.exchanges[1]?.sent).toBe(wire.exchanges[0]?.received);
  // With the lock still held, this would wait for it until it fails.
  await event(wire.open(2_000), id);
  await expect(wire.open().run(sql`rollback`)).rejects.toThrow();
  expect(await countOf(id)).toBe(1);
});

test("a batch that fails leaves nothing behind, also not for the stream's next user", async () => {
  const wire = newWire();
  const { brandId, firstTierId } = await newBrand();
  const id = newEventId();
  const on = wire.open();
  await expect(on.batch([event(on, id), event(on, id)])).rejects.toThrow();
  const failed = wire.exchanges.at(-1);
  const next = wire.open();
  expect(await next.select({ id: tiers.id }).from(tiers).where(sql`brand_id = ${brandId}`)).toEqual([
    { id: firstTierId },
  ]);
  expect(await next.all(sql`select id from outbox where id = ${id}`)).toEqual([]);
  // The server said that no transaction was open, so the stream was kept and used.
  expect(wire.exchanges.at(-2)?.sent).toBe(failed?.received);
  await event(wire.open(), id);
  expect(await countOf(id)).toBe(1);
});

/** The same texts again and again: the client stores them in the stream, by number. */
async function batchTwice(open: () => Database): Promise<number[]> {
  const ids = Array.from({ length: 8 }, newEventId);
  for (const half of [ids.slice(0, 4), ids.slice(4)]) {
    const on = open();
    const [first, ...rest] = half.map((id) => event(on, id));
    if (first) await on.batch([first, ...rest]);
  }
  return Promise.all(ids.map(countOf));
}

/** How many of 64 requests at once are answered, each with what it asked for. */
async function answeredRight(open: () => Database): Promise<number> {
  const asked = Array.from({ length: 64 }, (_, n) => n);
  const answers = await Promise.allSettled(
    asked.map((n) => open().all<{ n: number }>(sql`select ${n} as n`)),
  );
  return answers.filter((answer, n) => answer.status === "fulfilled" && answer.value[0]?.n === n).length;
}

test("a batch with repeated texts works twice on one stream", async () => {
  const wire = newWire();
  expect(await batchTwice(wire.open)).toEqual(Array(8).fill(1));
  expect(wire.exchanges).toHaveLength(2);
  expect(wire.exchanges[1]?.sent).toBe(wire.exchanges[0]?.received);
});

test("64 requests at once are each answered with their own, and at most two streams are kept", async () => {
  // On the address of all tests: the server has four streams to give, so two may not be kept twice.
  const wire = newWire({ url: bindings.DATABASE_URL });
  expect(await answeredRight(wire.open)).toBe(64);
  // Nobody makes a second request to close the stream of the first.
  expect(wire.exchanges.filter(({ status }) => status === 200)).toHaveLength(64);
  // They wait for a stream rather than open one, which costs the server more.
  expect(wire.exchanges.filter(({ sent }) => sent === null).length).toBeLessThan(32);
  expect(wire.live.size).toBe(2);
});

test("nobody waits for a stream to a database that is far away: a turn takes longer than opening one", async () => {
  const wire = newWire();
  wire.fault = async (pass) => {
    await new Promise((resolve) => setTimeout(resolve, 60));
    return pass();
  };
  for (const _ of ["opens a stream", "tells how far it is"]) await wire.open().run(sql`select 0`);
  const six = Promise.all(
    [1, 2, 3, 4, 5, 6].map((n) => wire.open().all<{ n: number }>(sql`select ${n} as n`)),
  );
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(wire.exchanges).toHaveLength(8);
  expect(await six).toEqual([1, 2, 3, 4, 5, 6].map((n) => [{ n }]));
  // What is beyond two closes its own.
  expect(wire.exchanges.filter(({ asked }) => asked.at(-1) === "close")).toHaveLength(4);
  expect(wire.live.size).toBe(2);
});

test("who waits already when the first answers tell that the database is far opens a stream of its own", async () => {
  const wire = newWire();
  wire.fault = async (pass) => {
    await new Promise((resolve) => setTimeout(resolve, 60));
    return pass();
  };
  await Promise.all(Array.from({ length: 8 }, (_, n) => wire.open().all(sql`select ${n} as n`)));
  // Two open streams, two more tell by them how far it is; of the last four two can be given those again.
  const closed = wire.exchanges.filter(({ asked }) => asked.at(-1) === "close");
  expect(closed.length).toBeGreaterThanOrEqual(2);
});

test("who waits for a stream that nobody gives back opens one of its own, and closes it", async () => {
  const wire = newWire();
  wire.fault = inTurn(neverAnswer, neverAnswer);
  const stuck = Promise.allSettled(
    [1, 2].map((n) => wire.open(2_000).run(sql`update guard set must_hold = ${n} where false`)),
  );
  expect(await wire.open().all(sql`select 3 as n`)).toEqual([{ n: 3 }]);
  expect(wire.exchanges.at(-1)).toMatchObject({ sent: null, asked: ["execute", "close"] });
  expect(await stuck).toMatchObject([{ status: "rejected" }, { status: "rejected" }]);
});

test("nobody waits longer for a stream because many do, and answers have taken long of late", async () => {
  const wire = newWire();
  // So that the database is known to be near.
  for (let n = 0; n < 5; n += 1) await wire.open().all(sql`select ${n} as n`);
  wire.fault = async (pass) => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    return pass();
  };
  for (let n = 0; n < 8; n += 1) await wire.open().all(sql`select ${n} as n`);
  wire.fault = inTurn(neverAnswer, neverAnswer);
  const stuck = Promise.allSettled(
    [1, 2].map((n) => wire.open(2_500).run(sql`update guard set must_hold = ${n} where false`)),
  );
  const times = await Promise.all(
    Array.from({ length: 16 }, async () => {
      const since = Date.now();
      await wire.open().all(sql`select 1 as n`);
      return Date.now() - since;
    }),
  );
  expect(Math.max(...times)).toBeLessThan(800);
  await stuck;
});

test("streams that are kept carelessly fail at both", async () => {
  const { open } = keptCarelessly(newWire());
  await open().run(sql`select 1`);
  await expect(batchTwice(open)).rejects.toThrow();
  expect(await answeredRight(open)).toBeLessThan(64);
});

/** The naive way to keep a stream: the last baton, for whoever comes, with all that was stored in it. */
function keptCarelessly({ url, send }: Wire): { open: () => Database } {
  let baton: string | null = null;
  const keep = async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init);
    const asked = (await request.json()) as { requests: { type: string }[] };
    const requests = asked.requests.filter(({ type }) => type !== "close");
    const response = await send(request.url, {
      method: "POST",
      headers: request.headers,
      body: JSON.stringify({ baton, requests }),
    });
    if (!response.ok) return response;
    const answer = (await response.json()) as { baton: string; results: unknown[] };
    baton = answer.baton;
    const results = [...answer.results, { type: "ok", response: { type: "close" } }];
    return Response.json({ baton: null, base_url: null, results });
  };
  return {
    open: () => drizzle({ client: createClient({ url, fetch: keep }), relations }) as unknown as Database,
  };
}

/** What can happen to a request, and whether it is done all the same. */
const happenings: Record<string, { fault: Fault | undefined }> = {
  nothing: { fault: undefined },
  "the request is lost": { fault: loseRequest },
  "the answer is lost": { fault: loseAnswer },
  "the gateway fails": { fault: () => Promise.resolve(new Response("", { status: 503 })) },
};

test("whatever happens to requests, what was acknowledged is there once, and nothing is there twice", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...Object.keys(happenings)), { minLength: 1, maxLength: 8 }),
      async (story) => {
        const wire = newWire();
        for (const happening of story) {
          const id = newEventId();
          wire.fault = inTurn(happenings[happening]?.fault);
          const acknowledged = await event(wire.open(), id).then(
            () => true,
            () => false,
          );
          const count = await countOf(id);
          if (acknowledged) expect(count).toBe(1);
          else expect(count).toBeLessThanOrEqual(1);
        }
        await wire.close();
      },
    ),
    { numRuns: 15 },
  );
});
