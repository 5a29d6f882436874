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
import { moment } from "./columns.ts";
import { offers } from "./offers.ts";

/**
 * Codes that were made together: a range of serial numbers, which a keyed permutation turns into codes. None
 * of them is stored; a coupon's row appears when its code is first touched.
 */
export const codeBatches = snakeCase.table(
  "code_batches",
  {
    brandId: text().notNull(),
    id: text().notNull(),
    offerId: text().notNull(),
    /** The version of the offer that its coupons have. */
    offerVersion: integer().notNull(),
    /** How a code looks: prefix, then so many letters of the alphabet, then a check character of it. */
    prefix: text().notNull(),
    alphabet: text().notNull(),
    length: integer().notNull(),
    /** How a person reads it: in groups of so many; 0 is without. */
    grouping: integer().notNull(),
    firstSerial: integer().notNull(),
    count: integer().notNull(),
    /** From then on, codes that nobody has touched are worth nothing. */
    revokedAt: moment(),
    createdAt: moment().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.id] }),
    foreignKey({ columns: [t.brandId, t.offerId], foreignColumns: [offers.brandId, offers.id] }),
    // Each begins where the one before it of the same look ended: of two that begin alike, one loses.
    uniqueIndex("code_range").on(t.brandId, t.prefix, t.alphabet, t.length, t.firstSerial),
    index("code_batches_by_offer").on(t.brandId, t.offerId, t.id),
    check("code_batch_range", sql`${t.firstSerial} >= 0 and ${t.count} > 0`),
  ],
);

/** One code for everybody, such as WELCOME10: who uses it gets a coupon of its offer. */
export const sharedCodes = snakeCase.table(
  "shared_codes",
  {
    brandId: text().notNull(),
    /** Upper case, without spaces and hyphens. */
    code: text().notNull(),
    offerId: text().notNull(),
    /** How many coupons it gives at most, besides the offer's own limits; null is without. */
    claimLimit: integer(),
    claimedCount: integer().notNull(),
    revokedAt: moment(),
    createdAt: moment().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.code] }),
    foreignKey({ columns: [t.brandId, t.offerId], foreignColumns: [offers.brandId, offers.id] }),
    index("shared_codes_by_offer").on(t.brandId, t.offerId),
    check("shared_code_limit", sql`${t.claimedCount} >= 0 and ${t.claimedCount} <= ${t.claimLimit}`),
  ],
);
