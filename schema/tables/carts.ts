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
import { benefits } from "./benefits.ts";
import { json, moment } from "./columns.ts";
import { coupons, type LineDiscount, redemptions } from "./coupons.ts";
import { members } from "./members.ts";
import { type limitPeriods, offers } from "./offers.ts";
import { orders } from "./orders.ts";
import { holds, lots } from "./points.ts";

/** A record of what a rule saw and answered. Never changed: the same facts give the same answer again. */
export const decisions = snakeCase.table(
  "decisions",
  {
    brandId: text().notNull(),
    id: text().notNull(),
    memberId: text(),
    /** All that the rule was given, the moment included. */
    facts: json<Record<string, unknown>>().notNull(),
    /** What it answered, as the very text. */
    outcome: text().notNull(),
    createdAt: moment().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.id] }),
    foreignKey({ columns: [t.brandId, t.memberId], foreignColumns: [members.brandId, members.id] }),
    index("decisions_by_member").on(t.brandId, t.memberId, t.id),
  ],
);

export const checkoutStates = ["OPEN", "COMPLETED", "CANCELLED"] as const;

/** A cart's coupons, points and benefits, set aside for an order; past `expiresAt` it can only be cancelled. */
export const checkouts = snakeCase.table(
  "checkouts",
  {
    brandId: text().notNull(),
    id: text().notNull(),
    memberId: text().notNull(),
    /** The order: the system that it is in, and its id there. */
    source: text().notNull(),
    orderReference: text().notNull(),
    state: text({ enum: checkoutStates }).notNull(),
    decisionId: text().notNull(),
    currency: text().notNull(),
    discountMinor: integer().notNull(),
    payableMinor: integer().notNull(),
    /** The points that are held for it. */
    holdId: text(),
    /** The order, once it is recorded. */
    orderId: text(),
    expiresAt: moment().notNull(),
    settledAt: moment(),
    createdAt: moment().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.id] }),
    foreignKey({ columns: [t.brandId, t.memberId], foreignColumns: [members.brandId, members.id] }),
    foreignKey({ columns: [t.brandId, t.decisionId], foreignColumns: [decisions.brandId, decisions.id] }),
    foreignKey({ columns: [t.brandId, t.holdId], foreignColumns: [holds.brandId, holds.id] }),
    foreignKey({ columns: [t.brandId, t.orderId], foreignColumns: [orders.brandId, orders.id] }),
    uniqueIndex("checkout_of_order")
      .on(t.brandId, t.source, t.orderReference)
      .where(sql`${t.state} <> 'CANCELLED'`),
    index("checkouts_by_member").on(t.brandId, t.memberId, t.id),
    index("open_checkouts_by_expiry").on(t.expiresAt, t.brandId, t.id).where(sql`${t.state} = 'OPEN'`),
    check("checkout_amounts", sql`${t.discountMinor} >= 0 and ${t.payableMinor} >= 0`),
  ],
);

/** A coupon that a checkout holds or has redeemed, and what it takes off. */
export const checkoutCoupons = snakeCase.table(
  "checkout_coupons",
  {
    brandId: text().notNull(),
    checkoutId: text().notNull(),
    couponId: text().notNull(),
    /** The coupon's offer, whose limits it counts against. */
    offerId: text().notNull(),
    discountMinor: integer().notNull(),
    /** What of it each line bears; the shipping bears the rest. */
    lines: json<LineDiscount[]>().notNull(),
    /** The counters that it took from: of whom, and in which period. */
    counted:
      json<{ subject: string; period: (typeof limitPeriods)[number]; periodStart: number }[]>().notNull(),
    /** Once the checkout is completed. */
    redemptionId: text(),
    /** The points that it gave on top. */
    lotId: text(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.checkoutId, t.couponId] }),
    foreignKey({ columns: [t.brandId, t.checkoutId], foreignColumns: [checkouts.brandId, checkouts.id] }),
    foreignKey({ columns: [t.brandId, t.couponId], foreignColumns: [coupons.brandId, coupons.id] }),
    foreignKey({ columns: [t.brandId, t.offerId], foreignColumns: [offers.brandId, offers.id] }),
    foreignKey({
      columns: [t.brandId, t.redemptionId],
      foreignColumns: [redemptions.brandId, redemptions.id],
    }),
    foreignKey({ columns: [t.brandId, t.lotId], foreignColumns: [lots.brandId, lots.id] }),
    index("checkout_coupons_by_coupon").on(t.brandId, t.couponId),
    index("checkout_coupons_by_redemption")
      .on(t.brandId, t.redemptionId)
      .where(sql`${t.redemptionId} is not null`),
    check("checkout_coupon_discount", sql`${t.discountMinor} >= 0`),
  ],
);

/** A use of a benefit with a quota that a checkout has taken. */
export const checkoutBenefits = snakeCase.table(
  "checkout_benefits",
  {
    brandId: text().notNull(),
    checkoutId: text().notNull(),
    benefitId: text().notNull(),
    discountMinor: integer().notNull(),
    /** The period that it counts in; 0 where uses are counted for ever. */
    periodStart: moment().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.checkoutId, t.benefitId] }),
    foreignKey({ columns: [t.brandId, t.checkoutId], foreignColumns: [checkouts.brandId, checkouts.id] }),
    foreignKey({ columns: [t.brandId, t.benefitId], foreignColumns: [benefits.brandId, benefits.id] }),
    check("checkout_benefit_discount", sql`${t.discountMinor} >= 0`),
  ],
);
