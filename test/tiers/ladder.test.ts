import fc from "fast-check";
import { expect, test } from "vitest";
import { faultOfRung, nextTier, tierReached } from "../../src/tiers/ladder.ts";

const ladder = [0, 1_000, 5_000, 20_000].map((growthValue, position) => ({
  id: `tir_${position + 1}`,
  rank: position + 1,
  requirement: { growthValue },
}));

test.each([
  [0, 1],
  [999, 1],
  [1_000, 2],
  [4_999, 2],
  [20_000, 4],
  [1_000_000, 4],
])("growth value %i reaches rank %i", (growthValue, rank) => {
  expect(tierReached(ladder, growthValue)?.rank).toBe(rank);
});

test("more growth value never reaches a lower tier, in whatever order the ladder is given", () => {
  fc.assert(
    fc.property(
      fc.nat(30_000),
      fc.nat(30_000),
      fc.shuffledSubarray(ladder, { minLength: 4 }),
      (a, b, shuffled) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)];
        return (tierReached(shuffled, less)?.rank ?? 0) <= (tierReached(shuffled, more)?.rank ?? 0);
      },
    ),
  );
});

test("the next tier is the one above, and none at the top", () => {
  expect(nextTier(ladder, { rank: 2 })?.rank).toBe(3);
  expect(nextTier(ladder, { rank: 4 })).toBeUndefined();
});

test.each([
  ["between two others", { rank: 5, growthValue: 50_000 }, undefined],
  ["a rank that is taken", { rank: 2, growthValue: 1_500 }, "rank"],
  ["a rank of nothing", { rank: 0, growthValue: 0 }, "rank"],
  ["asking less than the one below", { rank: 5, growthValue: 20_000 }, "requiredGrowthValue"],
  ["a negative requirement", { rank: 5, growthValue: -1 }, "requiredGrowthValue"],
  ["no colour", { rank: 5, growthValue: 50_000, color: "gold" }, "color"],
] as const)("a rung that a ladder can hold or not: %s", (_what, { rank, growthValue, ...rest }, field) => {
  const rung = { rank, requirement: { growthValue }, color: "#C9A227", ...rest };
  expect(faultOfRung(ladder, rung)?.data.field).toBe(field);
});

test("the first tier asks for nothing", () => {
  const rung = { rank: 1, requirement: { growthValue: 10 }, color: "#888888" };
  expect(faultOfRung([], rung)?.data.field).toBe("requiredGrowthValue");
});
