import type { Measure } from "../../schema/tables/rules.ts";

/** Something new that tiers count of a member. */
export interface CountedFact {
  memberId: string;
  /** When it happened, milliseconds since 1970. */
  at: number;
  measure: Measure;
  /** SPEND in minor units, ORDERS and VISITS in numbers. */
  amount: number;
}
