import { actorOf, type Context } from "../context.ts";
import type { Decision, Statement } from "../database/commit.ts";
import type { CountedFact } from "../tiers/counted-fact.ts";
import type { TierEffects } from "../tiers/record-reviews.ts";
import { nextStandingVersions, type StandingRead } from "../tiers/standing-version.ts";

/** What follows from facts that are recorded, in the commit that records them. */
export interface Reaction extends Required<Pick<Decision<unknown>, "audit" | "events">> {
  /** After the facts themselves are there. */
  effects: Statement[];
  /** The standings that it was decided on; the commit moves their versions on, once. */
  standings: StandingRead[];
  /** What is new for tiers to count. */
  counted: CountedFact[];
}

type Recorded = Pick<Reaction, "effects" | "audit" | "events">;

/**
 * What a commit does that records facts: the facts, what follows from them, and then their tiers. Between, the
 * versions of all the standings that were decided on are moved on, once.
 */
export function withReactions(
  context: Context,
  facts: Recorded,
  reactions: readonly Reaction[],
  tiers: TierEffects,
): Recorded {
  const all = [facts, ...reactions, tiers];
  const standings = [...reactions, tiers].flatMap((one) => one.standings);
  return {
    effects: [
      ...[facts, ...reactions].flatMap(({ effects }) => effects),
      ...nextStandingVersions(context.database, actorOf(context).brandId, standings),
      ...tiers.effects,
    ],
    audit: all.flatMap(({ audit }) => audit),
    events: all.flatMap(({ events }) => events),
  };
}
