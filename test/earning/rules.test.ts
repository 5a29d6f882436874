import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EarningRules } from "../../schema/tables/rules.ts";
import { inForceAt } from "../../src/brands/rules-in-force.ts";
import { type EarnedBefore, earnOnActivity, earnOnPurchase, type Purchase } from "../../src/earning/earn.ts";
import type { EarnerTier, Occasion } from "../../src/earning/multipliers.ts";
import { spendableAfter } from "../../src/earning/spendable.ts";
import { stepWords } from "../../src/earning/step-words.ts";
import { rulesOf, times } from "./rule-facts.ts";

const gold: EarnerTier = { id: "tir_gold", name: { en: "Gold", "zh-CN": "金卡" }, benefits: [] };
const goldTimes = (
  multiplierBasisPoints: number,
  startsAt: number | null = null,
  endsAt: number | null = null,
) => ({
  ...gold,
  benefits: [{ terms: { multiplierBasisPoints }, startsAt, endsAt }],
});

const occasionOf = (changes: Partial<Occasion> = {}): Occasion => ({
  ...{
    at: Date.parse("2026-11-03T04:00:00Z"),
    timeZone: "Asia/Shanghai",
    tier: gold,
    channel: null,
    store: null,
  },
  ...changes,
});

const lineOf = (amountMinor: number, lineId = "L1", sku = "TEA", categories = ["tea"]) => ({
  ...{ lineId, sku, categories, amountMinor },
});
const purchaseOf = (...lines: Purchase["lines"]): Purchase => ({ lines, shippingMinor: 0, discountMinor: 0 });
const nothingBefore: EarnedBefore = { day: 0, month: 0 };

const pointsOf = (
  rules: Partial<EarningRules>,
  purchase: Purchase = purchaseOf(lineOf(10_000)),
  occasion: Partial<Occasion> = {},
  before = nothingBefore,
) => earnOnPurchase(rulesOf(rules), purchase, occasionOf(occasion), before).points;

describe("what is paid for goods earns", () => {
  const rate = (points: number, perAmountMinor: number, rounding: "DOWN" | "NEAREST" | "UP" = "DOWN") => ({
    points: { points, perAmountMinor, rounding },
  });
  test.each([
    ["a point a yuan", rate(1, 100), 12_345, 123],
    ["a point a yuan, rounded up", rate(1, 100, "UP"), 12_301, 124],
    ["a point a yuan, to the nearest", rate(1, 100, "NEAREST"), 12_350, 124],
    ["a point a yuan, to the nearest, just below the half", rate(1, 100, "NEAREST"), 12_349, 123],
    ["up from a whole number stays", rate(1, 100, "UP"), 12_300, 123],
    ["3 points for each 7 fen", rate(3, 7), 100, 42],
    ["5 points for each 2 yuan, also for a part of them", rate(5, 200), 300, 7],
    ["nothing for nothing", rate(1, 100, "UP"), 0, 0],
    ["amounts whose product is beyond 2^53", rate(1_000_000, 1_000_000), 999_999_999_999, 999_999_999_999],
    ["no more than the house keeps", rate(1_000_000, 1), 999_999_999_999, 1_000_000_000_000],
  ])("%s", (_what, rules, amountMinor, points) => {
    expect(pointsOf(rules, purchaseOf(lineOf(amountMinor)))).toBe(points);
  });

  test("a discount earns nothing, nor does shipping", () => {
    const purchase = { lines: [lineOf(10_000)], discountMinor: 2_500, shippingMinor: 9_900 };
    expect(pointsOf({}, purchase)).toBe(75);
    expect(pointsOf({}, { ...purchase, discountMinor: 12_000 })).toBe(0);
  });

  test("an order is rounded once: three lines of 1.5 points are 4", () => {
    expect(pointsOf({}, purchaseOf(lineOf(150, "A"), lineOf(150, "B"), lineOf(150, "C")))).toBe(4);
  });

  test("growth value has its own rate, and points alone are capped", () => {
    const rules = rulesOf({
      growthValue: { points: 1, perAmountMinor: 1_000, rounding: "UP" },
      pointsPerOrder: 10,
      multipliers: [times(20_000, { unit: "GROWTH_VALUE" }), times(30_000, { unit: "BOTH" })],
    });
    const { points, growthValue } = earnOnPurchase(
      rules,
      purchaseOf(lineOf(9_999)),
      occasionOf(),
      nothingBefore,
    );
    expect([points, growthValue]).toEqual([10, 60]);
  });
});

describe("multipliers", () => {
  const [double, half] = [times(20_000), times(5_000)];
  test.each([
    ["2 × and 1.5 × multiply to 3 ×", [double, times(15_000)], "MULTIPLY", 300],
    ["… add up to 2.5 ×", [double, times(15_000)], "ADD", 250],
    ["… and the best is 2 ×", [double, times(15_000)], "BEST", 200],
    ["0.5 × takes half", [half], "MULTIPLY", 50],
    ["0.5 × and 2 × add up to 1.5 ×", [half, double], "ADD", 150],
    ["0.5 × alone is the best there is", [half], "BEST", 50],
    ["three halves added up are nothing", [half, half, half], "ADD", 0],
    ["none is 1 ×", [], "BEST", 100],
  ] as const)("%s", (_what, multipliers, combination, points) => {
    expect(pointsOf({ multipliers: [...multipliers], combination })).toBe(points);
  });

  test.each([
    ["of a category", { categories: ["tea", "gift"] }, 300],
    ["of a product", { skus: ["CUP"] }, 300],
    ["of a product in a category that it is not in", { skus: ["CUP"], categories: ["tea"] }, 200],
    ["for gold", { tierIds: ["tir_gold"] }, 400],
    ["for another tier", { tierIds: ["tir_black"] }, 200],
    ["in the app", { channels: ["app"] }, 400],
    ["in another channel", { channels: ["web"] }, 200],
    ["in a shop, where none is told", { stores: ["12"] }, 200],
  ] as const)("double %s", (_what, conditions, points) => {
    const purchase = purchaseOf(lineOf(10_000, "L1", "TEA", ["tea"]), lineOf(10_000, "L2", "CUP", ["home"]));
    const multiplier = times(20_000, conditions as never);
    expect(pointsOf({ multipliers: [multiplier] }, purchase, { channel: "app" })).toBe(points);
  });

  test("a tier's benefit counts among them, in its time only, for points only", () => {
    const at = Date.parse("2026-11-03T04:00:00Z");
    const goods = purchaseOf(lineOf(10_000));
    const with15 = (startsAt: number | null, endsAt: number | null) => ({
      tier: goldTimes(15_000, startsAt, endsAt),
    });
    expect(pointsOf({ multipliers: [double] }, goods, with15(null, null))).toBe(300);
    expect(pointsOf({ multipliers: [double], combination: "BEST" }, goods, with15(null, null))).toBe(200);
    expect(pointsOf({}, goods, with15(at, at + 1))).toBe(150);
    expect(pointsOf({}, goods, with15(at + 1, null))).toBe(100);
    expect(pointsOf({}, goods, with15(null, at))).toBe(100);
    const growth = rulesOf({ growthValue: { points: 1, perAmountMinor: 100, rounding: "DOWN" } });
    expect(earnOnPurchase(growth, goods, occasionOf(with15(null, null)), nothingBefore).growthValue).toBe(
      100,
    );
  });

  test.each([
    // A Tuesday begins at a different moment everywhere.
    ["Asia/Shanghai", "2026-11-02T15:59:59.999Z", 100],
    ["Asia/Shanghai", "2026-11-02T16:00:00Z", 200],
    ["Asia/Shanghai", "2026-11-03T15:59:59.999Z", 200],
    ["Asia/Shanghai", "2026-11-03T16:00:00Z", 100],
    ["America/New_York", "2026-11-03T04:59:59.999Z", 100],
    ["America/New_York", "2026-11-03T05:00:00Z", 200],
    ["America/New_York", "2026-11-04T04:59:59.999Z", 200],
    ["Pacific/Auckland", "2026-11-02T10:59:59.999Z", 100],
    ["Pacific/Auckland", "2026-11-02T11:00:00Z", 200],
    ["Pacific/Auckland", "2026-11-03T11:00:00Z", 100],
  ])("double on Tuesdays, in %s at %s", (timeZone, at, points) => {
    const multipliers = [times(20_000, { weekdays: [2] })];
    expect(pointsOf({ multipliers }, undefined, { timeZone, at: Date.parse(at) })).toBe(points);
  });

  test.each([
    // Clocks go back on Sunday, 1 November 2026, in New York: 01:30 comes twice, both times within.
    ["America/New_York", [7], 60, 120, "2026-11-01T05:30:00Z", 200],
    ["America/New_York", [7], 60, 120, "2026-11-01T06:30:00Z", 200],
    ["America/New_York", [7], 60, 120, "2026-11-01T07:00:00Z", 100],
    // They go forward on 8 March: there is no 02:30, and 03:00 follows 01:59.
    ["America/New_York", [7], 120, 180, "2026-03-08T06:59:59Z", 100],
    ["America/New_York", [7], 120, 180, "2026-03-08T07:00:00Z", 100],
    // In Auckland, on 27 September.
    ["Pacific/Auckland", [7], 60, 240, "2026-09-26T13:00:00Z", 200],
    ["Pacific/Auckland", [7], 60, 240, "2026-09-26T14:30:00Z", 200],
    ["Pacific/Auckland", [7], 60, 240, "2026-09-26T15:00:00Z", 100],
    // Fridays 22:00 to 02:00 end on Saturday; on Friday at 01:00 it is still Thursday's night.
    ["Asia/Shanghai", [5], 1_320, 120, "2026-11-06T13:59:59Z", 100],
    ["Asia/Shanghai", [5], 1_320, 120, "2026-11-06T14:00:00Z", 200],
    ["Asia/Shanghai", [5], 1_320, 120, "2026-11-06T17:59:59Z", 200],
    ["Asia/Shanghai", [5], 1_320, 120, "2026-11-06T18:00:00Z", 100],
    ["Asia/Shanghai", [5], 1_320, 120, "2026-11-05T17:00:00Z", 100],
    // The week's first day after its last.
    ["Asia/Shanghai", [7], 1_320, 120, "2026-11-08T17:00:00Z", 200],
    ["Asia/Shanghai", null, 0, 1_440, "2026-11-08T16:00:00Z", 200],
  ])(
    "double in %s on %s from %i to %i minutes, at %s",
    (timeZone, weekdays, fromMinute, untilMinute, at, points) => {
      const multipliers = [times(20_000, { weekdays, fromMinute, untilMinute })];
      expect(pointsOf({ multipliers }, undefined, { timeZone, at: Date.parse(at) })).toBe(points);
    },
  );
});

describe("caps and activities", () => {
  test.each([
    ["of the order", { pointsPerOrder: 30 }, nothingBefore, 30],
    ["of the day, with what was earned before", { pointsPerDay: 120 }, { day: 50, month: 50 }, 70],
    ["of the day, used up", { pointsPerDay: 120 }, { day: 130, month: 130 }, 0],
    ["of the month", { pointsPerMonth: 500 }, { day: 0, month: 460 }, 40],
    ["the tightest", { pointsPerOrder: 90, pointsPerDay: 80, pointsPerMonth: 70 }, nothingBefore, 70],
    ["none that binds", { pointsPerOrder: 100, pointsPerDay: 100, pointsPerMonth: 100 }, nothingBefore, 100],
  ])("%s", (_what, rules, before, points) => {
    expect(pointsOf(rules, undefined, {}, before)).toBe(points);
  });

  test("the steps tell it all, and are said in words", () => {
    const rules = rulesOf({
      multipliers: [times(20_000, { name: { en: "Tuesdays", "zh-CN": "周二" } })],
      ...{ pointsPerOrder: 290, pointsPerDay: 250 },
    });
    const occasion = occasionOf({ tier: goldTimes(15_000) });
    const { decision } = earnOnPurchase(rules, purchaseOf(lineOf(10_000)), occasion, nothingBefore);
    expect(decision.steps.map(({ amount }) => amount)).toEqual([100, 200, 300, 290, 250]);
    const said = (locale: string) => decision.steps.map((step) => stepWords(step, [locale]));
    expect(said("en")).toEqual([
      ...["100 points for what was paid", "Tuesdays 2×", "Gold 1.5×"],
      ...["capped at 290 an order", "capped at 250 a day"],
    ]);
    expect(said("zh-CN")).toEqual([
      ...["按实付金额得 100 积分", "周二 2 倍", "金卡 1.5 倍", "每单最多 290", "每日最多 250"],
    ]);
  });

  test("an activity earns what its rule says, so often, under the caps", () => {
    const rules = rulesOf({
      activities: [
        { kind: "CHECK_IN", points: 5, growthValue: 1, timesPerDay: 2 },
        { kind: "CUSTOM", name: "quiz-won", points: 50, growthValue: 0, timesEver: 1 },
      ],
      pointsPerDay: 8,
    });
    const earned = (name: string | null, day: number, ever: number, before = nothingBefore) =>
      earnOnActivity(rules, { kind: name ? "CUSTOM" : "CHECK_IN", name }, { day, ever }, before)?.points;
    expect([earned(null, 0, 9), earned(null, 1, 9), earned(null, 2, 9)]).toEqual([5, 5, undefined]);
    expect([earned("quiz-won", 0, 0), earned("quiz-won", 0, 1), earned("quiz-lost", 0, 0)]).toEqual([
      8,
      undefined,
      undefined,
    ]);
    expect(earned(null, 1, 1, { day: 5, month: 5 })).toBe(3);
  });
});

describe("when", () => {
  test("the rules of the latest start are in force; of equals those set later", () => {
    const sets = [
      { id: "rul_1", startsAt: 10 },
      { id: "rul_3", startsAt: 20 },
      { id: "rul_2", startsAt: 20 },
      { id: "rul_4", startsAt: 30 },
    ];
    expect([9, 10, 19, 20, 30].map((at) => inForceAt(sets, at)?.id)).toEqual([
      ...[undefined, "rul_1", "rul_1", "rul_3", "rul_4"],
    ]);
  });

  test.each([
    ["Asia/Shanghai", 0, "2026-11-01T10:00:00.000Z"],
    ["Asia/Shanghai", 1, "2026-11-02T16:00:00.000Z"],
    // The day on which clocks go back is 25 hours long.
    ["America/New_York", 1, "2026-11-03T05:00:00.000Z"],
    ["Pacific/Auckland", 14, "2026-11-15T11:00:00.000Z"],
  ])("pending points are spendable, in %s %i days after", (timeZone, days, spendable) => {
    const completedAt = Date.parse("2026-11-01T10:00:00Z");
    expect(new Date(spendableAfter(completedAt, days, timeZone)).toISOString()).toBe(spendable);
  });
});

const aLine = fc.record({
  amountMinor: fc.nat({ max: 1_000_000_000 }),
  sku: fc.constantFrom("TEA", "CUP"),
  categories: fc.subarray(["tea", "home"]),
});
const aPurchase = fc.record({
  lines: fc
    .array(aLine, { minLength: 1, maxLength: 12 })
    .map((lines) => lines.map((line, place) => ({ ...line, lineId: `L${place}` }))),
  discountMinor: fc.nat({ max: 2_000_000 }),
  shippingMinor: fc.constant(0),
});
const aMultiplier = (least: number) =>
  fc.record(
    {
      name: fc.constant({ en: "more" }),
      unit: fc.constantFrom("POINTS" as const, "BOTH" as const),
      multiplierBasisPoints: fc.integer({ min: least, max: 90_000 }),
      skus: fc.constantFrom<string[] | null>(["TEA"], ["CUP"], null),
      categories: fc.constantFrom<string[] | null>(["tea"], null),
    },
    { requiredKeys: ["name", "unit", "multiplierBasisPoints"] },
  );
const someRules = fc
  .record({
    points: fc.record({
      points: fc.integer({ min: 1, max: 1_000 }),
      perAmountMinor: fc.integer({ min: 1, max: 10_000 }),
      rounding: fc.constantFrom("DOWN" as const, "NEAREST" as const, "UP" as const),
    }),
    multipliers: fc.array(aMultiplier(1), { maxLength: 4 }),
    combination: fc.constantFrom("MULTIPLY" as const, "ADD" as const, "BEST" as const),
    pointsPerOrder: fc.option(fc.integer({ min: 1, max: 100_000 })),
  })
  .map((changes) => rulesOf({ ...changes, growthValue: changes.points }));

test("the lines' shares are exactly the whole, and their order does not matter", () => {
  fc.assert(
    fc.property(someRules, aPurchase, (rules, purchase) => {
      const earning = earnOnPurchase(rules, purchase, occasionOf(), nothingBefore);
      const { lines } = earning.decision;
      const sum = (unit: "points" | "growthValue") => lines.reduce((total, line) => total + line[unit], 0);
      expect([sum("points"), sum("growthValue")]).toEqual([earning.points, earning.growthValue]);
      expect(lines.every((line) => line.points >= 0 && line.growthValue >= 0)).toBe(true);
      const turned = { ...purchase, lines: purchase.lines.toReversed() };
      expect(earnOnPurchase(rules, turned, occasionOf(), nothingBefore)).toEqual(earning);
    }),
  );
});

test("one more multiplier of 1 × or more never takes anything", () => {
  fc.assert(
    fc.property(
      someRules,
      aPurchase,
      aMultiplier(10_000),
      fc.nat({ max: 4 }),
      (rules, purchase, more, place) => {
        const multipliers = rules.multipliers.toSpliced(place, 0, more);
        const without = earnOnPurchase(rules, purchase, occasionOf(), nothingBefore);
        const withIt = earnOnPurchase({ ...rules, multipliers }, purchase, occasionOf(), nothingBefore);
        expect(withIt.points).toBeGreaterThanOrEqual(without.points);
        expect(withIt.growthValue).toBeGreaterThanOrEqual(without.growthValue);
      },
    ),
  );
});
