import { describe, expect, test } from "vitest";
import type { StackingRules } from "../../schema/tables/rules.ts";
import type { Candidate } from "../../src/carts/cart.ts";
import { evaluate } from "../../src/carts/evaluate.ts";
import { AT, aCandidate, factsOf, taken } from "./facts.ts";

describe("coupons together", () => {
  const all: StackingRules = { mostCoupons: null, groups: [] };
  const one: StackingRules = { mostCoupons: 1, groups: [] };
  const inGroups = (mode: "ALL" | "BEST" | "PRIORITY", mostCoupons: number | null = null): StackingRules => ({
    mostCoupons: null,
    groups: [
      { name: "brand", mode, mostCoupons },
      { name: "shop", mode: "ALL", mostCoupons: null },
    ],
  });
  const tenPercent = { percentageBasisPoints: 1_000 };
  const fiveYuan = { amountOffMinor: 500 };

  /** Of goods for ¥100: the coupons that are used, each with what it takes off. */
  const used = (stacking: StackingRules, ...candidates: Candidate[]) =>
    evaluate(factsOf({ stacking, candidates })).steps.map(({ key, discountMinor }) => [key, discountMinor]);

  test.each<[says: string, stacking: StackingRules, candidates: Candidate[], used: [string, number][]]>([
    [
      "one on a cart: the best",
      one,
      [aCandidate("a", fiveYuan), aCandidate("b", tenPercent)],
      [["b", 1_000]],
    ],
    [
      "a share is of what the coupons before it left",
      all,
      [aCandidate("a", tenPercent), aCandidate("b", tenPercent)],
      [
        ["a", 1_000],
        ["b", 900],
      ],
    ],
    [
      "or of what there was before any coupon, where its offer says so",
      all,
      [aCandidate("a", tenPercent), aCandidate("b", { ...tenPercent, percentageOf: "ORIGINAL" })],
      [
        ["a", 1_000],
        ["b", 1_000],
      ],
    ],
    [
      "the higher priority applies first",
      all,
      [aCandidate("a", tenPercent), aCandidate("b", { ...fiveYuan, priority: 1 })],
      [
        ["b", 500],
        ["a", 950],
      ],
    ],
    [
      "groups apply in their order, coupons without one after them",
      inGroups("ALL"),
      [
        aCandidate("a", { ...fiveYuan, priority: 9 }),
        aCandidate("b", { ...tenPercent, group: "shop", priority: 5 }),
        aCandidate("c", { ...tenPercent, group: "brand" }),
      ],
      [
        ["c", 1_000],
        ["b", 900],
        ["a", 500],
      ],
    ],
    [
      "prices of items come before shares, shares before shipping",
      all,
      [aCandidate("a", { ...tenPercent, priority: 9 }), aCandidate("b", { fixedPriceMinor: 8_000 })],
      [
        ["b", 2_000],
        ["a", 800],
      ],
    ],
    [
      "an exclusive one goes with no other, and is used where it takes off more",
      all,
      [
        aCandidate("a", fiveYuan),
        aCandidate("b", { amountOffMinor: 600 }),
        aCandidate("c", { amountOffMinor: 1_099, exclusive: true }),
      ],
      [
        ["a", 500],
        ["b", 600],
      ],
    ],
    [
      "of a group's BEST only one",
      inGroups("BEST"),
      [
        aCandidate("a", { ...fiveYuan, group: "brand" }),
        aCandidate("b", { ...tenPercent, group: "brand" }),
        aCandidate("c", fiveYuan),
      ],
      [
        ["b", 1_000],
        ["c", 500],
      ],
    ],
    [
      "of a group no more than it allows",
      inGroups("ALL", 2),
      [
        aCandidate("a", { ...fiveYuan, group: "brand" }),
        aCandidate("b", { amountOffMinor: 300, group: "brand" }),
        aCandidate("c", { amountOffMinor: 400, group: "brand" }),
      ],
      [
        ["a", 500],
        ["c", 400],
      ],
    ],
    [
      "by PRIORITY the highest first, though it takes off less",
      inGroups("PRIORITY", 1),
      [
        aCandidate("a", { ...fiveYuan, group: "brand", priority: 2 }),
        aCandidate("b", { ...tenPercent, group: "brand", priority: 1 }),
      ],
      [["a", 500]],
    ],
    [
      "of interchangeable coupons, the soonest to expire",
      one,
      [
        aCandidate("a", fiveYuan, { offerId: "o", expiresAt: null }),
        aCandidate("b", fiveYuan, { offerId: "o", expiresAt: AT + 2 }),
        aCandidate("c", fiveYuan, { offerId: "o", expiresAt: AT + 3 }),
      ],
      [["b", 500]],
    ],
    [
      "two coupons of an offer with one use left: one",
      all,
      [
        aCandidate("a", fiveYuan, { offerId: "o", taken: [taken({ uses: 3 }, { uses: 2 })] }),
        aCandidate("b", fiveYuan, { offerId: "o", taken: [taken({ uses: 3 }, { uses: 2 })] }),
      ],
      [["a", 500]],
    ],
    [
      "two coupons of an offer whose budget has room for one: one",
      all,
      [
        aCandidate("a", fiveYuan, { offerId: "o", taken: [taken({ discountMinor: 999 })] }),
        aCandidate("b", fiveYuan, { offerId: "o", taken: [taken({ discountMinor: 999 })] }),
      ],
      [["a", 500]],
    ],
    [
      "of equals, the one that gives something besides; and none that adds nothing",
      { mostCoupons: 2, groups: [] },
      [
        aCandidate("a", { amountOffMinor: 10_000 }),
        aCandidate("b", tenPercent),
        aCandidate("c", { points: 10 }),
      ],
      [
        ["a", 10_000],
        ["c", 0],
      ],
    ],
  ])("%s", (_, stacking, candidates, expected) => {
    expect(used(stacking, ...candidates)).toEqual(expected);
  });

  test("conditions are judged on what the goods cost before any coupon", () => {
    const first = aCandidate("a", { ...fiveYuan, priority: 1 });
    const second = aCandidate("b", { amountOffMinor: 100, minimumSpendMinor: 10_000 });
    expect(used(all, first, second)).toEqual([
      ["a", 500],
      ["b", 100],
    ]);
  });

  test("those that were asked for are used as far as they go together, the others stay usable", () => {
    const candidates = [
      aCandidate("a", { ...fiveYuan, priority: 1 }, { isAsked: true }),
      aCandidate("b", tenPercent, { isAsked: true }),
      aCandidate("c", { amountOffMinor: 9_000 }),
    ];
    const asked = (mostCoupons: number) =>
      evaluate(
        factsOf({ candidates, stacking: { mostCoupons, groups: [] }, cart: { choice: "ASKED" } }),
      ).considered.map(({ key, state, reasons }) => [key, state, reasons]);
    expect(asked(1)).toEqual([
      ["a", "USED", []],
      ["c", "USABLE", [{ code: "NOT_COMBINABLE", couponKey: "a" }]],
      ["b", "USABLE", [{ code: "NOT_COMBINABLE", couponKey: "a" }]],
    ]);
    expect(asked(3)).toEqual([
      ["b", "USED", []],
      ["a", "USED", []],
      ["c", "USABLE", []],
    ]);
  });
});
