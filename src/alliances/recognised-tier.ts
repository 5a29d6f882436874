import type { TierLevels } from "./tier-levels.ts";

/**
 * The tier of its own as which a partner recognises a member: the one with the highest level that does
 * not exceed the member's on the alliance's scale. Of several at that level it is the lowest in rank, so
 * that nobody is promised more than the level says; undefined when there is none.
 *
 * @param level the member's tier's level; undefined when its brand left that tier off the scale.
 */
export function recognisedTier<Tier extends { id: string; rank: number }>(
  level: number | undefined,
  partnerLevels: TierLevels,
  partnerTiers: readonly Tier[],
): Tier | undefined {
  if (level === undefined) return undefined;
  const levelOf = ({ id }: Tier) => partnerLevels[id] ?? Number.POSITIVE_INFINITY;
  return partnerTiers
    .filter((tier) => levelOf(tier) <= level)
    .reduce<Tier | undefined>((best, tier) => {
      if (!best || levelOf(tier) > levelOf(best)) return tier;
      return levelOf(tier) === levelOf(best) && tier.rank < best.rank ? tier : best;
    }, undefined);
}
