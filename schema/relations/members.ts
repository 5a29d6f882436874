import type { RelationsBuilder } from "drizzle-orm/relations";
import type { tables } from "../all-tables.ts";

/** What a member has. */
export const members = (r: RelationsBuilder<typeof tables>) => {
  const couponsOfMember = () =>
    r.many.coupons({
      from: [r.members.brandId, r.members.id],
      to: [r.coupons.brandId, r.coupons.memberId],
    });
  const lotsOfMember = () =>
    r.many.lots({ from: [r.members.brandId, r.members.id], to: [r.lots.brandId, r.lots.memberId] });
  return {
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
  };
};
