import { and, eq, sql } from "drizzle-orm";
import { coupons } from "../../schema/tables/coupons.ts";
import { members } from "../../schema/tables/members.ts";
import { parseCardNumber } from "../cards/card-number.ts";
import { readStaleCheckouts } from "../carts/held-checkouts.ts";
import { actorOf, type Context, mayActFor } from "../context.ts";
import { commit, mustChange, mustHold, type Read } from "../database/commit.ts";
import { InvalidValue, NotFound } from "../errors.ts";
import { areActiveMembers } from "../members/conditions.ts";
import { changed } from "./changes.ts";
import { readHoldings, withinMemberLimit } from "./new-coupons.ts";
import { whyNotFree } from "./redeemable.ts";
import { CouponNotClaimed, CouponNotGiftable, ReceiverLimitReached } from "./refusals.ts";
import { freed } from "./stale-hold.ts";

export interface GiveCouponInput {
  couponId: string;
  /** Who gets it: one of the two. */
  receiver: { memberId?: string | null; cardNumber?: string | null };
  idempotencyKey: string;
}

/**
 * Gives a member's coupon to another member of the brand, where its terms let it; it expires when it would
 * have. The receiver can have as many as anyone. Neither learns who the other is.
 */
export async function giveCoupon<Row>(
  context: Context,
  input: GiveCouponInput,
  read: Read<{ memberId: string; couponId: string }, Row>,
) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const { couponId, receiver } = input;
  const named = receiver.memberId ?? receiver.cardNumber ?? "";
  const isReceiver = receiver.memberId
    ? eq(members.id, receiver.memberId)
    : eq(members.cardNumber, parseCardNumber(receiver.cardNumber ?? "") ?? "");
  const isTaker = and(eq(members.brandId, brandId), isReceiver, eq(members.state, "ACTIVE"));
  return commit(context, {
    name: "giveCoupon",
    input,
    load: () => [
      database.query.coupons.findFirst({
        where: { brandId, id: couponId },
        with: {
          offer: { columns: { brandId: true, id: true, perMemberLimit: true } },
          version: { columns: { terms: true } },
          member: { columns: { state: true } },
        },
      }),
      database.select({ id: members.id }).from(members).where(isTaker),
      readHoldings(
        context,
        sql`(select ${coupons.offerId} from ${coupons} where ${coupons.brandId} = ${brandId} and ${coupons.id} = ${couponId})`,
        sql`(select ${members.id} from ${members} where ${isTaker})`,
      ),
      readStaleCheckouts(
        context,
        sql`select c.member_id from coupons c where c.brand_id = ${brandId} and c.id = ${couponId}`,
      ),
    ],
    decide: ([found, [taker], [holding], stale]) => {
      if (!found || !mayActFor(context, found.memberId ?? "")) return NotFound({ id: couponId });
      const { coupon, ends, records } = freed(context, found, stale);
      const { memberId: giverId, offer } = coupon;
      if (giverId === null || coupon.member?.state !== "ACTIVE") return CouponNotClaimed({ couponId });
      const fault = whyNotFree(coupon, now);
      if (fault) return fault;
      if (!coupon.version.terms.giftable) return CouponNotGiftable({ couponId });
      // After all that is the giver's own: who has nothing to give must not find out who is a member.
      if (!taker) return NotFound({ id: named });
      if (taker.id === giverId) return InvalidValue({ field: "receiver", reason: "must be another member" });
      const limit = offer.perMemberLimit;
      if (limit !== null && (holding?.held ?? 0) >= limit) return ReceiverLimitReached({ limit });
      const isStillTheirs = and(eq(coupons.memberId, giverId), eq(coupons.state, "AVAILABLE"));
      return {
        outcome: { memberId: giverId, couponId },
        effects: [
          ...ends,
          database
            .update(coupons)
            .set({ memberId: taker.id })
            .where(and(eq(coupons.brandId, brandId), eq(coupons.id, couponId), isStillTheirs)),
          mustChange(database),
          mustHold(database, areActiveMembers(brandId, [giverId, taker.id])),
          ...(limit === null ? [] : [mustHold(database, withinMemberLimit(offer, [taker.id]))]),
          ...changed(context, [{ couponId, kind: "GIVEN", memberId: taker.id }]),
        ],
        audit: [{ subjectId: couponId, detail: { giverId, receiverId: taker.id } }, ...records.audit],
        events: [
          ...records.events,
          {
            type: "coupon.given",
            payload: { couponId, offerId: offer.id, giverId, receiverId: taker.id },
          },
        ],
      };
    },
    read,
  });
}
