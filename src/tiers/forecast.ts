import type { CountingWindow, Measure, TierConditions } from "../../schema/tables/rules.ts";
import { inForceAt } from "../brands/rules-in-force.ts";
import { countingNow, decideStanding, rungOf, type StandingFacts } from "./decide-standing.ts";
import { decideTier, type Grant, grantsAt } from "./decide-tier.ts";
import { nextTier, type Rung } from "./ladder.ts";
import { type Assessment, assess, conditionsOf, highestReached } from "./tier-rules.ts";
import { graceEnd } from "./windows.ts";

/** What is still missing for a condition. */
export interface MissingPart {
  measure: Measure;
  missing: number;
  window: CountingWindow;
}

/** How far some conditions are from holding. */
export interface Distance {
  met: boolean;
  match: TierConditions["match"];
  /** Of ANY, each by itself is enough. */
  missing: MissingPart[];
}

export interface Forecast<Tier extends Rung = Rung> {
  tier: Tier;
  /** When the tier ends, as things are; null for never. */
  until: number | null;
  /** What it takes to have it for another term; null where it does not end, or was given. */
  keep: Distance | null;
  next: Tier | null;
  /** What it takes to reach that one; null at the top. */
  reach: Distance | null;
}

/**
 * What lies ahead of a member's tier as of now: what became due is taken as done. Keeping is judged at the end
 * of the term, of which a time of grace is the last chance. PURE.
 */
export function forecastOf<Tier extends Rung>(
  given: StandingFacts & { ladder: readonly Tier[] },
  { tierId, grants }: { tierId: string; grants: readonly Grant[] },
  now: number,
): Forecast<Tier> {
  const { ladder, ruleSets, timeZone } = given;
  const decision = decideStanding(given, now);
  const { standing } = decision;
  const decided = decideTier({ tierId, earnedTierId: given.standing.tierId, ladder, grants }, decision, now);
  const tier = rungOf(ladder, decided.tierId);
  const rules = inForceAt(ruleSets, now)?.rules;
  const next = nextTier(ladder, tier) ?? null;
  const reach =
    next && distanceOf(assess(conditionsOf(next, rules, "reach"), countingNow(given, standing.since, now)));

  if (standing.tierId !== tier.id) {
    const until = endOfGrants(grants, tier.id, now);
    return { tier, until, keep: null, next, reach };
  }
  const { until } = standing;
  const canFall = tier.rank > 1 && rules && rules.downgrade !== "NEVER";
  if (until === null || !canFall) return { tier, until: null, keep: null, next, reach };
  const end = until <= now ? graceEnd(until, rules.graceDays, timeZone) : until;
  const granted = endOfGrants(grants, tier.id, end);
  if (granted !== end) return { tier, until: granted, keep: null, next, reach };
  const counting = countingNow(given, standing.since, now);
  const keep = distanceOf(assess(conditionsOf(tier, rules, "keep"), { ...counting, windowEnd: until }));
  // Who reaches a tier at the end of its term has it for another.
  const reached = highestReached(ladder, rules, { ...counting, windowEnd: end }).tier;
  const isKept = reached.rank >= tier.rank;
  return { tier, until: end, keep: isKept ? { ...keep, met: true, missing: [] } : keep, next, reach };
}

function distanceOf({ met, match, counted }: Assessment): Distance {
  const missing = counted
    .filter(({ value, atLeast }) => value < atLeast)
    .map(({ measure, window, value, atLeast }) => ({ measure, window, missing: atLeast - value }));
  return { met, match, missing: met ? [] : missing };
}

/** When the grants of a tier that follow each other without a gap end; null for never. */
function endOfGrants(grants: readonly Grant[], tierId: string, now: number): number | null {
  const own = grants.filter((grant) => grant.tierId === tierId);
  let end = now;
  for (;;) {
    const running = grantsAt(own, end);
    if (running.length === 0) return end;
    if (running.some(({ endsAt }) => endsAt === null)) return null;
    end = Math.max(...running.map(({ endsAt }) => endsAt as number));
  }
}
