import type { BenefitTerms } from "../../schema/tables/benefits.ts";
import type { LocalizedText } from "../../schema/tables/columns.ts";
import type { EarningMultiplier, EarningRules } from "../../schema/tables/rules.ts";
import { clockAt, isInWindow } from "../calendar.ts";

/** A member's tier, with what it gives, as far as earning asks. */
export interface EarnerTier {
  id: string;
  name: LocalizedText;
  /** Its POINTS_MULTIPLIER benefits. */
  benefits: readonly { terms: BenefitTerms; startsAt: number | null; endsAt: number | null }[];
}

/** When, where and by whom something is bought. */
export interface Occasion {
  /** Milliseconds since 1970. */
  at: number;
  /** The brand's. */
  timeZone: string;
  tier: EarnerTier;
  channel: string | null;
  store: string | null;
}

/** What a multiplier asks of a line. */
export interface Goods {
  sku: string;
  categories: readonly string[];
}

/** A multiplier that holds on an occasion, and for which goods. */
export interface Factor {
  name: LocalizedText;
  multiplierBasisPoints: number;
  unit: EarningMultiplier["unit"];
  appliesTo: (goods: Goods) => boolean;
}

/** The multipliers that hold on an occasion: the rules', in their order, then those of the tier's benefits. */
export function factorsOn({ multipliers }: EarningRules, occasion: Occasion): Factor[] {
  const { at, timeZone, tier, channel, store } = occasion;
  const clock = clockAt(at, timeZone);
  const ofRules = multipliers
    .filter(
      (multiplier) =>
        isAmong(multiplier.tierIds, tier.id) &&
        isAmong(multiplier.channels, channel) &&
        isAmong(multiplier.stores, store) &&
        isInWindow(multiplier, clock),
    )
    .map(({ name, multiplierBasisPoints, unit, skus, categories }) => ({
      ...{ name, multiplierBasisPoints, unit },
      appliesTo: (goods: Goods) =>
        isAmong(skus, goods.sku) &&
        (categories == null || goods.categories.some((category) => categories.includes(category))),
    }));
  const ofBenefits = tier.benefits
    .filter(({ startsAt, endsAt }) => (startsAt ?? at) <= at && (endsAt === null || at < endsAt))
    .map(({ terms }) => ({
      ...{ name: tier.name, unit: "POINTS" as const, appliesTo: () => true },
      multiplierBasisPoints: terms.multiplierBasisPoints ?? 10_000,
    }));
  return [...ofRules, ...ofBenefits];
}

/** Whether a condition that names its values holds; one that is not given does. */
const isAmong = (values: readonly string[] | null | undefined, value: string | null): boolean =>
  values == null || (value !== null && values.includes(value));
