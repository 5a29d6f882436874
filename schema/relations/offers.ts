import type { RelationsBuilder } from "drizzle-orm/relations";
import type { tables } from "../all-tables.ts";

/** Offers, their codes and coupons. */
export const offers = (r: RelationsBuilder<typeof tables>) => ({
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
  redemptions: {
    coupon: r.one.coupons({
      from: [r.redemptions.brandId, r.redemptions.couponId],
      to: [r.coupons.brandId, r.coupons.id],
      optional: false,
    }),
  },
});
