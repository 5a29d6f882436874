import type { Measure } from "../../schema/tables/rules.ts";

/** So much of what tiers count, of one member at one moment (milliseconds since 1970). */
export interface CountedFact {
  memberId: string;
  at: number;
  measure: Measure;
  /** SPEND in minor units; negative where growth value was taken away. */
  amount: number;
}
