import type { RelationsBuilder } from "drizzle-orm/relations";
import type { tables } from "../all-tables.ts";

/** How members stand in the ladder. */
export const standings = (r: RelationsBuilder<typeof tables>) => ({
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
});
