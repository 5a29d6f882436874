import { and, eq, sql } from "drizzle-orm";
import { offers } from "../../schema/tables/offers.ts";
import { actorOf, type Context, mayActFor } from "../context.ts";
import { commit, type Read } from "../database/commit.ts";
import { isRefusal, NotFound } from "../errors.ts";
import { couponsLeft, whyNotAnother, whyNotIssuable } from "../offers/issuing.ts";
import { mayKnow } from "../offers/may-know.ts";
import { OfferExhausted, OfferNotForPoints } from "../offers/refusals.ts";
import { keepAlive } from "../points/keep-alive.ts";
import { byKind, movePoints } from "../points/move-points.ts";
import { openWallet, readBrandAccounts, readWallet, takeFrom } from "../points/wallet.ts";
import { newCoupons, readHoldings } from "./new-coupons.ts";

export interface ConvertPointsInput {
  memberId: string;
  offerId: string;
  idempotencyKey: string;
}

export interface ConvertPointsOutcome {
  couponId: string;
  transferId: string;
  points: number;
}

/**
 * Buys a coupon with a member's points, at the offer's price: the points that expire first go first, those
 * in the grace after their expiry too, and the coupon counts against all of the offer's limits, in one commit.
 */
export async function convertPoints<Row>(
  context: Context,
  input: ConvertPointsInput,
  read: Read<ConvertPointsOutcome, Row>,
) {
  const { database, newId, now } = context;
  const { brandId } = actorOf(context);
  const { memberId, offerId } = input;
  return commit(context, {
    name: "convertPoints",
    input,
    load: () => [
      readWallet(context, memberId),
      readBrandAccounts(context),
      database
        .select()
        .from(offers)
        .where(and(eq(offers.brandId, brandId), eq(offers.id, offerId))),
      readHoldings(context, offerId, sql`(${memberId})`),
    ],
    decide: ([row, brandAccounts, [offer], [holding]]) => {
      if (!mayActFor(context, memberId)) return NotFound({ id: memberId });
      const wallet = openWallet(context, memberId, row);
      if (isRefusal(wallet)) return wallet;
      if (!offer || !mayKnow(context, offer)) return NotFound({ id: offerId });
      const points = offer.terms.pricePoints;
      if (points == null) return OfferNotForPoints({ offerId });
      const fault = whyNotIssuable(offer, now) ?? whyNotAnother(offer, memberId, holding?.held ?? 0);
      if (fault) return fault;
      if (couponsLeft(offer) < 1) return OfferExhausted({ offerId, left: 0 });
      const uses = takeFrom({ ...wallet, lots: [...wallet.lotsInGrace, ...wallet.lots] }, points);
      if (isRefusal(uses)) return uses;
      const transferId = newId("Transfer");
      const issued = newCoupons(context, offer, wallet.timeZone, [memberId], { issuedByBrandId: brandId });
      const couponId = issued.rows[0]?.id as string;
      const detail = { offerId, couponId, points, transferId };
      return {
        outcome: { couponId, transferId, points },
        effects: [
          ...wallet.releases,
          ...keepAlive(context, wallet, [{ memberId, at: now }]),
          ...movePoints(context, {
            ...{ transferId, memberId, amount: points, uses },
            debitAccountId: wallet.accounts.AVAILABLE,
            creditAccountId: byKind(brandAccounts).REDEMPTION,
            cause: { operation: "convertPoints", couponId },
          }),
          // They refuse what a limit does not allow, and a membership that was closed meanwhile.
          ...issued.effects,
        ],
        audit: [{ subjectId: memberId, detail }],
        events: [
          { type: "points.converted", payload: { memberId, ...detail } },
          { type: "coupons.issued", payload: { offerId, couponIds: [couponId] } },
        ],
      };
    },
    read,
  });
}
