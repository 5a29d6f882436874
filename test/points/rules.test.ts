import * as fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { describe, expect, test } from "vitest";
import type { PointsExpiry } from "../../schema/tables/brands.ts";
import { endOfGrace, expiryOf } from "../../src/points/expiry.ts";
import { historyWords } from "../../src/points/history-words.ts";
import { faultOfPolicy, mostPointsFor, policyOf, whyNotSpendable, worthOf } from "../../src/points/policy.ts";
import { isSpendable, type LotFacts, sumOf, takeLots, usesWithout } from "../../src/points/take-lots.ts";

const lot = fc.record({
  id: fc.uuid(),
  remaining: fc.integer({ min: 0, max: 1_000 }),
  spendableAt: fc.integer({ min: 0, max: 5 }),
  expiresAt: fc.option(fc.integer({ min: 1, max: 5 })),
});
const someLots = fc.uniqueArray(lot, { selector: ({ id }) => id, maxLength: 12 });
const points = fc.integer({ min: 0, max: 4_000 });

describe("the lots that a debit takes", () => {
  const amountOf = (uses: readonly { amount: number }[]) => uses.reduce((sum, { amount }) => sum + amount, 0);

  test("are as many points as were asked for, or all that there are", () => {
    fc.assert(
      fc.property(someLots, points, (lots, asked) => {
        expect(amountOf(takeLots(lots, asked))).toBe(Math.min(asked, sumOf(lots)));
      }),
    );
  });

  test("are never more of a lot than it has, and of each at most once", () => {
    fc.assert(
      fc.property(someLots, points, (lots, asked) => {
        const uses = takeLots(lots, asked);
        expect(new Set(uses.map(({ lotId }) => lotId)).size).toBe(uses.length);
        for (const { lotId, amount } of uses) {
          const of = lots.find(({ id }) => id === lotId) as LotFacts;
          expect(amount > 0 && amount <= of.remaining).toBe(true);
        }
      }),
    );
  });

  test("leave nothing that expires before what they take", () => {
    fc.assert(
      fc.property(someLots, points, (lots, asked) => {
        const uses = new Map(takeLots(lots, asked).map(({ lotId, amount }) => [lotId, amount]));
        const end = ({ expiresAt }: LotFacts) => expiresAt ?? Number.POSITIVE_INFINITY;
        const lastTaken = Math.max(-1, ...lots.filter(({ id }) => uses.has(id)).map(end));
        for (const left of lots.filter(({ id, remaining }) => remaining > (uses.get(id) ?? 0))) {
          expect(end(left)).toBeGreaterThanOrEqual(lastTaken);
        }
      }),
    );
  });

  test("are the same in whatever order they come, and a part with the rest is the whole", () => {
    fc.assert(
      fc.property(someLots, points, points, (lots, asked, part) => {
        const uses = takeLots(lots, asked);
        expect(takeLots(lots.toReversed(), asked)).toEqual(uses);
        const taken = takeLots(lots, Math.min(part, asked));
        expect(amountOf(taken) + amountOf(usesWithout(uses, taken))).toBe(amountOf(uses));
      }),
    );
  });

  test("can be spent from a moment on, and no longer at their expiry", () => {
    const facts = { id: "a", remaining: 1, spendableAt: 10, expiresAt: 20 };
    expect([9, 10, 19, 20].map((now) => isSpendable(facts, now))).toEqual([false, true, true, false]);
    expect(isSpendable({ ...facts, expiresAt: null }, 1e15)).toBe(true);
  });
});

describe("points expire", () => {
  const months = (count: number): PointsExpiry => ({ rule: "AFTER_MONTHS", months: count });
  const monthEnd = (count: number): PointsExpiry => ({ rule: "AFTER_MONTHS_AT_MONTH_END", months: count });
  const onDate = (month: number, day: number, least = 0): PointsExpiry => ({
    ...{ rule: "ON_DATE", month, day, months: least },
  });
  const cases: [name: string, PointsExpiry, earnedAt: string, timeZone: string, expiresAt: string | null][] =
    [
      ["never", { rule: "NEVER" }, "2026-01-01T00:00Z", "Asia/Shanghai", null],
      ["12 months", months(12), "2026-03-05T04:00Z", "Asia/Shanghai", "2027-03-05T16:00Z"],
      ["a day that has begun there", months(12), "2026-03-05T16:00Z", "Asia/Shanghai", "2027-03-06T16:00Z"],
      ["from 31 January", months(1), "2026-01-31T04:00Z", "Asia/Shanghai", "2026-02-28T16:00Z"],
      ["from 31 January, leap year", months(1), "2024-01-31T04:00Z", "Asia/Shanghai", "2024-02-29T16:00Z"],
      ["from 29 February", months(12), "2024-02-29T04:00Z", "Asia/Shanghai", "2025-02-28T16:00Z"],
      ["to the month's end", monthEnd(12), "2026-02-10T04:00Z", "Asia/Shanghai", "2027-02-28T16:00Z"],
      ["to a leap month's end", monthEnd(24), "2026-02-10T04:00Z", "Asia/Shanghai", "2028-02-29T16:00Z"],
      ["into summer time", months(1), "2026-02-20T17:00Z", "America/New_York", "2026-03-21T04:00Z"],
      ["as summer time begins", months(1), "2026-02-08T17:00Z", "America/New_York", "2026-03-09T04:00Z"],
      ["as summer time ends", months(1), "2026-10-01T16:00Z", "America/New_York", "2026-11-02T05:00Z"],
      ["still yesterday there", months(1), "2026-06-01T03:59Z", "America/New_York", "2026-07-01T04:00Z"],
      ["ahead of UTC", months(6), "2026-01-15T11:00Z", "Pacific/Auckland", "2026-07-16T12:00Z"],
      ["in its summer", months(6), "2026-07-15T12:00Z", "Pacific/Auckland", "2027-01-16T11:00Z"],
      ["on 31 December", onDate(12, 31), "2026-06-01T04:00Z", "Asia/Shanghai", "2026-12-31T16:00Z"],
      ["on that very day", onDate(12, 31), "2026-12-31T15:59Z", "Asia/Shanghai", "2026-12-31T16:00Z"],
      ["on the day after", onDate(12, 31), "2026-12-31T16:00Z", "Asia/Shanghai", "2027-12-31T16:00Z"],
      [
        "months later at least",
        onDate(12, 31, 12),
        "2026-01-01T04:00Z",
        "Asia/Shanghai",
        "2027-12-31T16:00Z",
      ],
      ["on 29 February", onDate(2, 29), "2026-01-01T17:00Z", "America/New_York", "2026-03-01T05:00Z"],
      [
        "on 29 February, leap year",
        onDate(2, 29),
        "2027-12-01T17:00Z",
        "America/New_York",
        "2028-03-01T05:00Z",
      ],
      ["on 31 March, DST", onDate(3, 31), "2026-01-31T17:00Z", "Pacific/Auckland", "2026-03-31T11:00Z"],
    ];
  test.each(cases)("%s", (_name, expiry, earnedAt, timeZone, expiresAt) => {
    const at = expiryOf(expiry, Temporal.Instant.from(earnedAt).epochMilliseconds, timeZone);
    const utc = at === null ? null : new Date(at).toISOString().replace(":00.000Z", "Z");
    expect(utc).toBe(expiresAt);
  });

  test("after some days of grace, at the end of the day", () => {
    const now = Date.parse("2026-03-05T04:00:00Z");
    expect(new Date(endOfGrace(now, 0, "Asia/Shanghai")).toISOString()).toBe("2026-03-05T16:00:00.000Z");
    expect(new Date(endOfGrace(now, 30, "Asia/Shanghai")).toISOString()).toBe("2026-04-04T16:00:00.000Z");
  });
});

describe("a policy", () => {
  const policy = policyOf({ minimumPoints: 100, stepPoints: 50, maximumShareBasisPoints: 5_000 });

  test("says how many points an order takes", () => {
    const refusalOf = (points: number, orderAmountMinor = 1_000) =>
      whyNotSpendable(policy, { points, orderAmountMinor });
    expect(refusalOf(500)).toBeUndefined();
    expect(refusalOf(50)).toMatchObject({ refusal: "PointsBelowMinimum", data: { missing: 50 } });
    expect(refusalOf(120)).toMatchObject({ refusal: "PointsNotInSteps", data: { nearestPoints: 100 } });
    expect(refusalOf(550)).toMatchObject({ refusal: "OrderShareExceeded", data: { maximumPoints: 500 } });
    // Of what is less than the fewest, an order takes none.
    expect(refusalOf(100, 180)).toMatchObject({ refusal: "OrderShareExceeded", data: { maximumPoints: 0 } });
    expect(refusalOf(100, -1)).toMatchObject({ data: { field: "orderAmountMinor" } });
    expect(refusalOf(0)).toMatchObject({ data: { field: "points" } });
  });

  test("takes the most points whose worth stays within the order's share", () => {
    const anyPolicy = fc
      .record({
        worthMinorPer1000Points: fc.integer({ min: 1, max: 1_000_000 }),
        maximumShareBasisPoints: fc.integer({ min: 1, max: 10_000 }),
      })
      .map(policyOf);
    fc.assert(
      fc.property(anyPolicy, fc.integer({ min: 0, max: 1_000_000 }), (any, amountMinor) => {
        const share = Math.floor((amountMinor * any.maximumShareBasisPoints) / 10_000);
        const most = mostPointsFor(any, amountMinor);
        expect(worthOf(any, most)).toBeLessThanOrEqual(share);
        expect(worthOf(any, most + 1)).toBeGreaterThan(share);
      }),
    );
  });

  test("is refused where it could not be kept", () => {
    const faultIn = (part: Parameters<typeof policyOf>[0]) => faultOfPolicy(policyOf(part))?.data.field;
    expect(faultIn({})).toBeUndefined();
    expect(faultIn({ stepPoints: 0 })).toBe("stepPoints");
    expect(faultIn({ maximumShareBasisPoints: 10_001 })).toBe("maximumShareBasisPoints");
    expect(faultIn({ expiry: { rule: "AFTER_MONTHS" } })).toBe("expiry.months");
    expect(faultIn({ expiry: { rule: "ON_DATE", month: 4, day: 31 } })).toBe("expiry");
    expect(faultIn({ expiry: { rule: "ON_DATE", month: 2, day: 29 } })).toBeUndefined();
  });

  test.each<[PointsExpiry, field: string]>([
    [{ rule: "NEVER", months: -9 }, "expiry.months"],
    [{ rule: "NEVER", months: 12 }, "expiry.months"],
    [{ rule: "NEVER", day: 99 }, "expiry.day"],
    [{ rule: "AFTER_MONTHS", months: 12, month: 12 }, "expiry.month"],
    [{ rule: "AFTER_INACTIVITY", months: 12, day: 31 }, "expiry.day"],
  ])("says nothing of its expiry that its rule does not read: %o", (expiry, field) => {
    expect(faultOfPolicy(policyOf({ expiry }))?.data.field).toBe(field);
    const { rule, months } = expiry;
    const left = rule === "NEVER" ? { rule } : { rule, months, month: null, day: null };
    expect(faultOfPolicy(policyOf({ expiry: left as PointsExpiry }))).toBeUndefined();
  });
});

test("what happened is told in the member's language, whatever an order is called", () => {
  const cause = { operation: "spendPoints", reference: "A-$&-1" };
  expect(historyWords(cause, -5, ["zh-CN"])).toBe("用于 A-$&-1");
  expect(historyWords(cause, -5, ["fr"])).toBe("Spent on A-$&-1");
  const back = { operation: "takeBackPoints", reference: "A-1" };
  expect(historyWords({ ...back, refundId: "rfd_1" }, -5, ["zh-CN"])).toBe("A-1 退货,扣回积分");
  expect(historyWords(back, -5, ["en"])).toBe("Taken back: A-1 was cancelled");
  expect(historyWords({ operation: "adjustBalance" }, 5, ["en"])).toBe("Received");
  expect(historyWords({ operation: "adjustBalance" }, -5, ["zh"])).toBe("扣回积分");
});
