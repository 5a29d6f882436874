import { foreignKey, index, primaryKey, snakeCase, text } from "drizzle-orm/sqlite-core";
import { moment } from "./columns.ts";
import { members } from "./members.ts";

/** The card payloads that a till has accepted: each once. */
export const cardScans = snakeCase.table(
  "card_scans",
  {
    brandId: text().notNull(),
    /** The payload's `jti`. */
    payloadId: text().notNull(),
    memberId: text().notNull(),
    scannedAt: moment().notNull(),
    scannedBy: text().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.payloadId] }),
    foreignKey({ columns: [t.brandId, t.memberId], foreignColumns: [members.brandId, members.id] }),
    index("card_scans_by_member").on(t.brandId, t.memberId),
  ],
);
