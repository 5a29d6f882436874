import type { TierCondition, TierConditions, TierRules } from "../../schema/tables/rules.ts";
import type { CountedFact } from "./counted-fact.ts";
import type { Rung } from "./ladder.ts";
import { windowStart } from "./windows.ts";

/** A brand's tier rules with the moment from which they are in force. */
export interface TierRuleSet {
  id: string;
  startsAt: number;
  rules: TierRules;
}

/** What conditions are judged on. */
export interface Counting {
  facts: readonly CountedFact[];
  timeZone: string;
  /** When the term in the tier began. */
  since: number;
  /** Where windows end; facts count until `before`, which is later in a time of grace. */
  windowEnd: number;
  before: number;
}

/** A condition with what there is of it. */
export interface Counted extends TierCondition {
  value: number;
}

export interface Assessment {
  met: boolean;
  match: TierConditions["match"];
  counted: Counted[];
}

/** What a tier asks for, to reach it or to keep it; without a rule, the growth value of its requirement. */
export function conditionsOf(
  tier: Rung,
  rules: TierRules | undefined,
  purpose: "reach" | "keep",
): TierConditions {
  if (tier.rank === 1) return { match: "ALL", conditions: [] };
  const rule = rules?.tiers.find(({ tierId }) => tierId === tier.id);
  if (rule) return rule[purpose] ?? rule.reach;
  const atLeast = tier.requirement.growthValue;
  return {
    match: "ALL",
    conditions: [{ measure: "GROWTH_VALUE", atLeast, window: { kind: "LIFETIME" } }],
  };
}

/** Whether conditions hold, with what was counted for each. */
export function assess({ match, conditions }: TierConditions, counting: Counting): Assessment {
  const counted = conditions.map((condition) => ({ ...condition, value: amountOf(condition, counting) }));
  const holds = ({ value, atLeast }: Counted) => value >= atLeast;
  return {
    met: match === "ALL" ? counted.every(holds) : counted.length === 0 || counted.some(holds),
    ...{ match, counted },
  };
}

/** The highest tier whose conditions to reach it hold; the lowest has none. */
export function highestReached<Tier extends Rung>(
  ladder: readonly Tier[],
  rules: TierRules | undefined,
  counting: Counting,
): { tier: Tier; counted: Counted[] } {
  for (const tier of ladder.toSorted((a, b) => b.rank - a.rank)) {
    const { met, counted } = assess(conditionsOf(tier, rules, "reach"), counting);
    if (met) return { tier, counted };
  }
  throw new Error("A ladder without a first tier.");
}

function amountOf({ measure, window }: TierCondition, counting: Counting): number {
  const { facts, windowEnd, before, since, timeZone } = counting;
  const from = windowStart(window, windowEnd, since, timeZone);
  return facts
    .filter((fact) => fact.measure === measure && fact.at >= from && fact.at < before)
    .reduce((sum, { amount }) => sum + amount, 0);
}
