import type { RelationsBuilder } from "drizzle-orm/relations";
import type { tables } from "../all-tables.ts";

/** What a brand sets up. */
export const program = (r: RelationsBuilder<typeof tables>) => {
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
  };
};
