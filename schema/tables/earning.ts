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
import { json, moment } from "./columns.ts";
import { members } from "./members.ts";
import { activities, orders } from "./orders.ts";
import { lots, transfers } from "./points.ts";
import { ruleSets } from "./rules.ts";

/** Why a fact earned what it did: what the rules saw and answered, step by step. */
export interface EarningDecision {
  steps: EarningStep[];
  /** What each line of an order gave; refunds take it back line by line. */
  lines: { lineId: string; points: number; growthValue: number }[];
}

/** A step of an earning decision. Its words are made from these data, in the member's language. */
export interface EarningStep {
  kind: "BASE" | "MULTIPLIER" | "ACTIVITY" | "CAP";
  unit: "POINTS" | "GROWTH_VALUE";
  /** What there was after the step. */
  amount: number;
  /** The rule's, benefit's or tier's name. */
  name?: Record<string, string> | undefined;
  /** 15000 is 1.5 ×. */
  multiplierBasisPoints?: number | undefined;
  /** Of a cap: per what, and how much. */
  cap?: "ORDER" | "DAY" | "MONTH" | undefined;
  limit?: number | undefined;
}

export const awardStates = ["PENDING", "SPENDABLE"] as const;

/** What an order or an activity earned a member, with the decision; what of it was taken back is counted. */
export const awards = snakeCase.table(
  "awards",
  {
    brandId: text().notNull(),
    id: text().notNull(),
    memberId: text().notNull(),
    orderId: text(),
    activityId: text(),
    ruleSetId: text().notNull(),
    points: integer().notNull(),
    growthValue: integer().notNull(),
    /** Taken back so far, because goods went back or the order was called off. */
    pointsBack: integer().notNull(),
    growthValueBack: integer().notNull(),
    state: text({ enum: awardStates }).notNull(),
    /** When it was earned: the order was paid, the activity happened. */
    earnedAt: moment().notNull(),
    /** When pending points become spendable; null while that depends on the order. */
    spendableAt: moment(),
    /** The transfer that gave its points, and the lot that they came in; null for none. */
    transferId: text(),
    lotId: text(),
    decision: json<EarningDecision>().notNull(),
    createdAt: moment().notNull(),
    updatedAt: moment().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.id] }),
    foreignKey({ columns: [t.brandId, t.memberId], foreignColumns: [members.brandId, members.id] }),
    foreignKey({ columns: [t.brandId, t.orderId], foreignColumns: [orders.brandId, orders.id] }),
    foreignKey({ columns: [t.brandId, t.activityId], foreignColumns: [activities.brandId, activities.id] }),
    foreignKey({ columns: [t.brandId, t.ruleSetId], foreignColumns: [ruleSets.brandId, ruleSets.id] }),
    foreignKey({ columns: [t.brandId, t.transferId], foreignColumns: [transfers.brandId, transfers.id] }),
    foreignKey({ columns: [t.brandId, t.lotId], foreignColumns: [lots.brandId, lots.id] }),
    uniqueIndex("order_awarded_once").on(t.brandId, t.orderId).where(sql`${t.orderId} is not null`),
    uniqueIndex("activity_awarded_once").on(t.brandId, t.activityId).where(sql`${t.activityId} is not null`),
    index("awards_by_member").on(t.brandId, t.memberId, t.earnedAt),
    index("due_awards").on(t.spendableAt, t.brandId, t.id).where(sql`${t.state} = 'PENDING'`),
    check(
      "award_taken_back",
      sql`${t.pointsBack} between 0 and ${t.points} and ${t.growthValueBack} between 0 and ${t.growthValue}`,
    ),
  ],
);
