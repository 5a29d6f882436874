import { sql } from "drizzle-orm";
import { Temporal } from "temporal-polyfill";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BulkBrand } from "../../scripts/bulk/bulk-brand.ts";
import { importOrdersFile } from "../../scripts/bulk/import-kinds.ts";
import { dayOf, startOfDay } from "../../src/calendar.ts";
import { jobs } from "../../src/jobs/jobs.ts";
import { runJobs } from "../../src/jobs/run-jobs.ts";
import { importMembers } from "../../src/members/import-members.ts";
import { importOrders } from "../../src/orders/import-orders.ts";
import type { SentOrder } from "../../src/orders/order-book.ts";
import { type BulkServer, silence, startBulkServer } from "./bulk-support.ts";
import {
  CDNOW,
  expectedAt,
  faultsAt,
  foundProgram,
  LADDER,
  type LogRow,
  numberOf,
  readCdnow,
  readLog,
  ZONE,
} from "./cdnow-support.ts";

const FOUNDED = Date.parse("1996-12-15T12:00:00Z");
const FIRST = Temporal.PlainDate.from("1997-01-01");
/** The first day after it. */
const END = Temporal.PlainDate.from("1999-01-01");
/** From then on nothing is bought, and a month is a step. */
const QUIET = Temporal.PlainDate.from("1998-07-01");
const PATIENCE_MS = 300_000;
/** How many days are told at once: `CDNOW_STEP_DAYS=1` tells each by itself, which takes three times as long. */
const STEP_DAYS = Number(process.env.CDNOW_STEP_DAYS ?? 4);

let server: BulkServer;

beforeAll(async () => {
  server = await startBulkServer();
});

afterAll(() => server?.stop());

/** At a month's end every job runs, to its end; one that has nothing due shows that it does nothing. */
async function runMonthEnd(brand: BulkBrand, asOf: number): Promise<void> {
  const budget = { chunks: Number.POSITIVE_INFINITY, ms: 30_000 };
  for (const { name: only } of jobs) {
    const reports = await runJobs(brand.open(), server.environment, { asOf, budget, only });
    expect(reports).toMatchObject([{ name: only, state: "OVER", failed: 0, asOf }]);
  }
}

/** On other days, what has something due by what the tables say, without the note of how far it is. */
async function runDue(brand: BulkBrand, asOf: number): Promise<void> {
  const due = await jobsDue(brand, asOf);
  for (const { work, limit } of jobs.filter(({ name }) => due.includes(name))) {
    for (let after: object | null | undefined; after !== null; ) {
      const { next, failed } = await work(brand.open(), server.environment, asOf, limit, after as never);
      expect(failed).toBe(0);
      after = next;
    }
  }
}

async function jobsDue({ open }: BulkBrand, asOf: number): Promise<string[]> {
  const [due] = await open().all<Record<string, number>>(sql`select
    exists (select 1 from awards where state = 'PENDING' and spendable_at <= ${asOf}) as activatePending,
    exists (select 1 from lots where remaining > 0 and expires_at <= ${asOf}) as expirePoints,
    exists (select 1 from standings where review_at <= ${asOf}) as reviewTiers`);
  return Object.entries(due ?? {}).flatMap(([name, is]) => (is === 1 ? [name] : []));
}

interface Standing {
  externalId: string;
  rank: number;
  available: number;
  pending: number;
  growth: number;
}

const standingsOf = ({ brandId, open }: BulkBrand) =>
  open().all<Standing>(sql`
    select m.external_id as externalId, t.rank,
      (select balance from accounts a where a.brand_id = m.brand_id and a.member_id = m.id and unit = 'POINTS' and kind = 'AVAILABLE') as available,
      (select balance from accounts a where a.brand_id = m.brand_id and a.member_id = m.id and unit = 'POINTS' and kind = 'PENDING') as pending,
      (select balance from accounts a where a.brand_id = m.brand_id and a.member_id = m.id and unit = 'GROWTH_VALUE') as growth
    from members m join tiers t on t.brand_id = m.brand_id and t.id = m.tier_id where m.brand_id = ${brandId}`);

/** Everything that each member has, beside what the log alone says it must be. */
async function compare(brand: BulkBrand, log: LogRow[], next: Temporal.PlainDate) {
  const expected = expectedAt(log, numberOf(next));
  const found = await standingsOf(brand);
  expect(found).toHaveLength(expected.size);
  const wrong = found.filter(({ externalId, available, pending, growth, rank }) => {
    const own = expected.get(externalId);
    if (!own) return true;
    const { earned, expired, spentInYear } = own;
    const reached = LADDER.findLast(({ spend }) => spentInYear >= spend)?.rank ?? 1;
    // A term lasts longer than what was reached may count: never less than that, and sometimes more.
    return (
      pending !== own.pending ||
      available !== earned - own.pending - expired ||
      growth !== earned ||
      rank < reached
    );
  });
  expect(wrong, next.toString()).toEqual([]);
}

let daily: BulkBrand;

/** Some days on, and never past the end of a month; once it is quiet, a month on. */
function stepFrom(day: Temporal.PlainDate): Temporal.PlainDate {
  const month = day.with({ day: 1 }).add({ months: 1 });
  const some = day.add({ days: STEP_DAYS });
  const isQuiet = Temporal.PlainDate.compare(day, QUIET) >= 0;
  return isQuiet || Temporal.PlainDate.compare(some, month) > 0 ? month : some;
}

test(
  "two years of real purchases, told as the days go by, leave every member with what the log says, each month",
  async () => {
    const [orders, log] = [await readCdnow(), await readLog()];
    daily = await server.newBrand("USD", ZONE);
    await foundProgram(daily, FOUNDED);
    const byDay = Map.groupBy(orders, ({ placedAt }) => dayOf(placedAt, ZONE));
    const known = new Set<string>();
    const newcomersOf = (today: readonly SentOrder[]) => {
      const names = new Set(today.flatMap(({ member }) => member?.externalId ?? []));
      return [...names].filter((name) => !known.has(name));
    };

    let next = FIRST;
    for (let day = next; !day.equals(END); day = next) {
      next = stepFrom(day);
      const days = Array.from({ length: day.until(next).days }, (_, count) => day.add({ days: count }));
      const today = days.flatMap((one) => byDay.get(one.toString()) ?? []);
      const last = next.subtract({ days: 1 });
      const evening = last.toZonedDateTime({ timeZone: ZONE, plainTime: "20:00" }).epochMilliseconds;
      if (today.length > 0) {
        const newcomers = newcomersOf(today).map((externalId) => ({ externalId }));
        if (newcomers.length > 0) await importMembers(daily.context(evening), newcomers);
        for (const { externalId } of newcomers) known.add(externalId);
        const results = await importOrders(daily.context(evening), today);
        expect(results.filter(({ status }) => status !== "RECORDED")).toEqual([]);
      }
      const asOf = startOfDay(next, ZONE);
      if (next.day !== 1) {
        await runDue(daily, asOf);
        continue;
      }
      await runMonthEnd(daily, asOf);
      expect(await faultsAt(daily, asOf), next.toString()).toEqual({});
      await compare(daily, log, next);
    }

    // It was a lively time: points expired, and members rose and fell.
    const { brandId, open } = daily;
    const changes = await open().query.tierChanges.findMany({ where: { brandId } });
    expect(Object.keys(Object.groupBy(changes, ({ cause }) => cause)).sort()).toEqual(["EARNED", "LOWERED"]);
    for (const { decision, cause } of changes)
      if (cause === "EARNED")
        expect(decision.counted.some(({ value, atLeast }) => value >= atLeast)).toBe(true);
    const breakage = await open().query.accounts.findFirst({ where: { brandId, kind: "BREAKAGE" } });
    expect(breakage?.balance).toBeGreaterThan(50_000);
  },
  PATIENCE_MS,
);

test("what is told all at once, years later, has earned what it earned as the days went by", async () => {
  const brand = await server.newBrand("USD", ZONE);
  await foundProgram(brand, FOUNDED);
  const file = { file: CDNOW, output: silence, dryRun: false, source: "cdnow" };
  const { counts } = await importOrdersFile(brand, { ...file, mapping: "cdnow", enrol: true });
  expect(counts).toEqual({ RECORDED: 6_919 });
  const awardsOf = ({ brandId, open }: BulkBrand) =>
    open().all<{
      external_id: string;
    }>(sql`select o.external_id, w.points, w.growth_value, w.earned_at from awards w
      join orders o on o.brand_id = w.brand_id and o.id = w.order_id
      where w.brand_id = ${brandId} order by o.external_id`);
  const awards = await awardsOf(brand);
  expect(awards.length).toBeGreaterThan(6_800);
  expect(awards).toEqual(await awardsOf(daily));
}, 60_000);
