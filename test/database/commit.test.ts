import { and, eq, sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { brands } from "../../schema/tables/brands.ts";
import { audit } from "../../schema/tables/commits.ts";
import { type Context, createContext } from "../../src/context.ts";
import { commit, mustChange } from "../../src/database/commit.ts";
import { isRefusal } from "../../src/errors.ts";
import { maskError } from "../../src/graphql/errors.ts";
import { newBrand } from "../support/brand.ts";
import { bindings, database, environment } from "../support/caller.ts";
import {
  type Fault,
  inTurn,
  loseAnswer,
  loseRequest,
  neverAnswer,
  openWire,
  type Wire,
} from "../support/wire.ts";

let wire: Wire;
let brandId: string;

beforeEach(async () => {
  wire = openWire();
  ({ brandId } = await newBrand());
});
afterEach(() => wire.close());

async function newContext({ clientId = "cli_commit", deadlineMs = 10_000 } = {}): Promise<Context> {
  const now = Date.now();
  return createContext({
    environment: await environment(),
    database: wire.open(deadlineMs),
    actor: { kind: "OPERATOR", brandId, clientId, scopes: new Set() },
    deadline: now + deadlineMs,
    locales: [],
    now,
  });
}

/** Far beyond the deadlines that are set here, and far below the 10 seconds of a context without one. */
const SOON_MS = 5_000;

interface Step {
  idempotencyKey?: string;
  by?: number;
}

interface Variation {
  /** Between the facts and the commit. */
  meanwhile?: () => Promise<unknown>;
  /** Without it, a decision on stale facts lands. */
  guarded?: boolean;
}

/** Counts in a column of the brand's: a second application shows, and so does one on stale facts. */
async function countUp(context: Context, input: Step, { meanwhile, guarded = true }: Variation = {}) {
  const on = context.database;
  const mine = eq(brands.id, brandId);
  const answer = await commit(context, {
    name: "countUp",
    input,
    load: () => [on.select({ count: brands.updatedAt }).from(brands).where(mine)],
    decide: async ([[brand]]) => {
      const count = brand?.count ?? 0;
      await meanwhile?.();
      const next = count + (input.by ?? 1);
      return {
        outcome: { next },
        effects: [
          on
            .update(brands)
            .set({ updatedAt: next })
            .where(guarded ? and(mine, eq(brands.updatedAt, count)) : mine),
          mustChange(on),
        ],
        audit: [{ subjectId: brandId }],
      };
    },
    read: () => on.query.brands.findFirst({ columns: { updatedAt: true }, where: { id: brandId } }),
  });
  return answer;
}

/** What is really there, asked over another way: the count and the records of how it came to be. */
async function found(): Promise<{ count: number; records: number }> {
  const [brand] = await database()
    .select({ count: brands.updatedAt })
    .from(brands)
    .where(eq(brands.id, brandId));
  const records = await database().$count(audit, eq(audit.brandId, brandId));
  return { count: brand?.count ?? -1, records };
}

describe("an idempotency key", () => {
  test("makes a repeated call change nothing and answer the same", async () => {
    const before = await found();
    const input = { idempotencyKey: "k1", by: 2 };
    const first = await countUp(await newContext(), input);
    const again = await countUp(await newContext(), { by: 2, idempotencyKey: "k1" });
    expect(again).toEqual(first);
    expect(first).toEqual({ outcome: { next: before.count + 2 }, row: { updatedAt: before.count + 2 } });
    expect(await found()).toEqual({ count: before.count + 2, records: before.records + 1 });
  });

  test("is refused with another input", async () => {
    await countUp(await newContext(), { idempotencyKey: "k1", by: 1 });
    const before = await found();
    const answer = await countUp(await newContext(), { idempotencyKey: "k1", by: 5 });
    expect(answer).toEqual({ refusal: "IdempotencyKeyReused", data: { key: "k1" } });
    expect(await found()).toEqual(before);
  });

  test("belongs to its caller", async () => {
    const before = await found();
    await countUp(await newContext({ clientId: "cli_a" }), { idempotencyKey: "k1" });
    await countUp(await newContext({ clientId: "cli_b" }), { idempotencyKey: "k1", by: 5 });
    expect(await found()).toEqual({ count: before.count + 6, records: before.records + 2 });
  });

  test("holds when many calls with it race", async () => {
    // On the address of all tests: the server has few streams to give, and those are kept already.
    wire = openWire({ url: bindings.DATABASE_URL });
    const before = await found();
    const calls = Array.from({ length: 12 }, async () =>
      countUp(await newContext(), { idempotencyKey: "k1" }),
    );
    const answers = await Promise.all(calls);
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toHaveLength(1);
    expect(await found()).toEqual({ count: before.count + 1, records: before.records + 1 });
  });
});

describe("a decision on facts that have changed", () => {
  const changedOnce = () => {
    let left = 1;
    return async () => {
      if (left-- > 0) await database().update(brands).set({ updatedAt: 100 }).where(eq(brands.id, brandId));
    };
  };

  test("does not land: it is decided again, on the new facts", async () => {
    const before = await found();
    const answer = await countUp(await newContext(), {}, { meanwhile: changedOnce() });
    expect(answer).toMatchObject({ outcome: { next: 101 }, row: { updatedAt: 101 } });
    // Of the attempt that was aborted nothing is left, its record neither.
    expect(await found()).toEqual({ count: 101, records: before.records + 1 });
  });

  test("lands without a guard, and what happened meanwhile is lost", async () => {
    const before = await found();
    await countUp(await newContext(), {}, { meanwhile: changedOnce(), guarded: false });
    expect(await found()).toMatchObject({ count: before.count + 1 });
  });

  test("is given up as a conflict when they keep changing", async () => {
    const others = () =>
      database().update(brands).set({ updatedAt: sql`updated_at + 10` }).where(eq(brands.id, brandId));
    const failing = countUp(await newContext(), {}, { meanwhile: others });
    await expect(failing).rejects.toMatchObject({ code: "CONFLICT" });
  });
});

describe("with a key, the effect is there exactly once", () => {
  const stories: Record<string, (Fault | undefined)[]> = {
    "when the answer to the commit is lost": [undefined, loseAnswer],
    "when the commit never arrives": [undefined, loseRequest],
    "when the facts are lost": [loseAnswer],
    "when answers are lost again and again": [undefined, loseAnswer, loseAnswer, undefined],
    "when a gateway fails after the commit": [
      undefined,
      async (pass) => {
        await pass();
        return new Response("bad gateway", { status: 502 });
      },
    ],
    "when the answer is cut off half way": [
      undefined,
      async (pass) => new Response((await (await pass()).text()).slice(0, 60)),
    ],
    "when something else answers in the database's place": [
      undefined,
      async (pass) => {
        await pass();
        return Response.json({ status: "ok" });
      },
    ],
  };

  test.for(Object.entries(stories))("%s", async ([, faults]) => {
    const before = await found();
    wire.fault = inTurn(...faults);
    const answer = await countUp(await newContext(), { idempotencyKey: "k1" });
    expect(answer).toMatchObject({
      outcome: { next: before.count + 1 },
      row: { updatedAt: before.count + 1 },
    });
    expect(await found()).toEqual({ count: before.count + 1, records: before.records + 1 });
  });
});

test("without a key, a commit whose answer is lost is not sent again", async () => {
  const before = await found();
  wire.fault = inTurn(undefined, loseAnswer);
  await expect(countUp(await newContext(), {})).rejects.toSatisfy(isUnavailable);
  expect(await found()).toEqual({ count: before.count + 1, records: before.records + 1 });
});

describe("a busy database has applied nothing, so the same is sent again", () => {
  const locked: Fault = () => {
    const error = { message: "SQLite error: database is locked", code: "SQLITE_BUSY" };
    const closed = { type: "ok", response: { type: "close" } };
    return Promise.resolve(Response.json({ baton: null, results: [{ type: "error", error }, closed] }));
  };

  test("with or without a key, when it answers 429", async () => {
    const before = await found();
    wire.fault = inTurn(tooMany, undefined, tooMany, tooMany);
    await countUp(await newContext(), {});
    expect(await found()).toEqual({ count: before.count + 1, records: before.records + 1 });
  });

  test("when it says that it is locked", async () => {
    const before = await found();
    wire.fault = inTurn(locked, undefined, locked, locked);
    await countUp(await newContext(), {});
    expect(await found()).toEqual({ count: before.count + 1, records: before.records + 1 });
  });

  test("until the deadline", async () => {
    const before = await found();
    wire.fault = tooMany;
    const startedAt = Date.now();
    const overloaded = (error: unknown) => maskError(error).extensions.code === "OVERLOADED";
    await expect(countUp(await newContext({ deadlineMs: 300 }), {})).rejects.toSatisfy(overloaded);
    expect(Date.now() - startedAt).toBeLessThan(SOON_MS);
    expect(await found()).toEqual(before);
  });
});

describe("what may have been done is never called undone, when the database is busy from then on", () => {
  const stories: Record<string, (Fault | undefined)[]> = {
    "after an answer that was lost": [undefined, loseAnswer],
    "for a call that is repeated": [undefined],
  };

  test.for(Object.entries(stories))("%s", async ([story, faults]) => {
    const before = await found();
    const input = { idempotencyKey: "k1" };
    if (story === "for a call that is repeated") await countUp(await newContext(), input);
    const early = inTurn(...faults);
    let sent = 0;
    wire.fault = (...exchange) => (sent++ < faults.length ? early(...exchange) : tooMany(...exchange));
    await expect(countUp(await newContext({ deadlineMs: 400 }), input)).rejects.toSatisfy(isUnavailable);
    expect(await found()).toEqual({ count: before.count + 1, records: before.records + 1 });
  });
});

describe("when the database does not answer, it ends by the deadline and says so", () => {
  test.for([{ idempotencyKey: "k1" }, {}])("%o", async (input) => {
    wire.fault = neverAnswer;
    const startedAt = Date.now();
    await expect(countUp(await newContext({ deadlineMs: 300 }), input)).rejects.toSatisfy(isUnavailable);
    expect(Date.now() - startedAt).toBeLessThan(SOON_MS);
  });
});

test("a refusal changes nothing and is not remembered", async () => {
  const context = await newContext();
  const before = await found();
  const refused = await commit(context, {
    name: "countUp",
    input: { idempotencyKey: "k1" },
    load: () => [],
    decide: () => ({ refusal: "NotFound", data: { id: "x" } }),
  });
  expect(isRefusal(refused)).toBe(true);
  expect(await found()).toEqual(before);
  expect(isRefusal(await countUp(await newContext(), { idempotencyKey: "k1" }))).toBe(false);
});

const tooMany: Fault = () => Promise.resolve(new Response("too many requests", { status: 429 }));

const isUnavailable = (error: unknown): boolean => maskError(error).extensions.code === "UNAVAILABLE";
