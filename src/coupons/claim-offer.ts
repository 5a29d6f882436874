import { and, eq, sql } from "drizzle-orm";
import { brands } from "../../schema/tables/brands.ts";
import { members } from "../../schema/tables/members.ts";
import { type OfferTerms, offers } from "../../schema/tables/offers.ts";
import { callerOf } from "../access/actor.ts";
import { actorOf, type Context, mayActFor } from "../context.ts";
import { commit, type Read } from "../database/commit.ts";
import { isRefusal, NotFound, type Refusal } from "../errors.ts";
import { MemberClosed } from "../members/refusals.ts";
import { couponsLeft, whyNotAnother, whyNotIssuable } from "../offers/issuing.ts";
import { mayKnow } from "../offers/may-know.ts";
import { OfferExhausted } from "../offers/refusals.ts";
import { changed } from "./changes.ts";
import { newCoupons, readHoldings } from "./new-coupons.ts";
import { OfferNotClaimable } from "./refusals.ts";
import { isSoldOut, noteAnswered, noteSoldOut } from "./sold-out.ts";

export interface ClaimOfferInput {
  offerId: string;
  memberId: string;
  idempotencyKey: string;
}

/**
 * Gives a member a coupon of an offer that members can claim themselves, in its time and while there are any:
 * first come, first served, by the order of commits. That none is left is decided from a read; for a second
 * after, it is answered without one.
 */
export async function claimOffer<Row>(
  context: Context,
  input: ClaimOfferInput,
  read: Read<{ couponId: string }, Row>,
) {
  const { database, now } = context;
  const actor = actorOf(context);
  const { brandId } = actor;
  const { memberId, offerId } = input;
  if (!mayActFor(context, memberId)) return NotFound({ id: memberId });
  const stock = `${brandId}/${offerId}`;
  const call = `${stock}/${callerOf(actor)}/${input.idempotencyKey}`;
  if (isSoldOut(stock, call)) return OfferExhausted({ offerId, left: 0 });

  let askedAt = now;
  const result = await commit(context, {
    name: "claimOffer",
    input,
    load: () => {
      askedAt = Date.now();
      return [
        database.select({ timeZone: brands.timeZone }).from(brands).where(eq(brands.id, brandId)),
        database
          .select()
          .from(offers)
          .where(and(eq(offers.brandId, brandId), eq(offers.id, offerId))),
        database
          .select({ state: members.state, closedAt: members.closedAt })
          .from(members)
          .where(and(eq(members.brandId, brandId), eq(members.id, memberId))),
        readHoldings(context, offerId, sql`(${memberId})`),
      ];
    },
    decide: ([[brand], [offer], [member], [holding]]) => {
      if (!brand || !member) return NotFound({ id: memberId });
      if (member.state === "CLOSED") return MemberClosed({ memberId, closedAt: member.closedAt });
      if (!offer || !mayKnow(context, offer)) return NotFound({ id: offerId });
      const fault =
        whyNotClaimable(offerId, offer.terms, now) ??
        whyNotIssuable(offer, now) ??
        whyNotAnother(offer, memberId, holding?.held ?? 0);
      if (fault) return fault;
      if (couponsLeft(offer) < 1) {
        noteSoldOut(stock, askedAt);
        return OfferExhausted({ offerId, left: 0 });
      }
      const { rows, effects } = newCoupons(context, offer, brand.timeZone, [memberId], {
        issuedByBrandId: brandId,
      });
      const couponId = rows[0]?.id as string;
      return {
        outcome: { couponId },
        effects: [...effects, ...changed(context, [{ couponId, kind: "CLAIMED", memberId }])],
        audit: [{ subjectId: couponId, detail: { memberId, offerId } }],
        events: [{ type: "coupon.claimed", payload: { couponId, memberId, offerId } }],
      };
    },
    read,
  });
  if (!isRefusal(result)) noteAnswered(call);
  return result;
}

/** Why members cannot claim an offer themselves now. PURE. */
export function whyNotClaimable(offerId: string, terms: OfferTerms, now: number): Refusal | undefined {
  const { claimableFrom = null, claimableUntil = null } = terms;
  const isOpen =
    claimableFrom !== null && claimableFrom <= now && (claimableUntil === null || now < claimableUntil);
  return isOpen ? undefined : OfferNotClaimable({ offerId, claimableFrom, claimableUntil });
}
