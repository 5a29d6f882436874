import { expect, test } from "vitest";
import type { BenefitDiscount } from "../../src/carts/cart.ts";
import { evaluate } from "../../src/carts/evaluate.ts";
import { aCandidate, aLine, factsOf } from "./facts.ts";

const less = (benefitId: string, rateBasisPoints: number, category?: string): BenefitDiscount => ({
  ...{ benefitId, name: { en: benefitId }, kind: "MEMBER_PRICE", rateBasisPoints, period: null },
  goods: category ? { categories: [category] } : null,
});
const lines = [
  aLine({ lineId: "beans", categories: ["beans"], amountMinor: 10_000 }),
  aLine({ lineId: "latte", categories: ["drinks"], amountMinor: 3_000 }),
];
/** What each line is cheaper by. */
const off = (benefits: BenefitDiscount[]) =>
  Object.fromEntries(
    evaluate(factsOf({ lines, benefits })).lines.map(({ lineId, discountMinor }) => [lineId, discountMinor]),
  );

test("a members' price on beans takes nothing off a latte", () => {
  expect(off([less("beans 10 %", 1_000, "beans")])).toEqual({ beans: 1_000, latte: 0 });
});

test("each line has its best rate, and no line has two", () => {
  const both = [less("all 5 %", 500), less("beans 10 %", 1_000, "beans")];
  expect(off(both)).toEqual({ beans: 1_000, latte: 150 });
  expect(off([less("all 20 %", 2_000), less("beans 10 %", 1_000, "beans")])).toEqual({
    beans: 2_000,
    latte: 600,
  });
});

test("each benefit that takes something off is a step, the best rate first", () => {
  const benefits = [less("all 5 %", 500), less("beans 10 %", 1_000, "beans")];
  const { steps } = evaluate(factsOf({ lines, benefits }));
  expect(steps.map(({ benefitId, discountMinor }) => [benefitId, discountMinor])).toEqual([
    ["beans 10 %", 1_000],
    ["all 5 %", 150],
  ]);
});

test("one that is too small to take anything off changes nothing, nor what is to pay", () => {
  const sweets = [
    aLine({ lineId: "gum", categories: ["sweets"], amountMinor: 10 }),
    aLine({ lineId: "tea", amountMinor: 10_000 }),
  ];
  const { steps, payableMinor, discountMinor } = evaluate(
    factsOf({ lines: sweets, benefits: [less("sweets 5 %", 500, "sweets")] }),
  );
  expect({ steps, payableMinor, discountMinor }).toEqual({
    steps: [],
    payableMinor: 10_010,
    discountMinor: 0,
  });
});

test("a members' price that takes nothing off changes neither the total nor what coupons take off", () => {
  const sample = aLine({ lineId: "sample", categories: ["beans"], amountMinor: 5 });
  const facts = factsOf({
    ...{ lines: [sample, ...lines.slice(1)], benefits: [less("beans 10 %", 1_000, "beans")] },
    candidates: [aCandidate("half", { percentageBasisPoints: 5_000 })],
  });
  expect(evaluate(facts).discountMinor).toBe(1_502);
  expect(evaluate({ ...facts, candidates: [] }).payableMinor).toBe(3_005);
});
