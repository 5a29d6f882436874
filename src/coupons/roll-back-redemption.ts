import { and, desc, eq, lte } from "drizzle-orm";
import { brands } from "../../schema/tables/brands.ts";
import { checkoutCoupons } from "../../schema/tables/carts.ts";
import { redemptions } from "../../schema/tables/coupons.ts";
import { offerVersions } from "../../schema/tables/offers.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, type Read } from "../database/commit.ts";
import { InvalidValue, isRefusal, NotFound } from "../errors.ts";
import { type Counted, type Counter, countedBy, countersOf } from "../offers/limits.ts";
import { leftOf, partOf, rollBack } from "./roll-back.ts";

export interface RollBackRedemptionInput {
  redemptionId: string;
  /** A part of what is left of the discount; all of it, when left out. */
  discountMinor?: number | null;
  reason: string;
  idempotencyKey: string;
}

export interface RollBackRedemptionOutcome {
  couponId: string;
  redemptionId: string;
  discountMinor: number;
  leftMinor: number;
}

/**
 * Undoes a redemption: the coupon can be used again, for as long as it had been valid. Of a part of its
 * discount, as for some of the goods, it stays used, until the last part is undone.
 */
export async function rollBackRedemption<Row>(
  context: Context,
  input: RollBackRedemptionInput,
  read: Read<RollBackRedemptionOutcome, Row>,
) {
  const { database } = context;
  const { brandId } = actorOf(context);
  const { redemptionId, reason } = input;
  const isTheRedemption = and(eq(redemptions.brandId, brandId), eq(redemptions.id, redemptionId));
  return commit(context, {
    name: "rollBackRedemption",
    input,
    load: () => [
      database.select().from(redemptions).where(isTheRedemption),
      database
        .select({ counted: checkoutCoupons.counted, lotId: checkoutCoupons.lotId })
        .from(checkoutCoupons)
        .where(and(eq(checkoutCoupons.brandId, brandId), eq(checkoutCoupons.redemptionId, redemptionId))),
      // What the offer said when it was redeemed: it was counted by the limits of then.
      database
        .select({ terms: offerVersions.terms, timeZone: brands.timeZone })
        .from(redemptions)
        .innerJoin(brands, eq(brands.id, redemptions.brandId))
        .innerJoin(
          offerVersions,
          and(
            eq(offerVersions.brandId, redemptions.brandId),
            eq(offerVersions.offerId, redemptions.offerId),
            lte(offerVersions.createdAt, redemptions.redeemedAt),
          ),
        )
        .where(isTheRedemption)
        .orderBy(desc(offerVersions.version))
        .limit(1),
    ],
    decide: ([[redemption], [ofCheckout], [then]]) => {
      if (!redemption) return NotFound({ id: redemptionId });
      // They would stay with the member, and the coupon would give them again.
      if (ofCheckout?.lotId)
        return InvalidValue({
          field: "redemptionId",
          reason: "must not be of a coupon that gave points: refund or cancel its order",
        });
      const { couponId, memberId, store, redeemedAt: at } = redemption;
      const discountMinor = partOf(redemption, input.discountMinor ?? null);
      if (isRefusal(discountMinor)) return discountMinor;
      const counted =
        (ofCheckout?.counted as Counted[] | undefined) ??
        (then
          ? countable(countersOf(then.terms.limits, { memberId, store, at, timeZone: then.timeZone }))
          : []);
      const detail = { redemptionId, discountMinor, reason };
      return {
        outcome: {
          ...{ couponId, redemptionId, discountMinor },
          leftMinor: leftOf(redemption) - discountMinor,
        },
        effects: rollBack(context, { ...redemption, counted }, discountMinor, reason),
        audit: [{ subjectId: couponId, detail }],
        events: [{ type: "coupon.rolled_back", payload: { couponId, redemptionId, discountMinor } }],
      };
    },
    read,
  });
}

/** Without those that nobody was named for: nothing was taken from them. */
const countable = (counters: readonly Counter[]): Counted[] =>
  countedBy(counters.filter(({ subject }) => subject !== null));
