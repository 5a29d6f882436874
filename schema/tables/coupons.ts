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
import { jointCampaigns } from "./alliances.ts";
import { brands } from "./brands.ts";
import { json, localizedText, moment } from "./columns.ts";
import { members } from "./members.ts";

/** The immutable terms of a kind of coupon. Exactly one of the two discounts is given. */
export interface OfferTerms {
  /** 1000 is 10 % off. */
  percentageBasisPoints?: number | null;
  amountOffMinor?: number | null;
  maximumDiscountMinor?: number | null;
  minimumSpendMinor?: number | null;
  startsAt?: number | null;
  endsAt?: number | null;
  /** Usable to the end of that day in the brand's time zone. */
  validDaysAfterClaim?: number | null;
  /** What a member pays for one in points; without it, points buy none. */
  pricePoints?: number | null;
}

export const offerStates = ["ACTIVE", "ENDED"] as const;

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
    terms: json<OfferTerms>().notNull(),
    issueLimit: integer(),
    perMemberLimit: integer(),
    issuedCount: integer().notNull().default(0),
    createdAt: moment().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.id] }),
    check("offer_issue_limit", sql`${t.issuedCount} >= 0 and ${t.issuedCount} <= ${t.issueLimit}`),
  ],
);

export const couponStates = ["AVAILABLE", "REDEEMED", "REVOKED"] as const;

export const coupons = snakeCase.table(
  "coupons",
  {
    brandId: text().notNull(),
    id: text().notNull(),
    offerId: text().notNull(),
    /** Null until someone claims the code. */
    memberId: text(),
    /** Without its groups, upper case, check character included. */
    code: text().notNull(),
    /** What happened to it; that its time has passed is read off `expiresAt`. */
    state: text({ enum: couponStates }).notNull(),
    issuedAt: moment().notNull(),
    claimedAt: moment(),
    startsAt: moment(),
    expiresAt: moment(),
    /** The joint campaign through which a partner issued it. */
    jointCampaignId: text(),
    issuedByBrandId: text()
      .notNull()
      .references(() => brands.id),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.id] }),
    foreignKey({ columns: [t.brandId, t.offerId], foreignColumns: [offers.brandId, offers.id] }),
    foreignKey({ columns: [t.brandId, t.memberId], foreignColumns: [members.brandId, members.id] }),
    foreignKey({
      columns: [t.brandId, t.jointCampaignId],
      foreignColumns: [jointCampaigns.brandId, jointCampaigns.id],
    }),
    uniqueIndex("coupon_code").on(t.brandId, t.code),
    index("coupons_by_member").on(t.brandId, t.memberId, t.state, t.expiresAt),
    index("coupons_by_offer").on(t.brandId, t.offerId, t.memberId),
  ],
);

/** One use of a coupon. A rollback marks it and makes the coupon available again. */
export const redemptions = snakeCase.table(
  "redemptions",
  {
    brandId: text().notNull(),
    id: text().notNull(),
    couponId: text().notNull(),
    memberId: text(),
    orderReference: text().notNull(),
    orderAmountMinor: integer().notNull(),
    discountMinor: integer().notNull(),
    currency: text().notNull(),
    redeemedAt: moment().notNull(),
    redeemedBy: text().notNull(),
    rolledBackAt: moment(),
    rollbackReason: text(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.id] }),
    foreignKey({ columns: [t.brandId, t.couponId], foreignColumns: [coupons.brandId, coupons.id] }),
    foreignKey({ columns: [t.brandId, t.memberId], foreignColumns: [members.brandId, members.id] }),
    uniqueIndex("coupon_redeemed_once").on(t.brandId, t.couponId).where(sql`${t.rolledBackAt} is null`),
    check("redemption_discount", sql`${t.discountMinor} between 0 and ${t.orderAmountMinor}`),
  ],
);
