import { sql } from "drizzle-orm";
import { transfers } from "../../schema/tables/points.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustHold, type Read } from "../database/commit.ts";
import { InvalidValue, NotFound } from "../errors.ts";
import { isActiveMember } from "../members/conditions.ts";
import { MemberClosed } from "../members/refusals.ts";
import { endOfGrace } from "./expiry.ts";
import { byKind, movePoints } from "./move-points.ts";
import { policyOf } from "./policy.ts";
import { ReversalExceedsSpend, SpendAlreadyReversed } from "./refusals.ts";
import { amountOf, isSpentOnOrder, leftOf, reversalOf, type Spend, spendParts } from "./reversal.ts";

export interface ReverseSpendInput {
  /** As `spendPoints` or `captureHold` answered. */
  transferId: string;
  /** All that is left of it, when left out. */
  points?: number | null;
  reason: string;
  idempotencyKey: string;
}

/**
 * Gives spent points back, all or a part, as for a returned order: to their lots, with the expiry that
 * they have, those taken last first. Points whose expiry has passed come back as a new lot that lives for
 * the policy's days of grace. Over all reversals never more than was spent.
 */
export async function reverseSpend<Row>(
  context: Context,
  input: ReverseSpendInput,
  read: Read<{ memberId: string; transferId: string; points: number }, Row>,
) {
  const { database, newId, now } = context;
  const { brandId } = actorOf(context);
  const { reason } = input;
  return commit(context, {
    name: "reverseSpend",
    input,
    load: () => [
      database.query.transfers.findFirst({
        where: { brandId, id: input.transferId, credit: { kind: "REDEMPTION" } },
        with: {
          ...spendParts,
          member: {
            columns: { state: true, closedAt: true },
            with: {
              brand: { columns: { timeZone: true, pointsPolicy: true } },
              accounts: { where: { unit: "POINTS" } },
            },
          },
        },
      }),
    ],
    decide: ([spend]) => {
      if (!spend || !isSpentOnOrder(spend.cause)) return NotFound({ id: input.transferId });
      const { id, member, memberId, cause, reversals } = spend;
      const left = leftOf(spend);
      const points = input.points ?? left;
      if (left === 0) {
        const reversedAt = Math.max(...reversals.map(({ createdAt }) => createdAt));
        return SpendAlreadyReversed({ transferId: id, reversedAt });
      }
      if (points < 1) return InvalidValue({ field: "points", reason: "must be at least 1" });
      if (points > left) return ReversalExceedsSpend({ transferId: id, asked: points, left });
      if (member.state === "CLOSED") return MemberClosed({ memberId, closedAt: member.closedAt });
      const { timeZone, pointsPolicy } = member.brand;
      const grace = endOfGrace(now, policyOf(pointsPolicy).graceDays, timeZone);
      const transferId = newId("Transfer");
      const detail = { points, reason, reversesTransferId: id, transferId };
      return {
        outcome: { memberId, transferId, points },
        effects: [
          mustHold(database, areReversals(brandId, [spend])),
          ...movePoints(context, {
            ...{ transferId, memberId, amount: points, reversesTransferId: id },
            debitAccountId: spend.creditAccountId,
            creditAccountId: byKind(member.accounts).AVAILABLE,
            cause: { operation: "reverseSpend", reason, reference: cause.reference },
            ...reversalOf(spend, points, { now, grace }),
          }),
          mustHold(database, isActiveMember(brandId, memberId)),
        ],
        audit: [{ subjectId: memberId, detail }],
        events: [{ type: "points.given_back", payload: { memberId, ...detail } }],
      };
    },
    read,
  });
}

/** A condition: of each of these spends, as much came back as was read; which lots are next depends on it. */
export function areReversals(brandId: string, spends: readonly Pick<Spend, "id" | "reversals">[]) {
  const back = JSON.stringify(spends.map(({ id, reversals }) => [id, amountOf(reversals)]));
  return sql`not exists (select 1 from json_each(${back}) f where f.value ->> 1 <> (
    select coalesce(sum(${transfers.amount}), 0) from ${transfers}
    where ${transfers.brandId} = ${brandId} and ${transfers.reversesTransferId} = f.value ->> 0))`;
}
