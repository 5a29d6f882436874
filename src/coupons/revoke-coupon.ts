import { and, eq, sql } from "drizzle-orm";
import { coupons } from "../../schema/tables/coupons.ts";
import { readStaleCheckouts } from "../carts/held-checkouts.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustChange, type Read } from "../database/commit.ts";
import { NotFound } from "../errors.ts";
import { changed } from "./changes.ts";
import { CouponAlreadyRedeemed, CouponHeld, CouponRevoked } from "./refusals.ts";
import { freed } from "./stale-hold.ts";

export interface RevokeCouponInput {
  couponId: string;
  reason: string;
  idempotencyKey: string;
}

/** Takes a coupon back for good. It still counts as issued, but no longer against its member's limit. */
export async function revokeCoupon<Row>(
  context: Context,
  input: RevokeCouponInput,
  read: Read<{ couponId: string }, Row>,
) {
  const { database } = context;
  const { brandId } = actorOf(context);
  const { couponId, reason } = input;
  const isTheCoupon = and(eq(coupons.brandId, brandId), eq(coupons.id, couponId));
  return commit(context, {
    name: "revokeCoupon",
    input,
    load: () => [
      database
        .select({
          id: coupons.id,
          state: coupons.state,
          memberId: coupons.memberId,
          heldUntil: coupons.heldUntil,
        })
        .from(coupons)
        .where(isTheCoupon),
      readStaleCheckouts(
        context,
        sql`select c.member_id from coupons c where c.brand_id = ${brandId} and c.id = ${couponId}`,
      ),
    ],
    decide: ([[found], stale]) => {
      if (!found) return NotFound({ id: couponId });
      const { coupon, ends, records } = freed(context, found, stale);
      if (coupon.state === "REVOKED") return CouponRevoked({ couponId });
      if (coupon.state === "REDEEMED") return CouponAlreadyRedeemed({ couponId, redeemedAt: null });
      if (coupon.state === "HELD") return CouponHeld({ couponId, heldUntil: coupon.heldUntil });
      return {
        outcome: { couponId },
        effects: [
          ...ends,
          database
            .update(coupons)
            .set({ state: "REVOKED" })
            .where(and(isTheCoupon, eq(coupons.state, "AVAILABLE"))),
          mustChange(database),
          ...changed(context, [{ couponId, kind: "REVOKED", memberId: coupon.memberId, reference: reason }]),
        ],
        audit: [{ subjectId: couponId, detail: { reason } }, ...records.audit],
        events: [{ type: "coupon.revoked", payload: { couponId } }, ...records.events],
      };
    },
    read,
  });
}
