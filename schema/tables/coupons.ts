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
import { json, moment } from "./columns.ts";
import { members } from "./members.ts";
import { offers } from "./offers.ts";

export const couponStates = ["AVAILABLE", "HELD", "REDEEMED", "REVOKED"] as const;

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
    /** The version of the offer whose terms it keeps (a trigger refuses one that there is not). */
    offerVersion: integer().notNull().default(1),
    /** Until when a checkout has it, while it is HELD; past that, whoever wants it ends that checkout. */
    heldUntil: moment(),
    /** For lists by expiry, those without one last. */
    expiryOrder: integer()
      .notNull()
      .generatedAlwaysAs(sql`coalesce(expires_at, 9007199254740991)`, { mode: "virtual" }),
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
    index("coupons_by_offer").on(t.brandId, t.offerId, t.memberId),
    index("coupons_by_expiry").on(t.brandId, t.memberId, t.state, t.expiryOrder, t.id),
  ],
);

/** What a discount took off one line, in minor units. */
export interface LineDiscount {
  lineId: string;
  discountMinor: number;
}

/**
 * One use of a coupon. A rollback marks it and makes the coupon available again; one of a part of its
 * discount, as for some of the goods, leaves it used.
 */
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
    /** The coupon's (a trigger refuses another), so that what an offer brought is found by it. */
    offerId: text(),
    channel: text(),
    store: text(),
    /** What of the discount each line bears; the shipping bears the rest. Null where no lines were told. */
    lines: json<LineDiscount[]>(),
    /** What of the discount was rolled back so far, in parts. */
    rolledBackMinor: integer().notNull().default(0),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.id] }),
    foreignKey({ columns: [t.brandId, t.couponId], foreignColumns: [coupons.brandId, coupons.id] }),
    foreignKey({ columns: [t.brandId, t.memberId], foreignColumns: [members.brandId, members.id] }),
    uniqueIndex("coupon_redeemed_once").on(t.brandId, t.couponId).where(sql`${t.rolledBackAt} is null`),
    index("redemptions_by_coupon").on(t.brandId, t.couponId, t.redeemedAt),
    index("redemptions_by_offer").on(t.brandId, t.offerId, t.redeemedAt),
    check("redemption_discount", sql`${t.discountMinor} between 0 and ${t.orderAmountMinor}`),
  ],
);

export const couponChangeKinds = [
  "CLAIMED",
  "GIVEN",
  "HELD",
  "RELEASED",
  "REDEEMED",
  "PARTLY_ROLLED_BACK",
  "ROLLED_BACK",
  "REVOKED",
] as const;

/** What happened to a coupon after it was issued. Never changed. */
export const couponChanges = snakeCase.table(
  "coupon_changes",
  {
    brandId: text().notNull(),
    id: text().notNull(),
    couponId: text().notNull(),
    kind: text({ enum: couponChangeKinds }).notNull(),
    /** Who has it since; of one that was given away, to whom. */
    memberId: text(),
    redemptionId: text(),
    /** The order, as the caller names it, or why. */
    reference: text(),
    createdAt: moment().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.id] }),
    foreignKey({ columns: [t.brandId, t.couponId], foreignColumns: [coupons.brandId, coupons.id] }),
    foreignKey({ columns: [t.brandId, t.memberId], foreignColumns: [members.brandId, members.id] }),
    foreignKey({
      columns: [t.brandId, t.redemptionId],
      foreignColumns: [redemptions.brandId, redemptions.id],
    }),
    index("coupon_changes_by_coupon").on(t.brandId, t.couponId, t.id),
  ],
);
