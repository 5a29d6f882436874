import type { RelationsBuilder } from "drizzle-orm/relations";
import type { tables } from "../all-tables.ts";

/** What brands share. */
export const alliances = (r: RelationsBuilder<typeof tables>) => ({
  alliances: {
    founder: r.one.brands({ from: r.alliances.brandId, to: r.brands.id, optional: false }),
    brands: r.many.allianceBrands(),
    jointCampaigns: r.many.jointCampaigns(),
  },
  allianceBrands: {
    alliance: r.one.alliances({
      from: r.allianceBrands.allianceId,
      to: r.alliances.id,
      optional: false,
    }),
    brand: r.one.brands({ from: r.allianceBrands.brandId, to: r.brands.id, optional: false }),
    tiers: r.many.tiers({ from: r.allianceBrands.brandId, to: r.tiers.brandId }),
  },
  linkCodes: {
    member: r.one.members({
      from: [r.linkCodes.brandId, r.linkCodes.memberId],
      to: [r.members.brandId, r.members.id],
      optional: false,
    }),
    allianceBrands: r.many.allianceBrands({
      from: r.linkCodes.allianceId,
      to: r.allianceBrands.allianceId,
    }),
    /** The links that the member has in that alliance. */
    links: r.many.jointMemberships({
      from: [r.linkCodes.brandId, r.linkCodes.memberId, r.linkCodes.allianceId],
      to: [r.jointMemberships.brandId, r.jointMemberships.memberId, r.jointMemberships.allianceId],
    }),
  },
  jointMemberships: {
    member: r.one.members({
      from: [r.jointMemberships.brandId, r.jointMemberships.memberId],
      to: [r.members.brandId, r.members.id],
      alias: "member",
      optional: false,
    }),
    partnerMember: r.one.members({
      from: [r.jointMemberships.partnerBrandId, r.jointMemberships.partnerMemberId],
      to: [r.members.brandId, r.members.id],
      alias: "partnerMember",
      optional: false,
    }),
    /** The other direction of the same link. */
    reverse: r.one.jointMemberships({
      from: [
        r.jointMemberships.partnerBrandId,
        r.jointMemberships.partnerMemberId,
        r.jointMemberships.allianceId,
        r.jointMemberships.memberId,
        r.jointMemberships.linkedAt,
      ],
      to: [
        r.jointMemberships.brandId,
        r.jointMemberships.memberId,
        r.jointMemberships.allianceId,
        r.jointMemberships.partnerMemberId,
        r.jointMemberships.linkedAt,
      ],
      alias: "reverse",
      optional: false,
    }),
    /** The two brands' parts in the alliance, with their tiers' levels. */
    ownPart: r.one.allianceBrands({
      from: [r.jointMemberships.allianceId, r.jointMemberships.brandId],
      to: [r.allianceBrands.allianceId, r.allianceBrands.brandId],
      alias: "ownPart",
      optional: false,
    }),
    partnerPart: r.one.allianceBrands({
      from: [r.jointMemberships.allianceId, r.jointMemberships.partnerBrandId],
      to: [r.allianceBrands.allianceId, r.allianceBrands.brandId],
      alias: "partnerPart",
      optional: false,
    }),
    partnerTiers: r.many.tiers({ from: r.jointMemberships.partnerBrandId, to: r.tiers.brandId }),
    alliance: r.one.alliances({
      from: r.jointMemberships.allianceId,
      to: r.alliances.id,
      optional: false,
    }),
    brand: r.one.brands({
      from: r.jointMemberships.brandId,
      to: r.brands.id,
      alias: "jointBrand",
      optional: false,
    }),
    partner: r.one.brands({
      from: r.jointMemberships.partnerBrandId,
      to: r.brands.id,
      alias: "jointPartner",
      optional: false,
    }),
  },
  jointCampaigns: {
    brand: r.one.brands({ from: r.jointCampaigns.brandId, to: r.brands.id, optional: false }),
    alliance: r.one.alliances({
      from: r.jointCampaigns.allianceId,
      to: r.alliances.id,
      optional: false,
    }),
    offer: r.one.offers({
      from: [r.jointCampaigns.brandId, r.jointCampaigns.offerId],
      to: [r.offers.brandId, r.offers.id],
      optional: false,
    }),
    partners: r.many.jointCampaignPartners(),
    allianceBrands: r.many.allianceBrands({
      from: r.jointCampaigns.allianceId,
      to: r.allianceBrands.allianceId,
    }),
  },
  jointCampaignPartners: {
    campaign: r.one.jointCampaigns({
      from: [r.jointCampaignPartners.brandId, r.jointCampaignPartners.campaignId],
      to: [r.jointCampaigns.brandId, r.jointCampaigns.id],
      optional: false,
    }),
    brand: r.one.brands({
      from: r.jointCampaignPartners.partnerBrandId,
      to: r.brands.id,
      optional: false,
    }),
  },
});
