import { inForceAt } from "../brands/rules-in-force.ts";
import { startOfDay, zoned } from "../calendar.ts";
import { decideStanding, type StandingFacts } from "./decide-standing.ts";
import { decideTier, type Grant, type TierMove } from "./decide-tier.ts";
import { graceEnd } from "./windows.ts";

/** When a member would lose its tier, and to which, if nothing more were counted until then. */
export interface FallAhead {
  at: number;
  from: string;
  to: string;
}

/** The moves that the end of its term, and of the grace after it, has for a member as of now. PURE. */
export function movesAhead(
  given: StandingFacts,
  { tierId, grants }: { tierId: string; grants: readonly Grant[] },
  now: number,
): TierMove[] {
  const { standing, ruleSets, timeZone, ladder } = given;
  const { until, reviewAt } = standing;
  const set = inForceAt(ruleSets, now);
  if (until === null || reviewAt === null || !set) return [];
  const at = Math.max(reviewAt, graceEnd(until, set.rules.graceDays, timeZone));
  if (at <= now) return [];
  const decision = decideStanding(given, at);
  return decideTier({ tierId, earnedTierId: standing.tierId, ladder, grants }, decision, at).moves;
}

/** The fall that lies ahead of a member as of now; undefined where the tier is kept. PURE. */
export function fallAhead(...asked: Parameters<typeof movesAhead>): FallAhead | undefined {
  const fall = movesAhead(...asked).find(({ cause }) => cause === "LOWERED");
  return fall && { at: fall.at, from: fall.from, to: fall.to };
}

/** The nearest of the days before a fall on which the member is to be told, once it has come. */
export function warningDue(
  warnDaysBefore: readonly number[],
  at: number,
  now: number,
  timeZone: string,
): number | undefined {
  const day = zoned(at, timeZone).toPlainDate();
  const due = warnDaysBefore.filter((days) => startOfDay(day.subtract({ days }), timeZone) <= now);
  return due.length > 0 ? Math.min(...due) : undefined;
}
