import type { TierConditions, TierRules } from "../../schema/tables/rules.ts";
import { InvalidValue } from "../errors.ts";
import { builder } from "../graphql/builder.ts";
import { rowMutation } from "../graphql/mutation.ts";
import {
  CalendarPeriodEnum,
  DowngradeEnum,
  MatchEnum,
  MeasureEnum,
  TierRuleSet,
  texts,
  UpgradeEnum,
  WindowKindEnum,
} from "./graphql-rules.ts";
import { setTierRules } from "./set-tier-rules.ts";

const CountingWindowInput = builder.inputType("CountingWindowInput", {
  description: "From when what happened counts.",
  fields: (t) => ({
    kind: t.field({ type: WindowKindEnum, required: true, description: "From when." }),
    days: t.int({ description: texts.days }),
    period: t.field({ type: CalendarPeriodEnum, description: texts.period }),
  }),
});

const TierConditionInput = builder.inputType("TierConditionInput", {
  description: "So much of something within a window of time.",
  fields: (t) => ({
    measure: t.field({ type: MeasureEnum, required: true, description: "What is counted." }),
    atLeast: t.field({ type: "SafeInt", required: true, description: texts.atLeast }),
    window: t.field({ type: CountingWindowInput, required: true, description: "From when it counts." }),
  }),
});

const TierConditionsInput = builder.inputType("TierConditionsInput", {
  description: "Conditions of which all, or any one, must hold.",
  fields: (t) => ({
    match: t.field({
      type: MatchEnum,
      defaultValue: "ALL",
      description: "Whether all must hold, or one is enough.",
    }),
    conditions: t.field({ type: [TierConditionInput], required: true, description: "1 to 5 conditions." }),
  }),
});

const TierRuleInput = builder.inputType("TierRuleInput", {
  description: "What a tier asks for.",
  fields: (t) => ({
    tierId: t.id({ required: true, description: "Which tier; not the first, which everyone has." }),
    reach: t.field({
      type: TierConditionsInput,
      required: true,
      description: "What it takes to reach the tier.",
    }),
    keep: t.field({ type: TierConditionsInput, description: texts.keep }),
  }),
});

const TierTermInput = builder.inputType("TierTermInput", {
  description: "How long a tier lasts.",
  fields: (t) => ({
    months: t.int({ description: texts.months }),
    period: t.field({ type: CalendarPeriodEnum, description: texts.termPeriod }),
  }),
});

export const TierRulesInput = builder.inputType("TierRulesInput", {
  description: "How members rise and fall.",
  fields: (t) => ({
    tiers: t.field({ type: [TierRuleInput], required: true, description: texts.tiers }),
    upgrade: t.field({ type: UpgradeEnum, defaultValue: "AT_ONCE", description: "When members rise." }),
    term: t.field({ type: TierTermInput, description: texts.term }),
    downgrade: t.field({
      type: DowngradeEnum,
      defaultValue: "NEVER",
      description: "What becomes of members who do not keep their tier.",
    }),
    graceDays: t.int({ defaultValue: 0, description: texts.graceDays }),
    warnDaysBefore: t.intList({ defaultValue: [], description: texts.warnDaysBefore }),
  }),
});

type Sent = typeof TierRulesInput.$inferInput;

const conditionsIn = ({ match, conditions }: Sent["tiers"][number]["reach"]): TierConditions => ({
  match: match ?? "ALL",
  conditions: conditions.map(({ measure, atLeast, window }) => ({ measure, atLeast, window: { ...window } })),
});

/** The rules of an input, whole. */
export const rulesIn = (input: Sent): TierRules => ({
  tiers: input.tiers.map(({ tierId, reach, keep }) => ({
    ...{ tierId, reach: conditionsIn(reach), keep: keep ? conditionsIn(keep) : null },
  })),
  upgrade: input.upgrade ?? "AT_ONCE",
  term: input.term ? { ...input.term } : null,
  downgrade: input.downgrade ?? "NEVER",
  graceDays: input.graceDays ?? 0,
  warnDaysBefore: [...(input.warnDaysBefore ?? [])],
});

rowMutation("setTierRules", {
  description:
    "Sets how members rise and fall from a moment on, whole. All members are reviewed once it has come; nobody falls before the running term ends.",
  scopes: ["program:write"],
  input: (t) => ({
    rules: t.field({ type: TierRulesInput, required: true, description: "The rules, all of them." }),
    startsAt: t.field({
      type: "DateTime",
      description: "From when they hold, not in the past; at once, when left out.",
    }),
  }),
  row: "ruleSet",
  type: TierRuleSet,
  table: "ruleSets",
  rowDescription: "The rules as they were set.",
  refusals: [InvalidValue],
  resolve: ({ rules, startsAt }, context, read) =>
    setTierRules(context, { rules: rulesIn(rules), startsAt: startsAt ?? null }, read),
});
