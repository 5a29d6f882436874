import type { TierRules } from "../../schema/tables/rules.ts";
import { inForceAt } from "../brands/rules-in-force.ts";
import { latestMoment } from "../orders/fact.ts";
import type { CountedFact } from "./counted-fact.ts";
import { previousTier, type Rung } from "./ladder.ts";
import {
  assess,
  type Counted,
  type Counting,
  conditionsOf,
  highestReached,
  type TierRuleSet,
} from "./tier-rules.ts";
import { graceEnd, termEnd } from "./windows.ts";

/** The tier that a member earned; moments in milliseconds since 1970. */
export interface Standing {
  tierId: string;
  /** When its running term began. */
  since: number;
  /** When that ends; null for never. */
  until: number | null;
  /** When it must be looked at: the end of the term, then that of the grace; null for never. */
  reviewAt: number | null;
}

/** What a member's standing is decided on. */
export interface StandingFacts {
  standing: Standing;
  ladder: readonly Rung[];
  ruleSets: readonly TierRuleSet[];
  facts: readonly CountedFact[];
  timeZone: string;
}

/** A change of the earned tier, with what it was decided on. */
export interface StandingStep {
  at: number;
  from: string;
  to: string;
  ruleSetId: string | null;
  counted: Counted[];
}

export interface StandingDecision {
  standing: Standing;
  steps: StandingStep[];
}

/** More terms than a review is ever late by; what would be left is due again at once. */
const MOST_TURNS = 400;

/**
 * Where a member stands at a moment. What became due before is decided as of when it was due, so that a
 * review that runs late decides as one in time; then, where rules say so, the member rises at once. PURE;
 * asked again with what it answered, it changes nothing.
 */
export function decideStanding(given: StandingFacts, now: number): StandingDecision {
  let standing = given.standing;
  const steps: StandingStep[] = [];
  const take = (decided: { standing: Standing; step?: StandingStep | undefined }) => {
    standing = decided.standing;
    if (decided.step) steps.push(decided.step);
  };
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    const moment = Math.min(standing.reviewAt ?? now, now);
    const set = inForceAt(given.ruleSets, moment);
    standing = underRules(standing, given, set);
    if (standing.until === null || standing.until > now || !set) break;
    if (standing.reviewAt !== null && standing.reviewAt <= now) {
      if (standing.reviewAt < moment) continue;
      take(atReview({ ...given, standing }, set, standing.reviewAt));
    } else {
      const kept = keptInGrace({ ...given, standing }, set, now);
      if (!kept) break;
      standing = kept;
    }
  }
  const set = inForceAt(given.ruleSets, now);
  if (!set || set.rules.upgrade === "AT_ONCE") take(riseAtOnce({ ...given, standing }, set, now));
  return { standing, steps };
}

/** A standing with the term that the rules in force give it; a term that is running stays as it is. */
function underRules(standing: Standing, given: StandingFacts, set: TierRuleSet | undefined): Standing {
  const { term } = termIn(given, standing.tierId, set);
  if (!term || !set) return { ...standing, until: null, reviewAt: null };
  if (standing.until !== null) return standing;
  const until = termEnd(term, Math.max(standing.since, set.startsAt), given.timeZone);
  return { ...standing, until, reviewAt: until };
}

/** What becomes of a standing at the end of its term, or of the grace after it. */
function atReview(given: StandingFacts, set: TierRuleSet, at: number) {
  const { standing, ladder } = given;
  const { rules } = set;
  const { since } = standing;
  const until = standing.until ?? at;
  const tier = rungOf(ladder, standing.tierId);
  const reach = highestReached(ladder, rules, countingOf(given, { since, windowEnd: at, before: at }));
  const begun = (tierId: string, from: number): Standing => termBegun(given, tierId, set, from);
  const changed = (to: Rung, counted: Counted[]) => ({
    standing: begun(to.id, at),
    step: { at, from: tier.id, to: to.id, ruleSetId: set.id, counted },
  });

  if (reach.tier.rank > tier.rank) return changed(reach.tier, reach.counted);
  const keeping = conditionsOf(tier, rules, "keep");
  const keep = assess(keeping, countingOf(given, { since, windowEnd: until, before: at }));
  const isKept = keep.met || reach.tier.rank === tier.rank || rules.downgrade === "NEVER";
  if (isKept) return { standing: begun(tier.id, until) };
  const end = graceEnd(until, rules.graceDays, given.timeZone);
  if (at < end) return { standing: { ...standing, reviewAt: end } };
  const below = rules.downgrade === "ONE_STEP" ? previousTier(ladder, tier) : undefined;
  return changed(below ?? reach.tier, keep.counted);
}

/** In the time of grace: the term that follows, once the tier is kept after all. */
function keptInGrace(given: StandingFacts, set: TierRuleSet, now: number): Standing | undefined {
  const { standing, ladder } = given;
  const until = standing.until ?? 0;
  const tier = rungOf(ladder, standing.tierId);
  const keeping = conditionsOf(tier, set.rules, "keep");
  const counting = { ...countingNow(given, standing.since, now), windowEnd: until };
  const { met } = assess(keeping, counting);
  return met ? termBegun(given, tier.id, set, until) : undefined;
}

function riseAtOnce(given: StandingFacts, set: TierRuleSet | undefined, now: number) {
  const { standing, ladder } = given;
  const reach = highestReached(ladder, set?.rules, countingNow(given, standing.since, now));
  if (reach.tier.rank <= rungOf(ladder, standing.tierId).rank) return { standing };
  return {
    standing: termBegun(given, reach.tier.id, set, now),
    step: {
      ...{ at: now, from: standing.tierId, to: reach.tier.id },
      ...{ ruleSetId: set?.id ?? null, counted: reach.counted },
    },
  };
}

function termBegun(given: StandingFacts, tierId: string, set: TierRuleSet | undefined, since: number) {
  const { term } = termIn(given, tierId, set);
  const until = term ? termEnd(term, since, given.timeZone) : null;
  return { tierId, since, until, reviewAt: until };
}

/** The lowest tier cannot be lost, so it has a term only where members rise at its end. */
function termIn(
  { ladder }: StandingFacts,
  tierId: string,
  set: TierRuleSet | undefined,
): { term: TierRules["term"] } {
  const isLowest = rungOf(ladder, tierId).rank === 1;
  const hasTerm = set && (!isLowest || set.rules.upgrade === "AT_TERM_END");
  return { term: hasTerm ? set.rules.term : null };
}

/** What counts at a moment: all that was told until then, also what a source's clock puts a little ahead. */
export const countingNow = (
  given: Pick<StandingFacts, "facts" | "timeZone">,
  since: number,
  now: number,
): Counting => countingOf(given, { since, windowEnd: now + 1, before: latestMoment(now) + 1 });

const countingOf = (
  { facts, timeZone }: Pick<StandingFacts, "facts" | "timeZone">,
  bounds: Pick<Counting, "since" | "windowEnd" | "before">,
): Counting => ({ facts, timeZone, ...bounds });

export function rungOf<Tier extends Rung>(ladder: readonly Tier[], tierId: string): Tier {
  const rung = ladder.find(({ id }) => id === tierId);
  if (!rung) throw new Error(`${tierId} is not in the ladder.`);
  return rung;
}
