import * as z from "zod/mini";
import type { EarningRate, EarningRules } from "../../schema/tables/rules.ts";
import { InvalidValue, NotFound } from "../errors.ts";
import { builder } from "../graphql/builder.ts";
import { rowMutation } from "../graphql/mutation.ts";
import { LocalizedTextInput, someTexts, textsOf } from "../graphql/texts.ts";
import { factText } from "../orders/fact-text.ts";
import { ActivityKindEnum } from "../orders/graphql-activities.ts";
import {
  EarningRuleSet,
  MultipliedUnit,
  MultiplierCombination,
  Rounding,
  ruleTexts,
} from "./graphql-rules.ts";
import { setEarningRules } from "./set-earning-rules.ts";

const words = z.array(factText);

const RateInput = builder.inputType("EarningRateInput", {
  description: "How much is earned for what is paid for goods, less discounts; shipping earns nothing.",
  fields: (t) => ({
    points: t.int({ required: true, description: ruleTexts.ratePoints }),
    perAmountMinor: t.int({ required: true, description: ruleTexts.perAmountMinor }),
    rounding: t.field({ type: Rounding, description: `${ruleTexts.rounding} DOWN by default.` }),
  }),
});

const MultiplierInput = builder.inputType("EarningMultiplierInput", {
  description: "More for some purchases: every condition that is given, and not null, must hold.",
  fields: (t) => ({
    name: t.field({
      type: [LocalizedTextInput],
      validate: someTexts,
      required: true,
      description: ruleTexts.multiplierName,
    }),
    multiplierBasisPoints: t.int({ required: true, description: ruleTexts.multiplierBasisPoints }),
    unit: t.field({ type: MultipliedUnit, description: `${ruleTexts.unit} POINTS by default.` }),
    tierIds: t.idList({ description: ruleTexts.tierIds }),
    categories: t.stringList({ description: ruleTexts.categories, validate: words }),
    skus: t.stringList({ description: ruleTexts.skus, validate: words }),
    channels: t.stringList({ description: ruleTexts.channels, validate: words }),
    stores: t.stringList({ description: ruleTexts.stores, validate: words }),
    weekdays: t.intList({ description: ruleTexts.weekdays }),
    fromMinute: t.int({ description: ruleTexts.fromMinute }),
    untilMinute: t.int({ description: ruleTexts.untilMinute }),
  }),
});

const ActivityRuleInput = builder.inputType("ActivityEarningInput", {
  description: "What an activity earns: points, growth value, or both.",
  fields: (t) => ({
    kind: t.field({ type: ActivityKindEnum, required: true, description: ruleTexts.kind }),
    name: t.string({ description: ruleTexts.activityName, validate: factText }),
    points: t.int({ description: `${ruleTexts.activityPoints} 0 by default.` }),
    growthValue: t.int({ description: `${ruleTexts.activityGrowthValue} 0 by default.` }),
    timesPerDay: t.int({ description: ruleTexts.timesPerDay }),
    timesEver: t.int({ description: ruleTexts.timesEver }),
  }),
});

const rateOf = (rate: typeof RateInput.$inferInput | null | undefined): EarningRate | null =>
  rate ? { ...rate, rounding: rate.rounding ?? "DOWN" } : null;

rowMutation("setEarningRules", {
  description:
    "Sets how orders and activities earn from a moment on, whole: what is left out of the rules before no longer holds. Rules that start in the past hold for orders and activities of that time that are recorded from now on; what was recorded stays as it is.",
  scopes: ["program:write"],
  input: (t) => ({
    startsAt: t.field({ type: "DateTime", description: `${ruleTexts.startsAt} Now, when left out.` }),
    points: t.field({ type: RateInput, description: ruleTexts.points }),
    growthValue: t.field({ type: RateInput, description: ruleTexts.growthValue }),
    multipliers: t.field({ type: [MultiplierInput], description: ruleTexts.multipliers }),
    combination: t.field({
      type: MultiplierCombination,
      description: `${ruleTexts.combination} MULTIPLY by default.`,
    }),
    activities: t.field({ type: [ActivityRuleInput], description: ruleTexts.activities }),
    pointsPerOrder: t.field({ type: "SafeInt", description: ruleTexts.pointsPerOrder }),
    pointsPerDay: t.field({ type: "SafeInt", description: ruleTexts.pointsPerDay }),
    pointsPerMonth: t.field({ type: "SafeInt", description: ruleTexts.pointsPerMonth }),
    pendingDays: t.int({ description: ruleTexts.pendingDays }),
  }),
  row: "ruleSet",
  type: EarningRuleSet,
  table: "ruleSets",
  rowDescription: "The new rules.",
  refusals: [InvalidValue, NotFound],
  resolve: ({ startsAt, points, growthValue, multipliers, activities, ...rest }, context, read) => {
    const rules: EarningRules = {
      points: rateOf(points),
      growthValue: rateOf(growthValue),
      multipliers: (multipliers ?? []).map(({ name, unit, ...conditions }) => ({
        ...{ ...conditions, name: textsOf(name), unit: unit ?? "POINTS" },
      })),
      combination: rest.combination ?? "MULTIPLY",
      activities: (activities ?? []).map((activity) => ({
        ...{ ...activity, points: activity.points ?? 0, growthValue: activity.growthValue ?? 0 },
      })),
      pointsPerOrder: rest.pointsPerOrder ?? null,
      pointsPerDay: rest.pointsPerDay ?? null,
      pointsPerMonth: rest.pointsPerMonth ?? null,
      pendingDays: rest.pendingDays ?? null,
    };
    return setEarningRules(context, { startsAt: startsAt ?? null, rules }, read);
  },
});
