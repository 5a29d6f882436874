import type {
  CalendarPeriod,
  CountingWindow,
  Measure,
  TierCondition,
  TierConditions,
  TierRule,
  TierRules,
  windowKinds,
} from "../../schema/tables/rules.ts";
import { programReaders } from "../access/scopes.ts";
import { Brand } from "../brands/graphql.ts";
import { actorOf } from "../context.ts";
import { builder, pageOf } from "../graphql/builder.ts";

type Described<Value extends string> = Record<Value, { description: string }>;

export const MeasureEnum = builder.enumType("Measure", {
  description: "What tiers count.",
  values: {
    GROWTH_VALUE: { description: "Growth value that came in, less what was taken back." },
    SPEND: { description: "What paid orders came to, less refunds, in minor units of the brand's currency." },
    ORDERS: { description: "Paid orders, without those that went back whole." },
    POINTS_EARNED: {
      description:
        "Points that orders and activities earned, less what was taken back; whether they were spent does not matter.",
    },
    VISITS: { description: "Check-ins." },
  } satisfies Described<Measure>,
});

export const CalendarPeriodEnum = builder.enumType("CalendarPeriod", {
  description: "A period of the calendar, in the brand's time zone.",
  values: {
    MONTH: { description: "From the first to the last of a month." },
    QUARTER: { description: "From January, April, July or October on, three months." },
    HALF_YEAR: { description: "From January or July on, six months." },
    YEAR: { description: "From 1 January to 31 December." },
  } satisfies Described<CalendarPeriod>,
});

export const WindowKindEnum = builder.enumType("CountingWindowKind", {
  description: "From when what happened counts.",
  values: {
    LIFETIME: { description: "All that ever happened." },
    ROLLING_DAYS: {
      description: "What happened in the last `days` days, today included; at a term's end, its last day.",
    },
    CALENDAR: {
      description: "What happened in the `period` that today lies in; at a term's end, its last day.",
    },
    SINCE_TIER: { description: "What happened since the running term in the tier began." },
  } satisfies Described<(typeof windowKinds)[number]>,
});

const matches = { ALL: { description: "All must hold." }, ANY: { description: "One is enough." } };
export const MatchEnum = builder.enumType("ConditionMatch", {
  description: "How many of some conditions must hold.",
  values: matches satisfies Described<TierConditions["match"]>,
});

export const UpgradeEnum = builder.enumType("TierUpgrade", {
  description: "When members rise.",
  values: {
    AT_ONCE: { description: "As soon as a tier is reached." },
    AT_TERM_END: { description: "When the term ends." },
  } satisfies Described<TierRules["upgrade"]>,
});

export const DowngradeEnum = builder.enumType("TierDowngrade", {
  description: "What becomes of members who do not keep their tier.",
  values: {
    NEVER: { description: "They keep it for another term." },
    TO_EARNED: { description: "They fall to the tier that they reach now." },
    ONE_STEP: { description: "They fall by one tier." },
  } satisfies Described<TierRules["downgrade"]>,
});

/** The same in what is read and in what is sent. */
export const texts = {
  days: "For ROLLING_DAYS, and no other: how many, 1 to 1096.",
  period: "For CALENDAR, and no other: which period.",
  atLeast: "How much of it at the least; SPEND in minor units of the brand's currency.",
  keep: "What it takes to keep the tier at the end of a term; null for the same as to reach it.",
  months:
    "How many months, 1 to 36; with `period` as well, on to the end of the period in which they end. Null for that period alone.",
  termPeriod:
    "To the end of the calendar period in which it, or its months, would end; null for the months alone.",
  term: "How long a tier lasts, to the end of the day; null for ever.",
  graceDays:
    "For how many days after its term a tier that was not kept stays, and can still be kept; 0 to 90.",
  warnDaysBefore:
    "How many days before a tier would be lowered the event `tier.expiring` tells of it, once each: up to 5 different ones, each 1 to 90.",
  tiers:
    "What each tier above the first asks for. One left out is reached by the growth value of its requirement.",
};

export const CountingWindowType = builder.objectRef<CountingWindow>("CountingWindow").implement({
  description: "From when what happened counts.",
  authScopes: { public: true },
  fields: (t) => ({
    kind: t.expose("kind", { type: WindowKindEnum, description: "From when." }),
    days: t.exposeInt("days", { nullable: true, description: texts.days }),
    period: t.expose("period", { type: CalendarPeriodEnum, nullable: true, description: texts.period }),
  }),
});

const TierConditionType = builder.objectRef<TierCondition>("TierCondition").implement({
  description: "So much of something within a window of time.",
  authScopes: { public: true },
  fields: (t) => ({
    measure: t.expose("measure", { type: MeasureEnum, description: "What is counted." }),
    atLeast: t.expose("atLeast", { type: "SafeInt", description: texts.atLeast }),
    window: t.expose("window", { type: CountingWindowType, description: "From when it counts." }),
  }),
});

const TierConditionsType = builder.objectRef<TierConditions>("TierConditions").implement({
  description: "Conditions of which all, or any one, must hold.",
  authScopes: { public: true },
  fields: (t) => ({
    match: t.expose("match", { type: MatchEnum, description: "Whether all must hold, or one is enough." }),
    conditions: t.expose("conditions", { type: [TierConditionType], description: "The conditions." }),
  }),
});

const TierRuleType = builder.objectRef<TierRule>("TierRule").implement({
  description: "What a tier asks for.",
  authScopes: { public: true },
  fields: (t) => ({
    tierId: t.exposeID("tierId", { description: "Which tier." }),
    reach: t.expose("reach", { type: TierConditionsType, description: "What it takes to reach the tier." }),
    keep: t.expose("keep", { type: TierConditionsType, nullable: true, description: texts.keep }),
  }),
});

const TierTermType = builder.objectRef<NonNullable<TierRules["term"]>>("TierTerm").implement({
  description: "How long a tier lasts.",
  authScopes: { public: true },
  fields: (t) => ({
    months: t.exposeInt("months", { nullable: true, description: texts.months }),
    period: t.expose("period", { type: CalendarPeriodEnum, nullable: true, description: texts.termPeriod }),
  }),
});

const TierRulesType = builder.objectRef<TierRules>("TierRules").implement({
  description: "How members rise and fall.",
  authScopes: { public: true },
  fields: (t) => ({
    tiers: t.expose("tiers", { type: [TierRuleType], description: texts.tiers }),
    upgrade: t.expose("upgrade", { type: UpgradeEnum, description: "When members rise." }),
    term: t.expose("term", { type: TierTermType, nullable: true, description: texts.term }),
    downgrade: t.expose("downgrade", {
      type: DowngradeEnum,
      description: "What becomes of members who do not keep their tier.",
    }),
    graceDays: t.exposeInt("graceDays", { description: texts.graceDays }),
    warnDaysBefore: t.exposeIntList("warnDaysBefore", { description: texts.warnDaysBefore }),
  }),
});

export const TierRuleSet = builder.drizzleObject("ruleSets", {
  variant: "TierRuleSet",
  description: "How members rise and fall, from a moment on. Never changed: new rules are a new set.",
  authScopes: programReaders,
  select: { columns: { brandId: true, id: true } },
  fields: (t) => ({
    id: t.exposeID("id", { description: "`rul_…`" }),
    startsAt: t.expose("startsAt", { type: "DateTime", description: "In force from then on." }),
    rules: t.field({
      type: TierRulesType,
      description: "The rules.",
      select: { columns: { rules: true } },
      resolve: ({ rules }) => rules as TierRules,
    }),
    reviewedAt: t.expose("reviewedAt", {
      type: "DateTime",
      nullable: true,
      description: "When all members had been reviewed under them; null until then.",
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When they were set." }),
  }),
});

/** A brand's tier rules in force, as part of what is read with the brand. */
export const tierRulesInForce = (now: number) =>
  ({
    where: { kind: "TIERS", startsAt: { lte: now } },
    orderBy: { startsAt: "desc", id: "desc" },
    limit: 1,
  }) as const;

builder.drizzleObjectFields(Brand, (t) => ({
  tierRules: t.field({
    type: TierRulesType,
    nullable: true,
    description:
      "How its members rise and fall now; null where the growth value that each tier requires is all: it lifts at once, and nobody falls.",
    select: (_args, { now }) => ({ with: { tierRuleSets: tierRulesInForce(now) } }),
    resolve: ({ tierRuleSets: [set] }) => (set?.rules as TierRules | undefined) ?? null,
  }),
  tierRuleSets: t.relatedConnection(
    "allTierRuleSets",
    {
      type: TierRuleSet,
      authScopes: programReaders,
      nullable: true,
      description:
        "The brand's own rules that were ever set, and those to come, the newest first. Null, with an error, without the scope.",
      // A brand is public; what it plans, and once had, is its own.
      query: (_args, context) => ({
        where: { kind: "TIERS", brandId: actorOf(context).brandId },
        orderBy: { id: "desc" },
      }),
    },
    ...pageOf("TierRuleSet"),
  ),
}));
