import { expiryRules, type PointsExpiry, type PointsPolicy } from "../../schema/tables/brands.ts";
import { InvalidValue, type Refusal } from "../errors.ts";
import { type Fault, misplaced, outside } from "../faults.ts";
import { floorOf, LARGEST_AMOUNT } from "../shares.ts";
import { OrderShareExceeded, PointsBelowMinimum, PointsNotInSteps } from "./refusals.ts";

/** Expired points are never kept longer than that for the member to save. */
export const LONGEST_EXPIRED_GRACE_DAYS = 90;

/** No reminder comes earlier than that before points expire. */
const LONGEST_AHEAD_DAYS = 365;
const MOST_REMINDERS = 10;

const defaults: PointsPolicy = {
  expiry: { rule: "NEVER" },
  minimumPoints: 1,
  stepPoints: 1,
  maximumShareBasisPoints: 10_000,
  worthMinorPer1000Points: 1_000,
  holdMinutes: 30,
  graceDays: 30,
  expiredGraceDays: 0,
  onMissingPoints: "DEBT",
  returnsSpentPoints: true,
  remindDaysBefore: [90, 30, 7],
  approvalAbovePoints: null,
  gifts: { enabled: false, maximumPoints: 1_000, maximumPointsPerMonth: 5_000 },
};

/** A brand's policy: what it set, and the house's defaults for the rest. */
export const policyOf = (set: Partial<PointsPolicy> | null): PointsPolicy => ({ ...defaults, ...set });

/** What of a policy says how points pay for orders. */
export type SpendingPolicy = Pick<
  PointsPolicy,
  "minimumPoints" | "stepPoints" | "maximumShareBasisPoints" | "worthMinorPer1000Points"
>;

/** What points are worth on an order, in minor units, rounded down. */
export const worthOf = (policy: SpendingPolicy, points: number): number =>
  floorOf(points, policy.worthMinorPer1000Points, 1_000);

/** The most points that an order takes: its share at most, in whole steps. @param amountMinor the order's. */
export function mostPointsFor(policy: SpendingPolicy, amountMinor: number): number {
  const { maximumShareBasisPoints, worthMinorPer1000Points, stepPoints } = policy;
  const mostMinor = floorOf(amountMinor, maximumShareBasisPoints, 10_000);
  // The most points whose worth, rounded down, is no more than that: one fewer than is worth 1 more.
  const most = ceilOf(mostMinor + 1, 1_000, worthMinorPer1000Points) - 1;
  return Math.min(LARGEST_AMOUNT, Math.floor(most / stepPoints) * stepPoints);
}

/** The fewest points that can be spent at once: what the brand says, worth something, in whole steps. */
export function fewestPoints({ minimumPoints, stepPoints, worthMinorPer1000Points }: SpendingPolicy): number {
  const fewest = Math.max(minimumPoints, ceilOf(1, 1_000, worthMinorPer1000Points));
  return Math.ceil(fewest / stepPoints) * stepPoints;
}

/** Why so many points cannot be spent on an order, whoever's they are. */
export function whyNotSpendable(
  policy: SpendingPolicy,
  { points, orderAmountMinor }: { points: number; orderAmountMinor: number },
): Refusal | undefined {
  const fault =
    outside("orderAmountMinor", orderAmountMinor, 0, LARGEST_AMOUNT) ??
    outside("points", points, 1, LARGEST_AMOUNT);
  if (fault) return fault;
  const minimumPoints = fewestPoints(policy);
  if (points < minimumPoints) return PointsBelowMinimum({ minimumPoints, missing: minimumPoints - points });
  const { stepPoints } = policy;
  if (points % stepPoints !== 0) {
    return PointsNotInSteps({ stepPoints, nearestPoints: points - (points % stepPoints) });
  }
  const most = mostPointsFor(policy, orderAmountMinor);
  if (points > most) {
    const maximumPoints = most < minimumPoints ? 0 : most;
    return OrderShareExceeded({ maximumPoints, maximumMinor: worthOf(policy, maximumPoints) });
  }
  return undefined;
}

/** Which part of a policy cannot stand. */
export function faultOfPolicy(policy: PointsPolicy): Refusal | undefined {
  const ranges: [name: keyof PointsPolicy, least: number, most: number][] = [
    ["minimumPoints", 1, 1_000_000_000],
    ["stepPoints", 1, 1_000_000],
    ["maximumShareBasisPoints", 1, 10_000],
    ["worthMinorPer1000Points", 1, 1_000_000_000],
    ["holdMinutes", 1, 7 * 24 * 60],
    ["graceDays", 0, 365],
    ["expiredGraceDays", 0, LONGEST_EXPIRED_GRACE_DAYS],
  ];
  for (const [field, least, most] of ranges) {
    const value = policy[field] as number;
    if (value < least || value > most) {
      return InvalidValue({ field, reason: `must lie between ${least} and ${most}` });
    }
  }
  return faultOfExpiry(policy.expiry) ?? faultOfReminders(policy) ?? faultOfLimits(policy);
}

function faultOfReminders({ remindDaysBefore }: PointsPolicy): Refusal | undefined {
  const days = new Set(remindDaysBefore);
  const fits = days.size === remindDaysBefore.length && days.size <= MOST_REMINDERS;
  return fits && remindDaysBefore.every((day) => day >= 1 && day <= LONGEST_AHEAD_DAYS)
    ? undefined
    : InvalidValue({
        field: "remindDaysBefore",
        reason: `must be up to ${MOST_REMINDERS} different days between 1 and ${LONGEST_AHEAD_DAYS}`,
      });
}

const faultOfLimits = ({ approvalAbovePoints, gifts }: PointsPolicy): Fault =>
  outside("approvalAbovePoints", approvalAbovePoints, 0, LARGEST_AMOUNT) ??
  outside("gifts.maximumPoints", gifts.maximumPoints, 1, LARGEST_AMOUNT) ??
  outside("gifts.maximumPointsPerMonth", gifts.maximumPointsPerMonth, 1, LARGEST_AMOUNT);

const rulesWithMonths = expiryRules.filter((rule) => rule !== "NEVER");

function faultOfExpiry({ rule, months, month, day }: PointsExpiry): Refusal | undefined {
  const stray =
    misplaced("expiry.months", months, rulesWithMonths, rule) ??
    misplaced("expiry.month", month, ["ON_DATE"], rule) ??
    misplaced("expiry.day", day, ["ON_DATE"], rule);
  if (stray) return stray;
  const least = rule === "ON_DATE" ? 0 : 1;
  const counts = rule !== "NEVER";
  if (counts && (months ?? (rule === "ON_DATE" ? 0 : -1)) < least) {
    return InvalidValue({ field: "expiry.months", reason: `must be at least ${least}` });
  }
  if ((months ?? 0) > 120) return InvalidValue({ field: "expiry.months", reason: "must be at most 120" });
  if (rule !== "ON_DATE") return undefined;
  // 2024 is a leap year, so that every day of any year is one of it.
  const days = month == null || month < 1 || month > 12 ? 0 : new Date(Date.UTC(2024, month, 0)).getUTCDate();
  return day == null || day < 1 || day > days
    ? InvalidValue({ field: "expiry", reason: "ON_DATE needs a month and a day that a year has" })
    : undefined;
}

const ceilOf = (value: number, by: number, per: number): number =>
  Number((BigInt(value) * BigInt(by) + BigInt(per) - 1n) / BigInt(per));
