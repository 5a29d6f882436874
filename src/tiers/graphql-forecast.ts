import type { Context } from "../context.ts";
import { builder } from "../graphql/builder.ts";
import { wanting } from "../locales.ts";
import { Member } from "../members/graphql.ts";
import { countedFactsOf, countedIn } from "./counted-facts.ts";
import { type Distance, type Forecast, forecastOf, type MissingPart } from "./forecast.ts";
import { Tier } from "./graphql.ts";
import { CountingWindowType, MatchEnum, MeasureEnum, tierRulesInForce } from "./graphql-rules.ts";
import type { Rung } from "./ladder.ts";
import type { TierRuleSet } from "./tier-rules.ts";
import { forecastWords } from "./tier-words.ts";

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
