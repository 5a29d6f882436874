import { sql } from "drizzle-orm";
import { check, foreignKey, index, integer, primaryKey, snakeCase, text } from "drizzle-orm/sqlite-core";
import { brands } from "./brands.ts";
import { json, type LocalizedText, localizedText, moment } from "./columns.ts";

export const reducedItems = ["INCLUDED", "EXCLUDED", "ONLY"] as const;

/** Which goods of a cart are meant; every part that is given must hold, and no `except` may. */
export interface Goods {
  skus?: string[] | null | undefined;
  categories?: string[] | null | undefined;
  brands?: string[] | null | undefined;
  exceptSkus?: string[] | null | undefined;
  exceptCategories?: string[] | null | undefined;
  exceptBrands?: string[] | null | undefined;
  /** Items that are sold below their usual price; INCLUDED, when left out. */
  reducedItems?: (typeof reducedItems)[number] | null | undefined;
}

/** From so much on, so much off: 满200减20. Of several steps, the highest that is reached. */
export interface AmountStep {
  minimumSpendMinor: number;
  amountOffMinor: number;
}

/**
 * Of so many units bought, so many more are cheaper: «the second at half price» is 1 and 1, «every third
 * for ¥1» is 2 and 1. Exactly one of share and price.
 */
export interface BuyGet {
  buyQuantity: number;
  getQuantity: number;
  /** Off the units that are got: 10,000 makes them free. */
  percentageBasisPoints?: number | null | undefined;
  /** What each of them costs, in minor units. */
  priceMinor?: number | null | undefined;
  /** Where they are other goods than those that are bought. */
  getGoods?: Goods | null | undefined;
  /** How often in a cart at most. */
  mostTimes?: number | null | undefined;
}

export interface OfferGift {
  sku: string;
  name: LocalizedText;
  quantity: number;
}

/** A time in which an offer holds, on the clock and calendar of the brand's time zone. */
export interface OfferWindow {
  /** 1 is Monday, 7 is Sunday. */
  weekdays?: number[] | null | undefined;
  /** Minutes after midnight: from, and up to; may lie across midnight. */
  fromMinute?: number | null | undefined;
  untilMinute?: number | null | undefined;
  /** `YYYY-MM-DD`, the first and the last day. */
  fromDate?: string | null | undefined;
  untilDate?: string | null | undefined;
}

export const limitSubjects = ["OFFER", "MEMBER", "STORE"] as const;
export const limitPeriods = ["DAY", "WEEK", "MONTH", "YEAR", "LIFETIME"] as const;

/** How often an offer is used, or how much discount it gives, at most: of all, of a member or in a store. */
export interface OfferLimit {
  per: (typeof limitSubjects)[number];
  period: (typeof limitPeriods)[number];
  uses?: number | null | undefined;
  /** A budget, in minor units. */
  discountMinor?: number | null | undefined;
}

export const percentageBases = ["ORIGINAL", "REDUCED"] as const;

/** The immutable terms of a kind of coupon. */
export interface OfferTerms {
  // What it gives: exactly one of these.
  /** 1000 is 10 % off. */
  percentageBasisPoints?: number | null | undefined;
  amountOffMinor?: number | null | undefined;
  amountSteps?: AmountStep[] | null | undefined;
  /** What each unit of the goods costs. */
  fixedPriceMinor?: number | null | undefined;
  freeShipping?: boolean | null | undefined;
  gift?: OfferGift | null | undefined;
  /** Points on top, when the order is paid. */
  points?: number | null | undefined;
  buyGet?: BuyGet | null | undefined;

  // When it applies.
  maximumDiscountMinor?: number | null | undefined;
  /** What counts, and what is reduced; everything, when left out. */
  goods?: Goods | null | undefined;
  minimumSpendMinor?: number | null | undefined;
  minimumQuantity?: number | null | undefined;
  channels?: string[] | null | undefined;
  stores?: string[] | null | undefined;
  paymentMethods?: string[] | null | undefined;
  tierIds?: string[] | null | undefined;
  /** The brand's own names; who calls says which a member is in. */
  segments?: string[] | null | undefined;
  firstOrder?: boolean | null | undefined;
  /** Only for so many days after enrolling. */
  newMemberDays?: number | null | undefined;
  /** Only around the birthday: from so many days before it to so many after. */
  birthday?: { daysBefore: number; daysAfter: number } | null | undefined;
  /** One of them must hold. */
  windows?: OfferWindow[] | null | undefined;
  /** A condition in CEL over `cart`, `member` and `time`. */
  expression?: string | null | undefined;
  startsAt?: number | null | undefined;
  endsAt?: number | null | undefined;
  /** Usable to the end of that day in the brand's time zone. */
  validDaysAfterClaim?: number | null | undefined;

  // How it combines.
  /** With no other coupon. */
  exclusive?: boolean | null | undefined;
  /** A name in the brand's stacking rules. */
  group?: string | null | undefined;
  /** The higher, the earlier. */
  priority?: number | null | undefined;
  /** What a share is of, beside other coupons; REDUCED, when left out. */
  percentageOf?: (typeof percentageBases)[number] | null | undefined;

  // How it is had.
  limits?: OfferLimit[] | null | undefined;
  /** What a member pays for one in points; without it, points buy none. */
  pricePoints?: number | null | undefined;
  /** Members can claim one themselves from then on; without it they cannot. */
  claimableFrom?: number | null | undefined;
  claimableUntil?: number | null | undefined;
  /** Whether a member may give it to another. */
  giftable?: boolean | null | undefined;
}

export const offerStates = ["DRAFT", "ACTIVE", "PAUSED", "ENDED"] as const;
export type OfferState = (typeof offerStates)[number];

/** A kind of coupon as it is now; what it was before is in its versions. */
export const offers = snakeCase.table(
  "offers",
  {
    brandId: text()
      .notNull()
      .references(() => brands.id),
    id: text().notNull(),
    title: localizedText().notNull(),
    description: localizedText(),
    state: text({ enum: offerStates }).notNull(),
    /** Those of the present version. */
    terms: json<OfferTerms>().notNull(),
    issueLimit: integer(),
    perMemberLimit: integer(),
    issuedCount: integer().notNull().default(0),
    createdAt: moment().notNull(),
    version: integer().notNull().default(1),
    /** Applies to every member's cart that qualifies, without a coupon of it; one is issued when it is used. */
    isAutomatic: integer({ mode: "boolean" }).notNull().default(false),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.id] }),
    index("automatic_offers").on(t.brandId, t.id).where(sql`${t.isAutomatic} = 1 and ${t.state} = 'ACTIVE'`),
    check("offer_issue_limit", sql`${t.issuedCount} >= 0 and ${t.issuedCount} <= ${t.issueLimit}`),
  ],
);

/** What an offer said from some moment on. Never changed; a coupon keeps the version that it was issued under. */
export const offerVersions = snakeCase.table(
  "offer_versions",
  {
    brandId: text().notNull(),
    offerId: text().notNull(),
    version: integer().notNull(),
    title: localizedText().notNull(),
    description: localizedText(),
    terms: json<OfferTerms>().notNull(),
    issueLimit: integer(),
    perMemberLimit: integer(),
    createdAt: moment().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.offerId, t.version] }),
    foreignKey({ columns: [t.brandId, t.offerId], foreignColumns: [offers.brandId, offers.id] }),
  ],
);

/**
 * What of an offer's limits is taken: by uses and discounts that are held or were redeemed, less those that
 * were released or rolled back. The limits are those of the offer's present version when it was last used.
 */
export const offerCounters = snakeCase.table(
  "offer_counters",
  {
    brandId: text().notNull(),
    offerId: text().notNull(),
    /** Whose: `*` is everyone's, else `member:…` or `store:…`. */
    subject: text().notNull(),
    period: text({ enum: limitPeriods }).notNull(),
    /** 0 for a lifetime. */
    periodStart: moment().notNull(),
    uses: integer().notNull(),
    usesLimit: integer(),
    discountMinor: integer().notNull(),
    discountLimitMinor: integer(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.offerId, t.subject, t.period, t.periodStart] }),
    foreignKey({ columns: [t.brandId, t.offerId], foreignColumns: [offers.brandId, offers.id] }),
    check("offer_uses", sql`${t.uses} >= 0 and ${t.uses} <= ${t.usesLimit}`),
    check("offer_budget", sql`${t.discountMinor} >= 0 and ${t.discountMinor} <= ${t.discountLimitMinor}`),
  ],
);
