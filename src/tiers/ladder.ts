import type { TierRequirement } from "../../schema/tables/tiers.ts";
import { InvalidValue, type Refusal } from "../errors.ts";

export interface Rung {
  id: string;
  rank: number;
  requirement: TierRequirement;
}

/** The highest tier that a growth value reaches; the lowest asks for nothing, so there is one. */
export function tierReached<Tier extends Rung>(
  ladder: readonly Tier[],
  growthValue: number,
): Tier | undefined {
  return ladder
    .filter(({ requirement }) => requirement.growthValue <= growthValue)
    .reduce<Tier | undefined>((best, tier) => (!best || tier.rank > best.rank ? tier : best), undefined);
}

/** How far it is to the next tier; undefined at the top. */
export function nextTier<Tier extends Rung>(
  ladder: readonly Tier[],
  current: { rank: number },
): Tier | undefined {
  return ladder
    .filter(({ rank }) => rank > current.rank)
    .reduce<Tier | undefined>((next, tier) => (!next || tier.rank < next.rank ? tier : next), undefined);
}

/** The tier below; undefined at the bottom. */
export function previousTier<Tier extends Rung>(
  ladder: readonly Tier[],
  current: { rank: number },
): Tier | undefined {
  return ladder
    .filter(({ rank }) => rank < current.rank)
    .reduce<Tier | undefined>((last, tier) => (!last || tier.rank > last.rank ? tier : last), undefined);
}

/** Why a ladder could not stand with this rung in it: each rank once, each asking more than the one below. */
export function faultOfRung(
  others: readonly Rung[],
  rung: Omit<Rung, "id"> & { color: string },
): Refusal | undefined {
  const { rank, requirement, color } = rung;
  if (!/^#[0-9A-Fa-f]{6}$/.test(color)) {
    return InvalidValue({ field: "color", reason: "must be #RRGGBB, such as #C9A227" });
  }
  if (rank < 1 || rank > 20) return InvalidValue({ field: "rank", reason: "must lie between 1 and 20" });
  if (others.some((other) => other.rank === rank)) {
    return InvalidValue({ field: "rank", reason: `another tier already has rank ${rank}` });
  }
  if (requirement.growthValue < 0 || (rank === 1 && requirement.growthValue !== 0)) {
    return InvalidValue({ field: "requiredGrowthValue", reason: "must not be negative, and 0 for rank 1" });
  }
  const below = others.filter((other) => other.rank < rank);
  const above = others.filter((other) => other.rank > rank);
  const rises =
    below.every((other) => other.requirement.growthValue < requirement.growthValue) &&
    above.every((other) => other.requirement.growthValue > requirement.growthValue);
  return rises
    ? undefined
    : InvalidValue({
        field: "requiredGrowthValue",
        reason: "must be more than the tier below and less than the one above",
      });
}
