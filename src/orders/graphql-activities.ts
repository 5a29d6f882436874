import type { ActivityKind } from "../../schema/tables/orders.ts";
import { actorOf } from "../context.ts";
import { InvalidValue, isRefusal } from "../errors.ts";
import { builder, pageOf } from "../graphql/builder.ts";
import { idempotencyKey, mutation, payloadType } from "../graphql/mutation.ts";
import { selectionOf } from "../graphql/nodes.ts";
import { Member } from "../members/graphql.ts";
import { factText } from "./fact-text.ts";
import { orderMeanings } from "./graphql.ts";
import { FactMember, type ResultWith, resultType, withRows } from "./graphql-facts.ts";
import { recordActivities } from "./record-activities.ts";

export const ActivityKindEnum = builder.enumType("ActivityKind", {
  description: "What a member did.",
  values: {
    SIGN_UP: { description: "Opened an account." },
    LOG_IN: { description: "Logged in." },
    CHECK_IN: { description: "Checked in for the day, or at a place." },
    REVIEW: { description: "Wrote a review." },
    SHARE: { description: "Passed something on." },
    BROWSE: { description: "Looked at something." },
    PROFILE_COMPLETED: { description: "Filled in the profile." },
    CUSTOM: { description: "Something of the brand's own, which has a name." },
  } satisfies Record<ActivityKind, { description: string }>,
});

const readers = ["facts:read", "facts:write", "member:self"] as const;

const ActivityDetail = builder.objectRef<{ name: string; value: string }>("ActivityDetail").implement({
  description: "A detail of an activity, in the source's words.",
  authScopes: { anyOf: readers },
  fields: (t) => ({
    name: t.exposeString("name", { description: "What it says." }),
    value: t.exposeString("value", { description: "And how." }),
  }),
});

const Activity = builder.drizzleObject("activities", {
  name: "Activity",
  description: "What a member did besides buying, as a source tells it. Never changes.",
  authScopes: { anyOf: readers },
  select: { columns: { brandId: true, id: true } },
  fields: (t) => ({
    id: t.exposeID("id", { description: "`act_…`" }),
    kind: t.expose("kind", { type: ActivityKindEnum, description: "What was done." }),
    name: t.exposeString("name", { nullable: true, description: "Of a CUSTOM kind." }),
    source: t.exposeString("source", { description: "The system that told of it." }),
    externalId: t.exposeString("externalId", { description: "Its id in that system." }),
    occurredAt: t.expose("occurredAt", { type: "DateTime", description: "When." }),
    detail: t.field({
      type: [ActivityDetail],
      description: "What else the source told.",
      select: { columns: { detail: true } },
      resolve: ({ detail }) => Object.entries(detail).map(([name, value]) => ({ name, value })),
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was recorded." }),
  }),
});

builder.drizzleObjectFields(Member, (t) => ({
  activities: t.relatedConnection(
    "activities",
    {
      nullable: true,
      description: "What the member did, last recorded first; null, with an error, without the scope.",
      authScopes: { anyOf: ["facts:read", "member:self"] },
      query: { orderBy: { id: "desc" } },
    },
    ...pageOf("Activity"),
  ),
}));

const ActivityDetailInput = builder.inputType("ActivityDetailInput", {
  description: "A detail of an activity; no personal data.",
  fields: (t) => ({
    name: t.string({ required: true, description: "What it says.", validate: factText }),
    value: t.string({ required: true, description: "And how.", validate: factText }),
  }),
});

const ActivityInput = builder.inputType("ActivityInput", {
  description: "An activity as its source has it.",
  fields: (t) => ({
    source: t.string({ required: true, description: orderMeanings.source, validate: factText }),
    externalId: t.string({ required: true, description: orderMeanings.externalId, validate: factText }),
    member: t.field({ type: FactMember, required: true, description: "Who did it." }),
    kind: t.field({ type: ActivityKindEnum, required: true, description: "What was done." }),
    name: t.string({ description: "Of a CUSTOM kind: `quiz-won`.", validate: factText }),
    occurredAt: t.field({ type: "DateTime", required: true, description: "When." }),
    detail: t.field({ type: [ActivityDetailInput], description: "What else there is to tell; up to 20." }),
  }),
});

const ActivityResult = resultType<typeof Activity.$inferType>("ActivityResult", "activity", Activity);

mutation("recordActivities", {
  description: "Records up to 100 activities of members, each once for its source and external id.",
  scopes: ["facts:write"],
  input: (t) => ({
    activities: t.field({ type: [ActivityInput], required: true, description: "1 to 100 activities." }),
    idempotencyKey: idempotencyKey(t),
  }),
  payload: payloadType<{ results: ResultWith<typeof Activity.$inferType>[] }>(
    "RecordActivitiesPayload",
    "What `recordActivities` did.",
    (t) => ({
      results: t.expose("results", { type: [ActivityResult], description: "For each activity, in turn." }),
    }),
  ),
  refusals: [InvalidValue],
  resolve: async ({ activities, idempotencyKey: key }, context, info) => {
    const selection = selectionOf(context, info, "Activity", ["results", "activity"]);
    const sent = activities.map(({ name, detail, ...activity }) => ({
      ...activity,
      ...{ name: name ?? null, detail: detail ?? [] },
    }));
    const input = { activities: sent, idempotencyKey: key };
    const result = await recordActivities(context, input, ({ activityIds }) =>
      context.database.query.activities.findMany({
        ...selection,
        where: { brandId: actorOf(context).brandId, id: { in: activityIds } },
      }),
    );
    return isRefusal(result) ? result : { results: withRows(result.outcome.results, result.row) };
  },
});
