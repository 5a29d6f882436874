import { and, eq, isNull } from "drizzle-orm";
import { brands } from "../../schema/tables/brands.ts";
import { coupons } from "../../schema/tables/coupons.ts";
import { members } from "../../schema/tables/members.ts";
import { parseCode } from "../codes/code.ts";
import { actorOf, type Context, mayActFor } from "../context.ts";
import { commit, mustChange, mustHold, type Read } from "../database/commit.ts";
import { NotFound } from "../errors.ts";
import { isActiveMember } from "../members/conditions.ts";
import { MemberClosed } from "../members/refusals.ts";
import { validityOf, whyNotAnother } from "../offers/terms.ts";
import { changed } from "./changes.ts";
import { withinMemberLimit } from "./new-coupons.ts";
import { statusOf } from "./redeemable.ts";
import { CouponAlreadyClaimed, CouponExpired, CouponRevoked } from "./refusals.ts";

export interface ClaimCouponInput {
  code: string;
  memberId: string;
  idempotencyKey: string;
}

/** Gives a code that belongs to nobody to a member; its days begin to count. */
export async function claimCoupon<Row>(
  context: Context,
  input: ClaimCouponInput,
  read: Read<{ couponId: string }, Row>,
) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const { memberId } = input;
  const code = parseCode(input.code) ?? "";
  return commit(context, {
    name: "claimCoupon",
    input,
    load: () => [
      database.select({ timeZone: brands.timeZone }).from(brands).where(eq(brands.id, brandId)),
      database.query.coupons.findFirst({ where: { brandId, code }, with: { offer: true } }),
      database
        .select({ state: members.state, closedAt: members.closedAt })
        .from(members)
        .where(and(eq(members.brandId, brandId), eq(members.id, memberId))),
      database
        .select({ offerId: coupons.offerId, state: coupons.state })
        .from(coupons)
        .where(and(eq(coupons.brandId, brandId), eq(coupons.memberId, memberId))),
    ],
    decide: ([[brand], coupon, [member], held]) => {
      if (!brand || !member || !mayActFor(context, memberId)) return NotFound({ id: memberId });
      if (member.state === "CLOSED") return MemberClosed({ memberId, closedAt: member.closedAt });
      if (!coupon) return NotFound({ id: input.code });
      const couponId = coupon.id;
      const status = statusOf(coupon, now);
      if (status === "REVOKED") return CouponRevoked({ couponId });
      if (coupon.memberId !== null) return CouponAlreadyClaimed({ couponId });
      if (status === "EXPIRED") return CouponExpired({ couponId, expiredAt: coupon.expiresAt ?? now });
      const { offer } = coupon;
      const same = held.filter(({ offerId, state }) => offerId === offer.id && state !== "REVOKED");
      const fault = whyNotAnother(offer, memberId, same.length);
      if (fault) return fault;
      return {
        outcome: { couponId },
        effects: [
          database
            .update(coupons)
            .set({ memberId, claimedAt: now, ...validityOf(offer.terms, brand.timeZone, now) })
            .where(
              and(
                eq(coupons.brandId, brandId),
                eq(coupons.id, couponId),
                isNull(coupons.memberId),
                eq(coupons.state, "AVAILABLE"),
              ),
            ),
          mustChange(database),
          mustHold(database, isActiveMember(brandId, memberId)),
          ...(offer.perMemberLimit === null
            ? []
            : [mustHold(database, withinMemberLimit(offer, [memberId]))]),
          ...changed(context, [{ couponId, kind: "CLAIMED", memberId }]),
        ],
        audit: [{ subjectId: couponId, detail: { memberId } }],
        events: [{ type: "coupon.claimed", payload: { couponId, memberId, offerId: offer.id } }],
      };
    },
    read,
  });
}
