import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OrderLine } from "../../schema/tables/orders.ts";
import { dueBack, spentBack } from "../../src/earning/due-back.ts";
import { isRefusal } from "../../src/errors.ts";
import type { OrderDiscount, ReturnedOrder } from "../../src/orders/discount-back.ts";
import { type Refunded, refundOf } from "../../src/orders/refund.ts";

const lineOf = (lineId: string, quantity: number, amountMinor: number): OrderLine => ({
  ...{ lineId, sku: lineId, name: null, categories: [], quantity, amountMinor },
});
const orderOf = (lines: OrderLine[], discountMinor = 0, shippingMinor = 0) => {
  const sum = lines.reduce((total, { amountMinor }) => total + amountMinor, shippingMinor);
  const totalMinor = sum - discountMinor;
  return { id: "ord_1", lines, shippingMinor, discountMinor, totalMinor, cancelledAt: null };
};
const awardOf = (...lines: [lineId: string, points: number, growthValue: number][]) => ({
  points: lines.reduce((sum, [, points]) => sum + points, 0),
  growthValue: lines.reduce((sum, [, , growthValue]) => sum + growthValue, 0),
  decision: {
    lines: lines.map(([lineId, points, growthValue]) => ({ lineId, points, growthValue })),
  },
});
const back = (...lines: [lineId: string, quantity: number, amountMinor: number][]): Refunded => ({
  lines: lines.map(([lineId, quantity, amountMinor]) => ({ lineId, quantity, amountMinor })),
  shippingMinor: 0,
});

describe("what must be taken back of an award", () => {
  const order = orderOf([lineOf("A", 3, 1_000), lineOf("B", 2, 500), lineOf("FREE", 2, 0)], 0, 100);
  const award = awardOf(["A", 100, 10], ["B", 51, 5], ["FREE", 7, 1]);
  const cases: [name: string, Refunded[], points: number, growthValue: number][] = [
    ["nothing without refunds", [], 0, 0],
    ["nothing for shipping alone", [{ lines: [], shippingMinor: 100 }], 0, 0],
    ["a line's share by its money, rounded down", [back(["A", 1, 333])], 33, 3],
    ["all of a line when all its units are back, for whatever money", [back(["A", 3, 1])], 100, 10],
    ["all of a line when all its money is back", [back(["B", 1, 500])], 51, 5],
    ["what cost nothing, by its units", [back(["FREE", 1, 0])], 3, 0],
    ["lines together", [back(["A", 1, 333], ["B", 1, 250])], 33 + 25, 3 + 2],
    ["of several refunds what their sum takes", [back(["A", 1, 333]), back(["A", 1, 333])], 66, 6],
    ["everything when all goods are back", [back(["A", 3, 9], ["B", 2, 9], ["FREE", 2, 0])], 158, 16],
  ];
  test.each(cases)("%s", (_name, refunds, points, growthValue) => {
    expect(dueBack(award, order, refunds)).toEqual({ points, growthValue });
  });

  test("is everything when the order was called off", () => {
    expect(dueBack(award, { ...order, cancelledAt: 5 }, [])).toEqual({ points: 158, growthValue: 16 });
  });

  test("is exact where products exceed 2^53", () => {
    const large = orderOf([lineOf("A", 2, 9_000_000_000_000)]);
    const much = awardOf(["A", 900_000_000_001, 0]);
    expect(dueBack(much, large, [back(["A", 1, 4_500_000_000_000])]).points).toBe(450_000_000_000);
  });
});

describe("what must have come back of points that were spent", () => {
  const lines = [lineOf("A", 2, 1_000), lineOf("B", 1, 3_000)];
  const took = (a: number, b: number, shipping = 0) => ({
    discountMinor: a + b + shipping,
    lines: [
      { lineId: "A", discountMinor: a },
      { lineId: "B", discountMinor: b },
    ],
  });
  const shipped = { lines: [], shippingMinor: 500 };
  const allFree = orderOf(lines, 4_000, 500);
  const cases: [
    name: string,
    order: ReturnedOrder,
    took: OrderDiscount | undefined,
    Refunded[],
    points: number,
  ][] = [
    ["nothing with shipping that money paid", allFree, took(1_000, 3_000), [shipped], 0],
    ["those of goods that cost no money", allFree, took(1_000, 3_000), [back(["B", 1, 0])], 300],
    ["of a line the share of its units", allFree, took(1_000, 3_000), [back(["A", 1, 0])], 50],
    [
      "those of the shipping with it",
      orderOf(lines, 4_000, 500),
      took(1_000, 3_000, 0),
      [shipped, back(["A", 2, 0])],
      100,
    ],
    [
      "with shipping what exceeded the goods",
      orderOf(lines, 4_250, 500),
      took(1_000, 3_000, 1_000),
      [{ lines: [], shippingMinor: 250 }],
      80,
    ],
    [
      "by what each line costs where nobody says what they took",
      orderOf(lines, 2_000),
      undefined,
      [back(["B", 1, 1_500])],
      300,
    ],
    ["all when nothing is left", allFree, took(1_000, 3_000), [back(["A", 2, 0], ["B", 1, 0])], 400],
  ];
  test.each(cases)("%s", (_name, order, of, refunds, points) => {
    expect(spentBack(400, order, refunds, of)).toBe(points);
  });
});

test("partial refunds, in any split and order, only ever take more, and in the end exactly the award", () => {
  const line = fc.record({
    quantity: fc.integer({ min: 1, max: 6 }),
    amountMinor: fc.integer({ min: 0, max: 10_000 }),
    points: fc.integer({ min: 0, max: 500 }),
    growthValue: fc.integer({ min: 0, max: 500 }),
  });
  const cut = fc.record({
    line: fc.nat({ max: 3 }),
    quantity: fc.integer({ min: 1, max: 6 }),
    less: fc.nat({ max: 30 }),
  });
  fc.assert(
    fc.property(
      fc.array(line, { minLength: 1, maxLength: 4 }),
      fc.nat({ max: 20_000 }),
      fc.nat({ max: 400 }),
      fc.array(cut, { maxLength: 12 }),
      fc.nat({ max: 1_000 }),
      (lines, off, extra, cuts, spent) => {
        const sum = lines.reduce((total, { amountMinor }) => total + amountMinor, 0);
        const bought = lines.map(({ quantity, amountMinor }, at) => lineOf(`L${at}`, quantity, amountMinor));
        const order = orderOf(bought, off % (sum + 1));
        const award = awardOf(
          ...lines.map(({ points, growthValue }, at): [string, number, number] => [
            `L${at}`,
            points,
            growthValue,
          ]),
        );
        // What no line says came with the order as a whole.
        award.points += extra;
        const refunds: Refunded[] = [];
        const taken = { points: 0, growthValue: 0, spent: 0 };
        const take = (lineId: string, quantity: number, less: number) => {
          const asked = { lines: [{ lineId, quantity }], shippingMinor: 0 };
          const plain = refundOf(order, refunds, asked);
          if (isRefusal(plain)) return;
          const amountMinor = Math.max(0, plain.amountMinor - less);
          refunds.push({ lines: [{ lineId, quantity, amountMinor }], shippingMinor: 0 });
          const due = dueBack(award, order, refunds);
          const back = spentBack(spent, order, refunds);
          expect(due.points).toBeGreaterThanOrEqual(taken.points);
          expect(due.growthValue).toBeGreaterThanOrEqual(taken.growthValue);
          expect(back).toBeGreaterThanOrEqual(taken.spent);
          expect(due.points <= award.points && due.growthValue <= award.growthValue).toBe(true);
          expect(back).toBeLessThanOrEqual(spent);
          Object.assign(taken, due, { spent: back });
        };
        for (const { line: at, quantity, less } of cuts) take(`L${at}`, quantity, less);
        for (const { lineId, quantity } of bought)
          for (let unit = 0; unit < quantity; unit += 1) take(lineId, 1, 0);
        const { points, growthValue } = award;
        expect(taken).toEqual({ points, growthValue, spent });
      },
    ),
    { numRuns: 300 },
  );
});
