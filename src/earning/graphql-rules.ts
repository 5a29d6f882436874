import type {
  ActivityEarning,
  combinations,
  EarningMultiplier,
  EarningRate,
  EarningRules,
  multipliedUnits,
  roundings,
} from "../../schema/tables/rules.ts";
import { programReaders } from "../access/scopes.ts";
import { Brand } from "../brands/graphql.ts";
import { actorOf } from "../context.ts";
import { builder, pageOf } from "../graphql/builder.ts";
import { localeArgument } from "../graphql/texts.ts";
import { pickText, wanting } from "../locales.ts";
import { ActivityKindEnum } from "../orders/graphql-activities.ts";

export const Rounding = builder.enumType("Rounding", {
  description: "How an exact amount becomes a whole number: once, of an order's whole amount.",
  values: {
    DOWN: { description: "To the whole number below." },
    NEAREST: { description: "To the nearest; a half goes up." },
    UP: { description: "To the whole number above." },
  } satisfies Record<(typeof roundings)[number], { description: string }>,
});

export const MultipliedUnit = builder.enumType("MultipliedUnit", {
  description: "What a multiplier makes more of.",
  values: {
    POINTS: { description: "Points." },
    GROWTH_VALUE: { description: "Growth value." },
    BOTH: { description: "Both of them." },
  } satisfies Record<(typeof multipliedUnits)[number], { description: string }>,
});

export const MultiplierCombination = builder.enumType("MultiplierCombination", {
  description: "What multipliers that hold for the same goods come to, those of benefits among them.",
  values: {
    MULTIPLY: { description: "Their product: 2 × and 1.5 × are 3 ×." },
    ADD: { description: "What each adds, added up: 2 × and 1.5 × are 2.5 ×." },
    BEST: { description: "The largest alone: 2 × and 1.5 × are 2 ×." },
  } satisfies Record<(typeof combinations)[number], { description: string }>,
});

/** The same in what is read and in what is sent. */
export const ruleTexts = {
  startsAt: "From when they hold, until those of a later start do.",
  ratePoints: "How many are earned for each `perAmountMinor`.",
  perAmountMinor:
    "What is paid for goods that earns so many, in minor units of the brand's currency; other amounts earn in proportion.",
  rounding: "What becomes of a fraction of one.",
  points: "The points that purchases earn; null for none.",
  growthValue: "The growth value that purchases earn; null for none.",
  multipliers: "More for some purchases; up to 50.",
  combination: "What several multipliers come to.",
  activities: "Fixed points for what members do; up to 50, one for an activity.",
  pointsPerOrder: "The most points for an order; null is without limit.",
  pointsPerDay:
    "The most points of a calendar day's orders and activities together, those taken back since included; null is without limit.",
  pointsPerMonth:
    "The most points of a calendar month's orders and activities together, those taken back since included; null is without limit.",
  pendingDays:
    "When an order's points can be spent. Null: once it is paid. 0: once it is completed. Else: when the day that lies so many days after its completion has ended, up to 365.",
  multiplierName: "What members call it: `Tuesdays`.",
  multiplierBasisPoints: "20000 is 2 ×; below 10000 it gives less. 1 to 1000000.",
  unit: "What it makes more of.",
  tierIds: "For members of these tiers.",
  categories: "For goods of one of these categories.",
  skus: "For these products.",
  channels: "For orders through these channels.",
  stores: "For orders in these shops.",
  weekdays: "On these days of the week: 1 is Monday, 7 is Sunday; by the brand's calendar.",
  fromMinute:
    "From this minute of the day on, by the brand's clock: 0 is midnight, 1080 is 18:00. Null for midnight.",
  untilMinute:
    "Until this minute of the day, 1440 at most; null for the day's end. Before `fromMinute` it is one of the next day, and the hours after midnight count as the day before.",
  kind: "What was done.",
  activityName: "For a CUSTOM kind, and no other: the brand's own name for it.",
  activityPoints: "Points for it.",
  activityGrowthValue: "Growth value for it.",
  timesPerDay: "How many times a calendar day a member earns with it; null for every time.",
  timesEver: "How many times a member earns with it at all; null for every time.",
} as const;

const Rate = builder.objectRef<EarningRate>("EarningRate").implement({
  description: "How much is earned for what is paid for goods, less discounts; shipping earns nothing.",
  authScopes: { public: true },
  fields: (t) => ({
    points: t.exposeInt("points", { description: ruleTexts.ratePoints }),
    perAmountMinor: t.exposeInt("perAmountMinor", { description: ruleTexts.perAmountMinor }),
    rounding: t.expose("rounding", { type: Rounding, description: ruleTexts.rounding }),
  }),
});

const Multiplier = builder.objectRef<EarningMultiplier>("EarningMultiplier").implement({
  description: "More for some purchases: every condition that is not null must hold.",
  authScopes: { public: true },
  fields: (t) => {
    const names = (name: "categories" | "skus" | "channels" | "stores") =>
      t.exposeStringList(name, { nullable: true, description: ruleTexts[name] });
    return {
      name: t.string({
        description: ruleTexts.multiplierName,
        args: localeArgument,
        resolve: ({ name }, { locale }, { locales }) => pickText(name, wanting(locale, locales)),
      }),
      multiplierBasisPoints: t.exposeInt("multiplierBasisPoints", {
        description: ruleTexts.multiplierBasisPoints,
      }),
      unit: t.expose("unit", { type: MultipliedUnit, description: ruleTexts.unit }),
      tierIds: t.expose("tierIds", { type: ["ID"], nullable: true, description: ruleTexts.tierIds }),
      categories: names("categories"),
      skus: names("skus"),
      channels: names("channels"),
      stores: names("stores"),
      weekdays: t.exposeIntList("weekdays", { nullable: true, description: ruleTexts.weekdays }),
      fromMinute: t.exposeInt("fromMinute", { nullable: true, description: ruleTexts.fromMinute }),
      untilMinute: t.exposeInt("untilMinute", { nullable: true, description: ruleTexts.untilMinute }),
    };
  },
});

const ActivityRule = builder.objectRef<ActivityEarning>("ActivityEarning").implement({
  description: "What an activity earns.",
  authScopes: { public: true },
  fields: (t) => ({
    kind: t.expose("kind", { type: ActivityKindEnum, description: ruleTexts.kind }),
    name: t.exposeString("name", { nullable: true, description: ruleTexts.activityName }),
    points: t.exposeInt("points", { description: ruleTexts.activityPoints }),
    growthValue: t.exposeInt("growthValue", { description: ruleTexts.activityGrowthValue }),
    timesPerDay: t.exposeInt("timesPerDay", { nullable: true, description: ruleTexts.timesPerDay }),
    timesEver: t.exposeInt("timesEver", { nullable: true, description: ruleTexts.timesEver }),
  }),
});

export const EarningRuleSet = builder.drizzleObject("ruleSets", {
  variant: "EarningRuleSet",
  description: "How orders and activities earn, from a moment on. Never changed: new rules are a new set.",
  authScopes: { public: true },
  select: { columns: { brandId: true, id: true } },
  fields: (t) => {
    const select = { columns: { rules: true } } as const;
    const cap = (name: "pointsPerOrder" | "pointsPerDay" | "pointsPerMonth") =>
      t.field({
        ...{ type: "SafeInt", nullable: true, select, description: ruleTexts[name] },
        resolve: ({ rules }) => (rules as EarningRules)[name],
      });
    const rate = (name: "points" | "growthValue") =>
      t.field({
        ...{ type: Rate, nullable: true, select, description: ruleTexts[name] },
        resolve: ({ rules }) => (rules as EarningRules)[name],
      });
    return {
      id: t.exposeID("id", { description: "`rul_…`" }),
      startsAt: t.expose("startsAt", { type: "DateTime", description: ruleTexts.startsAt }),
      createdAt: t.expose("createdAt", { type: "DateTime", description: "When they were set." }),
      points: rate("points"),
      growthValue: rate("growthValue"),
      multipliers: t.field({
        ...{ type: [Multiplier], select, description: ruleTexts.multipliers },
        resolve: ({ rules }) => (rules as EarningRules).multipliers,
      }),
      combination: t.field({
        ...{ type: MultiplierCombination, select, description: ruleTexts.combination },
        resolve: ({ rules }) => (rules as EarningRules).combination,
      }),
      activities: t.field({
        ...{ type: [ActivityRule], select, description: ruleTexts.activities },
        resolve: ({ rules }) => (rules as EarningRules).activities,
      }),
      pointsPerOrder: cap("pointsPerOrder"),
      pointsPerDay: cap("pointsPerDay"),
      pointsPerMonth: cap("pointsPerMonth"),
      pendingDays: t.int({
        ...{ nullable: true, select, description: ruleTexts.pendingDays },
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
  earningRuleSets: t.relatedConnection(
    "earningRuleSets",
    {
      type: EarningRuleSet,
      nullable: true,
      authScopes: programReaders,
      description:
        "The brand's own rules that were ever set, and those to come, the newest first. Null, with an error, without the scope.",
      // A brand is public; what it plans, and once had, is its own.
      query: (_args, context) => ({
        where: { kind: "EARNING", brandId: actorOf(context).brandId },
        orderBy: { id: "desc" },
      }),
    },
    ...pageOf("EarningRuleSet"),
  ),
}));
