import { sql } from "drizzle-orm";
import { foreignKey, index, primaryKey, snakeCase, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { brands } from "./brands.ts";
import { json, moment } from "./columns.ts";
import { tiers } from "./tiers.ts";

export const memberStates = ["ACTIVE", "CLOSED"] as const;
export const consentChannels = ["SMS", "EMAIL", "PUSH", "WECHAT", "PHONE", "POST"] as const;
export type ConsentChannel = (typeof consentChannels)[number];

/** Whether the brand may write to the member through a channel, and since when. */
export type ChannelConsents = Partial<Record<ConsentChannel, { granted: boolean; at: number }>>;

export const members = snakeCase.table(
  "members",
  {
    brandId: text()
      .notNull()
      .references(() => brands.id),
    id: text().notNull(),
    /** The customer's id in the brand's own systems. */
    externalId: text().notNull(),
    state: text({ enum: memberStates }).notNull(),
    /** 16 digits with a check digit: what a member shows when the phone is offline. */
    cardNumber: text().notNull(),
    tierId: text().notNull(),
    tierSince: moment().notNull(),
    locale: text(),
    sourceChannel: text(),
    consents: json<ChannelConsents>().notNull(),
    /** Name, phone, email, birthday and the like: AES-256-GCM under the brand's key. */
    profile: text().notNull(),
    /** Keyed hashes, so that a member is found without the number or address being stored. */
    phoneHash: text(),
    emailHash: text(),
    /** The same of the month and day of birth, so that birthdays to come are found. */
    birthdayHash: text(),
    enrolledAt: moment().notNull(),
    updatedAt: moment().notNull(),
    closedAt: moment(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.id] }),
    foreignKey({ columns: [t.brandId, t.tierId], foreignColumns: [tiers.brandId, tiers.id] }),
    uniqueIndex("member_external_id").on(t.brandId, t.externalId).where(sql`${t.state} = 'ACTIVE'`),
    uniqueIndex("member_card_number").on(t.brandId, t.cardNumber),
    uniqueIndex("member_phone").on(t.brandId, t.phoneHash).where(sql`${t.state} = 'ACTIVE'`),
    uniqueIndex("member_email").on(t.brandId, t.emailHash).where(sql`${t.state} = 'ACTIVE'`),
    // Lists are in the order of enrolment, whatever they are filtered by; of the same moment there are few.
    index("members_by_enrolment").on(t.brandId, t.enrolledAt),
    index("members_in_tier").on(t.brandId, t.tierId, t.enrolledAt),
    index("members_from_channel")
      .on(t.brandId, t.sourceChannel, t.enrolledAt)
      .where(sql`${t.sourceChannel} is not null`),
    index("members_with_locale").on(t.brandId, t.locale, t.enrolledAt).where(sql`${t.locale} is not null`),
    index("members_closed").on(t.brandId, t.enrolledAt).where(sql`${t.state} = 'CLOSED'`),
    index("members_by_birthday").on(t.brandId, t.birthdayHash).where(sql`${t.birthdayHash} is not null`),
  ],
);
