import { countedWithout } from "../offers/limits.ts";
import { type HeldCheckout, madeFor } from "./held-checkouts.ts";
import type { CartRows, CouponRow } from "./read-cart.ts";

/** A cart's rows as they are when checkouts whose time is over have ended. PURE. */
export const asEnded = (rows: CartRows, stale: readonly HeldCheckout[]): CartRows =>
  stale.length === 0 ? rows : withoutTaken(withoutGone(rows, stale), stale);

/** Without the coupons that came to be with them. */
function withoutGone(rows: CartRows, ended: readonly HeldCheckout[]): CartRows {
  const gone = ended.flatMap(madeFor);
  if (gone.length === 0) return rows;
  const ids = new Set(gone.map(({ couponId }) => couponId));
  const countOf = (id: string, of = gone) => of.filter(({ offerId }) => offerId === id).length;
  // An order's checkout that is over can be another member's.
  const ownOf = (buyer: CartRows[5]) => gone.filter(({ memberId }) => memberId === buyer?.id);
  const without = <Row extends Pick<CouponRow, "id">>(coupons: readonly Row[]) =>
    coupons.filter(({ id }) => !ids.has(id));
  const [, byCode, , , brand, member, named, , held] = rows;
  return rows
    .with(1, without(byCode))
    .with(
      4,
      brand && {
        ...brand,
        automaticOffers: brand.automaticOffers.map((offer) => ({
          ...offer,
          issuedCount: offer.issuedCount - countOf(offer.id),
        })),
      },
    )
    .with(5, member && { ...member, heldCoupons: without(member.heldCoupons) })
    .with(6, without(named))
    .with(
      8,
      held.map((row) => ({ ...row, held: row.held - countOf(row.offerId, ownOf(member)) })),
    ) as unknown as CartRows;
}

/** Without what they took of limits and quotas. */
function withoutTaken(rows: CartRows, stale: readonly HeldCheckout[]): CartRows {
  const given = stale.flatMap(({ coupons }) => coupons);
  const benefits = stale.flatMap((one) => (one.memberId === rows[5]?.id ? one.benefits : []));
  const member = rows[5] && {
    ...rows[5],
    benefitUses: rows[5].benefitUses.map((use) => {
      const own = benefits.filter(
        ({ benefitId, periodStart }) => benefitId === use.benefitId && periodStart === use.periodStart,
      );
      return { ...use, used: use.used - own.length };
    }),
  };
  return rows.with(5, member).with(9, countedWithout(rows[9], given)) as unknown as CartRows;
}
