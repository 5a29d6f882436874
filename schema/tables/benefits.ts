import { sql } from "drizzle-orm";
import {
  check,
  foreignKey,
  index,
  integer,
  primaryKey,
  snakeCase,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";
import { brands } from "./brands.ts";
import { json, localizedText, moment } from "./columns.ts";
import { coupons } from "./coupons.ts";
import { members } from "./members.ts";
import type { Goods } from "./offers.ts";

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
  /** PERCENTAGE_DISCOUNT, MEMBER_PRICE: on these goods; on everything, when left out. */
  goods?: Goods | null;
}

/** What claiming a benefit gives, besides being counted. */
export interface BenefitClaim {
  /** A coupon of this offer. */
  offerId?: string | null;
  /** Whether the platform claims it for the member when its time begins. */
  granted?: boolean | null;
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
    terms: json<BenefitTerms & BenefitClaim>().notNull(),
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

export const benefitUsageKinds = ["USED", "CLAIMED", "GRANTED"] as const;

/** A use of a benefit. Never changed. */
export const benefitUsages = snakeCase.table(
  "benefit_usages",
  {
    brandId: text().notNull(),
    id: text().notNull(),
    memberId: text().notNull(),
    benefitId: text().notNull(),
    kind: text({ enum: benefitUsageKinds }).notNull(),
    /** The caller's name of what it was used on. */
    reference: text(),
    /** The coupon that a claim gave. */
    couponId: text(),
    /** The period that it counts in; 0 where uses are counted for ever. */
    periodStart: moment().notNull(),
    createdAt: moment().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.id] }),
    foreignKey({ columns: [t.brandId, t.memberId], foreignColumns: [members.brandId, members.id] }),
    foreignKey({ columns: [t.brandId, t.benefitId], foreignColumns: [benefits.brandId, benefits.id] }),
    foreignKey({ columns: [t.brandId, t.couponId], foreignColumns: [coupons.brandId, coupons.id] }),
    index("benefit_usages_by_member").on(t.brandId, t.memberId, t.id),
    uniqueIndex("benefit_granted_once")
      .on(t.brandId, t.memberId, t.benefitId, t.periodStart)
      .where(sql`${t.kind} = 'GRANTED'`),
  ],
);
