import type { TierCondition, TierConditions, TierRules } from "../../schema/tables/rules.ts";
import type { CountedFact } from "../../src/tiers/counted-fact.ts";
import type { StandingFacts } from "../../src/tiers/decide-standing.ts";

export const at = (text: string): number => Date.parse(text);

/** Classic, Silver, Gold and Black, in the order of their ranks. */
export const ladder = [
  { id: "classic", rank: 1, requirement: { growthValue: 0 } },
  { id: "silver", rank: 2, requirement: { growthValue: 500 } },
  { id: "gold", rank: 3, requirement: { growthValue: 2_000 } },
  { id: "black", rank: 4, requirement: { growthValue: 6_000 } },
];

export const growth = (atLeast: number, window: TierCondition["window"]): TierConditions => ({
  match: "ALL",
  conditions: [{ measure: "GROWTH_VALUE", atLeast, window }],
});

const year = { kind: "ROLLING_DAYS", days: 365 } as const;

/** Of the growth value of a year: 500, 2,000 or 6,000; a term of 12 months, no grace, back to what is earned. */
export const yearlyRules = (changes: Partial<TierRules> = {}): TierRules => ({
  tiers: ladder.slice(1).map(({ id, requirement }) => ({
    ...{ tierId: id, reach: growth(requirement.growthValue, year), keep: null },
  })),
  upgrade: "AT_ONCE",
  term: { months: 12 },
  downgrade: "TO_EARNED",
  graceDays: 0,
  warnDaysBefore: [],
  ...changes,
});

export const fact = (when: string, amount: number, measure: CountedFact["measure"] = "GROWTH_VALUE") => ({
  ...{ memberId: "m", at: at(when), measure, amount },
});

/** A Gold member of Shanghai from 10 March 2025 on, with these facts, under the yearly rules. */
export function goldMember(facts: CountedFact[], changes: Partial<TierRules> = {}): StandingFacts {
  const until = at("2026-03-10T16:00:00Z");
  return {
    standing: { tierId: "gold", since: at("2025-03-10T04:00:00Z"), until, reviewAt: until },
    ...{ ladder, facts, timeZone: "Asia/Shanghai" },
    ruleSets: [{ id: "rul_1", startsAt: at("2025-01-01T00:00:00Z"), rules: yearlyRules(changes) }],
  };
}
