import type { RelationsBuilder } from "drizzle-orm/relations";
import type { tables } from "../all-tables.ts";

/** Carts that were decided on, and checked out. */
export const carts = (r: RelationsBuilder<typeof tables>) => ({
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
});
