import { index, primaryKey, snakeCase, text } from "drizzle-orm/sqlite-core";
import { brands } from "./brands.ts";
import { json, type LocalizedText, moment } from "./columns.ts";
import type { ActivityKind } from "./orders.ts";

export const ruleSetKinds = ["EARNING", "TIERS", "STACKING"] as const;

export const roundings = ["DOWN", "NEAREST", "UP"] as const;

/** So many points for so much money, in minor units. */
export interface EarningRate {
  points: number;
  perAmountMinor: number;
  rounding: (typeof roundings)[number];
}

export const multipliedUnits = ["POINTS", "GROWTH_VALUE", "BOTH"] as const;

/** More for some purchases; every condition that is given must hold. */
export interface EarningMultiplier {
  name: LocalizedText;
  /** 20000 is 2 ×. */
  multiplierBasisPoints: number;
  unit: (typeof multipliedUnits)[number];
  tierIds?: string[] | null | undefined;
  /** Of a line: in one of these. */
  categories?: string[] | null | undefined;
  skus?: string[] | null | undefined;
  channels?: string[] | null | undefined;
  stores?: string[] | null | undefined;
  /** 1 is Monday, 7 is Sunday; in the brand's time zone. */
  weekdays?: number[] | null | undefined;
  /** Minutes after midnight in the brand's time zone: from, and up to; may lie across midnight. */
  fromMinute?: number | null | undefined;
  untilMinute?: number | null | undefined;
}

export const combinations = ["MULTIPLY", "ADD", "BEST"] as const;

/** Fixed points for an activity. */
export interface ActivityEarning {
  kind: ActivityKind;
  /** Of a CUSTOM kind. */
  name?: string | null | undefined;
  points: number;
  growthValue: number;
  /** How often a day, and ever, it earns; null for always. */
  timesPerDay?: number | null | undefined;
  timesEver?: number | null | undefined;
}

/** How facts earn points and growth value. */
export interface EarningRules {
  /** Null where purchases earn none. */
  points: EarningRate | null;
  growthValue: EarningRate | null;
  multipliers: EarningMultiplier[];
  combination: (typeof combinations)[number];
  activities: ActivityEarning[];
  /** The most points for an order, and of a day's and a month's facts together; null is without. */
  pointsPerOrder: number | null;
  pointsPerDay: number | null;
  pointsPerMonth: number | null;
  /** An order's points are pending until so many days after it was completed; null: spendable when paid. */
  pendingDays: number | null;
}

export const measures = ["GROWTH_VALUE", "SPEND", "ORDERS", "POINTS_EARNED", "VISITS"] as const;
export type Measure = (typeof measures)[number];

export const calendarPeriods = ["MONTH", "QUARTER", "HALF_YEAR", "YEAR"] as const;
export type CalendarPeriod = (typeof calendarPeriods)[number];

export const windowKinds = ["LIFETIME", "ROLLING_DAYS", "CALENDAR", "SINCE_TIER"] as const;

/** From when facts count. */
export interface CountingWindow {
  kind: (typeof windowKinds)[number];
  /** Of ROLLING_DAYS. */
  days?: number | null | undefined;
  /** Of CALENDAR: the running one. */
  period?: CalendarPeriod | null | undefined;
}

/** SPEND in minor units, ORDERS and VISITS in numbers. */
export interface TierCondition {
  measure: Measure;
  atLeast: number;
  window: CountingWindow;
}

export interface TierConditions {
  /** Whether all must hold, or any one. */
  match: "ALL" | "ANY";
  conditions: TierCondition[];
}

/** What a tier asks for, to reach it and to keep it; what reaches it keeps it, where nothing else is said. */
export interface TierRule {
  tierId: string;
  reach: TierConditions;
  keep: TierConditions | null;
}

/** How members rise and fall. */
export interface TierRules {
  /** A tier that is not named here is reached by its growth value alone. */
  tiers: TierRule[];
  upgrade: "AT_ONCE" | "AT_TERM_END";
  /** How long a tier lasts, to the end of the day: so many months, or to the end of a calendar period. */
  term: { months?: number | null | undefined; period?: CalendarPeriod | null | undefined } | null;
  downgrade: "NEVER" | "TO_EARNED" | "ONE_STEP";
  /** Days after the term in which the tier can still be kept. */
  graceDays: number;
  /** Days before a downgrade on which the member is warned. */
  warnDaysBefore: number[];
}

export const stackingModes = ["ALL", "BEST", "PRIORITY"] as const;

/** How the coupons of a group are used together on a cart. */
export interface StackingGroup {
  /** What offers name it by. */
  name: string;
  /**
   * ALL of them, the BEST one, or by PRIORITY: the highest first, and none below one that could be used
   * and is left out.
   */
  mode: (typeof stackingModes)[number];
  /** How many of the group at most; null is without. */
  mostCoupons: number | null;
}

/** How coupons are used together; groups apply in their order, coupons without one after them. */
export interface StackingRules {
  /** How many on a cart at most; null is without. */
  mostCoupons: number | null;
  groups: StackingGroup[];
}

/** A brand's rules in force from a moment, until a later set's; never changed. */
export const ruleSets = snakeCase.table(
  "rule_sets",
  {
    brandId: text()
      .notNull()
      .references(() => brands.id),
    id: text().notNull(),
    kind: text({ enum: ruleSetKinds }).notNull(),
    startsAt: moment().notNull(),
    rules: json<EarningRules | TierRules | StackingRules>().notNull(),
    /** Of TIERS: when all members had been reviewed under it. */
    reviewedAt: moment(),
    createdAt: moment().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.id] }),
    index("rule_sets_in_force").on(t.brandId, t.kind, t.startsAt, t.id),
  ],
);
