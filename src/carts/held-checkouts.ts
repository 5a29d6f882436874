import { and, eq, type SQL, sql } from "drizzle-orm";
import { checkouts } from "../../schema/tables/carts.ts";
import { actorOf, type Context } from "../context.ts";
import type { Counted } from "../offers/limits.ts";
import type { Accounts } from "../points/move-points.ts";
import type { HeldPoints } from "../points/wallet.ts";

/** A coupon that a checkout holds. */
interface HeldCoupon {
  couponId: string;
  offerId: string;
  /** Whose the coupon is. */
  memberId: string | null;
  discountMinor: number;
  /** Where its use was counted. */
  counted: Counted[];
  /** 1 where it came to be with the checkout, of an offer that applied by itself: one that a code gave stays. */
  isMadeFor: 0 | 1;
}

/** A use of a benefit with a quota that a checkout has taken. */
interface TakenUse {
  checkoutId: string;
  benefitId: string;
  periodStart: number;
}

/** Selects JSON, as what it says. */
const parsed = <Shape>(json: SQL) => json.mapWith((text: unknown): Shape => JSON.parse(text as string));

/**
 * Reads checkouts that are to be ended, with all that they hold and the member's accounts of points. Most often
 * there are none, and what they cost is the text: so it is no longer than what ending them takes.
 */
export const readHeldCheckouts = ({ actor, database }: Context, which: SQL) =>
  database
    .select({
      ...{ id: checkouts.id, memberId: checkouts.memberId, source: checkouts.source },
      ...{ orderReference: checkouts.orderReference, state: checkouts.state },
      ...{ expiresAt: checkouts.expiresAt, settledAt: checkouts.settledAt },
      coupons: parsed<HeldCoupon[]>(sql`(select json_group_array(json_object('couponId', u.coupon_id,
          'offerId', u.offer_id, 'memberId', c.member_id, 'discountMinor', u.discount_minor, 'counted', json(u.counted),
          'isMadeFor', o.is_automatic and c.issued_at = checkouts.created_at and not exists (select 1
            from coupon_changes h where h.brand_id = c.brand_id and h.coupon_id = c.id and h.kind = 'CLAIMED')))
        from checkout_coupons u join coupons c on c.brand_id = u.brand_id and c.id = u.coupon_id
          join offers o on o.brand_id = c.brand_id and o.id = c.offer_id
        where u.brand_id = checkouts.brand_id and u.checkout_id = checkouts.id)`),
      benefits: parsed<TakenUse[]>(sql`(select json_group_array(json_object('checkoutId', checkout_id,
          'benefitId', benefit_id, 'periodStart', period_start))
        from checkout_benefits where brand_id = checkouts.brand_id and checkout_id = checkouts.id)`),
      hold: parsed<
        (HeldPoints & { state: string }) | null
      >(sql`(select json_object('id', h.id, 'state', h.state,
          'memberId', h.member_id, 'orderReference', h.order_reference,
          'uses', (select json_group_array(json_object('lotId', lot_id, 'amount', amount))
            from lot_uses where brand_id = h.brand_id and transfer_id = h.transfer_id))
        from holds h where h.brand_id = checkouts.brand_id and h.id = checkouts.hold_id)`),
      accounts: parsed<Accounts>(sql`(select json_group_object(kind, id) from accounts
        where brand_id = checkouts.brand_id and member_id = checkouts.member_id and unit = 'POINTS')`),
    })
    .from(checkouts)
    .where(and(eq(checkouts.brandId, actorOf({ actor }).brandId), which));

export type HeldCheckout = Awaited<ReturnType<typeof readHeldCheckouts>>[number];

/** Reads a member's checkouts that time has ended and nobody has yet. @param memberId its id, or a query of it. */
export const readStaleCheckouts = (context: Context, memberId: string | SQL) =>
  readHeldCheckouts(
    context,
    sql`${checkouts.memberId} in (${memberId}) and ${checkouts.state} = 'OPEN' and ${checkouts.expiresAt} <= ${context.now}`,
  );

/**
 * The coupons that came to be with a checkout, of offers that apply by themselves. They go with it: else every
 * abandoned cart would leave one, which outlives its offer and counts as issued.
 */
export const madeFor = ({ coupons }: Pick<HeldCheckout, "coupons">) =>
  coupons.filter(({ isMadeFor }) => isMadeFor === 1);
