import { and, eq, inArray, sql } from "drizzle-orm";
import { coupons } from "../../schema/tables/coupons.ts";
import { couponOfCode } from "../codes/coupon-of-code.ts";
import { actorOf, type Context } from "../context.ts";
import { changed } from "../coupons/changes.ts";
import { newCoupons } from "../coupons/new-coupons.ts";
import { eachOf } from "../database/bulk.ts";
import { mustChange, mustHold, type Statement } from "../database/commit.ts";
import { isRefusal, type Refusal } from "../errors.ts";
import { areAsRead } from "../offers/limits.ts";
import type { CandidateUse } from "./candidates.ts";
import type { PresentOffer } from "./read-cart.ts";

/** What a cart uses, and for whom and what it is held. */
interface Used {
  offer: PresentOffer;
  use: CandidateUse;
}

interface HoldingOf {
  memberId: string;
  timeZone: string;
  /** How many coupons of an offer the member has. */
  heldOf: ReadonlyMap<string, number>;
  expiresAt: number;
  orderReference: string;
}

interface HeldCoupon {
  couponId: string;
  /** Makes it the member's, where it was not. */
  effects: Statement[];
  isClaimed: boolean;
}

/**
 * Holds the coupons that a cart uses: those of the member, and those that come to be with it, of codes and of
 * offers that apply by themselves. Aborts the commit where one is not free, or an offer is no longer as read.
 */
export function holdCoupons(
  context: Context,
  used: readonly Used[],
  holding: HoldingOf,
): Refusal | { coupons: HeldCoupon[]; effects: Statement[] } {
  const { database } = context;
  const { brandId } = actorOf(context);
  const { memberId, expiresAt, orderReference: reference } = holding;
  const held: HeldCoupon[] = [];
  for (const one of used) {
    const coupon = couponOf(context, one, holding);
    if (isRefusal(coupon)) return coupon;
    held.push(coupon);
  }
  if (held.length === 0) return { coupons: [], effects: [] };
  const ids = held.map(({ couponId }) => couponId);
  const areFree = and(
    ...[eq(coupons.brandId, brandId), inArray(coupons.id, sql`(${eachOf(ids)})`)],
    ...[eq(coupons.memberId, memberId), eq(coupons.state, "AVAILABLE")],
  );
  return {
    coupons: held,
    effects: [
      mustHold(
        database,
        areAsRead(
          brandId,
          used.map(({ offer }) => offer),
        ),
      ),
      ...held.flatMap(({ effects }) => effects),
      database.update(coupons).set({ state: "HELD", heldUntil: expiresAt }).where(areFree),
      mustChange(database, held.length),
      ...changed(
        context,
        held.flatMap(({ couponId, isClaimed }) => [
          ...(isClaimed ? [{ couponId, kind: "CLAIMED" as const, memberId }] : []),
          { couponId, kind: "HELD" as const, memberId, reference },
        ]),
      ),
    ],
  };
}

function couponOf(
  context: Context,
  { offer, use: { coupon, found } }: Used,
  { memberId, timeZone, heldOf }: HoldingOf,
): Refusal | HeldCoupon {
  if (coupon && coupon.memberId !== null) return { couponId: coupon.id, effects: [], isClaimed: false };
  if (found && found.kind !== "NONE") {
    const made = couponOfCode(context, found, { memberId, timeZone, held: heldOf.get(offer.id) ?? 0 });
    return isRefusal(made) ? made : { ...made, isClaimed: true };
  }
  const { brandId } = actorOf(context);
  const issued = newCoupons(context, offer, timeZone, [memberId], { issuedByBrandId: brandId });
  return { couponId: issued.rows[0]?.id as string, effects: issued.effects, isClaimed: false };
}
