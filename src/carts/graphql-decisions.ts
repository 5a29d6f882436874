import { actorOf } from "../context.ts";
import { InvalidValue, NotFound } from "../errors.ts";
import { builder } from "../graphql/builder.ts";
import { idempotencyKey, rowMutation } from "../graphql/mutation.ts";
import { registerNode } from "../graphql/nodes.ts";
import { Member } from "../members/graphql.ts";
import { MemberClosed } from "../members/refusals.ts";
import { keptAnswer, replayOf } from "./decision.ts";
import { CartInputType, cartOf } from "./graphql-cart.ts";
import { EvaluationType } from "./graphql-evaluation.ts";
import { keepEvaluation } from "./keep-evaluation.ts";

const authScopes = { anyOf: ["decisions:read"] } as const;

const Replay = builder.objectRef<ReturnType<typeof replayOf>>("DecisionReplay").implement({
  description:
    "A decision made again, from the facts that were kept, by the rules of this platform as it is now.",
  authScopes,
  fields: (t) => ({
    isSame: t.exposeBoolean("isSame", {
      description: "Whether the answer is the one that was kept, byte for byte.",
    }),
    evaluation: t.field({
      type: EvaluationType,
      description: "The answer of now.",
      resolve: (replay) => replay,
    }),
  }),
});

export const Decision = builder.drizzleNode("decisions", {
  name: "Decision",
  description: "What was decided on a cart, with all that it was decided on. Never changed.",
  authScopes,
  id: { column: ({ id }) => id, description: "`dcn_…`" },
  select: { columns: { brandId: true, id: true } },
  fields: (t) => ({
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was decided." }),
    member: t.relation("member", {
      type: Member,
      nullable: true,
      description: "Who bought; null for a guest.",
    }),
    evaluation: t.field({
      type: EvaluationType,
      description: "What was answered, as it was then; only its sentences are made when they are read.",
      select: { columns: { facts: true, outcome: true } },
      resolve: keptAnswer,
    }),
    replay: t.field({
      type: Replay,
      description: "The same facts evaluated again, so that anybody can check the answer.",
      select: { columns: { facts: true, outcome: true } },
      resolve: replayOf,
    }),
  }),
});

registerNode("Decision", "decisions", ({ actor }) =>
  actor && actor.kind !== "PARTNER" && actor.memberId === undefined ? { brandId: actor.brandId } : null,
);

builder.queryField("decision", (t) =>
  t.drizzleField({
    type: Decision,
    nullable: true,
    description:
      "The decision with this id, of a checkout or of `keepEvaluation`; null when the brand has none.",
    authScopes,
    args: { id: t.arg.id({ required: true, description: "`dcn_…`" }) },
    resolve: (query, _root, { id }, context) =>
      context.database.query.decisions.findFirst(query({ where: { brandId: actorOf(context).brandId, id } })),
  }),
);

rowMutation("keepEvaluation", {
  description:
    "Evaluates a cart as `evaluateCart` does, and keeps what it was decided on with the answer, so that it can be looked up and checked later.",
  scopes: ["checkouts:write"],
  input: (t) => ({
    cart: t.field({ type: CartInputType, required: true, description: "The cart." }),
    idempotencyKey: idempotencyKey(t),
  }),
  row: "decision",
  type: Decision,
  table: "decisions",
  rowDescription: "The decision; null, with an error, for who may not read it (`decisions:read`).",
  fields: (t) => ({
    decisionId: t.id({ description: "`dcn_…`", resolve: ({ outcome }) => outcome.decisionId }),
  }),
  refusals: [NotFound, InvalidValue, MemberClosed],
  resolve: (input, context, read) => keepEvaluation(context, input, cartOf(input.cart, context.now), read),
});
