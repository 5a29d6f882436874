import { describe, expect, test } from "vitest";
import type { OfferTerms } from "../../schema/tables/offers.ts";
import type { Candidate, CartLine, PointsFacts } from "../../src/carts/cart.ts";
import { evaluate } from "../../src/carts/evaluate.ts";
import { aCandidate, aLine, factsOf, taken } from "./facts.ts";

/** A line of so many units for so much together, in minor units. */
const units = (lineId: string, quantity: number, amountMinor: number, category = "tea"): CartLine =>
  aLine({ lineId, sku: lineId, quantity, amountMinor, categories: [category] });

/** What an offer takes off some lines, shipping at ¥12. */
const off = (terms: OfferTerms, ...lines: CartLine[]) =>
  evaluate(factsOf({ lines, candidates: [aCandidate("c", terms)], cart: { shippingMinor: 1_200 } }))
    .discountMinor;

describe("what an offer takes off", () => {
  const steps: OfferTerms = {
    amountSteps: [
      { minimumSpendMinor: 50_000, amountOffMinor: 8_000 },
      { minimumSpendMinor: 20_000, amountOffMinor: 2_000 },
    ],
  };
  const secondAtHalf: OfferTerms = {
    buyGet: { buyQuantity: 1, getQuantity: 1, percentageBasisPoints: 5_000 },
  };
  const everyThirdForOne: OfferTerms = { buyGet: { buyQuantity: 2, getQuantity: 1, priceMinor: 100 } };
  const twoTeasOneCup: OfferTerms = {
    goods: { categories: ["tea"] },
    buyGet: {
      ...{ buyQuantity: 2, getQuantity: 1, percentageBasisPoints: 10_000 },
      getGoods: { categories: ["cups"] },
    },
  };

  test.each<[says: string, terms: OfferTerms, lines: CartLine[], offMinor: number]>([
    ["满200减20, 满500减80: of ¥499.99, ¥20", steps, [units("a", 1, 49_999)], 2_000],
    ["满200减20, 满500减80: of ¥500, ¥80", steps, [units("a", 1, 30_000), units("b", 2, 20_000)], 8_000],
    ["满200减20, 满500减80: of ¥199.99, nothing", steps, [units("a", 1, 19_999)], 0],
    ["10 % off", { percentageBasisPoints: 1_000 }, [units("a", 1, 9_999)], 999],
    [
      "20 % off, ¥15 at most",
      { percentageBasisPoints: 2_000, maximumDiscountMinor: 1_500 },
      [units("a", 1, 10_000)],
      1_500,
    ],
    [
      "20 % off tea, not cups",
      { percentageBasisPoints: 2_000, goods: { categories: ["tea"] } },
      [units("a", 1, 10_000), units("b", 1, 5_000, "cups")],
      2_000,
    ],
    [
      "¥30 off, of goods for ¥20: the goods are free",
      { amountOffMinor: 3_000 },
      [units("a", 1, 2_000)],
      2_000,
    ],
    ["every cup ¥9.90", { fixedPriceMinor: 990 }, [units("a", 3, 4_500), units("b", 1, 800)], 1_530],
    ["free shipping", { freeShipping: true }, [units("a", 1, 2_000)], 1_200],
    [
      "free shipping, up to ¥8",
      { freeShipping: true, maximumDiscountMinor: 800 },
      [units("a", 1, 2_000)],
      800,
    ],
    [
      "the second at half price: of two, the cheaper",
      secondAtHalf,
      [units("a", 1, 3_000), units("b", 1, 2_000)],
      1_000,
    ],
    ["the second at half price: of one, nothing", secondAtHalf, [units("a", 1, 3_000)], 0],
    [
      "the second at half price: of four, the second and the fourth by price",
      secondAtHalf,
      [units("a", 1, 1_000), units("b", 2, 8_000), units("c", 1, 3_000)],
      2_000 + 500,
    ],
    [
      "the second at half price, once in a cart",
      { buyGet: { ...(secondAtHalf.buyGet as object), mostTimes: 1 } as OfferTerms["buyGet"] },
      [units("a", 4, 8_000)],
      1_000,
    ],
    ["every third for ¥1: of seven at ¥10, two", everyThirdForOne, [units("a", 7, 7_000)], 1_800],
    ["every third for ¥1: not dearer than it is", everyThirdForOne, [units("a", 3, 150)], 0],
    [
      "the second at half price: of a million at ¥0.10",
      secondAtHalf,
      [units("a", 1_000_000, 10_000_000)],
      2_500_000,
    ],
    [
      "two teas, and a cup free: of four teas the two cheapest cups",
      twoTeasOneCup,
      [units("a", 4, 4_000), units("b", 1, 3_000, "cups"), units("c", 2, 2_400, "cups")],
      2_400,
    ],
    ["two teas, and a cup free: without a cup, nothing", twoTeasOneCup, [units("a", 4, 4_000)], 0],
    [
      "two of anything, and a tea free: no unit counts twice",
      {
        buyGet: {
          ...{ buyQuantity: 2, getQuantity: 1, percentageBasisPoints: 10_000 },
          getGoods: { categories: ["tea"] },
        },
      },
      [units("a", 2, 2_000), units("b", 2, 4_000, "cups")],
      1_000,
    ],
  ])("%s", (_, terms, lines, offMinor) => {
    expect(off(terms, ...lines)).toBe(offMinor);
  });

  test("is exact where products pass 2^53", () => {
    const line = units("a", 999_983, 999_999_999_999);
    expect(off({ percentageBasisPoints: 3_333 }, line)).toBe(333_299_999_999);
    const second = off({ buyGet: { buyQuantity: 1, getQuantity: 1, percentageBasisPoints: 3_333 } }, line);
    expect(BigInt(second)).toBe((999_999_999_999n * 499_991n * 3_333n) / (999_983n * 10_000n));
  });

  test("is spread over its lines by what they cost, to the last fen", () => {
    const lines = [units("c", 1, 100), units("a", 1, 100), units("b", 1, 100)];
    const { lines: priced } = evaluate(
      factsOf({ lines, candidates: [aCandidate("c", { amountOffMinor: 100 })] }),
    );
    expect(priced.map(({ lineId, discountMinor }) => [lineId, discountMinor])).toEqual([
      ["c", 34],
      ["a", 33],
      ["b", 33],
    ]);
  });

  test("may be a gift, or points", () => {
    const gift = { sku: "MUG", name: { en: "A mug" }, quantity: 1 };
    const { steps, discountMinor } = evaluate(
      factsOf({ candidates: [aCandidate("mug", { gift }), aCandidate("points", { points: 50 })] }),
    );
    expect(discountMinor).toBe(0);
    expect(steps.map((step) => [step.key, step.gift, step.points])).toEqual([
      ["mug", gift, 0],
      ["points", null, 50],
    ]);
  });
});

describe("why not", () => {
  const reasonOf = (
    terms: OfferTerms,
    about: Partial<Candidate> = {},
    rest: Parameters<typeof factsOf>[0] = {},
  ) => evaluate(factsOf({ candidates: [aCandidate("c", terms, about)], ...rest })).considered[0];

  test.each([
    [
      "¥50 are missing",
      { amountOffMinor: 1, minimumSpendMinor: 15_000 },
      {},
      { code: "MINIMUM_SPEND", missingMinor: 5_000 },
    ],
    ["it was used", { amountOffMinor: 1 }, { fault: { code: "REDEEMED" } }, { code: "REDEEMED" }],
    ["nothing is behind the code", { amountOffMinor: 1 }, { offer: null }, { code: "NOT_FOUND" }],
    ["shipping costs nothing", { freeShipping: true }, {}, { code: "NOTHING_OFF" }],
    [
      "it was used as often as it may be",
      { amountOffMinor: 1 },
      { taken: [taken({ uses: 2 }, { uses: 2 })] },
      { code: "USED_UP", limit: 2 },
    ],
    [
      "its budget has room for less",
      { amountOffMinor: 500 },
      { taken: [taken({ discountMinor: 1_000 }, { discountMinor: 600 })] },
      { code: "BUDGET", leftMinor: 400 },
    ],
  ] as [string, OfferTerms, Partial<Candidate>, object][])("%s", (_, terms, about, reason) => {
    expect(reasonOf(terms, about)).toEqual({
      ...{ key: "c", state: "NOT_USABLE", discountMinor: 0, reasons: [reason] },
    });
  });

  test("a guest is told that a member is needed, and what else is missing", () => {
    const guest = { buyer: null };
    const { reasons } = reasonOf({ amountOffMinor: 1, minimumQuantity: 2 }, {}, guest) ?? {};
    expect(reasons).toEqual([{ code: "MEMBER_NEEDED" }, { code: "MINIMUM_QUANTITY", missingQuantity: 1 }]);
  });

  test("one that goes with those that are used and adds nothing is better left", () => {
    const { considered } = evaluate(
      factsOf({
        candidates: [aCandidate("a", { amountOffMinor: 10_000 }), aCandidate("b", { amountOffMinor: 1 })],
      }),
    );
    expect(considered[1]).toMatchObject({ key: "b", state: "USABLE", reasons: [{ code: "BETTER_WITHOUT" }] });
  });
});

describe("benefits", () => {
  const benefit = (benefitId: string, rateBasisPoints: number | null, quota = false) => ({
    ...{ benefitId, rateBasisPoints, goods: null, name: { en: benefitId } },
    kind: rateBasisPoints === null ? ("FREE_SHIPPING" as const) : ("MEMBER_PRICE" as const),
    period: quota ? { quota: 1, quotaPeriod: "MONTH" as const, periodStart: 0 } : null,
  });

  test("the one best rate and free shipping come first; coupons are of what is left", () => {
    const { steps, payableMinor } = evaluate(
      factsOf({
        benefits: [benefit("five", 500), benefit("ship", null), benefit("ten", 1_000)],
        candidates: [aCandidate("c", { percentageBasisPoints: 1_000, minimumSpendMinor: 9_000 })],
        cart: { shippingMinor: 800 },
      }),
    );
    expect(steps.map((step) => [step.kind, step.benefitId ?? step.key, step.discountMinor])).toEqual([
      ["BENEFIT", "ten", 1_000],
      ["BENEFIT", "ship", 800],
      ["COUPON", "c", 900],
    ]);
    expect(payableMinor).toBe(8_100);
  });

  test("of equal rates one without a quota is used; none that takes nothing off", () => {
    const benefits = [benefit("a", 500, true), benefit("b", 500), benefit("ship", null)];
    expect(evaluate(factsOf({ benefits })).steps.map(({ benefitId }) => benefitId)).toEqual(["b"]);
  });
});

describe("points", () => {
  const policy: PointsFacts = {
    ...{ name: { en: "Leaves" }, balance: 5_000, minimumPoints: 100, stepPoints: 10 },
    ...{ maximumShareBasisPoints: 3_000, worthMinorPer1000Points: 1_000 },
  };
  /** Of goods for ¥100 less ¥20, and ¥10 for shipping. */
  const pay = (pointsToSpend: number, points: PointsFacts | null = policy) =>
    evaluate(
      factsOf({
        candidates: [aCandidate("c", { amountOffMinor: 2_000 })],
        ...{ points, cart: { pointsToSpend, shippingMinor: 1_000 } },
      }),
    );

  test("pay what was asked for, of what is left after the coupons", () => {
    const { points, payableMinor, steps } = pay(2_700);
    expect(points).toEqual({ spent: 2_700, worthMinor: 2_700, reason: null });
    expect(payableMinor).toBe(9_000 - 2_700);
    expect(steps.at(-1)).toMatchObject({ kind: "POINTS", name: { en: "Leaves" }, discountMinor: 2_700 });
  });

  test.each([
    ["fewer than a member can spend at once", 90, policy, "BELOW_MINIMUM", 2_700],
    ["not in whole steps", 101, policy, "NOT_A_MULTIPLE", 2_700],
    ["more than 30 % of what is left", 2_710, policy, "SHARE_EXCEEDED", 2_700],
    ["more than there are", 600, { ...policy, balance: 555 }, "BALANCE_TOO_LOW", 550],
    [
      "more than there are, which are too few for anything",
      600,
      { ...policy, balance: 95 },
      "BALANCE_TOO_LOW",
      0,
    ],
    ["a guest has none", 600, null, "MEMBER_NEEDED", 0],
  ])("pay nothing: %s", (_, asked, points, code, mostPoints) => {
    expect(pay(asked, points).points).toEqual({ spent: 0, worthMinor: 0, reason: { code, mostPoints } });
    expect(pay(asked, points).payableMinor).toBe(9_000);
  });
});

test("a cart earns on what is paid for its goods, after all discounts", () => {
  const rules = {
    ...{ points: { points: 1, perAmountMinor: 100, rounding: "DOWN" as const }, growthValue: null },
    ...{ multipliers: [], combination: "MULTIPLY" as const, activities: [], pointsPerOrder: null },
    ...{ pointsPerDay: 95, pointsPerMonth: null, pendingDays: null },
  };
  const tier = { id: "tir_gold", name: { en: "Gold" }, benefits: [] };
  const earning = (day: number) =>
    evaluate(
      factsOf({
        candidates: [aCandidate("c", { percentageBasisPoints: 1_000 })],
        cart: { shippingMinor: 5_000 },
        earning: { rules, tier, before: { day, month: 0 } },
      }),
    ).earning;
  expect(earning(0)?.points).toBe(90);
  expect(earning(10)?.points).toBe(85);
});
