import { integer, snakeCase, text } from "drizzle-orm/sqlite-core";
import { json, localizedText, moment } from "./columns.ts";

export const expiryRules = [
  "NEVER",
  "AFTER_MONTHS",
  "AFTER_MONTHS_AT_MONTH_END",
  "ON_DATE",
  "AFTER_INACTIVITY",
] as const;

/** When points expire: always at the end of a day in the brand's time zone. */
export interface PointsExpiry {
  rule: (typeof expiryRules)[number];
  /** So many months after they were earned, or after the member's last activity; for ON_DATE, at least so many. */
  months?: number | null | undefined;
  /** For ON_DATE: that day of each year; where a year has no such day, the month's last. */
  month?: number | null | undefined;
  day?: number | null | undefined;
}

export const missingPointsRules = ["DEBT", "REFUSE", "FORGIVE"] as const;

/** Whether members may give points to others, and how many. */
export interface GiftsPolicy {
  enabled: boolean;
  /** In one gift. */
  maximumPoints: number;
  /** In a calendar month in the brand's time zone. */
  maximumPointsPerMonth: number;
}

/** What a brand's points are worth and how they are spent. */
export interface PointsPolicy {
  expiry: PointsExpiry;
  /** Spent at once: at least so many, and a multiple of the step. */
  minimumPoints: number;
  stepPoints: number;
  /** The share of an order that points can pay; 10,000 is all of it. */
  maximumShareBasisPoints: number;
  /** What 1,000 points are worth on an order, in minor units; 1,000 makes a point 1 minor unit. */
  worthMinorPer1000Points: number;
  /** How long points are set aside for an order. */
  holdMinutes: number;
  /** For points that are given back after they would have expired: so many days more. */
  graceDays: number;
  /** Points that have expired can still be extended, or exchanged for a coupon, for so many days. */
  expiredGraceDays: number;
  /** When goods go back whose points are spent: the member owes them, the refund is refused, or let it be. */
  onMissingPoints: (typeof missingPointsRules)[number];
  /** Whether points that were spent on an order come back with its money. */
  returnsSpentPoints: boolean;
  /** Members are told of what expires so many days ahead. */
  remindDaysBefore: number[];
  /** A change by hand of more than that, up or down, needs another to approve it; null for none. */
  approvalAbovePoints: number | null;
  gifts: GiftsPolicy;
}

/** A tenant. Every other row carries the id of the brand that it belongs to. */
export const brands = snakeCase.table("brands", {
  id: text().primaryKey(),
  slug: text().notNull().unique(),
  name: localizedText().notNull(),
  description: localizedText(),
  /** BCP 47; also gives the region that phone numbers without a country code are read in. */
  locale: text().notNull(),
  /** IANA name; what means a calendar day is computed in it. */
  timeZone: text().notNull(),
  /** ISO 4217. */
  currency: text().notNull(),
  pointsName: localizedText().notNull(),
  /** What of the points' policy was ever set; for the rest the house's defaults hold. */
  pointsPolicy: json<Partial<PointsPolicy>>(),
  /** The brand's key for personal data, wrapped by the platform's secret. */
  wrappedDataKey: text().notNull(),
  /** Counts the changes of the program, so that two at once do not build on the same state of it. */
  programVersion: integer().notNull().default(1),
  createdAt: moment().notNull(),
  updatedAt: moment().notNull(),
});
