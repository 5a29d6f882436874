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
import { offers } from "./offers.ts";

/** An agreement between brands. `brandId` is the brand that founded it. */
export const alliances = snakeCase.table("alliances", {
  id: text().primaryKey(),
  brandId: text()
    .notNull()
    .references(() => brands.id),
  name: localizedText().notNull(),
  createdAt: moment().notNull(),
});

export const allianceBrandStates = ["INVITED", "ACTIVE", "LEFT"] as const;

/** A brand's part in an alliance. */
export const allianceBrands = snakeCase.table(
  "alliance_brands",
  {
    allianceId: text()
      .notNull()
      .references(() => alliances.id),
    brandId: text()
      .notNull()
      .references(() => brands.id),
    state: text({ enum: allianceBrandStates }).notNull(),
    /** The brand's tiers on the alliance's common scale, 1–9: partners recognise by level. */
    tierLevels: json<Record<string, number>>().notNull(),
    invitedAt: moment().notNull(),
    joinedAt: moment(),
  },
  (t) => [primaryKey({ columns: [t.allianceId, t.brandId] }), index("alliances_by_brand").on(t.brandId)],
);

export const dataCategories = ["TIER", "MEMBER_SINCE", "DISPLAY_NAME", "REGION"] as const;
export type DataCategory = (typeof dataCategories)[number];

export const consentPurposes = ["RECOGNITION", "JOINT_OFFERS"] as const;
export type ConsentPurpose = (typeof consentPurposes)[number];

/** What a member lets a partner see, what for, and until when. */
export interface SharingConsent {
  categories: DataCategory[];
  purposes: ConsentPurpose[];
  expiresAt: number;
}

/** A code that one brand's app shows, so that its holder can link the membership in another's. */
export const linkCodes = snakeCase.table(
  "link_codes",
  {
    brandId: text().notNull(),
    id: text().notNull(),
    memberId: text().notNull(),
    allianceId: text().notNull(),
    codeHash: text().notNull(),
    consent: json<SharingConsent>().notNull(),
    expiresAt: moment().notNull(),
    usedAt: moment(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.id] }),
    foreignKey({ columns: [t.brandId, t.memberId], foreignColumns: [members.brandId, members.id] }),
    foreignKey({
      columns: [t.allianceId, t.brandId],
      foreignColumns: [allianceBrands.allianceId, allianceBrands.brandId],
    }),
    uniqueIndex("link_code").on(t.codeHash),
    index("unused_link_codes_by_member")
      .on(t.brandId, t.memberId, t.allianceId)
      .where(sql`${t.usedAt} is null`),
  ],
);

/**
 * One direction of a link: what `memberId` of `brandId` lets `partnerBrandId` see. A link writes two
 * rows, one for each brand. The row's id is the pseudonym by which the partner knows the member.
 */
export const jointMemberships = snakeCase.table(
  "joint_memberships",
  {
    brandId: text().notNull(),
    id: text().notNull(),
    memberId: text().notNull(),
    allianceId: text().notNull(),
    partnerBrandId: text().notNull(),
    partnerMemberId: text().notNull(),
    categories: json<DataCategory[]>().notNull(),
    purposes: json<ConsentPurpose[]>().notNull(),
    linkedAt: moment().notNull(),
    consentGivenAt: moment().notNull(),
    consentExpiresAt: moment().notNull(),
    consentWithdrawnAt: moment(),
    endedAt: moment(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.id] }),
    foreignKey({ columns: [t.brandId, t.memberId], foreignColumns: [members.brandId, members.id] }),
    foreignKey({
      columns: [t.partnerBrandId, t.partnerMemberId],
      foreignColumns: [members.brandId, members.id],
    }),
    foreignKey({
      columns: [t.allianceId, t.brandId],
      foreignColumns: [allianceBrands.allianceId, allianceBrands.brandId],
    }),
    foreignKey({
      columns: [t.allianceId, t.partnerBrandId],
      foreignColumns: [allianceBrands.allianceId, allianceBrands.brandId],
    }),
    uniqueIndex("joint_membership_once")
      .on(t.brandId, t.memberId, t.allianceId, t.partnerBrandId)
      .where(sql`${t.endedAt} is null`),
    index("joint_memberships_by_member").on(t.brandId, t.memberId, t.id),
    index("joint_memberships_by_partner").on(t.partnerBrandId, t.allianceId, t.id),
    check("joint_membership_brands", sql`${t.brandId} <> ${t.partnerBrandId}`),
  ],
);

/** Coupons of one brand's offer that its partners may issue. `brandId` owns the offer. */
export const jointCampaigns = snakeCase.table(
  "joint_campaigns",
  {
    brandId: text().notNull(),
    id: text().notNull(),
    allianceId: text().notNull(),
    offerId: text().notNull(),
    name: localizedText().notNull(),
    startsAt: moment().notNull(),
    endsAt: moment().notNull(),
    createdAt: moment().notNull(),
    endedAt: moment(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.id] }),
    foreignKey({ columns: [t.brandId, t.offerId], foreignColumns: [offers.brandId, offers.id] }),
    foreignKey({
      columns: [t.allianceId, t.brandId],
      foreignColumns: [allianceBrands.allianceId, allianceBrands.brandId],
    }),
    uniqueIndex("joint_campaign_id").on(t.id),
    index("joint_campaigns_by_alliance").on(t.allianceId),
    check("joint_campaign_dates", sql`${t.startsAt} < ${t.endsAt}`),
  ],
);

/** A partner's quota in a joint campaign, and its approval. */
export const jointCampaignPartners = snakeCase.table(
  "joint_campaign_partners",
  {
    brandId: text().notNull(),
    campaignId: text().notNull(),
    partnerBrandId: text().notNull(),
    quota: integer().notNull(),
    issuedCount: integer().notNull().default(0),
    approvedAt: moment(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.campaignId, t.partnerBrandId] }),
    foreignKey({
      columns: [t.brandId, t.campaignId],
      foreignColumns: [jointCampaigns.brandId, jointCampaigns.id],
    }),
    foreignKey({ columns: [t.partnerBrandId], foreignColumns: [brands.id] }),
    index("joint_campaigns_by_partner").on(t.partnerBrandId),
    check("partner_quota", sql`${t.issuedCount} between 0 and ${t.quota}`),
  ],
);
