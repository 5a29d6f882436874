import { sql } from "drizzle-orm";
import {
  check,
  foreignKey,
  index,
  integer,
  primaryKey,
  snakeCase,
  text,
  unique,
} from "drizzle-orm/sqlite-core";
import { brands } from "./brands.ts";
import { json, moment } from "./columns.ts";
import { members } from "./members.ts";

export const orderStates = [
  "PLACED",
  "PAID",
  "COMPLETED",
  "PARTLY_REFUNDED",
  "REFUNDED",
  "CANCELLED",
] as const;
export type OrderState = (typeof orderStates)[number];

export interface OrderLine {
  /** The source's own, unique within the order. */
  lineId: string;
  sku: string;
  name: string | null;
  categories: string[];
  quantity: number;
  /** Of all its units together, before the order's discount. */
  amountMinor: number;
  /** What of the order's discount it bears; the rest of it is spread over all that is left. */
  discountMinor?: number | null | undefined;
}

/** What a customer bought, as a source tells it. Its content never changes; its moments are added. */
export const orders = snakeCase.table(
  "orders",
  {
    brandId: text()
      .notNull()
      .references(() => brands.id),
    id: text().notNull(),
    /** The system that tells of it, and its id there. */
    source: text().notNull(),
    externalId: text().notNull(),
    /** Null for a customer whom nobody recognised. */
    memberId: text(),
    /** Follows from the moments and the refunds; kept, so that it can be asked for. */
    state: text({ enum: orderStates }).notNull(),
    currency: text().notNull(),
    placedAt: moment().notNull(),
    paidAt: moment(),
    completedAt: moment(),
    cancelledAt: moment(),
    /** Lines and shipping, less the discount. */
    totalMinor: integer().notNull(),
    shippingMinor: integer().notNull(),
    discountMinor: integer().notNull(),
    pointsSpent: integer().notNull(),
    channel: text(),
    store: text(),
    lines: json<OrderLine[]>().notNull(),
    couponCodes: json<string[]>().notNull(),
    /** The sum of its refunds. */
    refundedMinor: integer().notNull(),
    createdAt: moment().notNull(),
    updatedAt: moment().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.id] }),
    foreignKey({ columns: [t.brandId, t.memberId], foreignColumns: [members.brandId, members.id] }),
    unique("order_recorded_once").on(t.brandId, t.source, t.externalId),
    index("orders_by_member").on(t.brandId, t.memberId, t.id),
    // What tiers count of them is in the index.
    index("paid_orders_by_member")
      .on(t.brandId, t.memberId, t.paidAt, t.totalMinor, t.refundedMinor)
      .where(sql`${t.paidAt} is not null and ${t.cancelledAt} is null`),
    check("order_total", sql`${t.totalMinor} between 0 and 9007199254740991`),
    check("order_parts", sql`${t.shippingMinor} >= 0 and ${t.discountMinor} >= 0 and ${t.pointsSpent} >= 0`),
    check("order_refunded", sql`${t.refundedMinor} between 0 and ${t.totalMinor}`),
    check(
      "order_moments",
      sql`(${t.completedAt} is null or ${t.paidAt} is not null) and (${t.completedAt} is null or ${t.cancelledAt} is null)`,
    ),
  ],
);

export interface RefundLine {
  lineId: string;
  quantity: number;
  amountMinor: number;
}

/** Goods of an order that came back, or its shipping, and what was paid back for them. */
export const refunds = snakeCase.table(
  "refunds",
  {
    brandId: text().notNull(),
    id: text().notNull(),
    orderId: text().notNull(),
    /** The order's source, and the refund's id there. */
    source: text().notNull(),
    externalId: text().notNull(),
    lines: json<RefundLine[]>().notNull(),
    shippingMinor: integer().notNull(),
    /** Of its lines and shipping together. */
    amountMinor: integer().notNull(),
    refundedAt: moment().notNull(),
    createdAt: moment().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.id] }),
    foreignKey({ columns: [t.brandId, t.orderId], foreignColumns: [orders.brandId, orders.id] }),
    unique("refund_recorded_once").on(t.brandId, t.source, t.externalId),
    index("refunds_by_order").on(t.brandId, t.orderId, t.id),
    check("refund_amount", sql`${t.shippingMinor} >= 0 and ${t.amountMinor} >= ${t.shippingMinor}`),
  ],
);

export const activityKinds = [
  "SIGN_UP",
  "LOG_IN",
  "CHECK_IN",
  "REVIEW",
  "SHARE",
  "BROWSE",
  "PROFILE_COMPLETED",
  "CUSTOM",
] as const;
export type ActivityKind = (typeof activityKinds)[number];

/** What a member did besides buying, as a source tells it. Never changes. */
export const activities = snakeCase.table(
  "activities",
  {
    brandId: text().notNull(),
    id: text().notNull(),
    memberId: text().notNull(),
    kind: text({ enum: activityKinds }).notNull(),
    /** Of a kind of the brand's own. */
    name: text(),
    source: text().notNull(),
    externalId: text().notNull(),
    occurredAt: moment().notNull(),
    detail: json<Record<string, string>>().notNull(),
    createdAt: moment().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.id] }),
    foreignKey({ columns: [t.brandId, t.memberId], foreignColumns: [members.brandId, members.id] }),
    unique("activity_recorded_once").on(t.brandId, t.source, t.externalId),
    index("activities_by_member").on(t.brandId, t.memberId, t.id),
    index("activities_by_kind").on(t.brandId, t.memberId, t.kind, t.occurredAt),
    check("activity_name", sql`(${t.kind} = 'CUSTOM') = (${t.name} is not null)`),
  ],
);
