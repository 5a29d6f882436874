import type { EarningMultiplier, EarningRules } from "../../schema/tables/rules.ts";

/** A point for each 1.00, and no more, unless said otherwise. */
export const rulesOf = (changes: Partial<EarningRules> = {}): EarningRules => ({
  points: { points: 1, perAmountMinor: 100, rounding: "DOWN" },
  growthValue: null,
  multipliers: [],
  combination: "MULTIPLY",
  activities: [],
  ...{ pointsPerOrder: null, pointsPerDay: null, pointsPerMonth: null, pendingDays: null },
  ...changes,
});

/** So many times the points, in basis points. */
export const times = (
  multiplierBasisPoints: number,
  changes: Partial<EarningMultiplier> = {},
): EarningMultiplier => ({
  ...{ name: { en: "more" }, unit: "POINTS", multiplierBasisPoints },
  ...changes,
});
