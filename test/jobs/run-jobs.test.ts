import { and, eq, isNull } from "drizzle-orm";
import { beforeEach, describe, expect, test } from "vitest";
import { brands } from "../../schema/tables/brands.ts";
import { jobs as jobTable } from "../../schema/tables/jobs.ts";
import { accounts } from "../../schema/tables/points.ts";
import { app } from "../../src/app.ts";
import { jobs } from "../../src/jobs/jobs.ts";
import { moveOn, type Run, runJobs } from "../../src/jobs/run-jobs.ts";
import { adjustBalance } from "../../src/points/adjust-balance.ts";
import { expirePoints } from "../../src/points/expire-points.ts";
import worker from "../../src/worker.ts";
import { contextAt, faultsOf, ledgerOf, nothing } from "../points/support.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { bindings, database, environment } from "../support/caller.ts";
import { newMember } from "../support/member.ts";

const key = () => crypto.randomUUID();
const DAY_MS = 86_400_000;
const JOB = "expirePoints";
/** Long ago, so that what is due then is these tests' alone. */
const EARNED = Date.parse("2019-03-01T04:00:00Z");
const DUE = EARNED + 60 * DAY_MS;

let brand: TestBrand;

beforeEach(async () => {
  await database().delete(jobTable);
  brand = await newBrand();
});

/** Members of a brand whose points expire a month after they came. */
async function withLots(of: TestBrand, members: number, lotsEach: number): Promise<void> {
  const pointsPolicy = { expiry: { rule: "AFTER_MONTHS", months: 1 } } as const;
  await database().update(brands).set({ pointsPolicy }).where(eq(brands.id, of.brandId));
  const context = await contextAt(of.brandId, EARNED);
  for (let n = 0; n < members; n += 1) {
    const { memberId } = await newMember(of);
    for (let lot = 0; lot < lotsEach; lot += 1) {
      const credit = { memberId, unit: "POINTS", amount: 10, reason: "x", idempotencyKey: key() } as const;
      await adjustBalance(context, credit, nothing);
    }
  }
}

const once = async (chunks: number, asOf = DUE) => {
  const [report] = await runJobs(database(), await environment(), {
    ...{ asOf, only: JOB, budget: { chunks, ms: 20_000 } },
  });
  return report;
};

async function untilOver(chunks: number, asOf = DUE): Promise<number> {
  for (let calls = 1; ; calls += 1) {
    const report = await once(chunks, asOf);
    if (report?.state === "OVER" && report.asOf === asOf) return calls;
    expect(calls).toBeLessThan(100);
  }
}

const rowOf = async (name = JOB) => (await database().query.jobs.findFirst({ where: { name } })) as Run;

/** What expired of a brand, once its ledger was found sound. */
async function brokenIn(of: TestBrand): Promise<number> {
  const ledger = await ledgerOf(of.brandId);
  expect(faultsOf(ledger)).toEqual([]);
  return ledger.accounts.find(({ kind }) => kind === "BREAKAGE")?.balance ?? 0;
}

/** The job in chunks of three, as if there were more to do than there is. */
const limit = (jobs.find(({ name }) => name === JOB) as { limit: number }).limit;
function inSmallChunks(): () => void {
  const job = jobs.find(({ name }) => name === JOB) as { limit: number };
  job.limit = 3;
  return () => {
    job.limit = limit;
  };
}

describe("a job", () => {
  let restore: () => void;
  beforeEach(() => {
    restore = inSmallChunks();
    return () => restore();
  });

  test("goes on in the next call where its budget was spent, as of the moment it began", async () => {
    await withLots(brand, 4, 2);
    expect(await once(1)).toMatchObject({ done: 3, state: "STOPPED", asOf: DUE });
    expect(await rowOf()).toMatchObject({
      doneCount: 3,
      finishedAt: null,
      place: { brandId: brand.brandId },
    });
    // What the clock says meanwhile is for the next run.
    expect(await once(1, DUE + DAY_MS)).toMatchObject({ done: 3, state: "STOPPED", asOf: DUE });
    expect(await once(5, DUE + DAY_MS)).toMatchObject({ done: 2, state: "OVER", asOf: DUE });
    expect(await rowOf()).toMatchObject({ doneCount: 8, failedCount: 0, place: null });
    expect(await brokenIn(brand)).toBe(80);
    const transfers = (await ledgerOf(brand.brandId)).transfers.length;
    expect(await untilOver(2)).toBe(1);
    expect((await ledgerOf(brand.brandId)).transfers).toHaveLength(transfers);
  });

  test("ended after its effects and before its place was noted does nothing twice", async () => {
    await withLots(brand, 3, 2);
    await once(1);
    const { place } = await rowOf();
    await expirePoints(database(), await environment(), DUE, 3, place as never);
    await untilOver(1);
    expect(await brokenIn(brand)).toBe(60);
  });

  test("run by two at once does nothing twice and leaves nothing out", async () => {
    await withLots(brand, 6, 3);
    await Promise.all([untilOver(2), untilOver(3), untilOver(1)]);
    expect(await brokenIn(brand)).toBe(180);
    expect((await rowOf()).place).toBeNull();
  });

  test("that is late cannot move the place of a run that it did not begin", async () => {
    await withLots(brand, 4, 2);
    await once(1);
    const late = await rowOf();
    const far = { at: DUE, brandId: "brd_zzz", id: "lot_zzz" };
    await untilOver(100);
    await once(1, DUE + 1);
    const begun = await rowOf();
    expect(await moveOn(database(), late, { ...late, place: far })).toBe(false);
    expect(await rowOf()).toEqual(begun);
    // The naive way, by name alone, jumps over what the new run has not looked at.
    await database().update(jobTable).set({ place: far, finishedAt: null }).where(eq(jobTable.name, JOB));
    await withLots(brand, 1, 1);
    await once(100, DUE + 1);
    expect(await brokenIn(brand)).toBe(80);
    await untilOver(100, DUE + 2);
    expect(await brokenIn(brand)).toBe(90);
  });

  test("is not held up by a brand that fails, which is counted and tried again", async () => {
    const broken = await newBrand();
    await withLots(broken, 2, 1);
    await withLots(brand, 4, 2);
    const isItsBreakage = and(
      eq(accounts.brandId, broken.brandId),
      eq(accounts.kind, "BREAKAGE"),
      isNull(accounts.memberId),
    );
    const [breakage] = await database().select().from(accounts).where(isItsBreakage);
    await database().delete(accounts).where(isItsBreakage);
    const written: string[] = [];
    const { error } = console;
    console.error = (line: string) => written.push(line);
    try {
      await untilOver(100);
    } finally {
      console.error = error;
    }
    expect(await brokenIn(brand)).toBe(80);
    expect((await rowOf()).failedCount).toBeGreaterThan(0);
    for (const line of written) {
      expect(JSON.parse(line)).toMatchObject({ level: "error", job: JOB, brandId: broken.brandId });
      expect(line).not.toMatch(/mbr_|lot_|trf_|insert into/);
    }
    expect(written.length).toBeGreaterThan(0);
    await database()
      .insert(accounts)
      .values(breakage as never);
    await untilOver(100);
    expect(await brokenIn(broken)).toBe(20);
    expect((await rowOf()).failedCount).toBe(0);
  }, 60_000);
});

test("each job has its share of the time, and none begins again before its time", async () => {
  const env = await environment();
  const budget = { chunks: 100, ms: 30_000 };
  const names = (reports: { name: string }[]) => reports.map(({ name }) => name);
  const first = await runJobs(database(), env, { asOf: DUE, budget });
  expect(names(first)).toEqual(jobs.map(({ name }) => name));
  expect(first.every(({ state }) => state === "OVER")).toBe(true);
  const again = await runJobs(database(), env, { asOf: DUE, budget });
  expect(names(again)).toEqual(jobs.filter(({ everyMs }) => everyMs === 0).map(({ name }) => name));
  const spent = await runJobs(database(), env, { asOf: DUE, budget: { ...budget, ms: 0 } });
  expect(spent.every(({ state, done }) => state === "STOPPED" && done === 0)).toBe(true);
});

test("what the platform calls every few minutes runs them, and health says how they are", async () => {
  const health = async () => {
    const response = await app.request("/health", {}, bindings);
    expect(response.status).toBe(200);
    return (await response.json()) as { status: string; jobs: Record<string, unknown>[] };
  };
  const before = await health();
  expect(before.status).toBe("ok");
  expect(before.jobs).toHaveLength(jobs.length);
  expect(before.jobs[0]).toEqual({
    ...{ name: jobs[0]?.name, lastFinishedAt: null, running: false, behind: true, failed: 0 },
  });
  await withLots(brand, 1, 2);
  let work: Promise<unknown> = Promise.resolve();
  const context = { waitUntil: (promise: Promise<unknown>) => (work = promise) };
  worker.scheduled({ scheduledTime: DUE } as never, bindings, context as never);
  await work;
  expect(await brokenIn(brand)).toBe(20);
  // What was well is told again for a second.
  expect(await health()).toEqual(before);
  await new Promise((resolve) => setTimeout(resolve, 1_010));
  const after = await health();
  expect(after.status).toBe("ok");
  for (const job of after.jobs) expect(job).toMatchObject({ running: false, behind: false, failed: 0 });
});
