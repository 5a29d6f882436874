import { holds } from "../../schema/tables/points.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustHold, type Read } from "../database/commit.ts";
import { isRefusal } from "../errors.ts";
import { isActiveMember } from "../members/conditions.ts";
import { keepAlive } from "./keep-alive.ts";
import { movePoints } from "./move-points.ts";
import { whyNotSpendable, worthOf } from "./policy.ts";
import type { SpendPointsInput } from "./spend-points.ts";
import { openWallet, readWallet, takeFrom } from "./wallet.ts";

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
      const [transferId, holdId] = [newId("Transfer"), newId("Hold")];
      const worthMinor = worthOf(wallet.policy, points);
      const expiresAt = now + wallet.policy.holdMinutes * 60_000;
      const detail = { holdId, points, orderReference, orderAmountMinor, worthMinor, expiresAt };
      return {
        outcome: { memberId, holdId, worthMinor, expiresAt },
        effects: [
          ...wallet.releases,
          ...keepAlive(context, wallet, [{ memberId, at: now }]),
          ...movePoints(context, {
            ...{ transferId, memberId, amount: points, uses },
            debitAccountId: wallet.accounts.AVAILABLE,
            creditAccountId: wallet.accounts.HELD,
            cause: { operation: "holdPoints", reference: orderReference },
          }),
          database.insert(holds).values({
            ...{ brandId, id: holdId, memberId, transferId, amount: points, worthMinor, orderReference },
            ...{ state: "OPEN", createdAt: now, expiresAt },
          }),
          mustHold(database, isActiveMember(brandId, memberId)),
        ],
        audit: [{ subjectId: memberId, detail }],
        events: [{ type: "points.held", payload: { memberId, ...detail } }],
      };
    },
    read,
  });
}
