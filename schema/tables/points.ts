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
import { json, moment } from "./columns.ts";
import type { EarningStep } from "./earning.ts";
import { members } from "./members.ts";

export const pointUnits = ["POINTS", "GROWTH_VALUE"] as const;
export type PointUnit = (typeof pointUnits)[number];

/** What a member has: to spend, not yet to spend, set aside for an order; and what it owes. */
const memberAccountKinds = ["AVAILABLE", "PENDING", "HELD", "DEBT"] as const;
/** Where a brand's points come from (below zero by what was ever issued), and where they end. */
const brandAccountKinds = ["ISSUANCE", "REDEMPTION", "BREAKAGE"] as const;
export type AccountKind = (typeof memberAccountKinds | typeof brandAccountKinds)[number];

/** The accounts that each member has, and each brand. Growth value is never spent, held or expired. */
export const accountsOfMember: readonly { unit: PointUnit; kind: AccountKind }[] = [
  ...memberAccountKinds.map((kind) => ({ unit: "POINTS" as const, kind })),
  { unit: "GROWTH_VALUE", kind: "AVAILABLE" },
];
export const accountsOfBrand: readonly { unit: PointUnit; kind: AccountKind }[] = [
  ...brandAccountKinds.map((kind) => ({ unit: "POINTS" as const, kind })),
  { unit: "GROWTH_VALUE", kind: "ISSUANCE" },
];

/** A member's account has a `memberId` and never goes below zero; a brand's has none. */
export const accounts = snakeCase.table(
  "accounts",
  {
    brandId: text()
      .notNull()
      .references(() => brands.id),
    id: text().notNull(),
    unit: text({ enum: pointUnits }).notNull(),
    kind: text({ enum: [...memberAccountKinds, ...brandAccountKinds] }).notNull(),
    memberId: text(),
    /** Credits less debits; kept by a trigger on `transfers`, in the same commit. */
    balance: integer().notNull().default(0),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.id] }),
    foreignKey({ columns: [t.brandId, t.memberId], foreignColumns: [members.brandId, members.id] }),
    uniqueIndex("member_account")
      .on(t.brandId, t.memberId, t.unit, t.kind)
      .where(sql`${t.memberId} is not null`),
    uniqueIndex("brand_account").on(t.brandId, t.unit, t.kind).where(sql`${t.memberId} is null`),
    check(
      "account_kind",
      sql`(${t.memberId} is null) = (${t.kind} in ('ISSUANCE', 'REDEMPTION', 'BREAKAGE'))`,
    ),
    check(
      "account_balance",
      sql`(${t.memberId} is null or ${t.balance} >= 0) and abs(${t.balance}) < 9007199254740992`,
    ),
  ],
);

/** Why points moved. */
export interface Cause {
  /** The verb: `spendPoints`. */
  operation: string;
  /** What a person said, for the brand's own record. */
  reason?: string | undefined;
  /** The caller's name of what it is about, such as an order's number. */
  reference?: string | undefined;
  /** The system that the order is in, where it is known: two of them may count alike. */
  source?: string | undefined;
  /** The award that gave the points, or that they are taken back from. */
  awardId?: string | undefined;
  /** The order that it is about, and the refund that caused it. */
  orderId?: string | undefined;
  refundId?: string | undefined;
  /** The coupon that was bought with them. */
  couponId?: string | undefined;
  /** Of an award that can be spent: what made its points more, or fewer; so that a statement can say it. */
  steps?: EarningStep[] | undefined;
}

/** Debits one account, credits another; never changed, never deleted (triggers refuse). */
export const transfers = snakeCase.table(
  "transfers",
  {
    brandId: text().notNull(),
    id: text().notNull(),
    /** Whose points move. */
    memberId: text().notNull(),
    debitAccountId: text().notNull(),
    creditAccountId: text().notNull(),
    amount: integer().notNull(),
    cause: json<Cause>().notNull(),
    /** The transfer that this one takes back, in whole or in part; never more than it (a trigger refuses). */
    reversesTransferId: text(),
    createdAt: moment().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.id] }),
    foreignKey({
      columns: [t.brandId, t.debitAccountId],
      foreignColumns: [accounts.brandId, accounts.id],
    }),
    foreignKey({
      columns: [t.brandId, t.creditAccountId],
      foreignColumns: [accounts.brandId, accounts.id],
    }),
    foreignKey({ columns: [t.brandId, t.memberId], foreignColumns: [members.brandId, members.id] }),
    foreignKey({ columns: [t.brandId, t.reversesTransferId], foreignColumns: [t.brandId, t.id] }),
    index("transfers_by_reversed")
      .on(t.brandId, t.reversesTransferId)
      .where(sql`${t.reversesTransferId} is not null`),
    index("transfers_by_member").on(t.brandId, t.memberId, t.id),
    index("transfers_by_debit").on(t.brandId, t.debitAccountId),
    index("transfers_by_credit").on(t.brandId, t.creditAccountId),
    check("transfer_amount", sql`${t.amount} between 1 and 9007199254740991`),
    check("transfer_accounts", sql`${t.debitAccountId} <> ${t.creditAccountId}`),
  ],
);

/**
 * Points that came into a member's available account together and expire together. `remaining` is what
 * of them is in that account now (a trigger on `lot_uses` keeps it): its lots' remaining are its balance.
 */
export const lots = snakeCase.table(
  "lots",
  {
    brandId: text().notNull(),
    id: text().notNull(),
    memberId: text().notNull(),
    /** The transfer that made it. */
    transferId: text().notNull(),
    amount: integer().notNull(),
    remaining: integer().notNull(),
    spendableAt: moment().notNull(),
    /** Cannot be spent from then on; null for never. */
    expiresAt: moment(),
    issuedByBrandId: text()
      .notNull()
      .references(() => brands.id),
    /** Who pays for what is bought with it. */
    fundedByBrandId: text()
      .notNull()
      .references(() => brands.id),
    /** What a point costs who funds it, in millionths of the currency's minor unit. */
    costMicroMinor: integer().notNull(),
    createdAt: moment().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.id] }),
    foreignKey({ columns: [t.brandId, t.memberId], foreignColumns: [members.brandId, members.id] }),
    foreignKey({ columns: [t.brandId, t.transferId], foreignColumns: [transfers.brandId, transfers.id] }),
    index("live_lots_by_member").on(t.brandId, t.memberId, t.expiresAt).where(sql`${t.remaining} > 0`),
    index("live_lots_by_expiry").on(t.expiresAt, t.brandId, t.id).where(sql`${t.remaining} > 0`),
    check("lot_remaining", sql`${t.amount} > 0 and ${t.remaining} between 0 and ${t.amount}`),
    check("lot_cost", sql`${t.costMicroMinor} >= 0`),
  ],
);

/**
 * Which lots a transfer's points are of: those that it does not make. What leaves the available account
 * takes from its lots, what comes into it gives back to them; between other accounts they stay theirs.
 */
export const lotUses = snakeCase.table(
  "lot_uses",
  {
    brandId: text().notNull(),
    transferId: text().notNull(),
    lotId: text().notNull(),
    amount: integer().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.transferId, t.lotId] }),
    foreignKey({ columns: [t.brandId, t.transferId], foreignColumns: [transfers.brandId, transfers.id] }),
    foreignKey({ columns: [t.brandId, t.lotId], foreignColumns: [lots.brandId, lots.id] }),
    index("lot_uses_by_lot").on(t.brandId, t.lotId),
    check("lot_use_amount", sql`${t.amount} > 0`),
  ],
);

export const adjustmentStates = ["PROPOSED", "APPROVED", "REJECTED"] as const;

/** A change of a balance that is too large for one operator: another decides. */
export const adjustments = snakeCase.table(
  "adjustments",
  {
    brandId: text().notNull(),
    id: text().notNull(),
    memberId: text().notNull(),
    unit: text({ enum: pointUnits }).notNull(),
    /** Credits when positive, debits when negative. */
    amount: integer().notNull(),
    reason: text().notNull(),
    state: text({ enum: adjustmentStates }).notNull(),
    proposedBy: text().notNull(),
    decidedBy: text(),
    decidedAt: moment(),
    /** The transfer that an approval made. */
    transferId: text(),
    createdAt: moment().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.id] }),
    foreignKey({ columns: [t.brandId, t.memberId], foreignColumns: [members.brandId, members.id] }),
    foreignKey({ columns: [t.brandId, t.transferId], foreignColumns: [transfers.brandId, transfers.id] }),
    index("open_adjustments").on(t.brandId, t.id).where(sql`${t.state} = 'PROPOSED'`),
    check("adjustment_decided_by_another", sql`${t.decidedBy} <> ${t.proposedBy}`),
    check("adjustment_amount", sql`${t.amount} <> 0`),
  ],
);

/** What members were told ahead, each once: `points:2027-03-31:30` is of what expires then, 30 days before. */
export const reminders = snakeCase.table(
  "reminders",
  {
    brandId: text().notNull(),
    memberId: text().notNull(),
    subject: text().notNull(),
    createdAt: moment().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.memberId, t.subject] }),
    foreignKey({ columns: [t.brandId, t.memberId], foreignColumns: [members.brandId, members.id] }),
  ],
);

export const holdStates = ["OPEN", "CAPTURED", "RELEASED"] as const;

/** Points set aside for an order; past `expiresAt` it can only be released. */
export const holds = snakeCase.table(
  "holds",
  {
    brandId: text().notNull(),
    id: text().notNull(),
    memberId: text().notNull(),
    /** The transfer that set them aside; its lots are the hold's. */
    transferId: text().notNull(),
    amount: integer().notNull(),
    /** What they were worth on the order when they were set aside. */
    worthMinor: integer().notNull(),
    orderReference: text().notNull(),
    state: text({ enum: holdStates }).notNull(),
    createdAt: moment().notNull(),
    expiresAt: moment().notNull(),
    settledAt: moment(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.id] }),
    foreignKey({ columns: [t.brandId, t.memberId], foreignColumns: [members.brandId, members.id] }),
    foreignKey({ columns: [t.brandId, t.transferId], foreignColumns: [transfers.brandId, transfers.id] }),
    index("open_holds_by_member").on(t.brandId, t.memberId).where(sql`${t.state} = 'OPEN'`),
    index("open_holds_by_expiry").on(t.expiresAt, t.brandId, t.id).where(sql`${t.state} = 'OPEN'`),
    check("hold_amount", sql`${t.amount} > 0 and ${t.worthMinor} >= 0`),
  ],
);
