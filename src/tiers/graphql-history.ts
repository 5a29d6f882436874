import type { CalendarPeriod, CountingWindow, Measure, windowKinds } from "../../schema/tables/rules.ts";
import type { tierChangeCauses } from "../../schema/tables/standings.ts";
import { builder, pageOf } from "../graphql/builder.ts";
import { wanting } from "../locales.ts";
import { Member } from "../members/graphql.ts";
import { Tier } from "./graphql.ts";
import { CountingWindowType, MeasureEnum } from "./graphql-rules.ts";
import { changeWords } from "./tier-words.ts";

const readers = ["members:read", "member:self"] as const;

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
