import { sql } from "drizzle-orm";
import { checkouts } from "../../schema/tables/carts.ts";
import { actorOf, type Context } from "../context.ts";
import { rollBack } from "../coupons/roll-back.ts";
import { eachOf, isAmong } from "../database/bulk.ts";
import { mustHold, type Statement } from "../database/commit.ts";
import type { GivenPoints } from "../earning/settle-order.ts";
import { discountBack, isEmptied, type OrderDiscount, type ReturnedOrder } from "../orders/discount-back.ts";
import type { FactKey, RolledBackCoupon } from "../orders/fact.ts";
import { keyOf } from "../orders/fact.ts";
import type { Refunded } from "../orders/refund.ts";
import { expiredOf } from "../points/expired-of.ts";
import { giveBenefitsBack } from "./end-checkouts.ts";
import type { UsedRow } from "./read-used.ts";

type UsedCoupon = UsedRow["coupons"][number];
type Redeemed = UsedCoupon & { redemption: NonNullable<UsedCoupon["redemption"]> };

/** What of the coupons and benefits that an order's checkout used goes back with a refund. */
export interface UsedBack {
  order: FactKey;
  coupons: RolledBackCoupon[];
  /** What coupons gave that are free again. */
  given: GivenPoints[];
  /** What points took off the order; undefined where no checkout spent any. */
  took: OrderDiscount | undefined;
  /** Whose the order is: of who checked it out, where it was recorded without a member. */
  memberId: string | null;
  isAll: boolean;
}

/**
 * Begins to roll back what orders used; each refund builds on the ones before it. PURE, apart from new ids.
 */
export function openUsed(context: Context, rows: readonly UsedRow[]) {
  const { database } = context;
  const checkoutOf = new Map(
    rows.map((row) => [keyOf({ source: row.source, externalId: row.orderReference }), row]),
  );
  const orders = new Map<string, FactKey>();
  /** By redemption, what is rolled back in this commit. */
  const rolledBack = new Map<string, { use: Redeemed; minor: number; isWhole: boolean }>();
  const emptied = new Set<UsedRow>();

  return {
    /** What goes back with an order's refunds so far; nothing is entered yet. */
    backOf(
      order: ReturnedOrder & FactKey & { memberId: string | null },
      refunds: readonly Refunded[],
    ): UsedBack {
      const isAll = isEmptied(order, refunds);
      const checkout = checkoutOf.get(keyOf(order));
      const uses = (checkout?.coupons ?? []).filter(isRedeemed);
      const memberId = order.memberId ?? checkout?.memberId ?? null;
      // Of who else's order it is, the points that a coupon gave cannot be taken: it stays used.
      const isTheirs = checkout?.memberId === memberId;
      const back = uses.flatMap((use) => {
        const { redemption, discountMinor, couponId } = use;
        const before = rolledBack.get(redemption.id) ?? { minor: 0, isWhole: false };
        if (redemption.rolledBackAt !== null || before.isWhole || (use.lot && !isTheirs)) return [];
        const due = discountBack(use, order, refunds);
        const minor = Math.max(0, due - redemption.rolledBackMinor - before.minor);
        const isWhole = isAll || (discountMinor > 0 && due === discountMinor);
        return minor > 0 || isWhole
          ? [{ use, couponId, redemptionId: redemption.id, discountMinor: minor, isWhole }]
          : [];
      });
      return {
        ...{ order: { source: order.source, externalId: order.externalId }, isAll, memberId },
        took: checkout?.tookOff ?? undefined,
        coupons: back.map(({ use: _, ...coupon }) => coupon),
        given: back.flatMap(({ use: { couponId, lot }, isWhole }) =>
          isWhole && lot ? [{ couponId, points: lot.amount, earned: earnedOf(lot) }] : [],
        ),
      };
    },

    enter({ order, coupons, isAll }: UsedBack): void {
      orders.set(keyOf(order), order);
      const checkout = checkoutOf.get(keyOf(order));
      if (checkout && isAll) emptied.add(checkout);
      for (const { redemptionId, discountMinor, isWhole } of coupons) {
        const use = checkout?.coupons.filter(isRedeemed).find((one) => one.redemptionId === redemptionId);
        const minor = (rolledBack.get(redemptionId)?.minor ?? 0) + discountMinor;
        if (use) rolledBack.set(redemptionId, { use, minor, isWhole });
      }
    },

    effects(): Statement[] {
      if (orders.size === 0) return [];
      const { brandId } = actorOf(context);
      const keys = [...orders.values()].map(({ source, externalId }) => [source, externalId] as const);
      return [
        // One that was completed meanwhile would go without.
        mustHold(
          database,
          sql`not exists (select 1 from ${checkouts} where ${checkouts.brandId} = ${brandId}
            and ${checkouts.state} <> 'CANCELLED' and ${checkouts.state} = 'COMPLETED'
            and ${isAmong([checkouts.source, checkouts.orderReference], keys)}
            and ${checkouts.id} not in (${eachOf(rows.map(({ id }) => id))}))`,
        ),
        ...[...rolledBack.values()].flatMap(({ use: { redemption, counted }, minor }) =>
          rollBack(context, { ...redemption, counted }, minor, redemption.orderReference),
        ),
        ...giveBenefitsBack(context, [...emptied]),
      ];
    },

    /** What the brand is told. */
    records() {
      const told = [...rolledBack.values()].map(({ use: { redemption }, minor: discountMinor, isWhole }) => ({
        ...{ couponId: redemption.couponId, redemptionId: redemption.id, discountMinor, isWhole },
        orderReference: redemption.orderReference,
      }));
      return {
        audit: told.map(({ couponId, ...detail }) => ({ subjectId: couponId, detail })),
        events: told.map((payload) => ({ type: "coupon.rolled_back", payload })),
      };
    },
  };
}

const isRedeemed = (use: UsedCoupon): use is Redeemed => use.redemption !== null;

const earnedOf = ({ id, uses }: NonNullable<UsedCoupon["lot"]>): GivenPoints["earned"] => ({
  ...{ state: "SPENDABLE", lotId: id },
  expired: expiredOf(uses),
});
