import type {
  ActivityEarning,
  EarningMultiplier,
  EarningRate,
  EarningRules,
} from "../../schema/tables/rules.ts";
import { firstRefusal, InvalidValue, NotFound } from "../errors.ts";
import { type Fault, notSome, outside, tooMany } from "../faults.ts";

const MOST_RULES = 50;
const MOST_VALUES = 100;
const LARGEST_RATE = 1_000_000_000;
const LARGEST_CAP = 1_000_000_000_000;
const MOST_PENDING_DAYS = 365;

/** Which part of a brand's earning rules cannot stand, by its path. @param tierIds those of the brand. */
export function faultOfRules(rules: EarningRules, tierIds: readonly string[]): Fault {
  const { points, growthValue, multipliers, activities, pointsPerOrder, pointsPerDay, pointsPerMonth } =
    rules;
  return firstRefusal([
    () => faultOfRate("points", points),
    () => faultOfRate("growthValue", growthValue),
    () => tooMany("multipliers", multipliers, MOST_RULES),
    () => tooMany("activities", activities, MOST_RULES),
    ...multipliers.map((one, place) => () => faultOfMultiplier(`multipliers.${place}`, one, tierIds)),
    ...activities.map((one, place) => () => faultOfActivity(`activities.${place}`, one, activities)),
    () => outside("pointsPerOrder", pointsPerOrder, 1, LARGEST_CAP),
    () => outside("pointsPerDay", pointsPerDay, 1, LARGEST_CAP),
    () => outside("pointsPerMonth", pointsPerMonth, 1, LARGEST_CAP),
    () => outside("pendingDays", rules.pendingDays, 0, MOST_PENDING_DAYS),
  ]);
}

const faultOfRate = (path: string, rate: EarningRate | null): Fault =>
  rate
    ? (outside(`${path}.points`, rate.points, 1, LARGEST_RATE) ??
      outside(`${path}.perAmountMinor`, rate.perAmountMinor, 1, LARGEST_RATE))
    : undefined;

function faultOfMultiplier(path: string, multiplier: EarningMultiplier, tierIds: readonly string[]): Fault {
  const { multiplierBasisPoints, weekdays, fromMinute, untilMinute } = multiplier;
  const missing = multiplier.tierIds?.find((tierId) => !tierIds.includes(tierId));
  const named = ["tierIds", "categories", "skus", "channels", "stores", "weekdays"] as const;
  return firstRefusal([
    () => outside(`${path}.multiplierBasisPoints`, multiplierBasisPoints, 1, 1_000_000),
    ...named.map((name) => () => notSome(`${path}.${name}`, multiplier[name], MOST_VALUES)),
    () => (missing === undefined ? undefined : NotFound({ id: missing })),
    ...(weekdays ?? []).map((day) => () => outside(`${path}.weekdays`, day, 1, 7)),
    () => outside(`${path}.fromMinute`, fromMinute, 0, 1_440),
    () => outside(`${path}.untilMinute`, untilMinute, 0, 1_440),
    () =>
      (fromMinute ?? 0) === (untilMinute ?? 1_440)
        ? InvalidValue({ field: `${path}.untilMinute`, reason: "must not be fromMinute" })
        : undefined,
  ]);
}

function faultOfActivity(path: string, activity: ActivityEarning, all: readonly ActivityEarning[]): Fault {
  const { kind, name, points, growthValue, timesPerDay, timesEver } = activity;
  const same = all.find((one) => one.kind === kind && (one.name ?? null) === (name ?? null));
  return firstRefusal([
    () =>
      (kind === "CUSTOM") === (name != null)
        ? undefined
        : InvalidValue({
            field: `${path}.name`,
            reason: "must be given with CUSTOM, and with no other kind",
          }),
    () =>
      same === activity
        ? undefined
        : InvalidValue({ field: path, reason: "must be there once for an activity" }),
    () => outside(`${path}.points`, points, 0, LARGEST_RATE),
    () => outside(`${path}.growthValue`, growthValue, 0, LARGEST_RATE),
    () =>
      points + growthValue === 0
        ? InvalidValue({ field: `${path}.points`, reason: "must be at least 1, or growthValue" })
        : undefined,
    () => outside(`${path}.timesPerDay`, timesPerDay, 1, 1_000_000),
    () => outside(`${path}.timesEver`, timesEver, 1, 1_000_000),
  ]);
}
