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
import { members } from "./members.ts";

export const pointUnits = ["POINTS", "GROWTH_VALUE"] as const;
export type PointUnit = (typeof pointUnits)[number];

/**
 * A member's account has a `memberId` and never goes below zero; the brand's own account of a unit,
 * out of which it issues, has none and shows what is outstanding as a negative balance.
 */
export const accounts = snakeCase.table(
  "accounts",
  {
    brandId: text()
      .notNull()
      .references(() => brands.id),
    id: text().notNull(),
    unit: text({ enum: pointUnits }).notNull(),
    memberId: text(),
    /** Credits less debits; kept by a trigger on `transfers`, in the same commit. */
    balance: integer().notNull().default(0),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.id] }),
    foreignKey({ columns: [t.brandId, t.memberId], foreignColumns: [members.brandId, members.id] }),
    uniqueIndex("member_account").on(t.brandId, t.memberId, t.unit).where(sql`${t.memberId} is not null`),
    uniqueIndex("brand_account").on(t.brandId, t.unit).where(sql`${t.memberId} is null`),
    check(
      "account_balance",
      sql`(${t.memberId} is null or ${t.balance} >= 0) and abs(${t.balance}) < 9007199254740992`,
    ),
  ],
);

/** Debits one account, credits another; never changed, never deleted (triggers refuse). */
export const transfers = snakeCase.table(
  "transfers",
  {
    brandId: text().notNull(),
    id: text().notNull(),
    debitAccountId: text().notNull(),
    creditAccountId: text().notNull(),
    amount: integer().notNull(),
    /** Why: the operation, and what a person said. */
    cause: json<{ operation: string; reason: string }>().notNull(),
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
    index("transfers_by_debit").on(t.brandId, t.debitAccountId),
    index("transfers_by_credit").on(t.brandId, t.creditAccountId),
    check("transfer_amount", sql`${t.amount} between 1 and 9007199254740991`),
    check("transfer_accounts", sql`${t.debitAccountId} <> ${t.creditAccountId}`),
  ],
);
