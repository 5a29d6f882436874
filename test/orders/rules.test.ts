import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isRefusal } from "../../src/errors.ts";
import { enterOrders, type SentOrder } from "../../src/orders/order-book.ts";
import { differencesOfOrder, faultOfOrder, type OrderContent } from "../../src/orders/order-content.ts";
import { faultOfMoments, type Moments, stateOf, together } from "../../src/orders/order-state.ts";
import { paidFor, type RefundableOrder, type Refunded, refundOf } from "../../src/orders/refund.ts";

const NOW = Date.parse("2026-11-21T04:00:00Z");
const placed: Moments = { placedAt: 10, paidAt: null, completedAt: null, cancelledAt: null };

describe("an order's moments", () => {
  test.each<[string, Partial<Moments>, string]>([
    ["placed", {}, "PLACED"],
    ["paid", { paidAt: 11 }, "PAID"],
    ["completed", { paidAt: 11, completedAt: 12 }, "COMPLETED"],
    ["cancelled", { cancelledAt: 11 }, "CANCELLED"],
    ["paid and cancelled", { paidAt: 11, cancelledAt: 12 }, "CANCELLED"],
  ])("%s", (_what, moments, state) => {
    expect(stateOf({ ...placed, ...moments })).toBe(state);
  });

  test("refunds say more than completion, and cancelling more than refunds", () => {
    const completed = { ...placed, paidAt: 11, completedAt: 12 };
    expect(stateOf(completed, "PARTLY_REFUNDED")).toBe("PARTLY_REFUNDED");
    expect(stateOf({ ...placed, paidAt: 11, cancelledAt: 12 }, "REFUNDED")).toBe("CANCELLED");
  });

  test.each<[string, Partial<Moments>, string | undefined]>([
    ["all at once", { paidAt: 10, completedAt: 10 }, undefined],
    ["paid before placed", { paidAt: 9 }, "paidAt"],
    ["completed unpaid", { completedAt: 11 }, "paidAt"],
    ["completed before paid", { paidAt: 12, completedAt: 11 }, "completedAt"],
    ["completed and cancelled", { paidAt: 11, completedAt: 12, cancelledAt: 13 }, "cancelledAt"],
    ["cancelled before paid", { paidAt: 12, cancelledAt: 11 }, "cancelledAt"],
    ["cancelled before placed", { cancelledAt: 9 }, "cancelledAt"],
  ])("fault: %s", (_what, moments, field) => {
    expect(faultOfMoments({ ...placed, ...moments })?.field).toBe(field);
  });

  test("messages come to the same order, whatever their order and however often each comes", () => {
    const sent: SentOrder = { ...order, ...placed, source: "shop", externalId: "1", member: null };
    const told = [{}, { paidAt: 11 }, { paidAt: 11, completedAt: 12 }].map((more) => ({ ...sent, ...more }));
    const facts = { brandId: "brd_1", currency: "CNY", recorded: [], members: [] };
    const messages = fc.shuffledSubarray([0, 0, 1, 1, 2, 2], { minLength: 6 });
    fc.assert(
      fc.property(messages, (turns) => {
        const batch = turns.map((turn) => told[turn] as SentOrder);
        const { added, results } = enterOrders(batch, facts, NOW, () => "ord_1");
        expect(results.every(({ refusal }) => refusal === null)).toBe(true);
        expect(added).toMatchObject([{ state: "COMPLETED", paidAt: 11, completedAt: 12 }]);
      }),
    );
  });

  test("what two messages tell together is never less than either", () => {
    const moment = fc.option(fc.integer({ min: 0, max: 9 }), { nil: null });
    const moments = fc.record({
      ...{ placedAt: fc.constant(0), paidAt: moment, completedAt: moment, cancelledAt: moment },
    });
    fc.assert(
      fc.property(moments, moments, (a, b) => {
        const both = together(a, b);
        expect(together(both, b)).toEqual(both);
        expect(together(both, a)).toEqual(both);
        for (const field of ["paidAt", "completedAt", "cancelledAt"] as const)
          expect(both[field] === null).toBe(a[field] === null && b[field] === null);
      }),
    );
  });
});

const order: OrderContent = {
  ...{ currency: "CNY", channel: null, store: null, pointsSpent: 0, couponCodes: ["A", "B"] },
  ...{ totalMinor: 1_000, shippingMinor: 100, discountMinor: 100 },
  ...placed,
  lines: [
    { lineId: "1", sku: "TEA", name: null, categories: ["x", "y"], quantity: 2, amountMinor: 600 },
    { lineId: "2", sku: "CUP", name: null, categories: [], quantity: 1, amountMinor: 400 },
  ],
};
const [firstLine, secondLine] = order.lines as [OrderContent["lines"][0], OrderContent["lines"][0]];

const withOwn = (first: number, second: number) => [
  { ...firstLine, discountMinor: first },
  { ...secondLine, discountMinor: second },
];

describe("an order's content", () => {
  test.each<[string, Partial<OrderContent>, string | undefined]>([
    ["adds up", {}, undefined],
    ["one too many", { totalMinor: 1_001 }, "totalMinor"],
    ["free", { discountMinor: 1_100, totalMinor: 0 }, undefined],
    ["less than free", { discountMinor: 1_101, totalMinor: -1 }, "totalMinor"],
    ["too large", { totalMinor: 2e12, shippingMinor: 2e12 }, "totalMinor"],
    ["a line twice", { lines: [firstLine, firstLine] }, "lines.1"],
    ["no units", { lines: [{ ...firstLine, quantity: 0 }, secondLine] }, "lines.1.quantity"],
    ["negative", { lines: [{ ...firstLine, amountMinor: -1 }] }, "lines.1.amountMinor"],
    ["negative points", { pointsSpent: -1 }, "pointsSpent"],
    ["lines that bear the discount", { lines: withOwn(60, 40) }, undefined],
    ["a line that bears more than it costs", { lines: withOwn(601, 0) }, "lines.1.discountMinor"],
    ["a line that bears less than nothing", { lines: withOwn(-1, 0) }, "lines.1.discountMinor"],
    ["lines that bear more than the discount", { lines: withOwn(60, 41) }, "discountMinor"],
    ["a clock a little ahead", { placedAt: NOW + 60_000 }, undefined],
    ["to come", { placedAt: NOW + 600_000 }, "placedAt"],
  ])("%s", (_what, changes, field) => {
    expect(faultOfOrder({ ...order, ...changes }, "CNY", NOW)?.data.field).toBe(field);
  });

  test("does not depend on the order of lines, categories and codes", () => {
    const lines = fc.shuffledSubarray([...order.lines], { minLength: 2 });
    const codes = fc.shuffledSubarray(["A", "B"], { minLength: 2 });
    const categories = fc.shuffledSubarray(["x", "y"], { minLength: 2 });
    fc.assert(
      fc.property(lines, codes, categories, (inLines, couponCodes, inCategories) => {
        const sent = inLines.map((line) =>
          line.lineId === "1" ? { ...line, categories: inCategories } : line,
        );
        const again = { ...order, lines: sent, couponCodes, member: "mbr_1" };
        expect(differencesOfOrder({ ...order, member: "mbr_1" }, again)).toEqual([]);
      }),
    );
  });

  test("stays as it was recorded, also when the brand has moved to another currency", () => {
    const sent: SentOrder = { ...order, source: "shop", externalId: "1", member: null };
    const facts = { brandId: "brd_1", currency: "CNY", recorded: [], members: [] };
    const { added } = enterOrders([sent], facts, NOW, () => "ord_1");
    const recorded = added.map((row) => ({ ...row, member: null }));
    const moved = { ...facts, recorded, currency: "EUR" };
    const again = [sent, { ...sent, currency: "EUR" }, { ...sent, externalId: "2" }];
    const { results } = enterOrders(again, moved, NOW, () => "ord_2");
    expect(results.map(({ status, refusal }) => refusal?.refusal ?? status)).toEqual([
      ...["UNCHANGED", "OrderDiffers", "InvalidValue"],
    ]);
  });

  test("to bear nothing of the discount and not to say so are the same; another share differs", () => {
    const recorded = { ...order, member: null };
    expect(differencesOfOrder(recorded, { ...recorded, lines: withOwn(0, 0) })).toEqual([]);
    expect(differencesOfOrder({ ...recorded, lines: withOwn(60, 0) }, recorded)).toEqual([
      { field: "lines.1.discountMinor", recorded: "60", sent: null },
    ]);
  });

  test("names each field that differs, and no other", () => {
    const sent = { ...order, store: "12", lines: [{ ...firstLine, quantity: 3 }, secondLine], paidAt: 11 };
    expect(differencesOfOrder({ ...order, member: null }, { ...sent, member: "mbr_1" })).toEqual([
      { field: "lines.1.quantity", recorded: "2", sent: "3" },
      { field: "member", recorded: null, sent: "mbr_1" },
      { field: "store", recorded: null, sent: "12" },
    ]);
  });
});

/** An order that adds up: lines, shipping, and a discount of at most both. */
const someOrder = fc
  .record({
    lines: fc.array(
      fc.record({
        quantity: fc.integer({ min: 1, max: 7 }),
        amountMinor: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 1e12 })),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    shippingMinor: fc.integer({ min: 0, max: 2_000 }),
    share: fc.integer({ min: 0, max: 100 }),
    // How much of the discount lines say that they bear.
    own: fc.constantFrom(0, 0, 1, 2, 50, 100),
  })
  .map(({ lines, shippingMinor, share, own }): RefundableOrder => {
    const sum = lines.reduce((total, { amountMinor }) => total + amountMinor, shippingMinor);
    const discountMinor = Math.floor((sum / 100) * share);
    let left = Math.floor((discountMinor / 100) * own);
    const ownOf = (amountMinor: number) => {
      const discount = Math.min(amountMinor, left);
      left -= discount;
      return discount;
    };
    return {
      id: "ord_1",
      lines: lines.map((line, position) => ({
        ...{ ...line, lineId: `${position}`, sku: "S", name: null, categories: [] },
        ...(own > 0 ? { discountMinor: ownOf(line.amountMinor) } : {}),
      })),
      ...{ shippingMinor, discountMinor, totalMinor: sum - discountMinor },
    };
  });

const sumOf = (refunds: readonly { amountMinor: number }[]) =>
  refunds.reduce((total, { amountMinor }) => total + amountMinor, 0);

describe("refunds", () => {
  test("what was paid for lines and shipping comes to the total, and nothing is negative", () => {
    fc.assert(
      fc.property(someOrder, (some) => {
        const paid = paidFor(some);
        const parts = [...paid.lines.values(), paid.shippingMinor];
        expect(parts.every((part) => part >= 0)).toBe(true);
        expect(parts.reduce((total, part) => total + part, 0)).toBe(some.totalMinor);
      }),
    );
  });

  test("a line's own discount comes off it, and the rest is spread over what is left", () => {
    const paidWith = (lines: OrderContent["lines"], discountMinor: number) => {
      const paid = paidFor({ lines, discountMinor, shippingMinor: 100 });
      return [...paid.lines.values(), paid.shippingMinor];
    };
    expect(paidWith(withOwn(100, 0), 100)).toEqual([500, 400, 100]);
    expect(paidWith(withOwn(100, 0), 190)).toEqual([450, 360, 100]);
    expect(paidWith(withOwn(100, 0), 1_050)).toEqual([0, 0, 50]);
    expect(paidWith(withOwn(600, 0), 700)).toEqual([0, 300, 100]);
  });

  test("what lines bear themselves does not depend on their order", () => {
    fc.assert(
      fc.property(someOrder, (some) => {
        const turned = paidFor({ ...some, lines: some.lines.toReversed() });
        for (const [lineId, amount] of paidFor(some).lines) {
          expect(turned.lines.get(lineId)).toBe(amount);
          const line = some.lines.find((one) => one.lineId === lineId);
          expect(amount).toBeLessThanOrEqual((line?.amountMinor ?? 0) - (line?.discountMinor ?? 0));
        }
      }),
    );
  });

  test("unit by unit, in whatever order, they add up to exactly the total", () => {
    const orderAndTurns = someOrder.chain((some) => {
      const units = some.lines.flatMap(({ lineId, quantity }) => Array<string>(quantity).fill(lineId));
      return fc.tuple(fc.constant(some), fc.shuffledSubarray(units, { minLength: units.length }));
    });
    fc.assert(
      fc.property(orderAndTurns, ([some, turns]) => {
        const refunds: (Refunded & { amountMinor: number; isWhole: boolean })[] = [];
        for (const [turn, lineId] of turns.entries()) {
          const isLast = turn === turns.length - 1;
          const shippingMinor = isLast ? paidFor(some).shippingMinor : 0;
          const refund = refundOf(some, refunds, { lines: [{ lineId, quantity: 1 }], shippingMinor });
          if (isRefusal(refund)) throw new Error(JSON.stringify(refund));
          refunds.push(refund);
        }
        expect(sumOf(refunds)).toBe(some.totalMinor);
        expect(refunds.at(-1)?.isWhole).toBe(true);
      }),
    );
  });

  test("whatever is asked for, units, lines and total are never exceeded", () => {
    const asked = fc.record({
      lines: fc.array(
        fc.record({
          lineId: fc.constantFrom("0", "1", "2", "none"),
          quantity: fc.integer({ min: -1, max: 5 }),
          amountMinor: fc.option(fc.integer({ min: -1, max: 60 }), { nil: undefined }),
        }),
        { maxLength: 3 },
      ),
      shippingMinor: fc.integer({ min: -1, max: 1_500 }),
    });
    fc.assert(
      fc.property(someOrder, fc.array(asked, { maxLength: 20 }), (some, requests) => {
        const refunds: (Refunded & { amountMinor: number })[] = [];
        for (const request of requests) {
          const refund = refundOf(some, refunds, request);
          if (!isRefusal(refund)) refunds.push(refund);
        }
        const paid = paidFor(some);
        expect(sumOf(refunds)).toBeLessThanOrEqual(some.totalMinor);
        for (const { lineId, quantity } of some.lines) {
          const back = refunds.flatMap(({ lines }) => lines.filter((line) => line.lineId === lineId));
          expect(back.reduce((units, line) => units + line.quantity, 0)).toBeLessThanOrEqual(quantity);
          expect(sumOf(back)).toBeLessThanOrEqual(paid.lines.get(lineId) ?? 0);
          expect(back.every((line) => line.quantity > 0 && line.amountMinor >= 0)).toBe(true);
        }
      }),
    );
  });

  const bought: RefundableOrder = { id: "ord_1", ...order };

  test.each<[string, Parameters<typeof refundOf>[2], string | undefined]>([
    ["one of two", { lines: [{ lineId: "1", quantity: 1 }], shippingMinor: 0 }, undefined],
    ["three of two", { lines: [{ lineId: "1", quantity: 3 }], shippingMinor: 0 }, "lines.1.quantity"],
    ["no units", { lines: [{ lineId: "1", quantity: 0 }], shippingMinor: 0 }, "lines.1.quantity"],
    ["another's line", { lines: [{ lineId: "9", quantity: 1 }], shippingMinor: 0 }, "lines.9"],
    [
      "a line twice",
      { lines: [1, 1].map((quantity) => ({ lineId: "1", quantity })), shippingMinor: 0 },
      "lines.1",
    ],
    [
      "more than was paid",
      { lines: [{ lineId: "1", quantity: 1, amountMinor: 541 }], shippingMinor: 0 },
      "lines.1.amountMinor",
    ],
    [
      "all that was paid",
      { lines: [{ lineId: "1", quantity: 1, amountMinor: 540 }], shippingMinor: 0 },
      undefined,
    ],
    ["more shipping", { lines: [], shippingMinor: 101 }, "shippingMinor"],
    ["shipping alone", { lines: [], shippingMinor: 100 }, undefined],
    ["nothing", { lines: [], shippingMinor: 0 }, "lines"],
  ])("%s", (_what, asked, field) => {
    const answer = refundOf(bought, [], asked);
    expect(isRefusal(answer) ? answer.data.field : undefined).toBe(field);
  });

  test("goods that all went back make it whole, also when a part of the money stayed", () => {
    const kept = { lines: [{ lineId: "1", quantity: 2, amountMinor: 100 }], shippingMinor: 0 };
    const first = refundOf(bought, [], kept);
    if (isRefusal(first)) throw new Error("refused");
    expect(first.isWhole).toBe(false);
    const rest = refundOf(bought, [first], { lines: [{ lineId: "2", quantity: 1 }], shippingMinor: 0 });
    expect(rest).toMatchObject({ isWhole: true, amountMinor: 360 });
  });
});
