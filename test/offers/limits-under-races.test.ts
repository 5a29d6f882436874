import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { type OfferLimit, offerCounters } from "../../schema/tables/offers.ts";
import { type Context, createContext } from "../../src/context.ts";
import { commit } from "../../src/database/commit.ts";
import { isRefusal, NotFound } from "../../src/errors.ts";
import {
  type Counted,
  countedBy,
  countersOf,
  giveBackToLimits,
  readCounters,
  takeFromLimits,
  takenOf,
  whyNotWithin,
} from "../../src/offers/limits.ts";
import { barrier } from "../support/barrier.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { database, environment } from "../support/caller.ts";
import { newOffer } from "../support/offer.ts";

const budget: OfferLimit = { per: "OFFER", period: "LIFETIME", discountMinor: 10_000 };
const monthly: OfferLimit = { per: "MEMBER", period: "MONTH", uses: 2 };
const daily: OfferLimit = { per: "STORE", period: "DAY", uses: 1 };
const timeZone = "Asia/Shanghai";

interface Use {
  offerId: string;
  limits: OfferLimit[];
  memberId?: string;
  store?: string;
  discountMinor?: number;
  at?: number;
}

async function contextOf({ brandId }: TestBrand): Promise<Context> {
  const now = Date.now();
  return createContext({
    environment: await environment(),
    database: database(),
    actor: { kind: "OPERATOR", brandId, clientId: "cli_limits", scopes: new Set() },
    deadline: now + 20_000,
    locales: [],
    now,
  });
}

/** What a checkout does with an offer's limits, and nothing else. Answers why not, or where it counted. */
async function use(
  brand: TestBrand,
  { offerId, limits, memberId = "mbr_1", store = "SH-01", discountMinor = 1_000, at = Date.now() }: Use,
  meanwhile?: () => Promise<void>,
): Promise<string | Counted[]> {
  const context = await contextOf(brand);
  const counters = countersOf(limits, { memberId, store, at, timeZone });
  const answer = await commit(context, {
    name: "use",
    input: {},
    load: () => [readCounters(context, sql`(${offerId})`, { memberId, store, at })],
    decide: async ([rows]) => {
      await meanwhile?.();
      const reason = whyNotWithin(takenOf(offerId, counters, rows), discountMinor);
      if (reason) return NotFound({ id: reason.code });
      const counted = countedBy(counters);
      return {
        outcome: { counted },
        effects: takeFromLimits(context, [{ offerId, counters, discountMinor }]),
        audit: [{ subjectId: offerId }],
      };
    },
  });
  return isRefusal(answer) ? String(answer.data.id) : answer.outcome.counted;
}

async function giveBack(brand: TestBrand, uses: Parameters<typeof giveBackToLimits>[1]) {
  const context = await contextOf(brand);
  await commit(context, {
    name: "giveBack",
    input: {},
    load: () => [],
    decide: () => ({
      outcome: {},
      effects: giveBackToLimits(context, uses),
      audit: [{ subjectId: "giveBack" }],
    }),
  });
}

const stored = ({ brandId }: TestBrand) =>
  database().query.offerCounters.findMany({
    columns: { subject: true, uses: true, discountMinor: true },
    where: { brandId },
    orderBy: { subject: "asc", periodStart: "asc" },
  });

test("40 at once on a budget for 10 are 10, and it is never passed", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand);
  const allLooked = barrier(40);
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => use(brand, { offerId, limits: [budget] }, allLooked)),
  );
  expect(answers.filter((answer) => Array.isArray(answer))).toHaveLength(10);
  expect(answers.filter((answer) => answer === "BUDGET")).toHaveLength(30);
  expect(await stored(brand)).toEqual([{ subject: "*", uses: 10, discountMinor: 10_000 }]);
});

test("one that looks at what is left and then counts, in two requests, passes the budget", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand);
  const allLooked = barrier(20);
  const counters = countersOf([budget], { memberId: null, store: null, at: 0, timeZone });
  const lookThenCount = async () => {
    const context = await contextOf(brand);
    const rows = await readCounters(context, sql`(${offerId})`, { memberId: null, store: null });
    const reason = whyNotWithin(takenOf(offerId, counters, rows), 1_000);
    await allLooked();
    if (reason) return;
    await context.database
      .insert(offerCounters)
      .values({
        ...{ brandId: brand.brandId, offerId, subject: "*", period: "LIFETIME", periodStart: 0 },
        ...{ uses: 1, discountMinor: 1_000 },
      })
      .onConflictDoUpdate({
        target: [
          offerCounters.brandId,
          offerCounters.offerId,
          offerCounters.subject,
          offerCounters.period,
          offerCounters.periodStart,
        ],
        set: { discountMinor: sql`${offerCounters.discountMinor} + 1000` },
      });
  };
  await Promise.all(Array.from({ length: 20 }, lookThenCount));
  expect((await stored(brand))[0]?.discountMinor).toBeGreaterThan(10_000);
});

test("a member uses it twice a month, from however many devices; another member has two of one's own", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand);
  const allLooked = barrier(12);
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, place) =>
      use(brand, { offerId, limits: [monthly], memberId: `mbr_${place % 2}` }, allLooked),
    ),
  );
  expect(answers.filter((answer) => answer === "USED_UP")).toHaveLength(8);
  expect(await stored(brand)).toEqual([
    { subject: "member:mbr_0", uses: 2, discountMinor: 2_000 },
    { subject: "member:mbr_1", uses: 2, discountMinor: 2_000 },
  ]);
});

test("one of several limits that is passed leaves none of them counted", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand);
  const allLooked = barrier(8);
  const limits = [budget, monthly, daily];
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, place) =>
      use(brand, { offerId, limits, memberId: `mbr_${place}`, store: `SH-${place % 2}` }, allLooked),
    ),
  );
  expect(answers.filter((answer) => Array.isArray(answer))).toHaveLength(2);
  const rows = await stored(brand);
  expect(rows.find(({ subject }) => subject === "*")).toMatchObject({ uses: 2, discountMinor: 2_000 });
  expect(rows.filter(({ subject }) => subject.startsWith("member:"))).toHaveLength(2);
});

test("two uses of one offer in a cart count twice, or not at all", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand);
  const context = await contextOf(brand);
  const counters = countersOf([monthly], { memberId: "mbr_1", store: null, at: Date.now(), timeZone });
  const one = { offerId, counters, discountMinor: 300 };
  const [both] = takeFromLimits(context, [one, one]);
  if (both) await context.database.batch([both]);
  expect(await stored(brand)).toEqual([{ subject: "member:mbr_1", uses: 2, discountMinor: 600 }]);
  const [more] = takeFromLimits(context, [one]);
  await expect(context.database.batch([more as NonNullable<typeof more>])).rejects.toThrow();
  // Both are given back in one statement.
  const counted = countedBy(counters);
  await giveBack(brand, [
    { offerId, counted, discountMinor: 300, uses: 1 },
    { offerId, counted, discountMinor: 100, uses: 0 },
  ]);
  expect(await stored(brand)).toEqual([{ subject: "member:mbr_1", uses: 1, discountMinor: 200 }]);
});

test("with a new day a store has another use, and what was given back counts for its own day", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand);
  const [evening, morning] = [Date.parse("2026-11-03T23:59+08:00"), Date.parse("2026-11-04T00:00+08:00")];
  const first = await use(brand, { offerId, limits: [daily], at: evening });
  expect(await use(brand, { offerId, limits: [daily], at: evening })).toBe("USED_UP");
  expect(await use(brand, { offerId, limits: [daily], at: morning })).toBeInstanceOf(Array);
  await giveBack(brand, [{ offerId, counted: first as Counted[], discountMinor: 1_000, uses: 1 }]);
  expect((await stored(brand)).map(({ uses }) => uses)).toEqual([0, 1]);
  expect(await use(brand, { offerId, limits: [daily], at: morning })).toBe("USED_UP");
  expect(await use(brand, { offerId, limits: [daily], at: evening })).toBeInstanceOf(Array);
});

test("a limit that was lowered refuses the next use and no return; nothing falls below zero", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand);
  const uses = [];
  for (let count = 0; count < 4; count += 1) uses.push(await use(brand, { offerId, limits: [budget] }));
  const lowered = [{ ...budget, discountMinor: 2_000 }];
  expect(await use(brand, { offerId, limits: lowered })).toBe("BUDGET");
  const back = { offerId, counted: uses[0] as Counted[], discountMinor: 1_000, uses: 1 as const };
  await giveBack(brand, [back]);
  expect(await stored(brand)).toEqual([{ subject: "*", uses: 3, discountMinor: 3_000 }]);
  await giveBack(brand, Array(5).fill(back));
  expect(await stored(brand)).toEqual([{ subject: "*", uses: 0, discountMinor: 0 }]);
  expect(await use(brand, { offerId, limits: lowered })).toBeInstanceOf(Array);
});

test("what another brand counts under the same names is not seen and not changed", async () => {
  const [brand, other] = [await newBrand(), await newBrand()];
  const offerId = await newOffer(brand);
  const counted = (await use(brand, { offerId, limits: [budget] })) as Counted[];
  const context = await contextOf(other);
  expect(await readCounters(context, sql`(${offerId})`, { memberId: null, store: null })).toEqual([]);
  await giveBack(other, [{ offerId, counted, discountMinor: 1_000, uses: 1 }]);
  expect(await stored(brand)).toEqual([{ subject: "*", uses: 1, discountMinor: 1_000 }]);
});
