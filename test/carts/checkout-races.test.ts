import { and, eq } from "drizzle-orm";
import { beforeEach, expect, test } from "vitest";
import { checkouts } from "../../schema/tables/carts.ts";
import { coupons } from "../../schema/tables/coupons.ts";
import { offerCounters } from "../../schema/tables/offers.ts";
import { completeCheckout } from "../../src/carts/complete-checkout.ts";
import { releaseStaleCheckouts } from "../../src/carts/release-stale-checkouts.ts";
import { eventsOf } from "../orders/support.ts";
import { contextAt, faultsOf, ledgerOf, nothing } from "../points/support.ts";
import { barrier } from "../support/barrier.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { database, environment } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { newCoupon, newOffer } from "../support/offer.ts";
import { cancel, checkOut, complete, givePoints, key } from "./checkouts.ts";
import { faultsOfCheckouts } from "./invariants.ts";

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

const REDEEM = `mutation ($input: RedeemCouponInput!) { redeemCoupon(input: $input) {
  ... on RedeemCouponPayload { discountMinor } ... on Refusal { code } } }`;
const redeem = async (code: string) => {
  const order = { orderReference: "T-1", orderAmountMinor: 10_000, currency: "CNY", idempotencyKey: key() };
  return outcomeOf(await brand.till(REDEEM, { input: { code, ...order } }));
};

/** Lets the time of a checkout pass, with that of all that it holds. */
const expire = async (checkoutId: string) => {
  const { couponId } = (await database().query.checkoutCoupons.findFirst({ where: { checkoutId } })) ?? {};
  await database()
    .update(checkouts)
    .set({ expiresAt: Date.now() - 1 })
    .where(eq(checkouts.id, checkoutId));
  await database()
    .update(coupons)
    .set({ heldUntil: Date.now() - 1 })
    .where(eq(coupons.id, couponId ?? ""));
};

test("two checkouts and a redemption of one coupon at once: one has it", async () => {
  for (let round = 0; round < 3; round += 1) {
    const coupon = await newCoupon(brand, await newOffer(brand), memberId);
    const cart = { choice: "ASKED", couponIds: [coupon.id] };
    const [first, second, redeemed] = await Promise.all([
      checkOut(brand.till, memberId, { cart }),
      checkOut(brand.storefront, memberId, { cart }),
      redeem(coupon.code),
    ]);
    const held = [first, second].filter(({ state }) => state === "OPEN");
    expect(held.length + Number(redeemed?.discountMinor === 2_000)).toBe(1);
    for (const { id } of held) await complete(brand.service, id);
  }
  expect(faultsOf(await ledgerOf(brand.brandId))).toEqual([]);
});

test("one that looks whether the coupon is free and holds it after holds it twice", async () => {
  const coupon = await newCoupon(brand, await newOffer(brand), memberId);
  const allHaveLooked = barrier(2);
  const lookThenHold = async () => {
    const row = await database().query.coupons.findFirst({ where: { id: coupon.id } });
    await allHaveLooked();
    if (row?.state !== "AVAILABLE") return false;
    await database().update(coupons).set({ state: "HELD" }).where(eq(coupons.id, coupon.id));
    return true;
  };
  expect(await Promise.all([lookThenHold(), lookThenHold()])).toEqual([true, true]);
});

test("completed, cancelled and timed out at once: one of them holds", async () => {
  for (let round = 0; round < 4; round += 1) {
    await newCoupon(brand, await newOffer(brand), memberId);
    await givePoints(brand, memberId, 100);
    const { id } = await checkOut(brand.till, memberId, { cart: { pointsToSpend: 100 }, minutes: 1 });
    const later = Date.now() + 61_000;
    const [done, cancelled] = await Promise.all([
      complete(brand.service, id),
      cancel(brand.till, id),
      releaseStaleCheckouts(database(), await environment(), later, 100),
    ]);
    const states = [done.state, cancelled.state].filter((state) => state !== undefined);
    expect(states.length).toBeLessThanOrEqual(1);
    await isSound();
  }
});

test("one that asks for the state and settles after settles twice", async () => {
  const { id } = await checkOut(brand.till, memberId);
  const allHaveLooked = barrier(2);
  const lookThenSettle = async (state: "COMPLETED" | "CANCELLED") => {
    const row = await database().query.checkouts.findFirst({ where: { id } });
    await allHaveLooked();
    if (row?.state !== "OPEN") return false;
    await database().update(checkouts).set({ state }).where(eq(checkouts.id, id));
    return true;
  };
  expect(await Promise.all([lookThenSettle("COMPLETED"), lookThenSettle("CANCELLED")])).toEqual([true, true]);
});

test("a budget and a member's limit are never exceeded, from many devices at once", async () => {
  const limits = [
    { per: "OFFER", period: "LIFETIME", discountMinor: 5_000 },
    { per: "MEMBER", period: "DAY", uses: 1 },
  ];
  await newOffer(brand, { isAutomatic: true, terms: { amountOffMinor: 2_000, limits } });
  const others = await Promise.all(Array.from({ length: 3 }, () => newMember(brand)));
  const buyers = [memberId, memberId, ...others.map((other) => other.memberId)];
  const opened = await Promise.all(buyers.map((buyer) => checkOut(brand.till, buyer)));
  const withCoupon = opened.filter(({ discountMinor }) => discountMinor === 2_000);
  expect(withCoupon).toHaveLength(2);
  expect(opened.filter(({ state }) => state === "OPEN")).toHaveLength(5);
  await isSound();
  await cancel(brand.till, withCoupon[0]?.id);
  await isSound();
});

test("one that reads the counter and writes it after exceeds the budget", async () => {
  const offerId = await newOffer(brand);
  const row = { brandId: brand.brandId, offerId, subject: "*", period: "LIFETIME", periodStart: 0 } as const;
  await database()
    .insert(offerCounters)
    .values({ ...row, uses: 0, discountMinor: 0 });
  const isIt = and(eq(offerCounters.brandId, brand.brandId), eq(offerCounters.offerId, offerId));
  const allHaveLooked = barrier(3);
  const readThenWrite = async (): Promise<number> => {
    const [counter] = await database().select().from(offerCounters).where(isIt);
    await allHaveLooked();
    if ((counter?.discountMinor ?? 0) + 2_000 > 5_000) return 0;
    await database()
      .update(offerCounters)
      .set({ discountMinor: (counter?.discountMinor ?? 0) + 2_000 })
      .where(isIt);
    return 2_000;
  };
  const given = await Promise.all(Array.from({ length: 3 }, readThenWrite));
  expect(given.reduce((sum, minor) => sum + minor, 0)).toBeGreaterThan(5_000);
});

test("points that are spent elsewhere meanwhile are not spent twice", async () => {
  await givePoints(brand, memberId, 300);
  const spend = async () =>
    outcomeOf(
      await brand.till(
        `mutation ($input: SpendPointsInput!) { spendPoints(input: $input) { __typename ... on Refusal { code } } }`,
        {
          input: {
            memberId,
            points: 300,
            orderReference: "X",
            orderAmountMinor: 90_000,
            idempotencyKey: key(),
          },
        },
      ),
    );
  const cart = { choice: "ASKED", pointsToSpend: 300 };
  const [opened, spent] = await Promise.all([checkOut(brand.till, memberId, { cart }), spend()]);
  const isHeld = opened.state === "OPEN";
  const isSpent = spent.__typename === "SpendPointsPayload";
  expect([isHeld, isSpent].filter(Boolean)).toHaveLength(1);
  await isSound();
});

test("past its time nothing is completed, and the next checkout takes what it held", async () => {
  const limits = [{ per: "MEMBER", period: "LIFETIME", uses: 1 }];
  const offerId = await newOffer(brand, { terms: { amountOffMinor: 2_000, limits } });
  const coupon = await newCoupon(brand, offerId, memberId);
  await givePoints(brand, memberId, 100);
  const first = await checkOut(brand.till, memberId, { cart: { pointsToSpend: 100 }, orderReference: "A" });
  await expire(first.id);
  expect(await complete(brand.service, first.id)).toMatchObject({ code: "CHECKOUT_EXPIRED" });
  const again = await checkOut(brand.till, memberId, { cart: { pointsToSpend: 0 }, orderReference: "A" });
  expect(again).toMatchObject({ discountMinor: 2_000, coupons: [{ coupon: { id: coupon.id } }] });
  expect(again.databaseRequests).toBe(2);
  const told = await eventsOf(brand);
  expect(told.flatMap(({ type, payload }) => (type === "checkout.cancelled" ? [payload] : []))).toMatchObject(
    [{ checkoutId: first.id, reason: "EXPIRED" }],
  );
  await isSound();
  await expire(again.id);
  const last = await checkOut(brand.till, memberId, { cart: { pointsToSpend: 100 } });
  expect(last).toMatchObject({ discountMinor: 2_100 });
  await isSound();
});

test("what time has ended is let go of by the job, in chunks, and again without effect", async () => {
  for (let turn = 0; turn < 3; turn += 1) {
    await newCoupon(brand, await newOffer(brand), memberId);
    await givePoints(brand, memberId, 50);
    await checkOut(brand.till, memberId, { cart: { pointsToSpend: 50 }, minutes: 1 });
  }
  const later = Date.now() + 61_000;
  const run = async () => releaseStaleCheckouts(database(), await environment(), later, 100);
  await run();
  const { length } = await database().query.checkouts.findMany({
    where: { brandId: brand.brandId, state: "CANCELLED" },
  });
  expect(length).toBe(3);
  await isSound();
  await run();
  await isSound();
});

test("one that is completed while its time passes is used or free, never both", async () => {
  await newCoupon(brand, await newOffer(brand), memberId);
  const { id } = await checkOut(brand.till, memberId, { minutes: 1 });
  const opened = await database().query.checkouts.findFirst({ where: { id } });
  const context = await contextAt(brand.brandId, (opened?.expiresAt ?? 0) - 1);
  await Promise.allSettled([
    completeCheckout(context, { checkoutId: id, recordOrder: true, idempotencyKey: key() }, nothing),
    releaseStaleCheckouts(database(), await environment(), opened?.expiresAt ?? 0, 100),
  ]);
  await isSound();
});
