import { InvalidValue, NotFound, type Refusal } from "../errors.ts";

export const LOWEST_LEVEL = 1;
export const HIGHEST_LEVEL = 9;

export interface TierLevelInput {
  tierId: string;
  level: number;
}

/** A brand's tiers on an alliance's common scale: tier id → level. */
export type TierLevels = Readonly<Record<string, number>>;

/**
 * Why a brand's tiers cannot stand so on an alliance's scale: each is the brand's own and given once,
 * with a level from 1 to 9 that does not fall as ranks rise. Tiers that are left out are not recognised.
 */
export function faultOfTierLevels(
  levels: readonly TierLevelInput[],
  ladder: readonly { id: string; rank: number }[],
): Refusal | undefined {
  if (levels.length === 0)
    return InvalidValue({ field: "tierLevels", reason: "must name at least one tier" });
  const unknown = levels.find(({ tierId }) => !ladder.some(({ id }) => id === tierId));
  if (unknown) return NotFound({ id: unknown.tierId });
  if (new Set(levels.map(({ tierId }) => tierId)).size < levels.length) {
    return InvalidValue({ field: "tierLevels", reason: "must name each tier once" });
  }
  if (levels.some(({ level }) => level < LOWEST_LEVEL || level > HIGHEST_LEVEL)) {
    return InvalidValue({
      field: "tierLevels.level",
      reason: `must lie between ${LOWEST_LEVEL} and ${HIGHEST_LEVEL}`,
    });
  }
  const rankOf = (tierId: string) => ladder.find(({ id }) => id === tierId)?.rank ?? 0;
  const rising = levels.toSorted((a, b) => rankOf(a.tierId) - rankOf(b.tierId));
  return rising.every(({ level }, position) => level >= (rising[position - 1]?.level ?? LOWEST_LEVEL))
    ? undefined
    : InvalidValue({ field: "tierLevels.level", reason: "must not fall as the tiers' ranks rise" });
}

/** The levels as they are kept. */
export const tierLevelsOf = (levels: readonly TierLevelInput[]): Record<string, number> =>
  Object.fromEntries(levels.map(({ tierId, level }) => [tierId, level]));
