import { integer, snakeCase, text } from "drizzle-orm/sqlite-core";
import { localizedText, moment } from "./columns.ts";

/** A tenant. Every other row carries the id of the brand that it belongs to. */
export const brands = snakeCase.table("brands", {
  id: text().primaryKey(),
  slug: text().notNull().unique(),
  name: localizedText().notNull(),
  description: localizedText(),
  /** BCP 47; also gives the region that phone numbers without a country code are read in. */
  locale: text().notNull(),
  /** IANA name; what means a calendar day is computed in it. */
  timeZone: text().notNull(),
  /** ISO 4217. */
  currency: text().notNull(),
  pointsName: localizedText().notNull(),
  /** The brand's key for personal data, wrapped by the platform's secret. */
  wrappedDataKey: text().notNull(),
  /** Counts the changes of the program, so that two at once do not build on the same state of it. */
  programVersion: integer().notNull().default(1),
  createdAt: moment().notNull(),
  updatedAt: moment().notNull(),
});
