import { and, eq } from "drizzle-orm";
import { beforeEach, expect, test } from "vitest";
import { checkouts } from "../../schema/tables/carts.ts";
import { coupons } from "../../schema/tables/coupons.ts";
import { holds } from "../../schema/tables/points.ts";
import { newBenefit } from "../benefits/support.ts";
import { share } from "../codes/support.ts";
import { redeem } from "../coupons/life-support.ts";
import { eventsOf } from "../orders/support.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { database } from "../support/caller.ts";
import { newMember } from "../support/member.ts";
import { newCoupon, newOffer } from "../support/offer.ts";
import { aCart, cancel, checkOut, complete, givePoints } from "./checkouts.ts";
import { faultsOfCheckouts } from "./invariants.ts";
import { changed, evaluated } from "./support.ts";

let brand: TestBrand;
let memberId: string;

beforeEach(async () => {
  brand = await newBrand();
  ({ memberId } = await newMember(brand));
});

const isSound = async () => expect(await faultsOfCheckouts(brand.brandId)).toEqual([]);
const issuedOf = async (id: string) =>
  (await database().query.offers.findFirst({ where: { brandId: brand.brandId, id } }))?.issuedCount;

/** Lets the time of all that is held pass. */
async function expire() {
  const past = Date.now() - 1;
  await database().update(checkouts).set({ expiresAt: past }).where(eq(checkouts.brandId, brand.brandId));
  await database()
    .update(coupons)
    .set({ heldUntil: past })
    .where(and(eq(coupons.brandId, brand.brandId), eq(coupons.state, "HELD")));
  await database().update(holds).set({ expiresAt: past }).where(eq(holds.brandId, brand.brandId));
}

test("carts that are abandoned leave no coupons of an offer that applies by itself: it ends for all", async () => {
  const offerId = await newOffer(brand, { isAutomatic: true, issueLimit: 3 });
  const opened = [
    await checkOut(brand.till, memberId),
    await checkOut(brand.till, memberId),
    await checkOut(brand.till, memberId),
  ];
  expect(opened).toMatchObject(opened.map(() => ({ discountMinor: 2_000 })));
  for (const { id } of opened) await cancel(brand.till, id);
  expect(await issuedOf(offerId)).toBe(0);
  await isSound();
  const bought = await checkOut(brand.till, memberId);
  expect(bought).toMatchObject({ discountMinor: 2_000 });
  await complete(brand.service, bought.id);
  expect(await issuedOf(offerId)).toBe(1);
  await changed(brand, "endOffer", { offerId });
  expect(await checkOut(brand.till, memberId)).toMatchObject({ state: "OPEN", discountMinor: 0 });
  await isSound();
});

test("whose time passed makes way for the member's next cart, within the same limits", async () => {
  const offerId = await newOffer(brand, { isAutomatic: true, issueLimit: 1, perMemberLimit: 1 });
  const first = await checkOut(brand.till, memberId);
  const code = (await database().query.coupons.findFirst({ where: { brandId: brand.brandId } }))?.code ?? "";
  await expire();
  expect(await evaluated(brand.till, { memberId })).toMatchObject({ discountMinor: 2_000 });
  const next = await checkOut(brand.till, memberId);
  expect(next).toMatchObject({ discountMinor: 2_000, databaseRequests: 2 });
  expect(next.coupons[0].coupon.id).not.toBe(first.coupons[0].coupon.id);
  expect(await issuedOf(offerId)).toBe(1);
  await isSound();
  expect(await redeem(brand.till, code)).toMatchObject({ code: "COUPON_REVOKED" });
});

test("a coupon of one whose time passed cannot be used at a till instead", async () => {
  await newOffer(brand, { isAutomatic: true });
  await checkOut(brand.till, memberId);
  const code = (await database().query.coupons.findFirst({ where: { brandId: brand.brandId } }))?.code ?? "";
  await expire();
  expect(await redeem(brand.till, code)).toMatchObject({ code: "COUPON_REVOKED" });
});

test("a code for everybody uses the coupon at a till that a cart held too long", async () => {
  const offerId = await newOffer(brand, { perMemberLimit: 1 });
  await share(brand.operator, { offerId, code: "WELCOME10" });
  const { coupons: held } = await checkOut(brand.till, memberId, { cart: { codes: ["WELCOME10"] } });
  expect(await redeem(brand.till, "WELCOME10", { memberId })).toMatchObject({ code: "MEMBER_LIMIT_REACHED" });
  await expire();
  const redeemed = await redeem(brand.till, "WELCOME10", { memberId });
  expect(redeemed).toMatchObject({ discountMinor: 2_000, coupon: { id: held[0].coupon.id } });
  await isSound();
});

test("the brand is told of each that ends, also of one that makes way for the next", async () => {
  const first = await checkOut(brand.till, memberId);
  await expire();
  await checkOut(brand.till, memberId);
  const told = await eventsOf(brand);
  expect(told.filter(({ type }) => type === "checkout.cancelled")).toMatchObject([
    { payload: { checkoutId: first.id, reason: "EXPIRED" } },
  ]);
});

test("a cart is told the price that its checkout then holds, when what one held before is over", async () => {
  const kind = { kind: "PERCENTAGE_DISCOUNT", terms: { rateBasisPoints: 1_000 } };
  await newBenefit(brand, { ...kind, quota: 1, quotaPeriod: "DAY" });
  const limits = [{ per: "MEMBER", period: "DAY", uses: 1 }];
  const offerId = await newOffer(brand, { terms: { amountOffMinor: 2_000, limits } });
  for (let count = 0; count < 2; count += 1) await newCoupon(brand, offerId, memberId);
  await givePoints(brand, memberId, 400);
  const cart = { pointsToSpend: 400 };
  const opened = await checkOut(brand.till, memberId, { cart });
  expect(opened).toMatchObject({ discountMinor: 1_000 + 2_000 + 400 });
  await expire();
  const { payableMinor } = await evaluated(brand.till, { memberId, ...aCart(cart) });
  expect(payableMinor).toBe(opened.payableMinor);
  expect(await checkOut(brand.till, memberId, { cart, expectedPayableMinor: payableMinor })).toMatchObject({
    ...{ state: "OPEN", payableMinor },
  });
  await isSound();
});

test("a coupon that a code gave stays the member's, though its offer also applies by itself", async () => {
  const offerId = await newOffer(brand, { isAutomatic: true });
  await share(brand.operator, { offerId, code: "ONCE", claimLimit: 1 });
  const cart = { codes: ["ONCE"], choice: "ASKED" };
  const first = await checkOut(brand.till, memberId, { cart });
  await cancel(brand.till, first.id);
  const next = await checkOut(brand.till, memberId, { cart });
  expect(next).toMatchObject({ discountMinor: 2_000, coupons: [{ coupon: first.coupons[0].coupon }] });
  expect(await issuedOf(offerId)).toBe(1);
  await isSound();
});

test("an order that another member's cart was for, and whose time is over, can be checked out by who buys now", async () => {
  await newOffer(brand, { isAutomatic: true, perMemberLimit: 1 });
  const { memberId: other } = await newMember(brand);
  const used = await checkOut(brand.till, memberId);
  await complete(brand.service, used.id);
  const { orderReference } = await checkOut(brand.till, other);
  await expire();
  expect(await checkOut(brand.till, memberId, { orderReference })).toMatchObject({
    ...{ state: "OPEN", discountMinor: 0 },
  });
  await isSound();
});

test("what a cart took, whose time is over, stands in the way of no other coupon at a till", async () => {
  const limits = [{ per: "MEMBER", period: "DAY", uses: 1 }];
  const offerId = await newOffer(brand, { terms: { amountOffMinor: 2_000, limits } });
  const [first, second] = [
    await newCoupon(brand, offerId, memberId),
    await newCoupon(brand, offerId, memberId),
  ];
  const cart = { couponIds: [first.id], choice: "ASKED" };
  expect(await checkOut(brand.till, memberId, { cart })).toMatchObject({ discountMinor: 2_000 });
  expect(await redeem(brand.till, second.code)).toMatchObject({ code: "OFFER_LIMIT_REACHED" });
  await expire();
  expect(await redeem(brand.till, second.code)).toMatchObject({ discountMinor: 2_000 });
  expect(await issuedOf(offerId)).toBe(2);
});

test("a code is worth a coupon at a till, when one that came with a cart goes with it", async () => {
  const offerId = await newOffer(brand, { isAutomatic: true, perMemberLimit: 1 });
  await share(brand.operator, { offerId, code: "HELLO" });
  await checkOut(brand.till, memberId);
  expect(await redeem(brand.till, "HELLO", { memberId })).toMatchObject({ code: "MEMBER_LIMIT_REACHED" });
  await expire();
  expect(await redeem(brand.till, "HELLO", { memberId })).toMatchObject({ discountMinor: 2_000 });
  expect(await issuedOf(offerId)).toBe(1);
  await isSound();
});
