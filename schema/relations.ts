import { defineRelations } from "drizzle-orm";
import * as alliances from "./tables/alliances.ts";
import * as benefits from "./tables/benefits.ts";
import * as brands from "./tables/brands.ts";
import * as cards from "./tables/cards.ts";
import * as carts from "./tables/carts.ts";
import * as clients from "./tables/clients.ts";
import * as codes from "./tables/codes.ts";
import * as commits from "./tables/commits.ts";
import * as coupons from "./tables/coupons.ts";
import * as earning from "./tables/earning.ts";
import * as jobs from "./tables/jobs.ts";
import * as members from "./tables/members.ts";
import * as offers from "./tables/offers.ts";
import * as orders from "./tables/orders.ts";
import * as points from "./tables/points.ts";
import * as rules from "./tables/rules.ts";
import * as standings from "./tables/standings.ts";
import * as tiers from "./tables/tiers.ts";

const tables = {
  brands: brands.brands,
  tiers: tiers.tiers,
  tierBenefits: tiers.tierBenefits,
  benefits: benefits.benefits,
  benefitUses: benefits.benefitUses,
  benefitUsages: benefits.benefitUsages,
  members: members.members,
  accounts: points.accounts,
  transfers: points.transfers,
  lots: points.lots,
  lotUses: points.lotUses,
  holds: points.holds,
  adjustments: points.adjustments,
  reminders: points.reminders,
  ruleSets: rules.ruleSets,
  awards: earning.awards,
  standings: standings.standings,
  membershipPlans: standings.membershipPlans,
  tierGrants: standings.tierGrants,
  tierChanges: standings.tierChanges,
  offers: offers.offers,
  offerVersions: offers.offerVersions,
  offerCounters: offers.offerCounters,
  codeBatches: codes.codeBatches,
  sharedCodes: codes.sharedCodes,
  coupons: coupons.coupons,
  redemptions: coupons.redemptions,
  couponChanges: coupons.couponChanges,
  decisions: carts.decisions,
  checkouts: carts.checkouts,
  checkoutCoupons: carts.checkoutCoupons,
  checkoutBenefits: carts.checkoutBenefits,
  orders: orders.orders,
  refunds: orders.refunds,
  activities: orders.activities,
  cardScans: cards.cardScans,
  clients: clients.clients,
  alliances: alliances.alliances,
  allianceBrands: alliances.allianceBrands,
  linkCodes: alliances.linkCodes,
  jointMemberships: alliances.jointMemberships,
  jointCampaigns: alliances.jointCampaigns,
  jointCampaignPartners: alliances.jointCampaignPartners,
  idempotency: commits.idempotency,
  audit: commits.audit,
  outbox: commits.outbox,
  guard: commits.guard,
  jobs: jobs.jobs,
};

/** How the tables hang together; a relation inside a tenant always joins on the brand as well. */
export const relations = defineRelations(tables, (r) => {
  const couponsOfMember = () =>
    r.many.coupons({
      from: [r.members.brandId, r.members.id],
      to: [r.coupons.brandId, r.coupons.memberId],
    });
  const lotsOfMember = () =>
    r.many.lots({ from: [r.members.brandId, r.members.id], to: [r.lots.brandId, r.lots.memberId] });
  const offersOfBrand = () => r.many.offers({ from: r.brands.id, to: r.offers.brandId });
  const ruleSetsOfBrand = () => r.many.ruleSets({ from: r.brands.id, to: r.ruleSets.brandId });
  return {
    brands: {
      tiers: r.many.tiers(),
      // The ladder once more, for what is asked of another tier than the first.
      tiersAhead: r.many.tiers({ from: r.brands.id, to: r.tiers.brandId }),
      benefits: r.many.benefits(),
      offers: r.many.offers(),
      automaticOffers: offersOfBrand(),
      claimableOffers: offersOfBrand(),
      convertibleOffers: offersOfBrand(),
      stackingRules: ruleSetsOfBrand(),
      stackingRuleSets: ruleSetsOfBrand(),
      // A relation for each question, so that all of them ride in one statement.
      earningRules: ruleSetsOfBrand(),
      earningRuleSets: ruleSetsOfBrand(),
      tierRuleSets: ruleSetsOfBrand(),
      allTierRuleSets: ruleSetsOfBrand(),
      membershipPlans: r.many.membershipPlans(),
    },
    ruleSets: {
      brand: r.one.brands({ from: r.ruleSets.brandId, to: r.brands.id, optional: false }),
    },
    tiers: {
      brand: r.one.brands({ from: r.tiers.brandId, to: r.brands.id, optional: false }),
      benefits: r.many.benefits({
        from: [r.tiers.brandId.through(r.tierBenefits.brandId), r.tiers.id.through(r.tierBenefits.tierId)],
        to: [
          r.benefits.brandId.through(r.tierBenefits.brandId),
          r.benefits.id.through(r.tierBenefits.benefitId),
        ],
      }),
    },
    benefits: {
      brand: r.one.brands({ from: r.benefits.brandId, to: r.brands.id, optional: false }),
      tiers: r.many.tiers(),
      uses: r.many.benefitUses(),
    },
    benefitUses: {
      benefit: r.one.benefits({
        from: [r.benefitUses.brandId, r.benefitUses.benefitId],
        to: [r.benefits.brandId, r.benefits.id],
        optional: false,
      }),
      member: r.one.members({
        from: [r.benefitUses.brandId, r.benefitUses.memberId],
        to: [r.members.brandId, r.members.id],
        optional: false,
      }),
    },
    benefitUsages: {
      benefit: r.one.benefits({
        from: [r.benefitUsages.brandId, r.benefitUsages.benefitId],
        to: [r.benefits.brandId, r.benefits.id],
        optional: false,
      }),
      member: r.one.members({
        from: [r.benefitUsages.brandId, r.benefitUsages.memberId],
        to: [r.members.brandId, r.members.id],
        optional: false,
      }),
      coupon: r.one.coupons({
        from: [r.benefitUsages.brandId, r.benefitUsages.couponId],
        to: [r.coupons.brandId, r.coupons.id],
      }),
    },
    standings: {
      member: r.one.members({
        from: [r.standings.brandId, r.standings.memberId],
        to: [r.members.brandId, r.members.id],
        optional: false,
      }),
      tier: r.one.tiers({
        from: [r.standings.brandId, r.standings.tierId],
        to: [r.tiers.brandId, r.tiers.id],
        optional: false,
      }),
    },
    membershipPlans: {
      brand: r.one.brands({ from: r.membershipPlans.brandId, to: r.brands.id, optional: false }),
      tier: r.one.tiers({
        from: [r.membershipPlans.brandId, r.membershipPlans.tierId],
        to: [r.tiers.brandId, r.tiers.id],
        optional: false,
      }),
    },
    tierGrants: {
      member: r.one.members({
        from: [r.tierGrants.brandId, r.tierGrants.memberId],
        to: [r.members.brandId, r.members.id],
        optional: false,
      }),
      tier: r.one.tiers({
        from: [r.tierGrants.brandId, r.tierGrants.tierId],
        to: [r.tiers.brandId, r.tiers.id],
        optional: false,
      }),
      plan: r.one.membershipPlans({
        from: [r.tierGrants.brandId, r.tierGrants.planId],
        to: [r.membershipPlans.brandId, r.membershipPlans.id],
      }),
      order: r.one.orders({
        from: [r.tierGrants.brandId, r.tierGrants.orderId],
        to: [r.orders.brandId, r.orders.id],
      }),
    },
    tierChanges: {
      member: r.one.members({
        from: [r.tierChanges.brandId, r.tierChanges.memberId],
        to: [r.members.brandId, r.members.id],
        optional: false,
      }),
      from: r.one.tiers({
        from: [r.tierChanges.brandId, r.tierChanges.fromTierId],
        to: [r.tiers.brandId, r.tiers.id],
        optional: false,
        alias: "from",
      }),
      to: r.one.tiers({
        from: [r.tierChanges.brandId, r.tierChanges.toTierId],
        to: [r.tiers.brandId, r.tiers.id],
        optional: false,
        alias: "to",
      }),
      fromNamed: r.one.tiers({
        from: [r.tierChanges.brandId, r.tierChanges.fromTierId],
        to: [r.tiers.brandId, r.tiers.id],
        optional: false,
        alias: "fromNamed",
      }),
      toNamed: r.one.tiers({
        from: [r.tierChanges.brandId, r.tierChanges.toTierId],
        to: [r.tiers.brandId, r.tiers.id],
        optional: false,
        alias: "toNamed",
      }),
    },
    awards: {
      member: r.one.members({
        from: [r.awards.brandId, r.awards.memberId],
        to: [r.members.brandId, r.members.id],
        optional: false,
      }),
      order: r.one.orders({
        from: [r.awards.brandId, r.awards.orderId],
        to: [r.orders.brandId, r.orders.id],
      }),
      activity: r.one.activities({
        from: [r.awards.brandId, r.awards.activityId],
        to: [r.activities.brandId, r.activities.id],
      }),
      lot: r.one.lots({
        from: [r.awards.brandId, r.awards.lotId],
        to: [r.lots.brandId, r.lots.id],
      }),
      ruleSet: r.one.ruleSets({
        from: [r.awards.brandId, r.awards.ruleSetId],
        to: [r.ruleSets.brandId, r.ruleSets.id],
        optional: false,
      }),
    },
    adjustments: {
      member: r.one.members({
        from: [r.adjustments.brandId, r.adjustments.memberId],
        to: [r.members.brandId, r.members.id],
        optional: false,
      }),
    },
    members: {
      brand: r.one.brands({ from: r.members.brandId, to: r.brands.id, optional: false }),
      tier: r.one.tiers({
        from: [r.members.brandId, r.members.tierId],
        to: [r.tiers.brandId, r.tiers.id],
        optional: false,
      }),
      accounts: r.many.accounts(),
      transfers: r.many.transfers(),
      holds: r.many.holds(),
      // A relation for each question, so that all of them ride in one statement.
      lots: lotsOfMember(),
      expiringLots: lotsOfMember(),
      expiredLots: lotsOfMember(),
      benefitUses: r.many.benefitUses(),
      benefitUsages: r.many.benefitUsages(),
      standing: r.one.standings({
        from: [r.members.brandId, r.members.id],
        to: [r.standings.brandId, r.standings.memberId],
        optional: false,
      }),
      tierGrants: r.many.tierGrants(),
      grantsLeft: r.many.tierGrants({
        from: [r.members.brandId, r.members.id],
        to: [r.tierGrants.brandId, r.tierGrants.memberId],
      }),
      tierChanges: r.many.tierChanges(),
      awards: r.many.awards(),
      adjustments: r.many.adjustments(),
      coupons: r.many.coupons(),
      // The wallet's compartments: a relation each, so that all of them ride in one statement.
      availableCoupons: couponsOfMember(),
      upcomingCoupons: couponsOfMember(),
      heldCoupons: couponsOfMember(),
      checkouts: r.many.checkouts(),
      redeemedCoupons: couponsOfMember(),
      revokedCoupons: couponsOfMember(),
      expiredCoupons: couponsOfMember(),
      jointMemberships: r.many.jointMemberships({ alias: "member" }),
      orders: r.many.orders(),
      activities: r.many.activities(),
    },
    accounts: {
      member: r.one.members({
        from: [r.accounts.brandId, r.accounts.memberId],
        to: [r.members.brandId, r.members.id],
      }),
    },
    transfers: {
      member: r.one.members({
        from: [r.transfers.brandId, r.transfers.memberId],
        to: [r.members.brandId, r.members.id],
        optional: false,
      }),
      debit: r.one.accounts({
        from: [r.transfers.brandId, r.transfers.debitAccountId],
        to: [r.accounts.brandId, r.accounts.id],
        optional: false,
        alias: "debit",
      }),
      credit: r.one.accounts({
        from: [r.transfers.brandId, r.transfers.creditAccountId],
        to: [r.accounts.brandId, r.accounts.id],
        optional: false,
        alias: "credit",
      }),
      uses: r.many.lotUses(),
      reversals: r.many.transfers({
        from: [r.transfers.brandId, r.transfers.id],
        to: [r.transfers.brandId, r.transfers.reversesTransferId],
        alias: "reversals",
      }),
    },
    lots: {
      member: r.one.members({
        from: [r.lots.brandId, r.lots.memberId],
        to: [r.members.brandId, r.members.id],
        optional: false,
      }),
      uses: r.many.lotUses(),
    },
    lotUses: {
      transfer: r.one.transfers({
        from: [r.lotUses.brandId, r.lotUses.transferId],
        to: [r.transfers.brandId, r.transfers.id],
        optional: false,
      }),
      lot: r.one.lots({
        from: [r.lotUses.brandId, r.lotUses.lotId],
        to: [r.lots.brandId, r.lots.id],
        optional: false,
      }),
    },
    holds: {
      member: r.one.members({
        from: [r.holds.brandId, r.holds.memberId],
        to: [r.members.brandId, r.members.id],
        optional: false,
      }),
      uses: r.many.lotUses({
        from: [r.holds.brandId, r.holds.transferId],
        to: [r.lotUses.brandId, r.lotUses.transferId],
      }),
    },
    offers: {
      brand: r.one.brands({ from: r.offers.brandId, to: r.brands.id, optional: false }),
      versions: r.many.offerVersions(),
      counters: r.many.offerCounters(),
      codeBatches: r.many.codeBatches(),
      sharedCodes: r.many.sharedCodes(),
    },
    offerVersions: {
      offer: r.one.offers({
        from: [r.offerVersions.brandId, r.offerVersions.offerId],
        to: [r.offers.brandId, r.offers.id],
        optional: false,
      }),
    },
    offerCounters: {
      offer: r.one.offers({
        from: [r.offerCounters.brandId, r.offerCounters.offerId],
        to: [r.offers.brandId, r.offers.id],
        optional: false,
      }),
    },
    codeBatches: {
      offer: r.one.offers({
        from: [r.codeBatches.brandId, r.codeBatches.offerId],
        to: [r.offers.brandId, r.offers.id],
        optional: false,
      }),
      version: r.one.offerVersions({
        from: [r.codeBatches.brandId, r.codeBatches.offerId, r.codeBatches.offerVersion],
        to: [r.offerVersions.brandId, r.offerVersions.offerId, r.offerVersions.version],
        optional: false,
      }),
    },
    sharedCodes: {
      offer: r.one.offers({
        from: [r.sharedCodes.brandId, r.sharedCodes.offerId],
        to: [r.offers.brandId, r.offers.id],
        optional: false,
      }),
    },
    coupons: {
      brand: r.one.brands({ from: r.coupons.brandId, to: r.brands.id, optional: false }),
      issuedBy: r.one.brands({ from: r.coupons.issuedByBrandId, to: r.brands.id, optional: false }),
      offer: r.one.offers({
        from: [r.coupons.brandId, r.coupons.offerId],
        to: [r.offers.brandId, r.offers.id],
        optional: false,
      }),
      member: r.one.members({
        from: [r.coupons.brandId, r.coupons.memberId],
        to: [r.members.brandId, r.members.id],
      }),
      redemptions: r.many.redemptions(),
      /** What its offer said when it was issued. */
      version: r.one.offerVersions({
        from: [r.coupons.brandId, r.coupons.offerId, r.coupons.offerVersion],
        to: [r.offerVersions.brandId, r.offerVersions.offerId, r.offerVersions.version],
        optional: false,
      }),
      changes: r.many.couponChanges(),
      checkouts: r.many.checkoutCoupons(),
    },
    couponChanges: {
      coupon: r.one.coupons({
        from: [r.couponChanges.brandId, r.couponChanges.couponId],
        to: [r.coupons.brandId, r.coupons.id],
        optional: false,
      }),
      member: r.one.members({
        from: [r.couponChanges.brandId, r.couponChanges.memberId],
        to: [r.members.brandId, r.members.id],
      }),
    },
    decisions: {
      member: r.one.members({
        from: [r.decisions.brandId, r.decisions.memberId],
        to: [r.members.brandId, r.members.id],
      }),
    },
    checkouts: {
      member: r.one.members({
        from: [r.checkouts.brandId, r.checkouts.memberId],
        to: [r.members.brandId, r.members.id],
        optional: false,
      }),
      decision: r.one.decisions({
        from: [r.checkouts.brandId, r.checkouts.decisionId],
        to: [r.decisions.brandId, r.decisions.id],
        optional: false,
      }),
      hold: r.one.holds({
        from: [r.checkouts.brandId, r.checkouts.holdId],
        to: [r.holds.brandId, r.holds.id],
      }),
      order: r.one.orders({
        from: [r.checkouts.brandId, r.checkouts.orderId],
        to: [r.orders.brandId, r.orders.id],
      }),
      coupons: r.many.checkoutCoupons(),
      benefits: r.many.checkoutBenefits(),
    },
    checkoutCoupons: {
      checkout: r.one.checkouts({
        from: [r.checkoutCoupons.brandId, r.checkoutCoupons.checkoutId],
        to: [r.checkouts.brandId, r.checkouts.id],
        optional: false,
      }),
      coupon: r.one.coupons({
        from: [r.checkoutCoupons.brandId, r.checkoutCoupons.couponId],
        to: [r.coupons.brandId, r.coupons.id],
        optional: false,
      }),
      redemption: r.one.redemptions({
        from: [r.checkoutCoupons.brandId, r.checkoutCoupons.redemptionId],
        to: [r.redemptions.brandId, r.redemptions.id],
      }),
      lot: r.one.lots({
        from: [r.checkoutCoupons.brandId, r.checkoutCoupons.lotId],
        to: [r.lots.brandId, r.lots.id],
      }),
    },
    checkoutBenefits: {
      checkout: r.one.checkouts({
        from: [r.checkoutBenefits.brandId, r.checkoutBenefits.checkoutId],
        to: [r.checkouts.brandId, r.checkouts.id],
        optional: false,
      }),
      benefit: r.one.benefits({
        from: [r.checkoutBenefits.brandId, r.checkoutBenefits.benefitId],
        to: [r.benefits.brandId, r.benefits.id],
        optional: false,
      }),
    },
    redemptions: {
      coupon: r.one.coupons({
        from: [r.redemptions.brandId, r.redemptions.couponId],
        to: [r.coupons.brandId, r.coupons.id],
        optional: false,
      }),
    },
    orders: {
      member: r.one.members({
        from: [r.orders.brandId, r.orders.memberId],
        to: [r.members.brandId, r.members.id],
      }),
      refunds: r.many.refunds(),
      award: r.one.awards({
        from: [r.orders.brandId, r.orders.id],
        to: [r.awards.brandId, r.awards.orderId],
      }),
      tierGrants: r.many.tierGrants(),
    },
    refunds: {
      order: r.one.orders({
        from: [r.refunds.brandId, r.refunds.orderId],
        to: [r.orders.brandId, r.orders.id],
        optional: false,
      }),
    },
    activities: {
      member: r.one.members({
        from: [r.activities.brandId, r.activities.memberId],
        to: [r.members.brandId, r.members.id],
        optional: false,
      }),
    },
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
  };
});
