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
const PATIENCE_MS = 300_000;

let server: BulkServer;

beforeAll(async () => {
  server = await startBulkServer();
});

afterAll(() => server?.stop());

/**
 * Runs the jobs at the end of a day, each to its end: those that have something due, by what the tables say,
 * and all of them at a month's end. One that has nothing due does nothing, which the others show.
 */
async function runDay(brand: BulkBrand, asOf: number, isMonthEnd: boolean): Promise<void> {
  const budget = { chunks: Number.POSITIVE_INFINITY, ms: 30_000 };
  const chosen = isMonthEnd ? jobs.map(({ name }) => name) : await jobsDue(brand, asOf);
  for (const only of chosen) {
    const reports = await runJobs(brand.open(), server.environment, { asOf, budget, only });
    expect(reports).toMatchObject([{ name: only, state: "OVER", failed: 0, asOf }]);
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

test(
  "two years of real purchases, told day by day, leave every member with what the log says, each month",
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

    for (let day = FIRST; !day.equals(END); day = day.add({ days: 1 })) {
      const next = day.add({ days: 1 });
      const today = byDay.get(day.toString()) ?? [];
      const evening = day.toZonedDateTime({ timeZone: ZONE, plainTime: "20:00" }).epochMilliseconds;
      if (today.length > 0) {
        const newcomers = newcomersOf(today);
        await importMembers(
          daily.context(evening),
          newcomers.map((externalId) => ({ externalId })),
        );
        for (const name of newcomers) known.add(name);
        const results = await importOrders(daily.context(evening), today);
        expect(results.filter(({ status }) => status !== "RECORDED")).toEqual([]);
      }
      const asOf = startOfDay(next, ZONE);
      const isMonthEnd = next.day === 1;
      await runDay(daily, asOf, isMonthEnd || day.equals(FIRST));
      if (!isMonthEnd) continue;
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

test("what is told all at once, years later, has earned what it earned day by day", async () => {
  const brand = await server.newBrand("USD", ZONE);
  await foundProgram(brand, FOUNDED);
  const file = { file: CDNOW, output: silence, dryRun: false, source: "cdnow" };
  const { counts } = await importOrdersFile(brand, { ...file, mapping: "cdnow", enrol: true });
  expect(counts).toEqual({ RECORDED: 6_919 });
  const awardsOf = ({ brandId, open }: BulkBrand) =>
    open().all(sql`select o.external_id, w.points, w.growth_value, w.earned_at from awards w
      join orders o on o.brand_id = w.brand_id and o.id = w.order_id
      where w.brand_id = ${brandId} order by o.external_id`);
  const awards = await awardsOf(brand);
  expect(awards.length).toBeGreaterThan(6_800);
  expect(awards).toEqual(await awardsOf(daily));
}, 60_000);
