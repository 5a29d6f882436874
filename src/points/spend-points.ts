import { actorOf, type Context } from "../context.ts";
import { commit, mustHold, type Read } from "../database/commit.ts";
import { isRefusal } from "../errors.ts";
import { isActiveMember } from "../members/conditions.ts";
import { keepAlive } from "./keep-alive.ts";
import { byKind, movePoints } from "./move-points.ts";
import { whyNotSpendable, worthOf } from "./policy.ts";
import { openWallet, readBrandAccounts, readWallet, takeFrom } from "./wallet.ts";

export interface SpendPointsInput {
  memberId: string;
  points: number;
  orderReference: string;
  /** The order's, where two systems can have one of that reference. */
  source?: string | null;
  /** In minor units of the brand's currency. */
  orderAmountMinor: number;
  idempotencyKey: string;
}

export interface SpendPointsOutcome {
  memberId: string;
  transferId: string;
  worthMinor: number;
}

/**
 * Spends a member's points on an order and answers what they are worth. The points that expire first go
 * first. Refuses what the brand's policy does not allow, and more than can be spent now.
 */
export async function spendPoints<Row>(
  context: Context,
  input: SpendPointsInput,
  read: Read<SpendPointsOutcome, Row>,
) {
  const { database, newId, now } = context;
  const { brandId } = actorOf(context);
  const { memberId, points, orderReference, orderAmountMinor } = input;
  const source = input.source ?? undefined;
  return commit(context, {
    name: "spendPoints",
    input,
    load: () => [readWallet(context, memberId), readBrandAccounts(context)],
    decide: ([row, brandAccounts]) => {
      const wallet = openWallet(context, memberId, row);
      if (isRefusal(wallet)) return wallet;
      const refusal = whyNotSpendable(wallet.policy, input);
      if (refusal) return refusal;
      const uses = takeFrom(wallet, points);
      if (isRefusal(uses)) return uses;
      const transferId = newId("Transfer");
      const worthMinor = worthOf(wallet.policy, points);
      const detail = { points, orderReference, orderAmountMinor, worthMinor, transferId };
      return {
        outcome: { memberId, transferId, worthMinor },
        effects: [
          ...wallet.releases,
          ...keepAlive(context, wallet, [{ memberId, at: now }]),
          ...movePoints(context, {
            ...{ transferId, memberId, amount: points, uses },
            debitAccountId: wallet.accounts.AVAILABLE,
            creditAccountId: byKind(brandAccounts).REDEMPTION,
            cause: { operation: "spendPoints", reference: orderReference, source },
          }),
          mustHold(database, isActiveMember(brandId, memberId)),
        ],
        audit: [{ subjectId: memberId, detail }],
        events: [{ type: "points.spent", payload: { memberId, ...detail } }],
      };
    },
    read,
  });
}
