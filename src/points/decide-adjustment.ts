import { and, eq, sql } from "drizzle-orm";
import { adjustments } from "../../schema/tables/points.ts";
import { callerOf } from "../access/actor.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustChange, type Read, type Statement } from "../database/commit.ts";
import { isRefusal, NotFound } from "../errors.ts";
import { changeGrowthValue, growthValueFacts } from "./adjust-growth-value.ts";
import { changePoints, pointsFacts } from "./adjust-points.ts";
import { whyNotDecidable } from "./approval.ts";

export interface ApproveAdjustmentInput {
  adjustmentId: string;
  idempotencyKey: string;
}

export interface RejectAdjustmentInput extends ApproveAdjustmentInput {
  reason: string;
}

interface DecidedOutcome {
  adjustmentId: string;
  memberId: string;
}

/** Makes a change of a balance that another client proposed, once, as if it were made in this moment. */
export async function approveAdjustment<Row>(
  context: Context,
  input: ApproveAdjustmentInput,
  read: Read<DecidedOutcome, Row>,
) {
  const { adjustmentId } = input;
  const { brandId } = actorOf(context);
  const memberId = sql`select ${adjustments.memberId} from ${adjustments}
    where ${adjustments.brandId} = ${brandId} and ${adjustments.id} = ${adjustmentId}`;
  return commit(context, {
    name: "approveAdjustment",
    input,
    // Which of the two it is of is only known with the adjustment itself.
    load: () => [
      readAdjustment(context, adjustmentId),
      ...pointsFacts(context, memberId),
      ...growthValueFacts(context, memberId),
    ],
    decide: ([adjustment, wallet, brandAccounts, ...growthValue]) => {
      if (!adjustment) return NotFound({ id: adjustmentId });
      const refusal = whyNotDecidable(adjustment, callerOf(actorOf(context)));
      if (refusal) return refusal;
      const change =
        adjustment.unit === "POINTS"
          ? changePoints(context, adjustment, [wallet, brandAccounts])
          : changeGrowthValue(context, adjustment, growthValue);
      if (isRefusal(change)) return change;
      const { memberId: whose, transferId } = change.outcome;
      const detail = { memberId: whose, transferId, proposedBy: adjustment.proposedBy };
      return {
        outcome: { adjustmentId, memberId: whose },
        effects: [...change.effects, ...settle(context, adjustmentId, "APPROVED", transferId)],
        audit: [...change.audit, { subjectId: adjustmentId, detail }],
        events: [
          ...(change.events ?? []),
          { type: "adjustment.approved", payload: { adjustmentId, ...detail } },
        ],
      };
    },
    read,
  });
}

/** Turns a change of a balance down that another client proposed; nothing moves. */
export async function rejectAdjustment<Row>(
  context: Context,
  input: RejectAdjustmentInput,
  read: Read<DecidedOutcome, Row>,
) {
  const { adjustmentId, reason } = input;
  return commit(context, {
    name: "rejectAdjustment",
    input,
    load: () => [readAdjustment(context, adjustmentId)],
    decide: ([adjustment]) => {
      if (!adjustment) return NotFound({ id: adjustmentId });
      const refusal = whyNotDecidable(adjustment, callerOf(actorOf(context)));
      if (refusal) return refusal;
      const { memberId } = adjustment;
      return {
        outcome: { adjustmentId, memberId },
        effects: settle(context, adjustmentId, "REJECTED", null),
        audit: [{ subjectId: adjustmentId, detail: { memberId, reason } }],
        events: [{ type: "adjustment.rejected", payload: { adjustmentId, memberId } }],
      };
    },
    read,
  });
}

const readAdjustment = ({ actor, database }: Context, adjustmentId: string) =>
  database.query.adjustments.findFirst({
    where: { brandId: actorOf({ actor }).brandId, id: adjustmentId },
  });

/** Settles an open adjustment, or aborts the commit: one of those that try comes first. */
function settle(
  context: Context,
  adjustmentId: string,
  state: "APPROVED" | "REJECTED",
  transferId: string | null,
): Statement[] {
  const { database, now } = context;
  const actor = actorOf(context);
  return [
    database
      .update(adjustments)
      .set({ state, transferId, decidedBy: callerOf(actor), decidedAt: now })
      .where(
        and(
          eq(adjustments.brandId, actor.brandId),
          eq(adjustments.id, adjustmentId),
          eq(adjustments.state, "PROPOSED"),
        ),
      ),
    mustChange(database),
  ];
}
