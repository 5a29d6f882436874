import { expect, test } from "vitest";
import { faultOfRules } from "../../src/earning/fault-of-rules.ts";
import { rulesOf, times } from "./rule-facts.ts";

test.each([
  ["points.perAmountMinor", { points: { points: 1, perAmountMinor: 0, rounding: "DOWN" as const } }],
  ["multipliers", { multipliers: Array.from({ length: 51 }, () => times(20_000)) }],
  ["multipliers.1.multiplierBasisPoints", { multipliers: [times(20_000), times(0)] }],
  ["multipliers.0.weekdays", { multipliers: [times(20_000, { weekdays: [8] })] }],
  ["multipliers.0.weekdays", { multipliers: [times(20_000, { weekdays: [] })] }],
  ["multipliers.0.skus", { multipliers: [times(20_000, { skus: [] })] }],
  ["multipliers.0.fromMinute", { multipliers: [times(20_000, { fromMinute: -1 })] }],
  ["multipliers.0.untilMinute", { multipliers: [times(20_000, { fromMinute: 60, untilMinute: 60 })] }],
  ["activities.0.name", { activities: [{ kind: "CUSTOM" as const, points: 1, growthValue: 0 }] }],
  ["activities.0.points", { activities: [{ kind: "REVIEW" as const, points: 0, growthValue: 0 }] }],
  [
    "activities.1",
    { activities: [1, 2].map((points) => ({ kind: "REVIEW" as const, points, growthValue: 0 })) },
  ],
  ["pointsPerDay", { pointsPerDay: 0 }],
  ["pendingDays", { pendingDays: 366 }],
])("rules that cannot stand are refused at %s", (field, changes) => {
  expect(faultOfRules(rulesOf(changes), ["tir_gold"])?.data).toMatchObject({ field });
});

test("a tier of a rule must be the brand's", () => {
  const rules = rulesOf({ multipliers: [times(20_000, { tierIds: ["tir_gold", "tir_else"] })] });
  expect(faultOfRules(rules, ["tir_gold"])?.data).toEqual({ id: "tir_else" });
  expect(faultOfRules(rules, ["tir_gold", "tir_else"])).toBeUndefined();
});
