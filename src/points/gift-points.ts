import { sql } from "drizzle-orm";
import { parseCardNumber } from "../cards/card-number.ts";
import { actorOf, type Context, mayActFor } from "../context.ts";
import { commit, mustHold, type Read } from "../database/commit.ts";
import { InvalidValue, isRefusal, NotFound } from "../errors.ts";
import { areActiveMembers } from "../members/conditions.ts";
import { nextStandingVersions } from "../tiers/standing-version.ts";
import { MONTH_AT_MOST_MS, whyNotGivable } from "./gift.ts";
import { byKind, movePoints, type NewLot } from "./move-points.ts";
import type { LotUse } from "./take-lots.ts";
import { openWallet, readBrandAccounts, readWallet, takeFrom, type Wallet } from "./wallet.ts";

export interface GiftPointsInput {
  /** Who gives. */
  memberId: string;
  /** Who gets them: one of the two. */
  receiver: { memberId?: string | null; cardNumber?: string | null };
  points: number;
  idempotencyKey: string;
}

/**
 * Gives a member's points to another of the brand: those that expire first, which expire for the receiver
 * when they would have for the giver; a gift keeps nobody's points alive. As many as the brand's policy
 * allows, in a calendar month however many gifts are made at once. Neither learns who the other is.
 */
export async function giftPoints<Row>(
  context: Context,
  input: GiftPointsInput,
  read: Read<{ memberId: string; transferId: string }, Row>,
) {
  const { database, newId, now } = context;
  const { brandId } = actorOf(context);
  const { memberId, points, receiver } = input;
  const named = receiver.memberId ?? receiver.cardNumber ?? "";
  return commit(context, {
    name: "giftPoints",
    input,
    load: () => [
      readWallet(context, memberId),
      readBrandAccounts(context),
      database.query.members.findFirst({
        columns: { id: true },
        where: {
          ...{ brandId, state: "ACTIVE" },
          ...(receiver.memberId
            ? { id: receiver.memberId }
            : { cardNumber: parseCardNumber(receiver.cardNumber ?? "") ?? "" }),
        },
        with: { accounts: { where: { unit: "POINTS" } } },
      }),
      database.query.transfers.findMany({
        columns: { amount: true, createdAt: true },
        where: {
          ...{ brandId, memberId, createdAt: { gt: now - MONTH_AT_MOST_MS }, debit: { kind: "AVAILABLE" } },
          RAW: ({ cause }) => sql`${cause} ->> '$.operation' = 'giftPoints'`,
        },
      }),
      database.query.standings.findFirst({
        columns: { memberId: true, version: true },
        where: { brandId, memberId },
      }),
    ],
    decide: ([row, brandAccounts, taker, given, standing]) => {
      if (!mayActFor(context, memberId) || !standing) return NotFound({ id: memberId });
      const wallet = openWallet(context, memberId, row);
      if (isRefusal(wallet)) return wallet;
      const refusal = whyNotGivable(wallet.policy, input, given, { now, timeZone: wallet.timeZone });
      if (refusal) return refusal;
      // Before the receiver: who has no points to give must not find out who is a member.
      const uses = takeFrom(wallet, points);
      if (isRefusal(uses)) return uses;
      // What became of another's membership is not the giver's to know.
      if (!taker) return NotFound({ id: named });
      if (taker.id === memberId) return InvalidValue({ field: "receiver", reason: "must be another member" });
      const issuance = byKind(brandAccounts).ISSUANCE;
      const [transferId, receivedId] = [newId("Transfer"), newId("Transfer")];
      const move = { amount: points, cause: { operation: "giftPoints" } };
      return {
        outcome: { memberId, transferId },
        effects: [
          // The month's limit was decided on what was given before, so no other gift may have come first.
          ...nextStandingVersions(database, brandId, [standing]),
          ...wallet.releases,
          ...movePoints(context, {
            ...{ ...move, memberId, transferId, uses },
            debitAccountId: wallet.accounts.AVAILABLE,
            creditAccountId: issuance,
          }),
          ...movePoints(context, {
            ...{ ...move, memberId: taker.id, transferId: receivedId, newLots: sameLots(wallet, uses, now) },
            debitAccountId: issuance,
            creditAccountId: byKind(taker.accounts).AVAILABLE,
          }),
          mustHold(database, areActiveMembers(brandId, [memberId, taker.id])),
        ],
        audit: [
          { subjectId: memberId, detail: { points, transferId, receiverId: taker.id } },
          { subjectId: taker.id, detail: { points, transferId: receivedId, giverId: memberId } },
        ],
        events: [
          { type: "points.given", payload: { memberId, points, transferId, receiverId: taker.id } },
          {
            type: "points.received",
            payload: { memberId: taker.id, points, transferId: receivedId, giverId: memberId },
          },
        ],
      };
    },
    read,
  });
}

/** The lots that the receiver gets: as those that they come out of, but for whose they are. */
function sameLots({ lots }: Wallet, uses: readonly LotUse[], now: number): NewLot[] {
  return uses.map(({ lotId, amount }) => {
    const lot = lots.find(({ id }) => id === lotId);
    if (!lot) throw new Error(`${lotId} was taken and is not in the wallet.`);
    const { expiresAt, costMicroMinor, issuedByBrandId, fundedByBrandId } = lot;
    return { amount, expiresAt, spendableAt: now, costMicroMinor, issuedByBrandId, fundedByBrandId };
  });
}
