import { sql } from "drizzle-orm";
import type { awardStates, EarningDecision, EarningStep } from "../../schema/tables/earning.ts";
import { seldom } from "../database/seldom.ts";
import { builder, pageOf } from "../graphql/builder.ts";
import { wanting } from "../locales.ts";
import { Member } from "../members/graphql.ts";
import { Order } from "../orders/graphql.ts";
import { PointUnitEnum } from "../points/graphql.ts";
import { stepWords } from "./step-words.ts";

/** Whoever reads a member's points or its orders, or records them. */
const readers = ["members:read", "facts:read", "facts:write", "program:read", "member:self"] as const;
/** With those who ask what a cart would earn. */
const askers = [...readers, "cards:scan"] as const;

const AwardState = builder.enumType("AwardState", {
  description: "Whether an award's points can be spent.",
  values: {
    PENDING: { description: "Not yet: the order may still go back." },
    SPENDABLE: { description: "They came into the points that can be spent." },
  } satisfies Record<(typeof awardStates)[number], { description: string }>,
});

const StepKind = builder.enumType("EarningStepKind", {
  description: "What a step of an earning decision did.",
  values: {
    BASE: { description: "Counted what was paid for the goods." },
    MULTIPLIER: { description: "Multiplied it, for all of the goods or for some." },
    ACTIVITY: { description: "Gave what the activity earns." },
    CAP: { description: "Held it to the most that the rules allow." },
  } satisfies Record<EarningStep["kind"], { description: string }>,
});

const Cap = builder.enumType("EarningCap", {
  description: "Of what a cap is the most.",
  values: {
    ORDER: { description: "Of an order." },
    DAY: { description: "Of a calendar day's orders and activities." },
    MONTH: { description: "Of a calendar month's orders and activities." },
  } satisfies Record<NonNullable<EarningStep["cap"]>, { description: string }>,
});

export interface StepInWords extends EarningStep {
  description: string;
}

/** Steps with their words. */
export const inWords = (steps: readonly EarningStep[], locales: readonly string[]): StepInWords[] =>
  steps.map((step) => ({ ...step, description: stepWords(step, locales) }));

export const Step = builder.objectRef<StepInWords>("EarningStep").implement({
  description: "A step on the way to what an order or an activity earns.",
  authScopes: { anyOf: askers },
  fields: (t) => ({
    kind: t.expose("kind", { type: StepKind, description: "What it did." }),
    unit: t.expose("unit", { type: PointUnitEnum, description: "What it counts: points or growth value." }),
    amount: t.expose("amount", { type: "SafeInt", description: "How much there is after this step." }),
    description: t.exposeString("description", {
      description: "In words for the member, in the member's language, otherwise the request's: `Gold 1.5×`.",
    }),
    multiplierBasisPoints: t.exposeInt("multiplierBasisPoints", {
      nullable: true,
      description: "Of a MULTIPLIER: 15000 is 1.5 ×; else null.",
    }),
    cap: t.expose("cap", {
      type: Cap,
      nullable: true,
      description: "Of a CAP: of what it is the most; else null.",
    }),
    limit: t.expose("limit", {
      type: "SafeInt",
      nullable: true,
      description: "Of a CAP: how much it is; else null.",
    }),
  }),
});

export const EarningLine = builder.objectRef<EarningDecision["lines"][number]>("EarningLine").implement({
  description: "A line's share of what its order earns; the shares of all lines add up to it.",
  authScopes: { anyOf: askers },
  fields: (t) => ({
    lineId: t.exposeString("lineId", { description: "Which line." }),
    points: t.expose("points", { type: "SafeInt", description: "Its points." }),
    growthValue: t.expose("growthValue", { type: "SafeInt", description: "Its growth value." }),
  }),
});

const Award = builder.drizzleObject("awards", {
  name: "Award",
  description:
    "What an order or an activity earned a member, and why. What is taken back is counted beside it.",
  authScopes: { anyOf: readers },
  select: { columns: { brandId: true, id: true } },
  fields: (t) => {
    const amount = (name: "points" | "growthValue" | "pointsBack" | "growthValueBack", description: string) =>
      t.expose(name, { type: "SafeInt", description });
    return {
      id: t.exposeID("id", { description: "`awd_…`" }),
      orderId: t.exposeID("orderId", {
        nullable: true,
        description: "The order that earned it; null for an activity.",
      }),
      activityId: t.exposeID("activityId", {
        nullable: true,
        description: "The activity that earned it; null for an order.",
      }),
      points: amount("points", "Points that it gave."),
      growthValue: amount("growthValue", "Growth value that it gave."),
      pointsBack: amount("pointsBack", "Of its points, how many were taken back since."),
      growthValueBack: amount("growthValueBack", "Of its growth value, how much was taken back since."),
      state: t.expose("state", { type: AwardState, description: "Whether the points can be spent." }),
      earnedAt: t.expose("earnedAt", {
        type: "DateTime",
        description: "When the order was paid, or the activity happened.",
      }),
      spendableAt: t.expose("spendableAt", {
        type: "DateTime",
        nullable: true,
        description: "From when its points can be spent; null while the order is not completed.",
      }),
      steps: t.field({
        type: [Step],
        description: "How it came to be so much, step by step.",
        select: { columns: { decision: true }, with: { member: { columns: { locale: true } } } },
        resolve: ({ decision, member: { locale } }, _args, { locales }) =>
          inWords(decision.steps, wanting(locale, locales)),
      }),
      lines: t.field({
        type: [EarningLine],
        description: "What each line of the order gave; none for an activity.",
        select: { columns: { decision: true } },
        resolve: ({ decision }) => decision.lines,
      }),
      createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was recorded." }),
    };
  },
});

builder.drizzleObjectFields(Order, (t) => ({
  award: t.relation("award", {
    type: Award,
    nullable: true,
    description: "What it earned; null for nothing, as before it is paid.",
  }),
}));

builder.drizzleObjectFields(Member, (t) => ({
  awards: t.relatedConnection(
    "awards",
    {
      nullable: true,
      description: "What the member earned, last recorded first; null, with an error, without the scope.",
      authScopes: { anyOf: ["members:read", "member:self"] },
      query: {
        // Of every award: for the hint, that a member has few.
        where: { RAW: ({ earnedAt }) => seldom(sql`${earnedAt} > 0`) },
        orderBy: { id: "desc" },
      },
    },
    ...pageOf("Award"),
  ),
}));
