import type { TierConditions, TierRules } from "../../schema/tables/rules.ts";
import { setEarningRules } from "../../src/earning/set-earning-rules.ts";
import { setStackingRules } from "../../src/offers/set-stacking-rules.ts";
import { updatePointsPolicy } from "../../src/points/update-points-policy.ts";
import { setTierRules } from "../../src/tiers/set-tier-rules.ts";
import type { DemoBrand, DemoRules } from "./content.ts";
import { asClient, type Demo, done, type LoadedBrand, readNothing } from "./demo.ts";
import { BRAND_DAYS } from "./load-program.ts";

/** Tiers have terms since then: what members had before was theirs for good. */
const TERMS_DAYS = 90;

/** Sets how members earn, how long points live, and how tiers are kept. */
export async function loadRules(demo: Demo, brand: LoadedBrand): Promise<void> {
  const { brandId, content } = brand;
  const known = await demo.database.query.ruleSets.findMany({ columns: { kind: true }, where: { brandId } });
  const isKnown = (kind: "EARNING" | "TIERS" | "STACKING") => known.some((set) => set.kind === kind);
  const founded = asClient(demo, brand, "OPERATOR", BRAND_DAYS);
  await done(updatePointsPolicy(founded, content.rules.points, readNothing(demo)));
  if (!isKnown("EARNING")) {
    const { multipliers, ...earning } = content.rules.earning;
    const rules = { ...earning, multipliers: [...multipliers] };
    await done(setEarningRules(founded, { rules }, readNothing(demo)));
  }
  if (content.stacking && !isKnown("STACKING"))
    await done(setStackingRules(founded, { rules: content.stacking, startsAt: null }, readNothing(demo)));
  if (!isKnown("TIERS")) {
    const context = asClient(demo, brand, "OPERATOR", TERMS_DAYS);
    const rules = tierRulesOf(content, brand.tierIds);
    await done(setTierRules(context, { rules, startsAt: null }, readNothing(demo)));
  }
}

const tierRulesOf = ({ tiers, rules }: DemoBrand, tierIds: readonly string[]): TierRules => ({
  ...rules.standing,
  tiers: tiers.slice(1).map(({ growthValue }, position) => {
    const least = rules.keepGrowthValue?.[position + 1];
    return {
      tierId: tierIds[position + 1] as string,
      reach: growthOf(rules.counts, growthValue),
      keep: least === undefined ? null : growthOf(rules.counts, least),
    };
  }),
});

const growthOf = (counts: DemoRules["counts"], atLeast: number): TierConditions => ({
  match: "ALL",
  conditions: [
    {
      ...{ measure: "GROWTH_VALUE", atLeast },
      window: counts === "YEAR" ? { kind: "ROLLING_DAYS", days: 365 } : { kind: "LIFETIME" },
    },
  ],
});
