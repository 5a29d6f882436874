import { holds } from "../../schema/tables/points.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustHold, type Read, type Statement } from "../database/commit.ts";
import { isRefusal } from "../errors.ts";
import { isActiveMember } from "../members/conditions.ts";
import { keepAlive } from "./keep-alive.ts";
import { movePoints } from "./move-points.ts";
import { whyNotSpendable, worthOf } from "./policy.ts";
import type { SpendPointsInput } from "./spend-points.ts";
import type { LotUse } from "./take-lots.ts";
import { openWallet, readWallet, takeFrom, type Wallet } from "./wallet.ts";

export interface HoldPointsOutcome {
  memberId: string;
  holdId: string;
  worthMinor: number;
  expiresAt: number;
}

/**
 * Sets points aside for an order until it is paid, under the same rules as spending them. They cannot be
 * spent otherwise and do not expire meanwhile; after the policy's minutes only a release is left.
 */
export async function holdPoints<Row>(
  context: Context,
  input: SpendPointsInput,
  read: Read<HoldPointsOutcome, Row>,
) {
  const { database, newId, now } = context;
  const { brandId } = actorOf(context);
  const { memberId, points, orderReference, orderAmountMinor } = input;
  return commit(context, {
    name: "holdPoints",
    input,
    load: () => [readWallet(context, memberId)],
    decide: ([row]) => {
      const wallet = openWallet(context, memberId, row);
      if (isRefusal(wallet)) return wallet;
      const refusal = whyNotSpendable(wallet.policy, input);
      if (refusal) return refusal;
      const uses = takeFrom(wallet, points);
      if (isRefusal(uses)) return uses;
      const holdId = newId("Hold");
      const worthMinor = worthOf(wallet.policy, points);
      const expiresAt = now + wallet.policy.holdMinutes * 60_000;
      const detail = { holdId, points, orderReference, orderAmountMinor, worthMinor, expiresAt };
      return {
        outcome: { memberId, holdId, worthMinor, expiresAt },
        effects: [
          ...wallet.releases,
          ...setAside(context, wallet, uses, { holdId, worthMinor, orderReference, expiresAt }),
          mustHold(database, isActiveMember(brandId, memberId)),
        ],
        audit: [{ subjectId: memberId, detail }],
        events: [{ type: "points.held", payload: { memberId, ...detail } }],
      };
    },
    read,
  });
}

/** Moves points of a wallet's lots out of reach until the hold is settled; after the wallet's releases. */
export function setAside(
  context: Context,
  wallet: Wallet,
  uses: readonly LotUse[],
  {
    holdId,
    ...hold
  }: Pick<HoldPointsOutcome, "holdId" | "worthMinor" | "expiresAt"> & { orderReference: string },
): Statement[] {
  const { database, newId, now } = context;
  const { memberId, accounts } = wallet;
  const transferId = newId("Transfer");
  const amount = uses.reduce((sum, use) => sum + use.amount, 0);
  return [
    ...keepAlive(context, wallet, [{ memberId, at: now }]),
    ...movePoints(context, {
      ...{ transferId, memberId, amount, uses },
      debitAccountId: accounts.AVAILABLE,
      creditAccountId: accounts.HELD,
      cause: { operation: "holdPoints", reference: hold.orderReference },
    }),
    database.insert(holds).values({
      ...{ ...hold, brandId: actorOf(context).brandId, id: holdId, memberId, transferId, amount },
      ...{ state: "OPEN", createdAt: now },
    }),
  ];
}
