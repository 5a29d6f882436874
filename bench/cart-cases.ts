import type { OfferTerms } from "../schema/tables/offers.ts";
import type { StackingRules } from "../schema/tables/rules.ts";
import type { CartFacts } from "../src/carts/cart.ts";
import { aCandidate, aLine, factsOf, taken } from "../test/carts/facts.ts";

const categories = ["tea", "coffee", "cups", "cake", "cards", "sets", "spoons", "tins"];
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const categoryOf = (index: number) => categories[index % categories.length] as string;

const lines = (count: number) =>
  numbers(count).map((index) =>
    aLine({
      ...{ lineId: `line-${index}`, sku: `SKU-${index}`, brand: index % 3 === 0 ? "Ours" : "Theirs" },
      ...{ categories: [categoryOf(index), categoryOf(index * 3 + 1)], quantity: 1 + (index % 5) },
      ...{ amountMinor: 1_990 + index * 731, isReduced: index % 7 === 0 },
    }),
  );

/** Every kind of offer by turns, on goods and under conditions that differ. */
function ordinary(index: number): OfferTerms {
  const give: OfferTerms[] = [
    { percentageBasisPoints: 500 + index * 10, maximumDiscountMinor: 20_000 },
    { amountOffMinor: 1_000 + index * 7 },
    {
      amountSteps: [
        { minimumSpendMinor: 20_000, amountOffMinor: 2_000 + index },
        { minimumSpendMinor: 50_000, amountOffMinor: 8_000 + index },
      ],
    },
    { percentageBasisPoints: 300 + index * 5, percentageOf: "ORIGINAL" },
    { buyGet: { buyQuantity: 1, getQuantity: 1, percentageBasisPoints: 5_000, mostTimes: 3 } },
    { fixedPriceMinor: 3_000 + index * 20 },
    { freeShipping: true },
    { gift: { sku: `GIFT-${index}`, name: { en: "A gift" }, quantity: 1 } },
    { points: 50 + index },
    { buyGet: { buyQuantity: 2, getQuantity: 1, priceMinor: 100, getGoods: { categories: ["cake"] } } },
  ];
  const goods = [
    null,
    { categories: [categoryOf(index)] },
    { brands: ["Ours"], reducedItems: "EXCLUDED" as const },
    { skus: numbers(10).map((sku) => `SKU-${(sku * 7 + index) % 50}`), exceptCategories: ["cards"] },
  ];
  const conditions: OfferTerms[] = [
    { minimumSpendMinor: 10_000 + index * 100 },
    { tierIds: ["tir_gold", "tir_silver"] },
    {
      channels: ["APP", "WEB"],
      windows: [{ weekdays: [1, 2, 3, 4, 5, 6, 7], fromMinute: 0, untilMinute: 1_380 }],
    },
    { minimumQuantity: 2 + (index % 4), firstOrder: index % 9 === 0 },
    {},
  ];
  return {
    ...give[index % give.length],
    ...conditions[index % conditions.length],
    goods: goods[Math.floor(index / 3) % goods.length],
    group: ["shop", "brand", "member", null][index % 4],
    priority: index % 3,
    exclusive: index % 40 === 11,
  };
}

const earning: CartFacts["earning"] = {
  rules: {
    ...{ points: { points: 1, perAmountMinor: 100, rounding: "DOWN" }, growthValue: null, activities: [] },
    ...{ multipliers: [], combination: "MULTIPLY", pointsPerOrder: null, pointsPerDay: 5_000 },
    ...{ pointsPerMonth: null, pendingDays: null },
  },
  tier: { id: "tir_gold", name: { en: "Gold" }, benefits: [] },
  before: { day: 100, month: 900 },
};

/** Some offers on some lines, with benefits, points and earning as in a shop. */
function aCart(lineCount: number, offers: readonly OfferTerms[], stacking: StackingRules): CartFacts {
  return factsOf({
    ...{ lines: lines(lineCount), stacking, earning },
    candidates: offers.map((terms, index) =>
      aCandidate(`cpn_${index}`, terms, {
        ...{ expiresAt: 1_800_000_000_000 + index, offerId: `ofr_${index}` },
        taken: index % 2 === 0 ? [taken({ uses: 1_000, discountMinor: 9_000_000 })] : [],
      }),
    ),
    cart: { shippingMinor: 1_200, channel: "APP", pointsToSpend: 500 },
    benefits: [
      {
        ...{ benefitId: "ben_1", name: { en: "5 % off" }, kind: "PERCENTAGE_DISCOUNT" },
        ...{ rateBasisPoints: 500, period: null },
      },
    ],
    points: {
      ...{ name: { en: "Points" }, balance: 9_000, minimumPoints: 100, stepPoints: 100 },
      ...{ maximumShareBasisPoints: 5_000, worthMinorPer1000Points: 1_000 },
    },
  });
}

const shop: StackingRules = {
  mostCoupons: 3,
  groups: [
    { name: "shop", mode: "BEST", mostCoupons: null },
    { name: "brand", mode: "ALL", mostCoupons: 2 },
    { name: "member", mode: "PRIORITY", mostCoupons: null },
  ],
};
const percentages = (goodsOf: (index: number) => OfferTerms["goods"]) =>
  numbers(200).map((index) => ({ percentageBasisPoints: 100 + index * 17, goods: goodsOf(index) }));

/** What is measured: a cart's facts, by what is hard about it. */
export const cartCases: Record<string, CartFacts> = {
  "1 line, 1 offer": aCart(1, [{ amountOffMinor: 500 }], shop),
  "50 lines, 200 offers of every kind": aCart(50, numbers(200).map(ordinary), shop),
  "50 lines, 200 percentages, all together": aCart(
    50,
    percentages(() => null),
    { mostCoupons: null, groups: [] },
  ),
  "50 lines, 200 percentages, 3 of them": aCart(
    50,
    percentages(() => null),
    { mostCoupons: 3, groups: [] },
  ),
  "50 lines, 200 percentages on goods that overlap": aCart(
    50,
    percentages((index) => ({ categories: [categoryOf(index), categoryOf(index * 5 + 2)] })),
    { mostCoupons: null, groups: [] },
  ),
};
