import { type HeldCheckout, madeFor } from "./held-checkouts.ts";
import type { CartRows, CouponRow } from "./read-cart.ts";

/** What was read, as it is when the coupons are gone that came to be with checkouts that are ended. PURE. */
export function withoutGone(rows: CartRows, ended: readonly HeldCheckout[]): CartRows {
  const gone = ended.flatMap(madeFor);
  if (gone.length === 0) return rows;
  const ids = new Set(gone.map(({ couponId }) => couponId));
  const countOf = (id: string) => gone.filter(({ offerId }) => offerId === id).length;
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
      held.map((row) => ({ ...row, held: row.held - countOf(row.offerId) })),
    ) as unknown as CartRows;
}
