import type { CalendarPeriod, CountingWindow, Measure, windowKinds } from "../../schema/tables/rules.ts";
import type { tierChangeCauses } from "../../schema/tables/standings.ts";
import type { Context } from "../context.ts";
import { builder, pageOf } from "../graphql/builder.ts";
import { wanting } from "../locales.ts";
import { Member } from "../members/graphql.ts";
import { countedFactsOf, countedIn } from "./counted-facts.ts";
import { type Distance, type Forecast, forecastOf, type MissingPart } from "./forecast.ts";
import { Tier } from "./graphql.ts";
import { CountingWindowType, MatchEnum, MeasureEnum, tierRulesInForce } from "./graphql-rules.ts";
import type { Rung } from "./ladder.ts";
import type { TierRuleSet } from "./tier-rules.ts";
import { changeWords, forecastWords } from "./tier-words.ts";

const readers = ["members:read", "member:self"] as const;

const MissingType = builder.objectRef<MissingPart>("TierMissing").implement({
  description: "What is still missing for a condition.",
  authScopes: { anyOf: readers },
  fields: (t) => ({
    measure: t.expose("measure", { type: MeasureEnum, description: "Of what." }),
    missing: t.expose("missing", {
      type: "SafeInt",
      description: "How much; SPEND in minor units of the brand's currency.",
    }),
    window: t.expose("window", { type: CountingWindowType, description: "From when it counts." }),
  }),
});

const DistanceType = builder.objectRef<Distance>("TierDistance").implement({
  description: "How far it is to what a tier asks for.",
  authScopes: { anyOf: readers },
  fields: (t) => ({
    met: t.exposeBoolean("met", { description: "Whether all that is asked for is there." }),
    match: t.expose("match", {
      type: MatchEnum,
      description: "Whether all that is missing is needed, or any one of it.",
    }),
    missing: t.expose("missing", { type: [MissingType], description: "What is missing; nothing when met." }),
  }),
});

type ForecastShape = Omit<Forecast, "tier" | "next"> & {
  tier: typeof Tier.$inferType;
  next: typeof Tier.$inferType | null;
  description: string;
};

const ForecastType = builder.objectRef<ForecastShape>("TierForecast").implement({
  description: "What lies ahead of a member's tier, as things are now.",
  authScopes: { anyOf: readers },
  fields: (t) => ({
    tier: t.expose("tier", { type: Tier, description: "The tier that the member has." }),
    until: t.expose("until", {
      type: "DateTime",
      nullable: true,
      description: "When it ends unless it is kept: its first moment after. Null where it does not end.",
    }),
    keep: t.expose("keep", {
      type: DistanceType,
      nullable: true,
      description: "What it takes to have it for another term; null where it does not end, or was given.",
    }),
    next: t.expose("next", { type: Tier, nullable: true, description: "The tier above; null at the top." }),
    reach: t.expose("reach", {
      type: DistanceType,
      nullable: true,
      description: "What it takes to reach that one; null at the top.",
    }),
    description: t.exposeString("description", {
      description:
        "In words for the member, in the member's language, otherwise the request's: `Gold until 31 March 2027; 320 more growth value to keep it, 1,250 to Diamond`.",
    }),
  }),
});

type Columns = { brandId: never; id: never };

/** One function a request: what is asked for twice is then read once. */
const countedByContext = new WeakMap<Context, (member: Columns) => ReturnType<typeof countedFactsOf>>();

function countedFacts(context: Context) {
  const known = countedByContext.get(context);
  if (known) return known;
  const made = (member: Columns) => countedFactsOf(member, context.now);
  countedByContext.set(context, made);
  return made;
}

builder.drizzleObjectFields(Member, (t) => ({
  tierForecast: t.field({
    type: ForecastType,
    authScopes: { anyOf: readers },
    description: "Until when the member has its tier, and what it takes to keep it and to rise.",
    select: (_args, context, nestedSelection) => ({
      columns: { tierId: true, locale: true },
      extras: { countedFacts: countedFacts(context) as never },
      with: {
        standing: true,
        grantsLeft: { where: { endedAt: { isNull: true } } },
        brand: {
          columns: { timeZone: true, currency: true },
          with: {
            tierRuleSets: tierRulesInForce(context.now),
            tiers: nestedSelection(
              { columns: { id: true, brandId: true, rank: true, requirement: true, name: true } },
              ["tier"],
            ),
            tiersAhead: nestedSelection({ columns: { id: true, brandId: true } }, ["next"]),
          },
        },
      },
    }),
    resolve: (member, _args, { now, locales }) => {
      const { standing, brand, tierId } = member;
      const ladder = brand.tiers as unknown as (Rung & { name: Record<string, string> })[];
      const facts = countedIn(member.id, (member as unknown as { countedFacts: unknown }).countedFacts);
      const { timeZone, currency } = brand;
      const ruleSets = brand.tierRuleSets as TierRuleSet[];
      const given = { standing, ladder, ruleSets, facts, timeZone };
      const forecast = forecastOf(given, { tierId, grants: member.grantsLeft }, now);
      const { tier, next } = forecast;
      const reader = { locales: wanting(member.locale, locales), timeZone, currency };
      const words = { ...forecast, tierName: tier.name, nextName: next?.name ?? null };
      const ahead = brand.tiersAhead as unknown as { id: string }[];
      return {
        ...forecast,
        tier: tier as never,
        next: (next && ahead.find(({ id }) => id === next.id)) as never,
        description: forecastWords(words, reader),
      };
    },
  }),
}));

const TierChangeCause = builder.enumType("TierChangeCause", {
  description: "Why a tier changed.",
  values: {
    EARNED: { description: "The rules' conditions to reach it were met." },
    LOWERED: { description: "The tier was not kept at the end of its term." },
    GRANTED: { description: "It was given by hand, or bought." },
    GRANT_ENDED: { description: "What was given or bought ended." },
  } satisfies Record<(typeof tierChangeCauses)[number], { description: string }>,
});

interface CountedShape {
  measure: Measure;
  window: CountingWindow;
  atLeast: number;
  value: number;
}

const CountedType = builder.objectRef<CountedShape>("TierCounted").implement({
  description: "A condition that a decision looked at, with what there was of it.",
  authScopes: { anyOf: readers },
  fields: (t) => ({
    measure: t.expose("measure", { type: MeasureEnum, description: "Of what." }),
    window: t.expose("window", { type: CountingWindowType, description: "From when it counted." }),
    atLeast: t.expose("atLeast", {
      type: "SafeInt",
      description: "What was asked for; SPEND in minor units of the brand's currency.",
    }),
    value: t.expose("value", { type: "SafeInt", description: "What there was, in the same unit." }),
  }),
});

/** A window as decisions write it: `ROLLING_DAYS:365`. */
function windowOf(text: string): CountingWindow {
  const [kind, detail] = text.split(":") as [(typeof windowKinds)[number], string | undefined];
  return {
    kind,
    days: kind === "ROLLING_DAYS" ? Number(detail) : null,
    period: kind === "CALENDAR" ? (detail as CalendarPeriod) : null,
  };
}

const TierChange = builder.drizzleObject("tierChanges", {
  name: "TierChange",
  description: "A change of a member's tier, with what it was decided on. Never changed.",
  authScopes: { anyOf: readers },
  select: { columns: { brandId: true, id: true, decision: true } },
  fields: (t) => ({
    id: t.exposeID("id", { description: "`tch_…`" }),
    from: t.relation("from", { type: Tier, description: "The tier before." }),
    to: t.relation("to", { type: Tier, description: "The tier after." }),
    cause: t.expose("cause", { type: TierChangeCause, description: "Why." }),
    decidedAsOf: t.field({
      type: "DateTime",
      description: "The moment as of which it was decided: a term that ended is judged as of its end.",
      resolve: ({ decision }) => decision.asOf,
    }),
    counted: t.field({
      type: [CountedType],
      description: "The conditions that were looked at: those met, or those of the tier that was not kept.",
      resolve: ({ decision }) =>
        decision.counted.map(({ window, measure, ...rest }) => ({
          ...{ measure: measure as Measure, window: windowOf(window) },
          ...rest,
        })),
    }),
    ruleSetId: t.id({
      nullable: true,
      description:
        "The rules that it was decided by; null for what the ladder itself requires, and for grants.",
      resolve: ({ decision }) => decision.ruleSetId,
    }),
    reason: t.string({
      nullable: true,
      authScopes: { anyOf: ["members:read"] },
      description: "Why it was given by hand, for the brand's own record; null for all else.",
      resolve: ({ decision }) => decision.reason ?? null,
    }),
    description: t.string({
      description: "In words for the member, in the member's language, otherwise the request's.",
      select: {
        columns: { cause: true },
        with: {
          fromNamed: { columns: { name: true } },
          toNamed: { columns: { name: true } },
          member: { columns: { locale: true } },
        },
      },
      resolve: ({ cause, fromNamed, toNamed, member }, _args, { locales }) =>
        changeWords(cause, { from: fromNamed.name, to: toNamed.name }, wanting(member.locale, locales)),
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was recorded." }),
  }),
});

builder.drizzleObjectFields(Member, (t) => ({
  tierHistory: t.relatedConnection(
    "tierChanges",
    {
      type: TierChange,
      authScopes: { anyOf: readers },
      description: "How the member's tier changed, the newest first, each with what it was decided on.",
      query: { orderBy: { id: "desc" } },
    },
    ...pageOf("TierChange"),
  ),
}));
