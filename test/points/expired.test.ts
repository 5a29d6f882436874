import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, test } from "vitest";
import { brands, type PointsPolicy } from "../../schema/tables/brands.ts";
import { convertPoints } from "../../src/coupons/convert-points.ts";
import { isRefusal } from "../../src/errors.ts";
import { adjustBalance } from "../../src/points/adjust-balance.ts";
import { expirePoints } from "../../src/points/expire-points.ts";
import { isInGrace } from "../../src/points/expiry.ts";
import { extendPoints } from "../../src/points/extend-points.ts";
import { spendPoints } from "../../src/points/spend-points.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { database, environment } from "../support/caller.ts";
import { newMember } from "../support/member.ts";
import { newOffer } from "../support/offer.ts";
import { contextAt, faultsOf, ledgerOf, nothing } from "./support.ts";

const at = (text: string): number => Date.parse(text);
const key = () => crypto.randomUUID();

describe("the grace of points that have expired", () => {
  test.for([
    // Their last day was 31 March; seven days more are over with 7 April, in the brand's zone.
    ["Asia/Shanghai", "2027-03-31T16:00:00Z", "2027-04-07T15:59:59Z", "2027-04-07T16:00:00Z"],
    ["America/New_York", "2027-04-01T04:00:00Z", "2027-04-08T03:59:59Z", "2027-04-08T04:00:00Z"],
    // Clocks go back on 4 April: the grace is an hour longer than seven days.
    ["Pacific/Auckland", "2027-03-31T11:00:00Z", "2027-04-07T11:59:59Z", "2027-04-07T12:00:00Z"],
  ] as const)("is over with a day in %s", ([timeZone, expiresAt, last, over]) => {
    const lot = { expiresAt: at(expiresAt) };
    const in7Days = (now: string) => isInGrace(lot, { now: at(now), graceDays: 7, timeZone });
    expect([in7Days(expiresAt), in7Days(last), in7Days(over)]).toEqual([true, true, false]);
    const none = { now: lot.expiresAt + 3_600_000, graceDays: 0, timeZone };
    expect(isInGrace({ expiresAt: lot.expiresAt + 1 }, none)).toBe(false);
  });

  test("is none before they expire, and for those that never do", () => {
    const grace = { now: at("2027-03-31T15:59:59Z"), graceDays: 7, timeZone: "Asia/Shanghai" };
    expect(isInGrace({ expiresAt: at("2027-03-31T16:00:00Z") }, grace)).toBe(false);
    expect(isInGrace({ expiresAt: null }, grace)).toBe(false);
  });
});

describe("expired points in their grace", () => {
  const EARNED = at("2027-02-15T04:00:00Z");
  const IN_GRACE = at("2027-04-03T04:00:00Z");
  const OVER = at("2027-04-08T04:00:00Z");
  let brand: TestBrand;
  let memberId: string;

  beforeEach(async () => {
    brand = await newBrand();
    ({ memberId } = await newMember(brand));
    const pointsPolicy: Partial<PointsPolicy> = {
      expiry: { rule: "AFTER_MONTHS_AT_MONTH_END", months: 1 },
      expiredGraceDays: 7,
    };
    await database().update(brands).set({ pointsPolicy }).where(eq(brands.id, brand.brandId));
    const input = { memberId, unit: "POINTS", amount: 100, reason: "x", idempotencyKey: key() } as const;
    await adjustBalance(await contextAt(brand.brandId, EARNED), input, nothing);
  });

  const clear = async (now: number) => {
    await expirePoints(database(), await environment(), now, 1_000);
    const { lots } = await ledgerOf(brand.brandId);
    return lots.reduce((sum, { remaining }) => sum + remaining, 0);
  };

  test("cannot be spent, and are cleared away when it is over", async () => {
    const context = await contextAt(brand.brandId, IN_GRACE);
    const order = { orderReference: "A-1", orderAmountMinor: 10_000, idempotencyKey: key() };
    expect(await spendPoints(context, { memberId, points: 10, ...order }, nothing)).toMatchObject({
      refusal: "BalanceTooLow",
    });
    expect(await clear(IN_GRACE)).toBe(100);
    expect(await clear(OVER)).toBe(0);
    expect(faultsOf(await ledgerOf(brand.brandId))).toEqual([]);
  });

  test("are saved by an extension, or exchanged for a coupon; after it, by nothing", async () => {
    const offerId = await newOffer(brand, { terms: { amountOffMinor: 500, pricePoints: 30 } });
    const tryBoth = async (now: number) => {
      const context = await contextAt(brand.brandId, now);
      const coupon = await convertPoints(context, { memberId, offerId, idempotencyKey: key() }, nothing);
      const extension = { memberId, until: "2027-12-31", reason: "x", idempotencyKey: key() };
      const extended = await extendPoints(context, extension, nothing);
      return [isRefusal(coupon), isRefusal(extended) ? undefined : extended.outcome.points];
    };
    expect(await tryBoth(OVER)).toEqual([true, 0]);
    expect(await tryBoth(IN_GRACE)).toEqual([false, 70]);
    expect(await clear(OVER)).toBe(70);
    expect(faultsOf(await ledgerOf(brand.brandId))).toEqual([]);
  });
});

test("what can still be saved is seen beside what can be spent, in one request", async () => {
  const brand = await newBrand();
  const { memberId, member } = await newMember(brand);
  const pointsPolicy: Partial<PointsPolicy> = {
    expiry: { rule: "AFTER_MONTHS", months: 1 },
    expiredGraceDays: 90,
  };
  await database().update(brands).set({ pointsPolicy }).where(eq(brands.id, brand.brandId));
  for (const [days, amount] of [
    [60, 40],
    [1, 7],
  ] as const) {
    const context = await contextAt(brand.brandId, Date.now() - days * 86_400_000);
    const input = { memberId, unit: "POINTS", amount, reason: "x", idempotencyKey: key() } as const;
    await adjustBalance(context, input, nothing);
  }
  const answer = await member("{ me { points expiredPoints } }");
  expect(answer.data.me).toEqual({ points: 7, expiredPoints: 40 });
  expect(answer.databaseRequests).toBe(1);
});
