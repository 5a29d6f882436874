import { and, eq } from "drizzle-orm";
import { brands } from "../../schema/tables/brands.ts";
import { offers } from "../../schema/tables/offers.ts";
import { actorOf, type Context } from "../context.ts";
import { commit } from "../database/commit.ts";
import { InvalidValue, NotFound } from "../errors.ts";
import { OfferExhausted } from "../offers/refusals.ts";
import { couponsLeft, whyNotIssuable } from "../offers/terms.ts";
import { MOST_AT_ONCE } from "./issue-coupons.ts";
import { newCoupons } from "./new-coupons.ts";

export interface CreateCouponCodesInput {
  offerId: string;
  count: number;
  idempotencyKey: string;
}

/** Makes up to 500 codes of an offer that anyone may claim; each counts against the offer's limit. */
export async function createCouponCodes(context: Context, input: CreateCouponCodesInput) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const { offerId, count } = input;
  return commit(context, {
    name: "createCouponCodes",
    input,
    load: () => [
      database.select({ timeZone: brands.timeZone }).from(brands).where(eq(brands.id, brandId)),
      database
        .select()
        .from(offers)
        .where(and(eq(offers.brandId, brandId), eq(offers.id, offerId))),
    ],
    decide: ([[brand], [offer]]) => {
      if (!brand || !offer) return NotFound({ id: offerId });
      if (count < 1 || count > MOST_AT_ONCE) {
        return InvalidValue({ field: "count", reason: `must lie between 1 and ${MOST_AT_ONCE}` });
      }
      const fault = whyNotIssuable(offer, now);
      if (fault) return fault;
      const left = couponsLeft(offer);
      if (count > left) return OfferExhausted({ offerId, left });
      const nobody = Array.from({ length: count }, () => null);
      const { rows, effects } = newCoupons(context, offer, brand.timeZone, nobody, {
        issuedByBrandId: brandId,
      });
      return {
        outcome: { codes: rows.map(({ code }) => code) },
        effects,
        audit: [{ subjectId: offerId, detail: { count } }],
      };
    },
  });
}
