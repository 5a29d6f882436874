import type { tierChangeCauses } from "../../schema/tables/standings.ts";
import { rungOf, type StandingDecision, type StandingStep } from "./decide-standing.ts";
import type { Rung } from "./ladder.ts";

/** A tier that a member has at least, for a time. */
export interface Grant {
  id: string;
  tierId: string;
  startsAt: number;
  /** Null for as long as it is not withdrawn. */
  endsAt: number | null;
  reason: string | null;
}

/** A change of the tier that a member has. */
export interface TierMove {
  at: number;
  from: string;
  to: string;
  cause: (typeof tierChangeCauses)[number];
  /** What it was decided on, where it was earned or lost by the rules. */
  step?: StandingStep | undefined;
  grant?: Grant | undefined;
}

export interface TierFacts {
  /** The tier that the member has until now, and the earned one under it. */
  tierId: string;
  earnedTierId: string;
  ladder: readonly Rung[];
  /** The grants that have not ended, with those that are given now. */
  grants: readonly Grant[];
}

export interface TierDecision {
  tierId: string;
  moves: TierMove[];
  /** The grants whose time is over. */
  ended: Grant[];
}

/**
 * The tier that a member has: the highest of the earned one and the grants that run. It follows what
 * became due in the order in which it did. PURE.
 */
export function decideTier(
  { tierId, earnedTierId, ladder, grants }: TierFacts,
  { steps }: Pick<StandingDecision, "steps">,
  now: number,
): TierDecision {
  const ended = grants.filter(({ endsAt }) => endsAt !== null && endsAt <= now);
  const events: { at: number; step?: StandingStep; grant?: Grant }[] = [
    ...steps.map((step) => ({ at: step.at, step })),
    ...ended.map((grant) => ({ at: grant.endsAt ?? now, grant })),
  ].sort((a, b) => a.at - b.at);

  let tier = rungOf(ladder, tierId);
  let earned = rungOf(ladder, earnedTierId);
  const moves: TierMove[] = [];
  for (const { at, step, grant } of [...events, { at: now, step: undefined, grant: undefined }]) {
    if (step) earned = rungOf(ladder, step.to);
    const { best, by } = highestOf(earned, grantsAt(grants, at), ladder);
    if (best.id === tier.id) continue;
    const rises = best.rank > tier.rank;
    const cause = step ? (rises ? "EARNED" : "LOWERED") : rises ? "GRANTED" : "GRANT_ENDED";
    moves.push({ at, from: tier.id, to: best.id, cause, step, grant: grant ?? (rises ? by : undefined) });
    tier = best;
  }
  return { tierId: tier.id, moves, ended };
}

/** The grants that run at a moment. */
export const grantsAt = (grants: readonly Grant[], moment: number): Grant[] =>
  grants.filter(({ startsAt, endsAt }) => startsAt <= moment && (endsAt === null || moment < endsAt));

function highestOf(earned: Rung, grants: readonly Grant[], ladder: readonly Rung[]) {
  let best = earned;
  let by: Grant | undefined;
  for (const grant of grants) {
    const rung = rungOf(ladder, grant.tierId);
    if (rung.rank > best.rank) [best, by] = [rung, grant];
  }
  return { best, by };
}
