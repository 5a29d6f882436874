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

/** Every table, by the name that queries and relations know it by. */
export const tables = {
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
