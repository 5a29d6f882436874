import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Goods, OfferTerms } from "../../schema/tables/offers.ts";
import type { Buyer, Cart, CartLine, Reason } from "../../src/carts/cart.ts";
import { whyNotApplicable } from "../../src/offers/applies.ts";
import { matches } from "../../src/offers/goods.ts";
import { lineOf, NOON, occasionOf, whyNot } from "./support.ts";

const DAY = 86_400_000;

describe("which goods are meant", () => {
  test.each<[what: string, goods: Goods | null, line: Partial<CartLine>, isMeant: boolean]>([
    ["everything, where nothing is said", null, {}, true],
    ["everything, where all is left open", { skus: null, exceptSkus: null }, {}, true],
    ["this article", { skus: ["CUP", "TEA"] }, {}, true],
    ["not another article", { skus: ["CUP"] }, {}, false],
    ["goods in a category", { categories: ["tea"] }, { categories: ["gifts", "tea"] }, true],
    ["not goods without a category", { categories: ["tea"] }, { categories: [] }, false],
    ["goods of a brand", { brands: ["Leaf"] }, { brand: "Leaf" }, true],
    ["not goods whose brand nobody told", { brands: ["Leaf"] }, {}, false],
    [
      "both the category and the brand, of one line",
      { categories: ["tea"], brands: ["Leaf"] },
      { brand: "Root" },
      false,
    ],
    ["all tea but this", { categories: ["tea"], exceptSkus: ["TEA"] }, {}, false],
    ["all but gifts", { exceptCategories: ["gifts"] }, { categories: ["tea", "gifts"] }, false],
    ["all but gifts, and this is none", { exceptCategories: ["gifts"] }, {}, true],
    ["all but a brand", { exceptBrands: ["Leaf"] }, { brand: "Leaf" }, false],
    ["all but a brand, where nobody told it", { exceptBrands: ["Leaf"] }, {}, true],
    ["reduced goods as well, unless said otherwise", {}, { isReduced: true }, true],
    ["reduced goods as well", { reducedItems: "INCLUDED" }, { isReduced: true }, true],
    ["no reduced goods", { reducedItems: "EXCLUDED" }, { isReduced: true }, false],
    ["no reduced goods, and this is at full price", { reducedItems: "EXCLUDED" }, {}, true],
    ["reduced goods alone", { reducedItems: "ONLY" }, {}, false],
    ["reduced goods alone, and this is one", { reducedItems: "ONLY" }, { isReduced: true }, true],
  ])("%s", (_what, goods, line, isMeant) => {
    expect(matches(goods, lineOf(line))).toBe(isMeant);
  });
});

describe("an offer holds, or says all that is missing", () => {
  const tea = lineOf({ lineId: "tea", amountMinor: 15_000, quantity: 2 });
  const cup = lineOf({ lineId: "cup", sku: "CUP", categories: ["cups"], amountMinor: 9_000, quantity: 3 });
  const enrolledAt = Date.parse("2026-11-01T15:59:00Z"); // 23:59 on the 1st, in Shanghai

  test.each<
    [what: string, terms: OfferTerms, cart: Partial<Cart>, buyer: Partial<Buyer> | null, reasons: Reason[]]
  >([
    ["without conditions, also for a guest", {}, {}, null, []],
    ["an empty cart", {}, { lines: [] }, {}, [{ code: "NO_MATCHING_GOODS" }]],

    [
      "¥32 short of ¥132",
      { minimumSpendMinor: 13_200 },
      {},
      {},
      [{ code: "MINIMUM_SPEND", missingMinor: 3_200 }],
    ],
    ["exactly the minimum", { minimumSpendMinor: 10_000 }, {}, {}, []],
    [
      "cups do not count for a minimum of tea",
      { minimumSpendMinor: 20_000, goods: { categories: ["tea"] } },
      { lines: [tea, cup] },
      {},
      [{ code: "MINIMUM_SPEND", missingMinor: 5_000 }],
    ],
    [
      "nothing that counts: nothing of the minimum is there",
      { minimumSpendMinor: 20_000, goods: { skus: ["POT"] } },
      { lines: [tea, cup] },
      {},
      [{ code: "NO_MATCHING_GOODS" }, { code: "MINIMUM_SPEND", missingMinor: 20_000 }],
    ],
    [
      "the lowest of several steps is a minimum",
      {
        amountOffMinor: null,
        amountSteps: [
          { minimumSpendMinor: 20_000, amountOffMinor: 2_000 },
          { minimumSpendMinor: 30_000, amountOffMinor: 4_000 },
        ],
      },
      {},
      {},
      [{ code: "MINIMUM_SPEND", missingMinor: 10_000 }],
    ],
    [
      "two of three cups",
      { minimumQuantity: 5 },
      { lines: [cup] },
      {},
      [{ code: "MINIMUM_QUANTITY", missingQuantity: 2 }],
    ],
    [
      "reduced cups do not count",
      { minimumQuantity: 1, goods: { reducedItems: "EXCLUDED" } },
      { lines: [lineOf({ isReduced: true })] },
      {},
      [{ code: "NO_MATCHING_GOODS" }, { code: "MINIMUM_QUANTITY", missingQuantity: 1 }],
    ],
    [
      "the second at half price, and only one in the cart",
      { amountOffMinor: null, buyGet: { buyQuantity: 1, getQuantity: 1, percentageBasisPoints: 5_000 } },
      {},
      {},
      [{ code: "MINIMUM_QUANTITY", missingQuantity: 1 }],
    ],
    [
      "two teas bring a cup, and there is none",
      {
        amountOffMinor: null,
        goods: { skus: ["TEA"] },
        buyGet: { buyQuantity: 2, getQuantity: 1, priceMinor: 0, getGoods: { skus: ["CUP"] } },
      },
      { lines: [tea] },
      {},
      [{ code: "MINIMUM_QUANTITY", missingQuantity: 1 }],
    ],
    [
      "two teas bring a cup, and it is there",
      {
        amountOffMinor: null,
        goods: { skus: ["TEA"] },
        buyGet: { buyQuantity: 2, getQuantity: 1, priceMinor: 0, getGoods: { skus: ["CUP"] } },
      },
      { lines: [tea, cup] },
      {},
      [],
    ],
    [
      "a unit is bought or got, not both",
      {
        amountOffMinor: null,
        buyGet: { buyQuantity: 2, getQuantity: 1, priceMinor: 0, getGoods: { categories: ["tea"] } },
      },
      { lines: [tea] },
      {},
      [{ code: "MINIMUM_QUANTITY", missingQuantity: 1 }],
    ],

    ["in the app", { channels: ["app"] }, { channel: "app" }, {}, []],
    ["only in the app", { channels: ["app"] }, { channel: "web" }, {}, [{ code: "CHANNEL", oneOf: ["app"] }]],
    [
      "only in the app, and nobody says where",
      { channels: ["app"] },
      {},
      {},
      [{ code: "CHANNEL", oneOf: ["app"] }],
    ],
    ["in two stores", { stores: ["A", "B"] }, { store: "B" }, {}, []],
    [
      "in two stores, and this is a third",
      { stores: ["A", "B"] },
      { store: "C" },
      {},
      [{ code: "STORE", oneOf: ["A", "B"] }],
    ],
    [
      "paid by wallet",
      { paymentMethods: ["wallet"] },
      { paymentMethod: "card" },
      {},
      [{ code: "PAYMENT_METHOD", oneOf: ["wallet"] }],
    ],

    ["gold alone", { tierIds: ["tir_gold"] }, {}, {}, [{ code: "TIER", oneOf: ["tir_gold"] }]],
    ["gold, for gold", { tierIds: ["tir_gold"] }, {}, { tierId: "tir_gold" }, []],
    ["a segment", { segments: ["students"] }, { segments: ["parents", "students"] }, {}, []],
    [
      "another segment",
      { segments: ["students"] },
      { segments: ["parents"] },
      {},
      [{ code: "SEGMENT", oneOf: ["students"] }],
    ],
    ["a first order", { firstOrder: true }, {}, { paidOrders: 0 }, []],
    ["a fourth order", { firstOrder: true }, {}, {}, [{ code: "FIRST_ORDER" }]],
    ["any order", { firstOrder: false }, {}, null, []],
    [
      "a member's price, for a guest",
      { tierIds: ["tir_gold"], firstOrder: true },
      {},
      null,
      [{ code: "MEMBER_NEEDED" }],
    ],

    [
      "two days after enrolling late on the 1st, at noon on the 3rd",
      { newMemberDays: 2 },
      {},
      { enrolledAt },
      [],
    ],
    [
      "a day after enrolling, which was over with the 2nd",
      { newMemberDays: 1 },
      {},
      { enrolledAt },
      [{ code: "NEW_MEMBER", until: Date.parse("2026-11-02T16:00:00Z") }],
    ],
    [
      "three days before the birthday",
      { birthday: { daysBefore: 3, daysAfter: 0 } },
      {},
      { daysFromBirthday: -3 },
      [],
    ],
    [
      "four days before it",
      { birthday: { daysBefore: 3, daysAfter: 0 } },
      {},
      { daysFromBirthday: -4 },
      [{ code: "BIRTHDAY" }],
    ],
    [
      "the day after it",
      { birthday: { daysBefore: 3, daysAfter: 0 } },
      {},
      { daysFromBirthday: 1 },
      [{ code: "BIRTHDAY" }],
    ],
    [
      "a birthday that nobody knows",
      { birthday: { daysBefore: 3, daysAfter: 3 } },
      {},
      {},
      [{ code: "BIRTHDAY" }],
    ],

    ["on its last moment", { endsAt: NOON + 1 }, {}, {}, []],
    ["when it ended", { endsAt: NOON }, {}, {}, [{ code: "EXPIRED", until: NOON }]],
    ["before it starts", { startsAt: NOON + 1 }, {}, {}, [{ code: "NOT_YET_VALID", from: NOON + 1 }]],
    ["when it starts", { startsAt: NOON }, {}, {}, []],
    [
      "happy hour is at six",
      { windows: [{ fromMinute: 1_080, untilMinute: 1_200 }] },
      {},
      {},
      [{ code: "OUTSIDE_HOURS", from: Date.parse("2026-11-03T10:00:00Z") }],
    ],

    ["a condition of its own", { expression: "cart.quantity >= 2" }, {}, {}, [{ code: "EXPRESSION" }]],
    ["a condition of its own that holds", { expression: "cart.quantity >= 2" }, { lines: [tea] }, {}, []],
    [
      "a condition on the member, for a guest",
      { expression: "member.paidOrders > 2" },
      {},
      null,
      [{ code: "MEMBER_NEEDED" }],
    ],

    [
      "all at once: first what nobody can change, then where, last what can be bought",
      {
        tierIds: ["tir_gold"],
        channels: ["app"],
        minimumSpendMinor: 20_000,
        minimumQuantity: 2,
        startsAt: NOON + DAY,
      },
      { channel: "web" },
      {},
      [
        { code: "TIER", oneOf: ["tir_gold"] },
        { code: "NOT_YET_VALID", from: NOON + DAY },
        { code: "CHANNEL", oneOf: ["app"] },
        { code: "MINIMUM_QUANTITY", missingQuantity: 1 },
        { code: "MINIMUM_SPEND", missingMinor: 10_000 },
      ],
    ],
  ])("%s", (_what, terms, cart, buyer, reasons) => {
    expect(whyNot(terms, cart, buyer)).toEqual(reasons);
  });

  test("a minimum is judged on what benefits leave, not on what the tag says", () => {
    const occasion = { ...occasionOf(), amounts: new Map([["L1", 9_000]]) };
    expect(whyNotApplicable({ amountOffMinor: 1, minimumSpendMinor: 10_000 }, occasion)).toEqual([
      { code: "MINIMUM_SPEND", missingMinor: 1_000 },
    ]);
  });

  test("whoever adds as much as is missing can use it", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 1, max: 50 }),
        (minimumSpendMinor, minimumQuantity, amountMinor, quantity) => {
          const terms = { minimumSpendMinor, minimumQuantity };
          const missing = whyNot(terms, { lines: [lineOf({ amountMinor, quantity })] });
          const more = lineOf({
            lineId: "L2",
            amountMinor: missing.find(({ missingMinor }) => missingMinor)?.missingMinor ?? 0,
            quantity: missing.find(({ missingQuantity }) => missingQuantity)?.missingQuantity ?? 0,
          });
          expect(whyNot(terms, { lines: [lineOf({ amountMinor, quantity }), more] })).toEqual([]);
        },
      ),
    );
  });
});
