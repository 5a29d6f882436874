import { sql } from "drizzle-orm";
import type { adjustmentStates } from "../../schema/tables/points.ts";
import { actorOf } from "../context.ts";
import { InvalidValue, NotFound } from "../errors.ts";
import { builder, type ExtendedTypes, pageOf } from "../graphql/builder.ts";
import { idempotencyKey, rowMutation } from "../graphql/mutation.ts";
import { registerNode } from "../graphql/nodes.ts";
import { Member } from "../members/graphql.ts";
import { MemberClosed } from "../members/refusals.ts";
import { shortText } from "../texts.ts";
import { adjustBalance } from "./adjust-balance.ts";
import { approveAdjustment, rejectAdjustment } from "./decide-adjustment.ts";
import { PointUnitEnum } from "./graphql.ts";
import { proposeAdjustment } from "./propose-adjustment.ts";
import * as refused from "./refusals.ts";

type InputBuilder = PothosSchemaTypes.InputFieldBuilder<ExtendedTypes, "InputObject">;

const AdjustmentState = builder.enumType("AdjustmentState", {
  description: "What became of a proposed change.",
  values: {
    PROPOSED: { description: "Nobody has decided on it." },
    APPROVED: { description: "It was made." },
    REJECTED: { description: "It was turned down." },
  } satisfies Record<(typeof adjustmentStates)[number], { description: string }>,
});

const Adjustment = builder.drizzleNode("adjustments", {
  name: "Adjustment",
  description: "A change of a member's balance that one client proposes and another decides on.",
  authScopes: { anyOf: ["points:adjust", "points:approve"] },
  id: { column: ({ id }) => id, description: "`adj_…`" },
  select: { columns: { brandId: true, id: true } },
  fields: (t) => ({
    member: t.relation("member", { type: Member, description: "Whose balance." }),
    unit: t.expose("unit", { type: PointUnitEnum, description: "Points or growth value." }),
    amount: t.expose("amount", {
      type: "SafeInt",
      description: "Credits when positive, debits when negative.",
    }),
    reason: t.exposeString("reason", { description: "Why, as its proposer said." }),
    state: t.expose("state", { type: AdjustmentState, description: "What became of it." }),
    proposedBy: t.exposeString("proposedBy", { description: "The client that proposed it." }),
    decidedBy: t.exposeString("decidedBy", {
      nullable: true,
      description: "The client that decided on it; null until then.",
    }),
    decidedAt: t.expose("decidedAt", {
      type: "DateTime",
      nullable: true,
      description: "When it was decided on; null until then.",
    }),
    transferId: t.exposeID("transferId", {
      nullable: true,
      description: "`trf_…`: the change that was made; null unless it was approved.",
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was proposed." }),
  }),
});

registerNode("Adjustment", "adjustments", ({ actor }) =>
  actor && actor.kind !== "PARTNER" && !actor.memberId ? { brandId: actor.brandId } : null,
);

builder.queryField("openAdjustments", (t) =>
  t.drizzleConnection(
    {
      type: Adjustment,
      description: "The proposed changes of balances that nobody has decided on, oldest first.",
      authScopes: { anyOf: ["points:adjust", "points:approve"] },
      resolve: (query, _root, _args, context) =>
        context.database.query.adjustments.findMany(
          query({
            // Written out, so that the index of the open ones answers it.
            where: { brandId: actorOf(context).brandId, RAW: ({ state }) => sql`${state} = 'PROPOSED'` },
            orderBy: { id: "asc" },
          }),
        ) as never,
    },
    ...pageOf("Adjustment"),
  ),
);

/** The same in a change that is made and in one that is proposed. */
const changeOf = (t: InputBuilder) => ({
  memberId: t.id({ required: true, description: "Whose." }),
  unit: t.field({ type: PointUnitEnum, required: true, description: "Points or growth value." }),
  amount: t.field({
    type: "SafeInt",
    required: true,
    description: "Credits when positive, debits when negative.",
  }),
});

rowMutation("adjustBalance", {
  description:
    "Credits or debits points or growth value by hand, with a reason. Growth value lifts a member at once to the tier it reaches. Above the policy's `approvalAbovePoints`, call `proposeAdjustment`.",
  scopes: ["points:adjust"],
  input: (t) => ({
    ...changeOf(t),
    reason: t.string({ required: true, description: "Why, for the record.", validate: shortText }),
    idempotencyKey: idempotencyKey(t),
  }),
  row: "member",
  type: Member,
  table: "members",
  rowDescription: "The member as it is now.",
  refusals: [NotFound, MemberClosed, refused.BalanceTooLow, InvalidValue, refused.ApprovalRequired],
  resolve: (input, context, read) => adjustBalance(context, input, read),
});

const adjustmentRow = {
  row: "adjustment",
  type: Adjustment,
  table: "adjustments",
  rowDescription: "The adjustment as it is now.",
} as const;

rowMutation("proposeAdjustment", {
  description:
    "Proposes a change of a member's points or growth value, such as one too large for `adjustBalance`. Nothing moves until another client approves it.",
  scopes: ["points:adjust"],
  input: (t) => ({
    ...changeOf(t),
    reason: t.string({
      required: true,
      description: "Why, for who decides and the record.",
      validate: shortText,
    }),
    idempotencyKey: idempotencyKey(t),
  }),
  ...adjustmentRow,
  refusals: [NotFound, MemberClosed, InvalidValue],
  resolve: (input, context, read) => proposeAdjustment(context, input, read),
});

const refusedToDecide = [...[NotFound, refused.AdjustmentAlreadyDecided, refused.AdjustmentProposedByCaller]];

rowMutation("approveAdjustment", {
  description:
    "Makes a change of a balance that another client proposed: now, and once, however many approve.",
  scopes: ["points:approve"],
  input: (t) => ({
    adjustmentId: t.id({ required: true, description: "Which adjustment." }),
    idempotencyKey: idempotencyKey(t),
  }),
  ...adjustmentRow,
  refusals: [...refusedToDecide, MemberClosed, InvalidValue, refused.BalanceTooLow],
  resolve: (input, context, read) => approveAdjustment(context, input, read),
});

rowMutation("rejectAdjustment", {
  description: "Turns down a change of a balance that another client proposed.",
  scopes: ["points:approve"],
  input: (t) => ({
    adjustmentId: t.id({ required: true, description: "Which adjustment." }),
    reason: t.string({ required: true, description: "Why, for the record.", validate: shortText }),
    idempotencyKey: idempotencyKey(t),
  }),
  ...adjustmentRow,
  refusals: refusedToDecide,
  resolve: (input, context, read) => rejectAdjustment(context, input, read),
});
