import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { brands } from "../../schema/tables/brands.ts";
import { newBenefit } from "../benefits/support.ts";
import { newBrand } from "../support/brand.ts";
import { database } from "../support/caller.ts";
import { newOffer } from "../support/offer.ts";

test("of another brand's program its own settings and offers are not told", async () => {
  const [ours, theirs] = [await newBrand(), await newBrand()];
  const { brandId } = theirs;
  const offerId = await newOffer(theirs);
  await newBenefit(theirs, { kind: "GIFT", offerId, quota: 1, quotaPeriod: "MONTH" });
  await database()
    .update(brands)
    .set({ pointsPolicy: { approvalAbovePoints: 4_321 } })
    .where(eq(brands.id, brandId));
  const query = `query ($id: ID!) { node(id: $id) { ... on Brand {
    pointsPolicy { approvalAbovePoints } benefits { offerId } } } }`;
  const own = await theirs.operator(query, { id: brandId });
  expect(own.data.node).toEqual({ pointsPolicy: { approvalAbovePoints: 4_321 }, benefits: [{ offerId }] });
  for (const caller of [ours.operator, ours.till]) {
    const { data } = await caller(query, { id: brandId });
    expect(data.node).toEqual({ pointsPolicy: { approvalAbovePoints: null }, benefits: [{ offerId: null }] });
  }
});
