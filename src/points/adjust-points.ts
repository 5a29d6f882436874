import { actorOf, type Context } from "../context.ts";
import { commit, mustHold, type Read } from "../database/commit.ts";
import { InvalidValue, isRefusal } from "../errors.ts";
import { isActiveMember } from "../members/conditions.ts";
import type { AdjustBalanceInput } from "./adjust-balance.ts";
import { expiryOf } from "./expiry.ts";
import { keepAlive } from "./keep-alive.ts";
import { byKind, movePoints } from "./move-points.ts";
import { LARGEST_AMOUNT } from "./policy.ts";
import { openWallet, readBrandAccounts, readWallet, takeFrom } from "./wallet.ts";

/**
 * Credits points, as a lot that expires as the brand's policy says, or takes some back into issuance:
 * those that expire first, and no more than can be spent now.
 */
export async function adjustPoints<Row>(
  context: Context,
  input: AdjustBalanceInput,
  read: Read<{ memberId: string; transferId: string }, Row>,
) {
  const { database, newId, now } = context;
  const { brandId } = actorOf(context);
  const { memberId, unit, amount, reason } = input;
  return commit(context, {
    name: "adjustBalance",
    input,
    load: () => [readWallet(context, memberId), readBrandAccounts(context)],
    decide: ([row, brandAccounts]) => {
      const wallet = openWallet(context, memberId, row);
      if (isRefusal(wallet)) return wallet;
      if (amount === 0 || Math.abs(amount) > LARGEST_AMOUNT) {
        return InvalidValue({ field: "amount", reason: `must not be 0, nor exceed ${LARGEST_AMOUNT}` });
      }
      const uses = takeFrom(wallet, Math.max(0, -amount));
      if (isRefusal(uses)) return uses;
      const [member, issuance] = [wallet.accounts.AVAILABLE, byKind(brandAccounts).ISSUANCE];
      const [debitAccountId, creditAccountId] = amount > 0 ? [issuance, member] : [member, issuance];
      const expiresAt = expiryOf(wallet.policy.expiry, now, wallet.timeZone);
      const lot = { amount, expiresAt, spendableAt: now, costMicroMinor: 0 };
      const transferId = newId("Transfer");
      return {
        outcome: { memberId, transferId },
        effects: [
          ...(amount < 0 ? wallet.releases : keepAlive(context, wallet, [{ memberId, at: now }])),
          ...movePoints(context, {
            ...{ transferId, memberId, amount: Math.abs(amount), debitAccountId, creditAccountId },
            cause: { operation: "adjustBalance", reason },
            ...{ uses, newLots: amount > 0 ? [lot] : [] },
          }),
          mustHold(database, isActiveMember(brandId, memberId)),
        ],
        audit: [{ subjectId: memberId, detail: { unit, amount, reason, transferId } }],
        events: [{ type: "balance.adjusted", payload: { memberId, unit, amount, transferId } }],
      };
    },
    read,
  });
}
