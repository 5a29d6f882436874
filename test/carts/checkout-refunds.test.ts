import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { isRefusal } from "../../src/errors.ts";
import { discountBack, type OrderDiscount, type ReturnedOrder } from "../../src/orders/discount-back.ts";
import { paidFor, type Refunded, refundOf } from "../../src/orders/refund.ts";
import { newBenefit } from "../benefits/support.ts";
import { anOrder, recordOrder } from "../orders/support.ts";
import { faultsOf, ledgerOf } from "../points/support.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { database } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { newCoupon, newOffer } from "../support/offer.ts";
import { checkOut, complete, givePoints, key } from "./checkouts.ts";
import { faultsOfCheckouts } from "./invariants.ts";

/** An order with one coupon's discount on its lines and shipping, as a checkout records it, and its units in turn. */
const someOrder = fc
  .record({
    lines: fc.array(
      fc.record({
        quantity: fc.integer({ min: 1, max: 5 }),
        amountMinor: fc.integer({ min: 0, max: 1_000_000 }),
        share: fc.integer({ min: 0, max: 100 }),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    shippingMinor: fc.integer({ min: 0, max: 2_000 }),
    ofShipping: fc.integer({ min: 0, max: 2_000 }),
  })
  .chain(({ lines, shippingMinor, ofShipping }) => {
    const discounts = lines.map(({ amountMinor, share }, place) => ({
      lineId: `${place}`,
      discountMinor: Math.floor((amountMinor * share) / 100),
    }));
    const ofLines = discounts.reduce((sum, { discountMinor }) => sum + discountMinor, 0);
    const offShipping = Math.min(ofShipping, shippingMinor);
    const left = shippingMinor - offShipping;
    const total = lines.reduce((sum, { amountMinor }) => sum + amountMinor, left - ofLines);
    const order: ReturnedOrder = {
      ...{ id: "ord_1", cancelledAt: null, shippingMinor: left, discountMinor: ofLines, totalMinor: total },
      lines: lines.map(({ quantity, amountMinor }, place) => ({
        ...{ lineId: `${place}`, sku: "S", name: null, categories: [], quantity, amountMinor },
        discountMinor: discounts[place]?.discountMinor ?? 0,
      })),
    };
    const coupon: OrderDiscount = { discountMinor: ofLines + offShipping, lines: discounts };
    const units = order.lines.flatMap(({ lineId, quantity }) => Array<string>(quantity).fill(lineId));
    return fc.tuple(
      fc.constant({ order, coupon }),
      fc.shuffledSubarray([...units, "shipping"], { minLength: units.length + 1 }),
    );
  });

describe("what of a coupon's discount goes back", () => {
  test("only grows, unit by unit, and comes to all of it with the last", () => {
    fc.assert(
      fc.property(someOrder, ([{ order, coupon }, turns]) => {
        const refunds: Refunded[] = [];
        let before = 0;
        for (const turn of turns) {
          const shippingMinor = turn === "shipping" ? paidFor(order).shippingMinor : 0;
          const lines = turn === "shipping" ? [] : [{ lineId: turn, quantity: 1 }];
          const refund = refundOf(order, refunds, { lines, shippingMinor });
          if (!isRefusal(refund)) refunds.push(refund);
          const due = discountBack(coupon, order, refunds);
          expect(due).toBeGreaterThanOrEqual(before);
          before = due;
        }
        expect(before).toBe(coupon.discountMinor);
      }),
    );
  });

  test("is the returned units' share of each line", () => {
    const line = (lineId: string, quantity: number) => ({
      ...{ lineId, quantity, sku: "S", name: null, categories: [], amountMinor: 1_000, discountMinor: 100 },
    });
    const order: ReturnedOrder = {
      ...{ id: "ord_1", cancelledAt: null, shippingMinor: 500, discountMinor: 200, totalMinor: 2_300 },
      lines: [line("1", 3), line("2", 1)],
    };
    const coupon = {
      discountMinor: 250,
      lines: ["1", "2"].map((lineId) => ({ lineId, discountMinor: 100 })),
    };
    const back = (lineId: string, quantity: number, shippingMinor = 0) => [
      { lines: [{ lineId, quantity, amountMinor: 1 }], shippingMinor },
    ];
    expect(discountBack(coupon, order, back("1", 1))).toBe(33);
    expect(discountBack(coupon, order, back("1", 2))).toBe(66);
    expect(discountBack(coupon, order, back("1", 3))).toBe(100);
    expect(discountBack(coupon, order, back("2", 1, 250))).toBe(125);
    expect(discountBack(coupon, { ...order, cancelledAt: 1 }, [])).toBe(250);
  });
});

describe("refunds of a completed checkout", () => {
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
  const REFUND = `mutation ($input: RefundOrderInput!) { refundOrder(input: $input) {
    ... on RefundOrderPayload { amountMinor refund { amountMinor } coupons { couponId discountMinor isWhole }
      returned { pointsGivenBack pointsTakenBack pointsOwed } } ... on Refusal { code message } } }`;
  const refund = async (orderReference: string, changes: object = {}) => {
    const input = {
      source: "shop",
      orderReference,
      lines: [],
      shipping: false,
      idempotencyKey: key(),
      ...changes,
    };
    const answer = await brand.service(REFUND, { input });
    return { ...outcomeOf(answer), databaseRequests: answer.databaseRequests };
  };
  const couponState = async (id: string) =>
    (await database().query.coupons.findFirst({ where: { brandId: brand.brandId, id } }))?.state;

  test("roll back by line, give budgets back, and free the coupon with its last line", async () => {
    const limits = [{ per: "OFFER", period: "LIFETIME", discountMinor: 100_000, uses: 100 }];
    const goods = { categories: ["tea"] };
    const offerId = await newOffer(brand, { terms: { amountOffMinor: 2_001, goods, limits } });
    const coupon = await newCoupon(brand, offerId, memberId);
    const opened = await checkOut(brand.till, memberId);
    await complete(brand.service, opened.id);
    const first = await refund(opened.orderReference, { lines: [{ lineId: "L1", quantity: 1 }] });
    expect(first).toMatchObject({
      ...{ amountMinor: 1_999, databaseRequests: 2 },
      coupons: [{ couponId: coupon.id, discountMinor: 1_000, isWhole: false }],
    });
    expect(await couponState(coupon.id)).toBe("REDEEMED");
    await isSound();
    const other = await refund(opened.orderReference, { lines: [{ lineId: "L2", quantity: 1 }] });
    expect(other).toMatchObject({ amountMinor: 4_000, coupons: [] });
    const last = await refund(opened.orderReference, {
      lines: [{ lineId: "L1", quantity: 1 }],
      shipping: true,
    });
    expect(last).toMatchObject({ amountMinor: 3_000, coupons: [{ discountMinor: 1_001, isWhole: true }] });
    expect(await couponState(coupon.id)).toBe("AVAILABLE");
    await isSound();
  });

  test("of everything give back points spent, points given, and uses of benefits", async () => {
    const kind = { kind: "PERCENTAGE_DISCOUNT", terms: { rateBasisPoints: 1_000 } };
    const benefitId = await newBenefit(brand, { ...kind, quota: 1, quotaPeriod: "MONTH" });
    await newCoupon(brand, await newOffer(brand, { terms: { points: 150 } }), memberId);
    await givePoints(brand, memberId, 500);
    const opened = await checkOut(brand.till, memberId, { cart: { pointsToSpend: 500 } });
    expect(opened).toMatchObject({ discountMinor: 1_500, payableMinor: 9_500 });
    await isSound();
    await complete(brand.service, opened.id);
    await isSound();
    const usages = await database().query.benefitUsages.findMany({ where: { brandId: brand.brandId } });
    expect(usages).toMatchObject([{ benefitId, kind: "USED", reference: opened.orderReference }]);
    const lines = [
      { lineId: "L1", quantity: 2 },
      { lineId: "L2", quantity: 1 },
    ];
    const back = await refund(opened.orderReference, { lines, shipping: true });
    expect(back).toMatchObject({
      ...{ amountMinor: 9_500, returned: { pointsGivenBack: 500, pointsTakenBack: 150, pointsOwed: 0 } },
      coupons: [{ discountMinor: 0, isWhole: true }],
    });
    const [uses] = await database().query.benefitUses.findMany({ where: { brandId: brand.brandId } });
    expect(uses?.used).toBe(0);
    await isSound();
  });

  test("an order that is cancelled rolls all of it back, also when another system tells of it", async () => {
    const coupon = await newCoupon(brand, await newOffer(brand), memberId);
    const opened = await checkOut(brand.till, memberId);
    await complete(brand.service, opened.id, { recordOrder: false });
    const sent = anOrder({
      ...{ externalId: opened.orderReference, member: { id: memberId } },
      ...{ discountMinor: 2_000, totalMinor: 13_003 },
    });
    await recordOrder(brand.service, sent);
    await recordOrder(brand.service, { ...sent, cancelledAt: "2026-11-02T10:00:00.000Z" });
    expect(await couponState(coupon.id)).toBe("AVAILABLE");
    await isSound();
  });

  test("of one unit each, many at once, roll back no more than was taken off", async () => {
    await newCoupon(brand, await newOffer(brand), memberId);
    const opened = await checkOut(brand.till, memberId);
    await complete(brand.service, opened.id);
    await Promise.all(
      Array.from({ length: 8 }, () =>
        refund(opened.orderReference, { lines: [{ lineId: "L1", quantity: 1 }] }),
      ),
    );
    const [redemption] = await database().query.redemptions.findMany({ where: { brandId: brand.brandId } });
    const ofLine = redemption?.lines?.find(({ lineId }) => lineId === "L1")?.discountMinor;
    expect(redemption?.rolledBackMinor).toBe(ofLine);
    await isSound();
  });
});
