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
import { Brand } from "../brands/graphql.ts";
import { actorOf } from "../context.ts";
import { InvalidValue } from "../errors.ts";
import { builder, pageOf } from "../graphql/builder.ts";
import { rowMutation } from "../graphql/mutation.ts";
import { setTierRules } from "./set-tier-rules.ts";

type Described<Value extends string> = Record<Value, { description: string }>;

export const MeasureEnum = builder.enumType("Measure", {
  description: "What tiers count.",
  values: {
    GROWTH_VALUE: { description: "Growth value that came in, less what was taken back." },
    SPEND: { description: "What paid orders came to, less refunds, in the currency's minor units." },
    ORDERS: { description: "Paid orders, without those that went back whole." },
    POINTS_EARNED: { description: "Points that orders and activities earned, whatever became of them." },
    VISITS: { description: "Check-ins." },
  } satisfies Described<Measure>,
});

const CalendarPeriodEnum = builder.enumType("CalendarPeriod", {
  description: "A period of the calendar, in the brand's time zone.",
  values: {
    MONTH: { description: "From the first to the last of a month." },
    QUARTER: { description: "From January, April, July or October on, three months." },
    HALF_YEAR: { description: "From January or July on, six months." },
    YEAR: { description: "From 1 January to 31 December." },
  } satisfies Described<CalendarPeriod>,
});

const WindowKindEnum = builder.enumType("CountingWindowKind", {
  description: "From when what happened counts.",
  values: {
    LIFETIME: { description: "From ever." },
    ROLLING_DAYS: { description: "In the last days, of which today, or the term's last day, is one." },
    CALENDAR: { description: "In the running month, quarter, half-year or year." },
    SINCE_TIER: { description: "Since the running term in the tier began." },
  } satisfies Described<(typeof windowKinds)[number]>,
});

const matches = { ALL: { description: "All must hold." }, ANY: { description: "One is enough." } };
export const MatchEnum = builder.enumType("ConditionMatch", {
  description: "How many of some conditions must hold.",
  values: matches satisfies Described<TierConditions["match"]>,
});

const UpgradeEnum = builder.enumType("TierUpgrade", {
  description: "When members rise.",
  values: {
    AT_ONCE: { description: "As soon as a tier is reached." },
    AT_TERM_END: { description: "When the term ends." },
  } satisfies Described<TierRules["upgrade"]>,
});

const DowngradeEnum = builder.enumType("TierDowngrade", {
  description: "What becomes of members who do not keep their tier.",
  values: {
    NEVER: { description: "They keep it for another term." },
    TO_EARNED: { description: "They fall to the tier that they reach now." },
    ONE_STEP: { description: "They fall by one tier." },
  } satisfies Described<TierRules["downgrade"]>,
});

/** The same in what is read and in what is sent. */
const texts = {
  days: "For ROLLING_DAYS: how many, 1 to 1096.",
  period: "For CALENDAR: which.",
  atLeast: "At least this much: money in minor units, else a number.",
  keep: "To keep it at the end of a term; null for the same as to reach it.",
  months: "So many months, 1 to 36; with a period as well, to the end of the one in which they end.",
  termPeriod: "To the end of the running period.",
  term: "How long a tier lasts, to the end of the day; null for ever.",
  graceDays: "So many days after the term the tier is held and can still be kept, 0 to 90.",
  warnDaysBefore: "So many days before a fall the member is told, 1 to 90; at most 5.",
  tiers: "What each tier asks for. A tier left out is reached by the growth value of its requirement.",
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
  description: "So much of something in a window.",
  authScopes: { public: true },
  fields: (t) => ({
    measure: t.expose("measure", { type: MeasureEnum, description: "Of what." }),
    atLeast: t.expose("atLeast", { type: "SafeInt", description: texts.atLeast }),
    window: t.expose("window", { type: CountingWindowType, description: "From when it counts." }),
  }),
});

const TierConditionsType = builder.objectRef<TierConditions>("TierConditions").implement({
  description: "Conditions of which all, or any one, must hold.",
  authScopes: { public: true },
  fields: (t) => ({
    match: t.expose("match", { type: MatchEnum, description: "Whether all, or any one." }),
    conditions: t.expose("conditions", { type: [TierConditionType], description: "The conditions." }),
  }),
});

const TierRuleType = builder.objectRef<TierRule>("TierRule").implement({
  description: "What a tier asks for.",
  authScopes: { public: true },
  fields: (t) => ({
    tierId: t.exposeID("tierId", { description: "Which tier." }),
    reach: t.expose("reach", { type: TierConditionsType, description: "To reach it." }),
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
      description: "What becomes of who does not keep it.",
    }),
    graceDays: t.exposeInt("graceDays", { description: texts.graceDays }),
    warnDaysBefore: t.exposeIntList("warnDaysBefore", { description: texts.warnDaysBefore }),
  }),
});

const TierRuleSet = builder.drizzleObject("ruleSets", {
  variant: "TierRuleSet",
  description: "Tier rules, in force from a moment until a later set's. Never changed.",
  authScopes: { anyOf: ["program:read", "program:write"] },
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
      description: "When all members had been reviewed under them.",
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
      authScopes: { anyOf: ["program:read", "program:write"] },
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

const CountingWindowInput = builder.inputType("CountingWindowInput", {
  description: "From when what happened counts.",
  fields: (t) => ({
    kind: t.field({ type: WindowKindEnum, required: true, description: "From when." }),
    days: t.int({ description: texts.days }),
    period: t.field({ type: CalendarPeriodEnum, description: texts.period }),
  }),
});

const TierConditionInput = builder.inputType("TierConditionInput", {
  description: "So much of something in a window.",
  fields: (t) => ({
    measure: t.field({ type: MeasureEnum, required: true, description: "Of what." }),
    atLeast: t.field({ type: "SafeInt", required: true, description: texts.atLeast }),
    window: t.field({ type: CountingWindowInput, required: true, description: "From when it counts." }),
  }),
});

const TierConditionsInput = builder.inputType("TierConditionsInput", {
  description: "Conditions of which all, or any one, must hold.",
  fields: (t) => ({
    match: t.field({ type: MatchEnum, defaultValue: "ALL", description: "Whether all, or any one." }),
    conditions: t.field({ type: [TierConditionInput], required: true, description: "1 to 5." }),
  }),
});

const TierRuleInput = builder.inputType("TierRuleInput", {
  description: "What a tier asks for.",
  fields: (t) => ({
    tierId: t.id({ required: true, description: "Which tier; not the first, which everyone has." }),
    reach: t.field({ type: TierConditionsInput, required: true, description: "To reach it." }),
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
      description: "What becomes of who does not keep it.",
    }),
    graceDays: t.int({ defaultValue: 0, description: texts.graceDays }),
    warnDaysBefore: t.intList({ defaultValue: [], description: texts.warnDaysBefore }),
  }),
});

type ConditionsShape = { match?: TierConditions["match"] | null; conditions: TierCondition[] };
export type TierRulesShape = {
  tiers: { tierId: string; reach: ConditionsShape; keep?: ConditionsShape | null }[];
  upgrade?: TierRules["upgrade"] | null;
  term?: TierRules["term"];
  downgrade?: TierRules["downgrade"] | null;
  graceDays?: number | null;
  warnDaysBefore?: number[] | null;
};

const conditionsIn = ({ match, conditions }: ConditionsShape): TierConditions => ({
  match: match ?? "ALL",
  conditions: conditions.map(({ measure, atLeast, window }) => ({ measure, atLeast, window: { ...window } })),
});

/** The rules of an input, whole. */
export const rulesIn = (input: TierRulesShape): TierRules => ({
  tiers: input.tiers.map(({ tierId, reach, keep }) => ({
    ...{ tierId, reach: conditionsIn(reach), keep: keep ? conditionsIn(keep) : null },
  })),
  upgrade: input.upgrade ?? "AT_ONCE",
  term: input.term ? { ...input.term } : null,
  downgrade: input.downgrade ?? "NEVER",
  graceDays: input.graceDays ?? 0,
  warnDaysBefore: [...new Set(input.warnDaysBefore ?? [])],
});

rowMutation("setTierRules", {
  description:
    "Sets how members rise and fall, from a moment on. All members are reviewed once it has come; nobody falls before the running term ends.",
  scopes: ["program:write"],
  input: (t) => ({
    rules: t.field({ type: TierRulesInput, required: true, description: "The rules, whole." }),
    startsAt: t.field({ type: "DateTime", description: "From when; at once by default." }),
  }),
  row: "ruleSet",
  type: TierRuleSet,
  table: "ruleSets",
  rowDescription: "The rules as they were set.",
  refusals: [InvalidValue],
  resolve: ({ rules, startsAt }, context, read) =>
    setTierRules(context, { rules: rulesIn(rules as TierRulesShape), startsAt: startsAt ?? null }, read),
});
