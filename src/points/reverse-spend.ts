import { actorOf, type Context } from "../context.ts";
import { commit, mustHold, type Read } from "../database/commit.ts";
import { NotFound } from "../errors.ts";
import { isActiveMember } from "../members/conditions.ts";
import { MemberClosed } from "../members/refusals.ts";
import { endOfGrace } from "./expiry.ts";
import { byKind, movePoints } from "./move-points.ts";
import { policyOf } from "./policy.ts";
import { SpendAlreadyReversed } from "./refusals.ts";

export interface ReverseSpendInput {
  /** As `spendPoints` or `captureHold` answered. */
  transferId: string;
  reason: string;
  idempotencyKey: string;
}

/**
 * Gives spent points back, as for a returned order: to their lots, with the expiry that they had. Points
 * whose expiry has passed come back as a new lot that lives for the policy's days of grace.
 */
export async function reverseSpend<Row>(
  context: Context,
  input: ReverseSpendInput,
  read: Read<{ memberId: string; transferId: string }, Row>,
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
          uses: { with: { lot: true } },
          reversal: { columns: { createdAt: true } },
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
      // What bought a coupon was not spent on an order.
      if (!spend || spend.cause.operation === "convertPoints") return NotFound({ id: input.transferId });
      const { member, memberId, amount, cause, uses } = spend;
      if (spend.reversal) {
        return SpendAlreadyReversed({ transferId: spend.id, reversedAt: spend.reversal.createdAt });
      }
      if (member.state === "CLOSED") return MemberClosed({ memberId, closedAt: member.closedAt });
      const { timeZone, pointsPolicy } = member.brand;
      const grace = endOfGrace(now, policyOf(pointsPolicy).graceDays, timeZone);
      const live = uses.filter(({ lot }) => lot.expiresAt === null || now < lot.expiresAt);
      const expired = uses.filter((use) => !live.includes(use));
      const transferId = newId("Transfer");
      const detail = { points: amount, reason, reversesTransferId: spend.id, transferId };
      return {
        outcome: { memberId, transferId },
        effects: [
          // The unique index lets one of those that try reverse it.
          ...movePoints(context, {
            ...{ transferId, memberId, amount, reversesTransferId: spend.id },
            debitAccountId: spend.creditAccountId,
            creditAccountId: byKind(member.accounts).AVAILABLE,
            cause: { operation: "reverseSpend", reason, reference: cause.reference },
            uses: live.map((use) => ({ lotId: use.lotId, amount: use.amount })),
            newLots: expired.map(({ amount: points, lot }) => ({
              ...{ amount: points, spendableAt: now, expiresAt: grace, costMicroMinor: lot.costMicroMinor },
              ...{ issuedByBrandId: lot.issuedByBrandId, fundedByBrandId: lot.fundedByBrandId },
            })),
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
