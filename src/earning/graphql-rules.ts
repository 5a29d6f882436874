import * as z from "zod";
import type {
  ActivityEarning,
  combinations,
  EarningMultiplier,
  EarningRate,
  EarningRules,
  multipliedUnits,
  roundings,
} from "../../schema/tables/rules.ts";
import { Brand } from "../brands/graphql.ts";
import { InvalidValue, NotFound } from "../errors.ts";
import { builder } from "../graphql/builder.ts";
import { rowMutation } from "../graphql/mutation.ts";
import { LocalizedTextInput, localeArgument, someTexts, textsOf } from "../graphql/texts.ts";
import { pickText } from "../locales.ts";
import { ActivityKindEnum } from "../orders/graphql-activities.ts";
import { factText } from "../orders/graphql-facts.ts";
import { setEarningRules } from "./set-earning-rules.ts";

const Rounding = builder.enumType("Rounding", {
  description: "How an exact amount becomes a whole number: once, of an order's whole amount.",
  values: {
    DOWN: { description: "To the whole number below." },
    NEAREST: { description: "To the nearest; a half goes up." },
    UP: { description: "To the whole number above." },
  } satisfies Record<(typeof roundings)[number], { description: string }>,
});

const MultipliedUnit = builder.enumType("MultipliedUnit", {
  description: "What a multiplier makes more of.",
  values: {
    POINTS: { description: "Points." },
    GROWTH_VALUE: { description: "Growth value." },
    BOTH: { description: "Both of them." },
  } satisfies Record<(typeof multipliedUnits)[number], { description: string }>,
});

const MultiplierCombination = builder.enumType("MultiplierCombination", {
  description: "What multipliers that hold for the same goods come to, those of benefits among them.",
  values: {
    MULTIPLY: { description: "Their product: 2 × and 1.5 × are 3 ×." },
    ADD: { description: "What each adds, added up: 2 × and 1.5 × are 2.5 ×." },
    BEST: { description: "The largest alone: 2 × and 1.5 × are 2 ×." },
  } satisfies Record<(typeof combinations)[number], { description: string }>,
});

/** The same in what is read and in what is sent. */
const texts = {
  startsAt: "From when they hold, until those of a later start do.",
  ratePoints: "So many …",
  perAmountMinor: "… for so much that was paid for goods, in minor units of the brand's currency.",
  rounding: "What becomes of a fraction.",
  points: "What purchases earn; null for nothing.",
  growthValue: "The growth value that purchases earn; null for none.",
  multipliers: "More for some purchases; up to 50.",
  combination: "What several multipliers come to.",
  activities: "Fixed points for what members do; up to 50, one for an activity.",
  pointsPerOrder: "The most points for an order; null is without limit.",
  pointsPerDay:
    "The most points of a calendar day's orders and activities together; null is without limit. What is taken back frees nothing.",
  pointsPerMonth: "The same of a calendar month.",
  pendingDays:
    "An order's points cannot be spent until the end of the day that lies so many days after it was completed; 0 until it is completed; null: at once when it is paid.",
  multiplierName: "What members call it: `Tuesdays`.",
  multiplierBasisPoints: "20000 is 2 ×; below 10000 it gives less. 1 to 1000000.",
  unit: "What it makes more of.",
  tierIds: "For members of these tiers.",
  categories: "For goods of one of these categories.",
  skus: "For these products.",
  channels: "For orders through these channels.",
  stores: "For orders in these shops.",
  weekdays: "On these days of the week: 1 is Monday, 7 is Sunday; by the brand's calendar.",
  fromMinute: "From so many minutes after midnight by the brand's clock, 0 to 1440.",
  untilMinute:
    "Until so many minutes after midnight; before `fromMinute`, on the next day, which counts as the day on which it began.",
  kind: "What was done.",
  activityName: "Of a CUSTOM kind.",
  activityPoints: "Points for it.",
  activityGrowthValue: "Growth value for it.",
  timesPerDay: "How often a calendar day it earns; null for always.",
  timesEver: "How often it earns at all; null for always.",
} as const;

const Rate = builder.objectRef<EarningRate>("EarningRate").implement({
  description: "So many for so much that was paid for goods; shipping earns nothing.",
  authScopes: { public: true },
  fields: (t) => ({
    points: t.exposeInt("points", { description: texts.ratePoints }),
    perAmountMinor: t.exposeInt("perAmountMinor", { description: texts.perAmountMinor }),
    rounding: t.expose("rounding", { type: Rounding, description: texts.rounding }),
  }),
});

const Multiplier = builder.objectRef<EarningMultiplier>("EarningMultiplier").implement({
  description: "More for some purchases: every condition that it names must hold.",
  authScopes: { public: true },
  fields: (t) => {
    const names = (name: "categories" | "skus" | "channels" | "stores") =>
      t.exposeStringList(name, { nullable: true, description: texts[name] });
    return {
      name: t.string({
        description: texts.multiplierName,
        args: localeArgument,
        resolve: ({ name }, { locale }, { locales }) =>
          pickText(name, [...(locale ? [locale] : []), ...locales]),
      }),
      multiplierBasisPoints: t.exposeInt("multiplierBasisPoints", {
        description: texts.multiplierBasisPoints,
      }),
      unit: t.expose("unit", { type: MultipliedUnit, description: texts.unit }),
      tierIds: t.expose("tierIds", { type: ["ID"], nullable: true, description: texts.tierIds }),
      categories: names("categories"),
      skus: names("skus"),
      channels: names("channels"),
      stores: names("stores"),
      weekdays: t.exposeIntList("weekdays", { nullable: true, description: texts.weekdays }),
      fromMinute: t.exposeInt("fromMinute", { nullable: true, description: texts.fromMinute }),
      untilMinute: t.exposeInt("untilMinute", { nullable: true, description: texts.untilMinute }),
    };
  },
});

const ActivityRule = builder.objectRef<ActivityEarning>("ActivityEarning").implement({
  description: "What an activity earns.",
  authScopes: { public: true },
  fields: (t) => ({
    kind: t.expose("kind", { type: ActivityKindEnum, description: texts.kind }),
    name: t.exposeString("name", { nullable: true, description: texts.activityName }),
    points: t.exposeInt("points", { description: texts.activityPoints }),
    growthValue: t.exposeInt("growthValue", { description: texts.activityGrowthValue }),
    timesPerDay: t.exposeInt("timesPerDay", { nullable: true, description: texts.timesPerDay }),
    timesEver: t.exposeInt("timesEver", { nullable: true, description: texts.timesEver }),
  }),
});

const EarningRuleSet = builder.drizzleObject("ruleSets", {
  variant: "EarningRuleSet",
  description: "How orders and activities earn, from a moment on. Never changes: new rules are a new set.",
  authScopes: { public: true },
  select: { columns: { brandId: true, id: true } },
  fields: (t) => {
    const select = { columns: { rules: true } } as const;
    const cap = (name: "pointsPerOrder" | "pointsPerDay" | "pointsPerMonth") =>
      t.field({
        ...{ type: "SafeInt", nullable: true, select, description: texts[name] },
        resolve: ({ rules }) => (rules as EarningRules)[name],
      });
    const rate = (name: "points" | "growthValue") =>
      t.field({
        ...{ type: Rate, nullable: true, select, description: texts[name] },
        resolve: ({ rules }) => (rules as EarningRules)[name],
      });
    return {
      id: t.exposeID("id", { description: "`rul_…`" }),
      startsAt: t.expose("startsAt", { type: "DateTime", description: texts.startsAt }),
      createdAt: t.expose("createdAt", { type: "DateTime", description: "When they were set." }),
      points: rate("points"),
      growthValue: rate("growthValue"),
      multipliers: t.field({
        ...{ type: [Multiplier], select, description: texts.multipliers },
        resolve: ({ rules }) => (rules as EarningRules).multipliers,
      }),
      combination: t.field({
        ...{ type: MultiplierCombination, select, description: texts.combination },
        resolve: ({ rules }) => (rules as EarningRules).combination,
      }),
      activities: t.field({
        ...{ type: [ActivityRule], select, description: texts.activities },
        resolve: ({ rules }) => (rules as EarningRules).activities,
      }),
      pointsPerOrder: cap("pointsPerOrder"),
      pointsPerDay: cap("pointsPerDay"),
      pointsPerMonth: cap("pointsPerMonth"),
      pendingDays: t.int({
        ...{ nullable: true, select, description: texts.pendingDays },
        resolve: ({ rules }) => (rules as EarningRules).pendingDays,
      }),
    };
  },
});

builder.drizzleObjectFields(Brand, (t) => ({
  earningRules: t.field({
    type: EarningRuleSet,
    nullable: true,
    description: "How members earn now; null while orders and activities earn nothing.",
    select: (_args, { now }, nestedSelection) => ({
      with: {
        earningRules: nestedSelection({
          columns: { brandId: true, id: true },
          where: { kind: "EARNING", startsAt: { lte: now } },
          orderBy: { startsAt: "desc", id: "desc" },
          limit: 1,
        }),
      },
    }),
    resolve: ({ earningRules }) => (earningRules[0] ?? null) as never,
  }),
  earningRuleSets: t.relation("earningRuleSets", {
    type: EarningRuleSet,
    nullable: true,
    authScopes: { anyOf: ["program:read"] },
    description:
      "The brand's own rules that are planned, in force and past, the latest start first; the last 100. Null, with an error, without the scope.",
    query: (_args, { actor }) => ({
      where: { kind: "EARNING", brandId: actor?.brandId ?? "" },
      orderBy: { startsAt: "desc", id: "desc" },
      limit: 100,
    }),
  }),
}));

const words = z.array(factText);

const RateInput = builder.inputType("EarningRateInput", {
  description: "So many for so much that was paid for goods.",
  fields: (t) => ({
    points: t.int({ required: true, description: texts.ratePoints }),
    perAmountMinor: t.int({ required: true, description: texts.perAmountMinor }),
    rounding: t.field({ type: Rounding, description: `${texts.rounding} DOWN by default.` }),
  }),
});

const MultiplierInput = builder.inputType("EarningMultiplierInput", {
  description: "More for some purchases: every condition that is given must hold.",
  fields: (t) => ({
    name: t.field({
      type: [LocalizedTextInput],
      validate: someTexts,
      required: true,
      description: texts.multiplierName,
    }),
    multiplierBasisPoints: t.int({ required: true, description: texts.multiplierBasisPoints }),
    unit: t.field({ type: MultipliedUnit, description: `${texts.unit} POINTS by default.` }),
    tierIds: t.idList({ description: texts.tierIds }),
    categories: t.stringList({ description: texts.categories, validate: words }),
    skus: t.stringList({ description: texts.skus, validate: words }),
    channels: t.stringList({ description: texts.channels, validate: words }),
    stores: t.stringList({ description: texts.stores, validate: words }),
    weekdays: t.intList({ description: texts.weekdays }),
    fromMinute: t.int({ description: texts.fromMinute }),
    untilMinute: t.int({ description: texts.untilMinute }),
  }),
});

const ActivityRuleInput = builder.inputType("ActivityEarningInput", {
  description: "What an activity earns: points, growth value, or both.",
  fields: (t) => ({
    kind: t.field({ type: ActivityKindEnum, required: true, description: texts.kind }),
    name: t.string({ description: texts.activityName, validate: factText }),
    points: t.int({ description: `${texts.activityPoints} 0 by default.` }),
    growthValue: t.int({ description: `${texts.activityGrowthValue} 0 by default.` }),
    timesPerDay: t.int({ description: texts.timesPerDay }),
    timesEver: t.int({ description: texts.timesEver }),
  }),
});

const rateOf = (rate: typeof RateInput.$inferInput | null | undefined): EarningRate | null =>
  rate ? { ...rate, rounding: rate.rounding ?? "DOWN" } : null;

rowMutation("setEarningRules", {
  description:
    "Sets how orders and activities earn from a moment on, in place of the rules before: all of them. Rules that start in the past hold for facts of that time that are told from now on; what was recorded stays as it is.",
  scopes: ["program:write"],
  input: (t) => ({
    startsAt: t.field({ type: "DateTime", description: `${texts.startsAt} Now, when left out.` }),
    points: t.field({ type: RateInput, description: texts.points }),
    growthValue: t.field({ type: RateInput, description: texts.growthValue }),
    multipliers: t.field({ type: [MultiplierInput], description: texts.multipliers }),
    combination: t.field({
      type: MultiplierCombination,
      description: `${texts.combination} MULTIPLY by default.`,
    }),
    activities: t.field({ type: [ActivityRuleInput], description: texts.activities }),
    pointsPerOrder: t.field({ type: "SafeInt", description: texts.pointsPerOrder }),
    pointsPerDay: t.field({ type: "SafeInt", description: texts.pointsPerDay }),
    pointsPerMonth: t.field({ type: "SafeInt", description: texts.pointsPerMonth }),
    pendingDays: t.int({ description: texts.pendingDays }),
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
    return setEarningRules(context, { ...(startsAt == null ? {} : { startsAt }), rules }, read);
  },
});
