import { actorOf, type Context } from "../context.ts";
import { commit, mustHold, type Read } from "../database/commit.ts";
import { InvalidValue, isRefusal } from "../errors.ts";
import { isActiveMember } from "../members/conditions.ts";
import { MemberClosed } from "../members/refusals.ts";
import { openHold, readHold } from "./hold.ts";
import { keepAlive } from "./keep-alive.ts";
import { byKind, movePoints } from "./move-points.ts";
import { HoldExpired } from "./refusals.ts";
import { takeLots, usesWithout } from "./take-lots.ts";
import { giveBack, readBrandAccounts, settleHold } from "./wallet.ts";

export interface CaptureHoldInput {
  holdId: string;
  /** How many of the held points are spent; all, when left out. */
  points?: number | null;
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
      const taken = takeLots(
        hold.uses.map((use) => ({ ...use.lot, remaining: use.amount })),
        points,
      );
      const transferId = newId("Transfer");
      const worthMinor = Number((BigInt(hold.worthMinor) * BigInt(points)) / BigInt(amount));
      const detail = { holdId, points, orderReference: hold.orderReference, worthMinor, transferId };
      return {
        outcome: { memberId, transferId, points, worthMinor },
        effects: [
          ...settleHold(context, holdId, "CAPTURED"),
          ...movePoints(context, {
            ...{ transferId, memberId, amount: points, uses: taken },
            debitAccountId: hold.accounts.HELD,
            creditAccountId: byKind(brandAccounts).REDEMPTION,
            cause: { operation: "captureHold", reference: hold.orderReference },
          }),
          ...giveBack(context, hold, hold.accounts, usesWithout(hold.uses, taken), "captureHold"),
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
