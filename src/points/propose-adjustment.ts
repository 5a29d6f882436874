import { and, eq } from "drizzle-orm";
import { members } from "../../schema/tables/members.ts";
import { adjustments } from "../../schema/tables/points.ts";
import { callerOf } from "../access/actor.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustHold, type Read } from "../database/commit.ts";
import { NotFound } from "../errors.ts";
import { isActiveMember } from "../members/conditions.ts";
import { MemberClosed } from "../members/refusals.ts";
import type { AdjustBalanceInput } from "./adjust-balance.ts";
import { faultOfAmount } from "./approval.ts";

/** Proposes a change of a member's balance, of any size; nothing moves until another client approves it. */
export async function proposeAdjustment<Row>(
  context: Context,
  input: AdjustBalanceInput,
  read: Read<{ adjustmentId: string }, Row>,
) {
  const { database, newId, now } = context;
  const actor = actorOf(context);
  const { brandId } = actor;
  const { memberId, unit, amount, reason } = input;
  return commit(context, {
    name: "proposeAdjustment",
    input,
    load: () => [
      database
        .select({ state: members.state, closedAt: members.closedAt })
        .from(members)
        .where(and(eq(members.brandId, brandId), eq(members.id, memberId))),
    ],
    decide: ([[member]]) => {
      if (!member) return NotFound({ id: memberId });
      if (member.state === "CLOSED") return MemberClosed({ memberId, closedAt: member.closedAt });
      const fault = faultOfAmount(amount);
      if (fault) return fault;
      const adjustmentId = newId("Adjustment");
      return {
        outcome: { adjustmentId },
        effects: [
          database.insert(adjustments).values({
            ...{ brandId, id: adjustmentId, memberId, unit, amount, reason },
            ...{ state: "PROPOSED", proposedBy: callerOf(actor), createdAt: now },
          }),
          mustHold(database, isActiveMember(brandId, memberId)),
        ],
        audit: [{ subjectId: adjustmentId, detail: { memberId, unit, amount, reason } }],
        events: [{ type: "adjustment.proposed", payload: { adjustmentId, memberId, unit, amount } }],
      };
    },
    read,
  });
}
