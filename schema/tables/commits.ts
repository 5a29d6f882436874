import { index, integer, primaryKey, snakeCase, text } from "drizzle-orm/sqlite-core";
import { json, moment } from "./columns.ts";

/** The answers already given, so that a repeated call has one effect. */
export const idempotency = snakeCase.table(
  "idempotency",
  {
    brandId: text().notNull(),
    /** The client, or the member, that called. */
    caller: text().notNull(),
    operation: text().notNull(),
    key: text().notNull(),
    inputHash: text().notNull(),
    outcome: json<unknown>().notNull(),
    createdAt: moment().notNull(),
  },
  (t) => [primaryKey({ columns: [t.brandId, t.caller, t.operation, t.key] })],
);

/** Who did what to which. Never updated, never deleted (triggers refuse). */
export const audit = snakeCase.table(
  "audit",
  {
    brandId: text().notNull(),
    id: text().notNull(),
    caller: text().notNull(),
    operation: text().notNull(),
    subjectId: text().notNull(),
    detail: json<Record<string, unknown>>().notNull(),
    createdAt: moment().notNull(),
  },
  (t) => [primaryKey({ columns: [t.brandId, t.id] }), index("audit_by_subject").on(t.brandId, t.subjectId)],
);

/** What the brand's other systems will be told; written in the commit that it tells of. */
export const outbox = snakeCase.table(
  "outbox",
  {
    brandId: text().notNull(),
    id: text().notNull(),
    type: text().notNull(),
    payload: json<Record<string, unknown>>().notNull(),
    createdAt: moment().notNull(),
    deliveredAt: moment(),
  },
  (t) => [primaryKey({ columns: [t.brandId, t.id] })],
);

/** Always empty: inserting a null here aborts the batch whose assumption did not hold. */
export const guard = snakeCase.table("guard", { mustHold: integer().notNull() });
