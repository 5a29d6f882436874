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
import { members } from "./members.ts";
import { orders } from "./orders.ts";
import { tiers } from "./tiers.ts";

/** The tier that a member earned by the rules; `members.tierId` is the highest of it and its grants. */
export const standings = snakeCase.table(
  "standings",
  {
    brandId: text().notNull(),
    memberId: text().notNull(),
    tierId: text().notNull(),
    /** When its running term began. */
    since: moment().notNull(),
    /** When that ends; null for never. */
    until: moment(),
    /** When it must be looked at: the end of the term, then that of the grace; null for never. */
    reviewAt: moment(),
    /** Counts the commits that changed what the member's tier, caps and limits are decided on. */
    version: integer().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.memberId] }),
    foreignKey({ columns: [t.brandId, t.memberId], foreignColumns: [members.brandId, members.id] }),
    foreignKey({ columns: [t.brandId, t.tierId], foreignColumns: [tiers.brandId, tiers.id] }),
    index("due_standings").on(t.reviewAt, t.brandId, t.memberId).where(sql`${t.reviewAt} is not null`),
  ],
);

/** A membership that is bought: an order with its sku gives its tier for its term. */
export const membershipPlans = snakeCase.table(
  "membership_plans",
  {
    brandId: text()
      .notNull()
      .references(() => brands.id),
    id: text().notNull(),
    name: localizedText().notNull(),
    description: localizedText(),
    /** What orders name it by. */
    sku: text().notNull(),
    /** In minor units of the brand's currency. */
    priceMinor: integer().notNull(),
    termMonths: integer().notNull(),
    tierId: text().notNull(),
    /** No longer sold from then on. */
    retiredAt: moment(),
    createdAt: moment().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.id] }),
    foreignKey({ columns: [t.brandId, t.tierId], foreignColumns: [tiers.brandId, tiers.id] }),
    uniqueIndex("plan_sku").on(t.brandId, t.sku).where(sql`${t.retiredAt} is null`),
    check("plan_terms", sql`${t.priceMinor} >= 0 and ${t.termMonths} > 0`),
  ],
);

export const tierGrantKinds = ["MANUAL", "PLAN"] as const;

/** A tier that a member has at least, for a time: given by hand with a reason, or bought. */
export const tierGrants = snakeCase.table(
  "tier_grants",
  {
    brandId: text().notNull(),
    id: text().notNull(),
    memberId: text().notNull(),
    tierId: text().notNull(),
    kind: text({ enum: tierGrantKinds }).notNull(),
    reason: text(),
    /** What was bought, and the order that bought it. */
    planId: text(),
    orderId: text(),
    startsAt: moment().notNull(),
    endsAt: moment(),
    /** When it ended: its time was over, it was withdrawn, or its order went back. */
    endedAt: moment(),
    createdAt: moment().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.id] }),
    foreignKey({ columns: [t.brandId, t.memberId], foreignColumns: [members.brandId, members.id] }),
    foreignKey({ columns: [t.brandId, t.tierId], foreignColumns: [tiers.brandId, tiers.id] }),
    foreignKey({
      columns: [t.brandId, t.planId],
      foreignColumns: [membershipPlans.brandId, membershipPlans.id],
    }),
    foreignKey({ columns: [t.brandId, t.orderId], foreignColumns: [orders.brandId, orders.id] }),
    uniqueIndex("plan_bought_once").on(t.brandId, t.orderId, t.planId).where(sql`${t.orderId} is not null`),
    index("tier_grants_by_member").on(t.brandId, t.memberId, t.id),
    index("due_tier_grants").on(t.endsAt, t.brandId, t.id).where(sql`${t.endedAt} is null`),
  ],
);

export const tierChangeCauses = ["EARNED", "LOWERED", "GRANTED", "GRANT_ENDED"] as const;

/** What a tier decision saw: each condition with what there was of it, in `ROLLING_DAYS:365` and the like. */
export interface TierDecision {
  /** The rules that it was decided by; null for the ladder's own requirements. */
  ruleSetId: string | null;
  /** The moment as of which it was decided. */
  asOf: number;
  /** The grant that it began or ended with, and why that was given. */
  grantId?: string;
  reason?: string | null;
  counted: { measure: string; window: string; atLeast: number; value: number }[];
}

/** A change of a member's tier, with the decision behind it. Never changed. */
export const tierChanges = snakeCase.table(
  "tier_changes",
  {
    brandId: text().notNull(),
    id: text().notNull(),
    memberId: text().notNull(),
    fromTierId: text().notNull(),
    toTierId: text().notNull(),
    cause: text({ enum: tierChangeCauses }).notNull(),
    decision: json<TierDecision>().notNull(),
    createdAt: moment().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.id] }),
    foreignKey({ columns: [t.brandId, t.memberId], foreignColumns: [members.brandId, members.id] }),
    foreignKey({ columns: [t.brandId, t.fromTierId], foreignColumns: [tiers.brandId, tiers.id] }),
    foreignKey({ columns: [t.brandId, t.toTierId], foreignColumns: [tiers.brandId, tiers.id] }),
    index("tier_changes_by_member").on(t.brandId, t.memberId, t.id),
  ],
);
