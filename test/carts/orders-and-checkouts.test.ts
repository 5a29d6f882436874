import { beforeEach, expect, test } from "vitest";
import { rollBack } from "../coupons/life-support.ts";
import { anOrder, recordOrder } from "../orders/support.ts";
import { faultsOf, ledgerOf } from "../points/support.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { database } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { newCoupon, newOffer } from "../support/offer.ts";
import { aCart, checkOut, complete, givePoints, key } from "./checkouts.ts";
import { faultsOfCheckouts } from "./invariants.ts";

const REFUND = `mutation ($input: RefundOrderInput!) { refundOrder(input: $input) {
  ... on RefundOrderPayload { amountMinor coupons { isWhole } returned { pointsGivenBack pointsTakenBack } }
  ... on Refusal { code message } } }`;

let brand: TestBrand;
let memberId: string;

beforeEach(async () => {
  brand = await newBrand();
  ({ memberId } = await newMember(brand));
});

const isSound = async () => {
  expect(await faultsOfCheckouts(brand.brandId)).toEqual([]);
  expect(faultsOf(await ledgerOf(brand.brandId))).toEqual([]);
};

/** Refunds all of an order with the usual cart. */
async function refundAll(orderReference: string, source = "shop") {
  const lines = aCart().lines.map(({ lineId, quantity }) => ({ lineId, quantity }));
  const input = { source, orderReference, lines, shipping: true, idempotencyKey: key() };
  return outcomeOf(await brand.service(REFUND, { input }));
}

async function pointsOf(id: string) {
  const account = await database().query.accounts.findFirst({
    where: { brandId: brand.brandId, memberId: id, unit: "POINTS", kind: "AVAILABLE" },
  });
  return account?.balance;
}

/** An order as another system tells of one with the usual cart. */
const orderOf = (member: string, externalId: string) =>
  anOrder({
    ...aCart(),
    ...{ externalId, member: { id: member }, discountMinor: 0, totalMinor: 11_000 },
  });

test("of two sources' orders with the same number, a refund gives back the points spent on its own", async () => {
  await givePoints(brand, memberId, 300);
  const cart = { pointsToSpend: 300 };
  const web = await checkOut(brand.till, memberId, { source: "web", orderReference: "1001", cart });
  await complete(brand.service, web.id);
  const till = await checkOut(brand.till, memberId, { source: "till", orderReference: "1001" });
  await complete(brand.service, till.id);
  expect(await refundAll("1001", "till")).toMatchObject({
    ...{ amountMinor: 11_000, returned: { pointsGivenBack: 0 } },
  });
  expect(await pointsOf(memberId)).toBe(0);
  expect(await refundAll("1001", "web")).toMatchObject({ returned: { pointsGivenBack: 300 } });
  await isSound();
});

test("so it does of points that were spent by hand on an order of that source", async () => {
  await givePoints(brand, memberId, 300);
  const spent = { memberId, orderReference: "1001", orderAmountMinor: 11_000, source: "web" };
  const by = async (name: string, input: object, fields = "__typename") => {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    const operation = `mutation ($input: ${type}Input!) { ${name}(input: $input) { ... on ${type}Payload { ${fields} } } }`;
    return outcomeOf(await brand.service(operation, { input: { ...input, idempotencyKey: key() } }));
  };
  await by("spendPoints", { ...spent, points: 100 });
  const { source, ...held } = spent;
  const { holdId } = await by("holdPoints", { ...held, points: 200 }, "holdId");
  await by("captureHold", { holdId, source });
  for (const one of ["web", "till"])
    await recordOrder(brand.service, { ...orderOf(memberId, "1001"), source: one });
  expect(await refundAll("1001", "till")).toMatchObject({ returned: { pointsGivenBack: 0 } });
  expect(await refundAll("1001", "web")).toMatchObject({ returned: { pointsGivenBack: 300 } });
  await isSound();
});

test("a redemption that gave points is rolled back with its order alone, which takes them back", async () => {
  await newCoupon(brand, await newOffer(brand, { terms: { points: 150 } }), memberId);
  const opened = await checkOut(brand.till, memberId);
  await complete(brand.service, opened.id);
  const redemption = await database().query.redemptions.findFirst({ where: { brandId: brand.brandId } });
  const byHand = await rollBack(brand.operator, redemption?.id ?? "");
  expect(byHand).toMatchObject({ code: "INVALID_VALUE" });
  expect(await checkOut(brand.till, memberId)).toMatchObject({ coupons: [] });
  expect(await refundAll(opened.orderReference)).toMatchObject({ returned: { pointsTakenBack: 150 } });
  expect(await pointsOf(memberId)).toBe(0);
  await isSound();
});

test("a refund of an order that another member is said to have placed takes none of their points", async () => {
  await newCoupon(brand, await newOffer(brand, { terms: { points: 150 } }), memberId);
  const opened = await checkOut(brand.till, memberId);
  await complete(brand.service, opened.id, { recordOrder: false });
  const other = await newMember(brand);
  await givePoints(brand, other.memberId, 200);
  await recordOrder(brand.service, orderOf(other.memberId, opened.orderReference));
  expect(await refundAll(opened.orderReference)).toMatchObject({ amountMinor: 11_000, coupons: [] });
  expect(await pointsOf(other.memberId)).toBe(200);
  expect(await checkOut(brand.till, memberId)).toMatchObject({ coupons: [] });
  await isSound();
});

test("an order is not paid in the future, whoever records it", async () => {
  const opened = await checkOut(brand.till, memberId);
  const completeAt = (minutes: number, recordOrder: boolean) =>
    complete(brand.service, opened.id, {
      ...{ recordOrder, paidAt: new Date(Date.now() + minutes * 60_000).toISOString() },
    });
  const [recorded, told] = [await completeAt(60, true), await completeAt(60, false)];
  expect(told).toMatchObject({ code: "INVALID_VALUE", message: "paidAt: must not be in the future" });
  expect(told).toEqual(recorded);
  // A till's clock may be ahead of ours.
  expect(await completeAt(1, false)).toMatchObject({ state: "COMPLETED" });
});

test("a checkout is not completed for another member's order", async () => {
  const opened = await checkOut(brand.till, memberId);
  const other = await newMember(brand);
  await recordOrder(brand.service, orderOf(other.memberId, opened.orderReference));
  const completed = await complete(brand.service, opened.id, { recordOrder: false });
  expect(completed).toMatchObject({ code: "ORDER_DIFFERS" });
  await isSound();
});

/** Refunds some lines of an order. */
async function refundLines(orderReference: string, lineIds: readonly string[], shipping = false) {
  const lines = aCart().lines.flatMap(({ lineId, quantity }) =>
    lineIds.includes(lineId) ? [{ lineId, quantity }] : [],
  );
  const input = { source: "shop", orderReference, lines, shipping, idempotencyKey: key() };
  return outcomeOf(await brand.service(REFUND, { input }));
}

test("a coupon of goods that stay is not free again when all that was paid went back", async () => {
  const terms = { percentageBasisPoints: 10_000, goods: { categories: ["tea"] } };
  const coupon = await newCoupon(brand, await newOffer(brand, { terms }), memberId);
  const opened = await checkOut(brand.till, memberId);
  await complete(brand.service, opened.id);
  expect(await refundLines(opened.orderReference, ["L2"], true)).toMatchObject({
    ...{ amountMinor: 5_000, coupons: [] },
  });
  const state = async () =>
    (await database().query.coupons.findFirst({ where: { brandId: brand.brandId, id: coupon.id } }))?.state;
  expect(await state()).toBe("REDEEMED");
  expect(await refundLines(opened.orderReference, ["L1"])).toMatchObject({ coupons: [{ isWhole: true }] });
  expect(await state()).toBe("AVAILABLE");
  await isSound();
});

test("points come back with the goods that they paid for, and not with shipping that money paid", async () => {
  await givePoints(brand, memberId, 10_000);
  const opened = await checkOut(brand.till, memberId, { cart: { pointsToSpend: 10_000 } });
  await complete(brand.service, opened.id);
  expect(await refundLines(opened.orderReference, [], true)).toMatchObject({
    ...{ amountMinor: 1_000, returned: { pointsGivenBack: 0 } },
  });
  expect(await refundLines(opened.orderReference, [], true)).toMatchObject({
    ...{ code: "INVALID_VALUE", message: expect.stringContaining("has gone back already") },
  });
  expect(await refundLines(opened.orderReference, ["L2"])).toMatchObject({
    ...{ amountMinor: 0, returned: { pointsGivenBack: 4_000 } },
  });
  expect(await refundLines(opened.orderReference, ["L1"])).toMatchObject({
    returned: { pointsGivenBack: 6_000 },
  });
  await isSound();
});

test("an order that was recorded without a member gives back to who checked it out", async () => {
  await givePoints(brand, memberId, 300);
  await newCoupon(brand, await newOffer(brand, { terms: { points: 150 } }), memberId);
  const opened = await checkOut(brand.till, memberId, { cart: { pointsToSpend: 300 } });
  const order = { ...orderOf(memberId, opened.orderReference), member: null };
  await recordOrder(brand.service, { ...order, discountMinor: 300, totalMinor: 10_700 });
  expect(await complete(brand.service, opened.id, { recordOrder: false })).toMatchObject({
    state: "COMPLETED",
  });
  expect(await refundAll(opened.orderReference)).toMatchObject({
    ...{ coupons: [{ isWhole: true }], returned: { pointsGivenBack: 300, pointsTakenBack: 150 } },
  });
  expect(await pointsOf(memberId)).toBe(300);
  await isSound();
});
