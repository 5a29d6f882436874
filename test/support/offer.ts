import { type OfferTerms, offers } from "../../schema/tables/offers.ts";
import { newId } from "../../src/ids.ts";
import type { TestBrand } from "./brand.ts";
import { database } from "./caller.ts";
import { outcomeOf } from "./member.ts";

/** A new offer of a brand; ¥20 off unless the input says otherwise. Answers its id. */
export async function newOffer(
  { operator }: TestBrand,
  input: Record<string, unknown> = {},
): Promise<string> {
  const answer = await operator(
    `mutation ($input: CreateOfferInput!) { createOffer(input: $input) {
      ... on CreateOfferPayload { offer { id } } ... on Refusal { code message } } }`,
    { input: { title: [{ locale: "zh-CN", text: "满减券" }], terms: { amountOffMinor: 2000 }, ...input } },
  );
  const offerId = outcomeOf(answer).offer?.id;
  if (!offerId) throw new Error(`No offer: ${JSON.stringify(answer)}`);
  return offerId;
}

export const ISSUE = `mutation ($input: IssueCouponsInput!) { issueCoupons(input: $input) {
  ... on IssueCouponsPayload { coupons { id code status expiresAt offer { title } member { id } } refused { memberId refusal { code } } }
  ... on Refusal { code message } } }`;

/** Issues one coupon to a member. */
export async function newCoupon(
  brand: TestBrand,
  offerId: string,
  memberId: string,
): Promise<{ id: string; code: string }> {
  const answer = await brand.service(ISSUE, {
    input: { offerId, memberIds: [memberId], idempotencyKey: crypto.randomUUID() },
  });
  const coupon = outcomeOf(answer).coupons?.[0];
  if (!coupon) throw new Error(`No coupon: ${JSON.stringify(answer)}`);
  return coupon;
}

/** A new active offer with any terms and columns, as a row. Answers its id. */
export async function offerWith(
  { brandId }: TestBrand,
  terms: OfferTerms,
  columns: Partial<typeof offers.$inferInsert> = {},
): Promise<string> {
  const id = newId("Offer", Date.now());
  await database()
    .insert(offers)
    .values({
      ...{ brandId, id, title: { en: "A coupon" }, state: "ACTIVE", createdAt: Date.now(), terms },
      ...columns,
    });
  return id;
}
