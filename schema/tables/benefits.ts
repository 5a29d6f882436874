import { sql } from "drizzle-orm";
import { check, foreignKey, integer, primaryKey, snakeCase, text } from "drizzle-orm/sqlite-core";
import { brands } from "./brands.ts";
import { json, localizedText, moment } from "./columns.ts";
import { members } from "./members.ts";

export const benefitKinds = [
  "PERCENTAGE_DISCOUNT",
  "POINTS_MULTIPLIER",
  "BIRTHDAY_GIFT",
  "FREE_SHIPPING",
  "EARLY_ACCESS",
  "MEMBER_PRICE",
  "PRIORITY_SERVICE",
  "PRIVILEGE_DAY",
  "GIFT",
  "SOCIAL",
  "CUSTOM",
] as const;
export type BenefitKind = (typeof benefitKinds)[number];

export const quotaPeriods = ["DAY", "WEEK", "MONTH", "YEAR", "LIFETIME"] as const;
export type QuotaPeriod = (typeof quotaPeriods)[number];

/** What the kinds need to be exact; each kind reads its own. */
export interface BenefitTerms {
  /** PERCENTAGE_DISCOUNT, MEMBER_PRICE: 1000 is 10 % off. */
  rateBasisPoints?: number | null;
  /** POINTS_MULTIPLIER: 15000 is 1.5 ×. */
  multiplierBasisPoints?: number | null;
  /** EARLY_ACCESS: how long before everyone else. */
  hoursBefore?: number | null;
  /** BIRTHDAY_GIFT: usable from so many days before the birthday … */
  daysBefore?: number | null;
  /** … to so many after it. */
  daysAfter?: number | null;
  /** PRIVILEGE_DAY: the day of the month, 1–31; in a shorter month its last day. */
  dayOfMonth?: number | null;
}

export const benefits = snakeCase.table(
  "benefits",
  {
    brandId: text()
      .notNull()
      .references(() => brands.id),
    id: text().notNull(),
    kind: text({ enum: benefitKinds }).notNull(),
    name: localizedText().notNull(),
    description: localizedText(),
    terms: json<BenefitTerms>().notNull(),
    /** How often in each period; null is without limit. */
    quota: integer(),
    quotaPeriod: text({ enum: quotaPeriods }),
    startsAt: moment(),
    endsAt: moment(),
    createdAt: moment().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.id] }),
    check("benefit_quota", sql`(${t.quota} is null) = (${t.quotaPeriod} is null) and ${t.quota} > 0`),
  ],
);

/** How much of a benefit's quota a member has used in the period that began at `periodStart`. */
export const benefitUses = snakeCase.table(
  "benefit_uses",
  {
    brandId: text().notNull(),
    memberId: text().notNull(),
    benefitId: text().notNull(),
    periodStart: moment().notNull(),
    used: integer().notNull(),
    quota: integer().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.memberId, t.benefitId, t.periodStart] }),
    foreignKey({ columns: [t.brandId, t.memberId], foreignColumns: [members.brandId, members.id] }),
    foreignKey({ columns: [t.brandId, t.benefitId], foreignColumns: [benefits.brandId, benefits.id] }),
    check("benefit_quota_holds", sql`${t.used} between 0 and ${t.quota}`),
  ],
);
