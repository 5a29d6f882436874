import { and, eq, isNull } from "drizzle-orm";
import { coupons, redemptions } from "../../schema/tables/coupons.ts";
import { actorOf, type Context } from "../context.ts";
import { mustChange, type Statement } from "../database/commit.ts";
import type { Refusal } from "../errors.ts";
import { type Counted, giveBackToLimits } from "../offers/limits.ts";
import { changed } from "./changes.ts";
import { RedemptionAlreadyRolledBack, RollbackTooLarge } from "./refusals.ts";

type Undone = Pick<
  typeof redemptions.$inferSelect,
  "id" | "discountMinor" | "rolledBackMinor" | "rolledBackAt"
>;

/** A redemption that is undone, in part or as a whole. */
export interface UndoneRedemption extends Undone {
  couponId: string;
  offerId: string | null;
  memberId: string | null;
  /** The counters of the offer's limits that it had taken from. */
  counted: readonly Counted[];
}

/** What of a redemption's discount was not undone yet, in minor units. */
export const leftOf = ({ discountMinor, rolledBackMinor }: Omit<Undone, "id">): number =>
  discountMinor - rolledBackMinor;

/**
 * How much of a redemption's discount is undone, in minor units: what is asked, or all that is left. PURE.
 */
export function partOf(redemption: Undone, asked: number | null): number | Refusal {
  const { id: redemptionId, rolledBackAt } = redemption;
  if (rolledBackAt !== null) return RedemptionAlreadyRolledBack({ redemptionId, rolledBackAt });
  const left = leftOf(redemption);
  if (asked === null) return left;
  return asked >= 1 && asked <= left ? asked : RollbackTooLarge({ redemptionId, leftMinor: left });
}

/**
 * Undoes so much of a redemption's discount. All that is left frees the coupon, and gives its use back to
 * the offer's limits (of a discount of nothing: 0); less leaves it used, and gives back to budgets alone.
 *
 * @param discountMinor of `leftOf`, as it was read: the commit is aborted where it has changed.
 */
export function rollBack(
  context: Context,
  redemption: UndoneRedemption,
  discountMinor: number,
  reason: string,
): Statement[] {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const { id, couponId, offerId, memberId, counted, rolledBackMinor } = redemption;
  const isWhole = discountMinor === leftOf(redemption);
  const asRead = and(
    ...[eq(redemptions.brandId, brandId), eq(redemptions.id, id), isNull(redemptions.rolledBackAt)],
    eq(redemptions.rolledBackMinor, rolledBackMinor),
  );
  const isTheCoupon = and(eq(coupons.brandId, brandId), eq(coupons.id, couponId));
  return [
    database
      .update(redemptions)
      .set({
        rolledBackMinor: rolledBackMinor + discountMinor,
        ...(isWhole ? { rolledBackAt: now, rollbackReason: reason } : {}),
      })
      .where(asRead),
    mustChange(database),
    ...(isWhole
      ? [
          database
            .update(coupons)
            .set({ state: "AVAILABLE" })
            .where(and(isTheCoupon, eq(coupons.state, "REDEEMED"))),
          mustChange(database),
        ]
      : []),
    ...(offerId === null
      ? []
      : giveBackToLimits(context, [{ offerId, counted, discountMinor, uses: isWhole ? 1 : 0 }])),
    ...changed(context, [
      {
        kind: isWhole ? "ROLLED_BACK" : "PARTLY_ROLLED_BACK",
        ...{ couponId, memberId, redemptionId: id, reference: reason },
      },
    ]),
  ];
}
