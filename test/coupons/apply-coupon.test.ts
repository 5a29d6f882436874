import fc from "fast-check";
import { expect, test } from "vitest";
import type { OfferLimit, OfferTerms } from "../../schema/tables/offers.ts";
import type { CartLine } from "../../src/carts/cart.ts";
import { applyCoupon, type Order } from "../../src/coupons/apply-coupon.ts";
import { isRefusal } from "../../src/errors.ts";

/** A Saturday noon in Shanghai. */
const NOW = Date.parse("2026-11-21T04:00:00Z");
const buyer = {
  ...{
    memberId: "mbr_1",
    tierId: "tir_1",
    tierRank: 1,
    enrolledAt: 0,
    paidOrders: 1,
    daysFromBirthday: null,
  },
};

const line = (sku: string, amountMinor: number, changes: Partial<CartLine> = {}): CartLine => ({
  ...{ lineId: sku, sku, brand: null, categories: [], quantity: 1, amountMinor, isReduced: false },
  ...changes,
});

const taken = (limit: OfferLimit, uses: number, discountMinor: number) => [
  { limit, subject: "*", periodStart: 0, uses, discountMinor },
];

/** What a coupon with such terms takes off an order, in which everything else is as usual. */
function apply(
  terms: OfferTerms,
  orderAmountMinor: number,
  order: Partial<Order> = {},
  used: ReturnType<typeof taken> = [],
) {
  const offer = { id: "ofr_1", version: 1, title: { en: "A coupon" }, terms };
  const usual = { lines: null, channel: null, store: null, paymentMethod: null };
  return applyCoupon(
    { couponId: "cpn_1", startsAt: null, expiresAt: null, taken: used, offer },
    { orderAmountMinor, ...usual, ...order },
    { buyer, currency: "CNY", timeZone: "Asia/Shanghai", now: NOW },
  );
}

test.each<[what: string, terms: OfferTerms, amount: number, discount: number]>([
  ["¥20 off", { amountOffMinor: 2_000 }, 10_000, 2_000],
  ["¥20 off, of less", { amountOffMinor: 2_000 }, 1_500, 1_500],
  ["15 % off, rounded down", { percentageBasisPoints: 1_500 }, 199, 29],
  ["15 % off, at most ¥30", { percentageBasisPoints: 1_500, maximumDiscountMinor: 3_000 }, 100_000, 3_000],
  ["everything off", { percentageBasisPoints: 10_000 }, 12_345, 12_345],
  ["of the largest amount", { percentageBasisPoints: 9_999 }, 2_147_483_647, 2_147_268_898],
])("%s", (_what, terms, amount, discount) => {
  expect(apply(terms, amount)).toMatchObject({ discountMinor: discount });
});

test("a discount is a whole number between nothing and the amount", () => {
  const terms = fc.record(
    {
      percentageBasisPoints: fc.integer({ min: 1, max: 10_000 }),
      maximumDiscountMinor: fc.integer({ min: 1, max: 2_000_000_000 }),
    },
    { requiredKeys: ["percentageBasisPoints"] },
  );
  fc.assert(
    fc.property(terms, fc.integer({ min: 0, max: 2_147_483_647 }), (offer, amount) => {
      const given = apply(offer, amount);
      if (isRefusal(given)) return given.data.reason === "NOTHING_OFF";
      return (
        Number.isInteger(given.discountMinor) && given.discountMinor > 0 && given.discountMinor <= amount
      );
    }),
  );
});

test.each<[what: string, terms: OfferTerms, order: Partial<Order>, refusal: string, data: object]>([
  ["a cent short", { minimumSpendMinor: 10_001 }, {}, "MinimumSpendNotMet", { missingMinor: 1 }],
  [
    "short of the lowest step",
    { amountOffMinor: null, amountSteps: [{ minimumSpendMinor: 20_000, amountOffMinor: 100 }] },
    {},
    "MinimumSpendNotMet",
    { minimumSpendMinor: 20_000, missingMinor: 10_000 },
  ],
  [
    "online only, in a shop",
    { channels: ["APP"] },
    { channel: "STORE" },
    "CouponNotApplicable",
    { reason: "CHANNEL" },
  ],
  ["for gold members", { tierIds: ["tir_2"] }, {}, "CouponNotApplicable", { reason: "TIER" }],
  ["for a first order", { firstOrder: true }, {}, "CouponNotApplicable", { reason: "FIRST_ORDER" }],
  [
    "for tea, of which nothing is told",
    { goods: { categories: ["tea"] } },
    {},
    "CouponNotApplicable",
    { reason: "NO_MATCHING_GOODS" },
  ],
  [
    "on Mondays",
    { windows: [{ weekdays: [1] }] },
    {},
    "CouponNotApplicable",
    { reason: "OUTSIDE_HOURS", from: Date.parse("2026-11-22T16:00:00Z") },
  ],
  [
    "for three pieces, of one",
    { minimumQuantity: 3 },
    { lines: [line("TEA", 10_000)] },
    "CouponNotApplicable",
    { reason: "MINIMUM_QUANTITY", missingQuantity: 2 },
  ],
  [
    "points with the order",
    { amountOffMinor: null, points: 100 },
    {},
    "CouponNotApplicable",
    { reason: "CHECKOUT_NEEDED" },
  ],
])("why it does not apply: %s", (_what, terms, order, refusal, data) => {
  expect(apply({ amountOffMinor: 500, ...terms }, 10_000, order)).toMatchObject({ refusal, data });
});

test("exactly the minimum is enough", () => {
  expect(apply({ amountOffMinor: 500, minimumSpendMinor: 10_000 }, 10_000)).toMatchObject({
    discountMinor: 500,
  });
});

test("¥10 off tea is taken off the tea alone, and its lines bear it", () => {
  const lines = [line("TEA", 3_000, { categories: ["tea"] }), line("CUP", 7_000)];
  expect(apply({ amountOffMinor: 1_000, goods: { categories: ["tea"] } }, 10_000, { lines })).toEqual({
    discountMinor: 1_000,
    lines: [{ lineId: "TEA", discountMinor: 1_000 }],
  });
});

test("an offer that was used as often as it may be, and a budget of which too little is left, refuse", () => {
  const terms = { amountOffMinor: 500 };
  const often: OfferLimit = { per: "OFFER", period: "LIFETIME", uses: 3 };
  expect(apply(terms, 10_000, {}, taken(often, 3, 0))).toMatchObject({
    ...{ refusal: "OfferLimitReached", data: { limit: 3 } },
  });
  const budget: OfferLimit = { per: "OFFER", period: "LIFETIME", discountMinor: 1_000 };
  expect(apply(terms, 10_000, {}, taken(budget, 1, 501))).toMatchObject({
    ...{ refusal: "BudgetExhausted", data: { leftMinor: 499 } },
  });
  expect(apply(terms, 10_000, {}, taken(budget, 1, 500))).toMatchObject({ discountMinor: 500 });
});
