import type { SQL } from "drizzle-orm";
import type { BatchResponse } from "drizzle-orm/batch";
import { actorOf, type Context } from "../context.ts";
import { commit, type Decision, mustHold, type Read } from "../database/commit.ts";
import { isRefusal, type Refusal } from "../errors.ts";
import { isActiveMember } from "../members/conditions.ts";
import type { AdjustBalanceInput } from "./adjust-balance.ts";
import { type BalanceChange, faultOfAmount, whyNotAlone } from "./approval.ts";
import { expiryOf } from "./expiry.ts";
import { keepAlive } from "./keep-alive.ts";
import { byKind, movePoints } from "./move-points.ts";
import { openWallet, readBrandAccounts, readWallet, takeFrom } from "./wallet.ts";

/** What is read of a member whose points are changed by hand. @param memberId its id, or what finds it. */
export const pointsFacts = (context: Context, memberId: string | SQL) =>
  [readWallet(context, memberId), readBrandAccounts(context)] as const;

type PointsFacts = BatchResponse<ReturnType<typeof pointsFacts>>;

/**
 * Credits points, as a lot that expires as the brand's policy says, or takes some back into issuance:
 * those that expire first, and no more than can be spent now.
 */
export async function adjustPoints<Row>(
  context: Context,
  input: AdjustBalanceInput,
  read: Read<{ memberId: string; transferId: string }, Row>,
) {
  return commit(context, {
    name: "adjustBalance",
    input,
    load: () => pointsFacts(context, input.memberId),
    decide: (facts) =>
      whyNotAlone(facts[0]?.brand.pointsPolicy, input.amount) ?? changePoints(context, input, facts),
    read,
  });
}

/** The change itself, whoever it needed. */
export function changePoints(
  context: Context,
  { memberId, amount, reason }: BalanceChange,
  [row, brandAccounts]: PointsFacts,
): Refusal | Decision<{ memberId: string; transferId: string }> {
  const { database, newId, now } = context;
  const unit = "POINTS";
  const wallet = openWallet(context, memberId, row);
  if (isRefusal(wallet)) return wallet;
  const fault = faultOfAmount(amount);
  if (fault) return fault;
  const uses = takeFrom({ ...wallet, owed: 0 }, Math.max(0, -amount));
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
      mustHold(database, isActiveMember(actorOf(context).brandId, memberId)),
    ],
    audit: [{ subjectId: memberId, detail: { unit, amount, reason, transferId } }],
    events: [{ type: "balance.adjusted", payload: { memberId, unit, amount, transferId } }],
  };
}
