import type { Decision, Statement } from "../database/commit.ts";
import type { CountedFact } from "../tiers/counted-fact.ts";
import type { StandingRead } from "../tiers/standing-version.ts";

/** What follows from facts that are recorded, in the commit that records them. */
export interface Reaction extends Required<Pick<Decision<unknown>, "audit" | "events">> {
  /** After the facts themselves are there. */
  effects: Statement[];
  /** The standings that it was decided on; the commit moves their versions on, once. */
  standings: StandingRead[];
  /** What is new for tiers to count. */
  counted: CountedFact[];
}
