import { actorOf, type Context } from "../context.ts";
import { commit, mustHold, type Read, type Statement } from "../database/commit.ts";
import { InvalidValue, isRefusal } from "../errors.ts";
import { isActiveMember } from "../members/conditions.ts";
import { MemberClosed } from "../members/refusals.ts";
import { openHold, readHold } from "./hold.ts";
import { keepAlive } from "./keep-alive.ts";
import { type Accounts, byKind, movePoints } from "./move-points.ts";
import { HoldExpired } from "./refusals.ts";
import { type LotFacts, type LotUse, takeLots, usesWithout } from "./take-lots.ts";
import { giveBack, type HeldPoints, readBrandAccounts, settleHold } from "./wallet.ts";

export interface CaptureHoldInput {
  holdId: string;
  /** How many of the held points are spent; all, when left out. */
  points?: number | null;
  /** The order's, where two systems can have one of that reference. */
  source?: string | null;
  idempotencyKey: string;
}

export interface CaptureHoldOutcome {
  memberId: string;
  transferId: string;
  points: number;
  worthMinor: number;
}

/**
 * Spends held points, all or a part; the rest goes back to its lots with the expiry that it had. Of the
 * worth that was told when they were set aside, a part is rounded down.
 */
export async function captureHold<Row>(
  context: Context,
  input: CaptureHoldInput,
  read: Read<CaptureHoldOutcome, Row>,
) {
  const { database, newId, now } = context;
  const { brandId } = actorOf(context);
  const { holdId } = input;
  return commit(context, {
    name: "captureHold",
    input,
    load: () => [readHold(context, holdId), readBrandAccounts(context)],
    decide: ([row, brandAccounts]) => {
      const hold = openHold(holdId, row);
      if (isRefusal(hold)) return hold;
      const { member, memberId, amount, expiresAt } = hold;
      if (member.state === "CLOSED") return MemberClosed({ memberId, closedAt: member.closedAt });
      if (expiresAt <= now) return HoldExpired({ holdId, expiredAt: expiresAt });
      const points = input.points ?? amount;
      if (points < 1 || points > amount) {
        return InvalidValue({ field: "points", reason: `must lie between 1 and ${amount}` });
      }
      const transferId = newId("Transfer");
      const worthMinor = Number((BigInt(hold.worthMinor) * BigInt(points)) / BigInt(amount));
      const detail = { holdId, points, orderReference: hold.orderReference, worthMinor, transferId };
      return {
        outcome: { memberId, transferId, points, worthMinor },
        effects: [
          ...capture(context, hold, byKind(brandAccounts), {
            transferId,
            points,
            source: input.source ?? undefined,
          }),
          // What was held is in its lots again.
          ...keepAlive(context, hold, [{ memberId, at: now }]),
          mustHold(database, isActiveMember(brandId, memberId)),
        ],
        audit: [{ subjectId: memberId, detail }],
        events: [{ type: "points.spent", payload: { memberId, ...detail } }],
      };
    },
    read,
  });
}

/** Spends points of a hold that is still open, and gives the rest back to their lots. */
export function capture(
  context: Context,
  hold: Omit<HeldPoints, "uses"> & { accounts: Accounts; uses: readonly (LotUse & { lot: LotFacts })[] },
  brandAccounts: Accounts,
  { transferId, points, source }: { transferId: string; points: number; source?: string | undefined },
): Statement[] {
  const { memberId, orderReference, accounts, uses } = hold;
  const taken = takeLots(
    uses.map(({ lot, amount }) => ({ ...lot, remaining: amount })),
    points,
  );
  return [
    ...settleHold(context, hold.id, "CAPTURED"),
    ...movePoints(context, {
      ...{ transferId, memberId, amount: points, uses: taken },
      debitAccountId: accounts.HELD,
      creditAccountId: brandAccounts.REDEMPTION,
      cause: { operation: "captureHold", reference: orderReference, source },
    }),
    ...giveBack(context, hold, accounts, usesWithout(uses, taken), "captureHold"),
  ];
}
