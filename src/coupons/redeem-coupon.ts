import { and, eq } from "drizzle-orm";
import { coupons, redemptions } from "../../schema/tables/coupons.ts";
import { callerOf } from "../access/actor.ts";
import { parseCode } from "../codes/code.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustChange, mustHold, type Read } from "../database/commit.ts";
import { InvalidValue, NotFound } from "../errors.ts";
import { isActiveMember } from "../members/conditions.ts";
import { MemberClosed } from "../members/refusals.ts";
import { discountOf, whyNotRedeemable } from "./redeemable.ts";
import { CouponAlreadyRedeemed } from "./refusals.ts";

export interface RedeemCouponInput {
  code: string;
  /** The member at the till, if known: the coupon must then be theirs. */
  memberId?: string | null;
  orderReference: string;
  orderAmountMinor: number;
  currency: string;
  idempotencyKey: string;
}

export interface RedeemCouponOutcome {
  couponId: string;
  redemptionId: string;
  discountMinor: number;
  payableMinor: number;
}

/** Uses a coupon on an order, and answers the discount. One coupon is redeemed once, however many try. */
export async function redeemCoupon<Row>(
  context: Context,
  input: RedeemCouponInput,
  read: Read<RedeemCouponOutcome, Row>,
) {
  const { database, newId, now } = context;
  const actor = actorOf(context);
  const { brandId } = actor;
  const { orderReference, orderAmountMinor, currency } = input;
  const code = parseCode(input.code) ?? "";
  return commit(context, {
    name: "redeemCoupon",
    input,
    load: () => [
      database.query.coupons.findFirst({
        where: { brandId, code },
        with: {
          offer: { columns: { terms: true } },
          brand: { columns: { currency: true } },
          member: { columns: { id: true, state: true, closedAt: true } },
          redemptions: { where: { rolledBackAt: { isNull: true } } },
        },
      }),
    ],
    decide: ([coupon]) => {
      if (!coupon) return NotFound({ id: input.code });
      if (orderAmountMinor < 0)
        return InvalidValue({ field: "orderAmountMinor", reason: "must not be negative" });
      const { member } = coupon;
      if (member?.state === "CLOSED") return MemberClosed({ memberId: member.id, closedAt: member.closedAt });
      const refusal = whyNotRedeemable(coupon, coupon.offer.terms, coupon.brand, input, now);
      if (refusal) {
        const [redemption] = coupon.redemptions;
        return redemption
          ? CouponAlreadyRedeemed({ couponId: coupon.id, redeemedAt: redemption.redeemedAt })
          : refusal;
      }
      const discountMinor = discountOf(coupon.offer.terms, orderAmountMinor);
      const redemptionId = newId("Redemption");
      return {
        outcome: {
          couponId: coupon.id,
          redemptionId,
          discountMinor,
          payableMinor: orderAmountMinor - discountMinor,
        },
        effects: [
          database
            .update(coupons)
            .set({ state: "REDEEMED" })
            .where(
              and(eq(coupons.brandId, brandId), eq(coupons.id, coupon.id), eq(coupons.state, "AVAILABLE")),
            ),
          mustChange(database),
          ...(member ? [mustHold(database, isActiveMember(brandId, member.id))] : []),
          database.insert(redemptions).values({
            brandId,
            id: redemptionId,
            couponId: coupon.id,
            offerId: coupon.offerId,
            memberId: coupon.memberId,
            redeemedAt: now,
            redeemedBy: callerOf(actor),
            ...{ orderReference, orderAmountMinor, discountMinor, currency },
          }),
        ],
        audit: [{ subjectId: coupon.id, detail: { redemptionId, orderReference, discountMinor } }],
        events: [
          {
            type: "coupon.redeemed",
            payload: {
              couponId: coupon.id,
              redemptionId,
              memberId: coupon.memberId,
              orderReference,
              discountMinor,
            },
          },
        ],
      };
    },
    read,
  });
}
