import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, test } from "vitest";
import { brands, type PointsPolicy } from "../../schema/tables/brands.ts";
import { isRefusal } from "../../src/errors.ts";
import { closeMember } from "../../src/members/close-member.ts";
import { adjustBalance } from "../../src/points/adjust-balance.ts";
import { expirePoints } from "../../src/points/expire-points.ts";
import { holdPoints } from "../../src/points/hold-points.ts";
import { reverseSpend } from "../../src/points/reverse-spend.ts";
import { spendPoints } from "../../src/points/spend-points.ts";
import { eventsOf, key, RECORD_REFUNDS, recordOrder } from "../orders/support.ts";
import { contextAt, faultsOf, ledgerOf, nothing } from "../points/support.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { database, environment } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { awardedOrder, refund, refundAll, theOrder, units } from "./returns-support.ts";

let brand: TestBrand;
let memberId: string;

beforeEach(async () => {
  brand = await newBrand();
  ({ memberId } = await newMember(brand));
});

const policy = (pointsPolicy: Partial<PointsPolicy>) =>
  database().update(brands).set({ pointsPolicy }).where(eq(brands.id, brand.brandId));
const contextNow = (now = Date.now()) => contextAt(brand.brandId, now);
async function spend(points: number, orderReference = "A-1"): Promise<string> {
  const input = { memberId, points, orderReference, orderAmountMinor: 1_000_000, idempotencyKey: key() };
  const answer = await spendPoints(await contextNow(), input, nothing);
  if (isRefusal(answer)) throw new Error(answer.refusal);
  return answer.outcome.transferId;
}

/** What the member has, after the ledger was found sound. */
async function balances() {
  const ledger = await ledgerOf(brand.brandId);
  expect(faultsOf(ledger)).toEqual([]);
  const of = (unit: string, kind: string) =>
    ledger.accounts.find((it) => it.memberId === memberId && it.unit === unit && it.kind === kind)?.balance;
  return {
    ...{ points: of("POINTS", "AVAILABLE"), pending: of("POINTS", "PENDING"), debt: of("POINTS", "DEBT") },
    ...{ held: of("POINTS", "HELD"), growthValue: of("GROWTH_VALUE", "AVAILABLE") },
  };
}
/** What the member is told, and can spend. */
const told = async () => {
  const { data } = await brand.service(`query ($id: ID!) { member(by: { id: $id }) { points pointsDebt } }`, {
    id: memberId,
  });
  return data.member;
};
const nothingLeft = { points: 0, pending: 0, debt: 0, held: 0, growthValue: 0 };

describe("a refund takes back what was earned", () => {
  test("in parts that add up to it, of points that can be spent and of growth value", async () => {
    const { order } = await awardedOrder(brand, memberId);
    expect(await refund(brand, order, 3)).toMatchObject({ status: "RECORDED" });
    expect(await balances()).toMatchObject({ points: 120, growthValue: 12 });
    await refund(brand, order, 1);
    expect(await balances()).toMatchObject({ points: 110, growthValue: 11 });
    await refund(brand, order, 6, {
      lines: [
        { lineId: "L1", quantity: 6 },
        { lineId: "L2", quantity: 1 },
      ],
    });
    expect(await balances()).toEqual(nothingLeft);
  });

  test("of points that are pending", async () => {
    const { order } = await awardedOrder(brand, memberId, { pending: true });
    await refund(brand, order, 5);
    expect(await balances()).toMatchObject({ points: 0, pending: 100, growthValue: 10 });
    await refundAll(brand, order);
    await refund(brand, order, 5, {
      lines: [
        { lineId: "L1", quantity: 5 },
        { lineId: "L2", quantity: 1 },
      ],
    });
    expect(await balances()).toEqual(nothingLeft);
  });

  test("several of one order and member in a call build on each other, in two database requests", async () => {
    const [first, second] = [await awardedOrder(brand, memberId), await awardedOrder(brand, memberId)];
    await spend(290);
    const refunds = [...Array(10).keys()].map((at) => units((at % 2 ? first : second).order, 1));
    const answer = await brand.service(RECORD_REFUNDS, { input: { refunds, idempotencyKey: key() } });
    const { results } = outcomeOf(answer);
    expect(results.map(({ status }: { status: string }) => status)).toEqual(Array(10).fill("RECORDED"));
    expect(answer.databaseRequests).toBe(2);
    expect(await balances()).toMatchObject({ points: 0, debt: 90, growthValue: 20 });
  });

  test("from its own points first, then from others; held ones stay held", async () => {
    const { order } = await awardedOrder(brand, memberId, { expiresAt: Date.now() + 9e8 });
    await awardedOrder(brand, memberId, { expiresAt: Date.now() + 8e8 });
    // These take the second award's, which expire first, and 10 of the first's.
    await spend(160);
    const hold = {
      memberId,
      points: 20,
      orderReference: "B",
      orderAmountMinor: 9_000,
      idempotencyKey: key(),
    };
    await holdPoints(await contextNow(), hold, nothing);
    await refundAll(brand, order);
    expect(await balances()).toMatchObject({ points: 0, held: 20, debt: 30 });
  });

  test("what of it expired is not asked for again", async () => {
    const now = Date.now();
    const { order } = await awardedOrder(brand, memberId, { expiresAt: now + 1_000_000 });
    await spend(60);
    await adjustBalance(
      await contextNow(),
      { memberId, unit: "POINTS", amount: 500, reason: "x", idempotencyKey: key() },
      nothing,
    );
    await expirePoints(database(), await environment(), now + 2_000_000, 500);
    expect(await balances()).toMatchObject({ points: 500 });
    await refund(brand, order, 7);
    expect(await balances()).toMatchObject({ points: 500 });
    await refund(brand, order, 3, {
      lines: [
        { lineId: "L1", quantity: 3 },
        { lineId: "L2", quantity: 1 },
      ],
    });
    expect(await balances()).toMatchObject({ points: 440, debt: 0 });
  });

  test("growth value never below zero, and what is short is on record", async () => {
    const { order, awardId } = await awardedOrder(brand, memberId);
    const input = { memberId, unit: "GROWTH_VALUE", amount: -9, reason: "x", idempotencyKey: key() } as const;
    await adjustBalance(await contextNow(), input, nothing);
    await refundAll(brand, order);
    expect(await balances()).toEqual(nothingLeft);
    const { told } = await ledgerOf(brand.brandId);
    expect(told.find(({ detail }) => detail.awardId === awardId)?.detail).toMatchObject({
      ...{ points: 150, growthValue: 6, growthValueShort: 9, owed: 0, forgiven: 0 },
    });
  });

  test("not from a membership that is closed", async () => {
    const { order } = await awardedOrder(brand, memberId);
    const input = { memberId, reason: "x", idempotencyKey: key() };
    await closeMember(await contextNow(), input, nothing);
    expect(await refundAll(brand, order)).toMatchObject({ status: "RECORDED" });
    expect(await balances()).toMatchObject({ points: 150, growthValue: 15 });
  });

  test("and tells so", async () => {
    const { order, orderId } = await awardedOrder(brand, memberId);
    await spend(140);
    const result = await refund(brand, order, 5);
    expect(result.returned).toEqual({
      ...{ pointsGivenBack: 0, pointsTakenBack: 50, pointsOwed: 40, growthValueTakenBack: 5 },
    });
    const told = (await eventsOf(brand)).filter(({ type }) => type === "points.taken_back");
    expect(told.map(({ payload }) => payload)).toEqual([
      { memberId, orderId, refundId: result.refund.id, points: 50, growthValue: 5, owed: 40 },
    ]);
  });
});

describe("what is spent already", () => {
  test("is owed by default", async () => {
    const { order } = await awardedOrder(brand, memberId);
    await spend(100);
    await refundAll(brand, order);
    expect(await balances()).toEqual({ ...nothingLeft, debt: 100 });
  });

  test("is let be where the policy forgives it", async () => {
    await policy({ onMissingPoints: "FORGIVE" });
    const { order } = await awardedOrder(brand, memberId);
    await spend(100);
    await refund(brand, order, 8);
    await refundAll(brand, order);
    await refund(brand, order, 2, {
      lines: [
        { lineId: "L1", quantity: 2 },
        { lineId: "L2", quantity: 1 },
      ],
    });
    expect(await balances()).toEqual(nothingLeft);
  });

  test("makes a policy that refuses refuse the refund, and no other of its call", async () => {
    await policy({ onMissingPoints: "REFUSE" });
    const { order } = await awardedOrder(brand, memberId);
    const other = await awardedOrder(brand, memberId);
    await spend(200);
    const refunds = [
      units(order, 4),
      units(order, 7),
      units(order, 1),
      units(other.order, 5),
      units(order, 1),
    ];
    const answer = await brand.service(
      `mutation ($input: RecordRefundsInput!) { recordRefunds(input: $input) { ... on RecordRefundsPayload {
        results { status refusal { code message ... on PointsAlreadySpent { missing balance } } refund { id } } } } }`,
      { input: { refunds, idempotencyKey: key() } },
    );
    const results = outcomeOf(answer).results as { status: string; refusal: object }[];
    expect(results.map(({ status }) => status)).toEqual([
      "RECORDED",
      "REFUSED",
      "RECORDED",
      "RECORDED",
      "REFUSED",
    ]);
    expect(results[1]?.refusal).toMatchObject({ code: "REFUND_EXCEEDS_ORDER" });
    expect(results[4]?.refusal).toMatchObject({ code: "POINTS_ALREADY_SPENT", missing: 10, balance: 0 });
    expect(await balances()).toMatchObject({ points: 0, debt: 0, growthValue: 20 });
    const row = await database().query.orders.findFirst({
      where: { brandId: brand.brandId, externalId: String(order.externalId) },
      with: { refunds: true },
    });
    expect(row).toMatchObject({ refundedMinor: 5_000, refunds: [{}, {}] });
    const before = await ledgerOf(brand.brandId);
    const standing = () =>
      database().query.standings.findFirst({ where: { brandId: brand.brandId, memberId } });
    const { version } = (await standing()) ?? {};
    expect(await refund(brand, order, 1)).toMatchObject({ status: "REFUSED", returned: null });
    expect(await ledgerOf(brand.brandId)).toEqual(before);
    expect(await standing()).toMatchObject({ version });
  });
});

describe("points that were spent on the order", () => {
  test("come back in proportion to its money, and all with all of it", async () => {
    await awardedOrder(brand, memberId);
    const { order } = await awardedOrder(brand, memberId);
    const reference = String(order.externalId);
    await spend(77, reference);
    await spend(100, reference);
    await refund(brand, order, 1);
    // 177 × 1,000 ÷ 15,000 is 11.8; 10 of what the order earned are taken.
    expect(await balances()).toMatchObject({ points: 123 + 11 - 10 });
    await refund(brand, order, 5);
    expect(await balances()).toMatchObject({ points: 123 + 70 - 60 });
    await refund(brand, order, 4, {
      lines: [
        { lineId: "L1", quantity: 4 },
        { lineId: "L2", quantity: 1 },
      ],
    });
    expect(await balances()).toMatchObject({ points: 150, debt: 0 });
  });

  test("come back first, so that nothing is owed", async () => {
    const { order } = await awardedOrder(brand, memberId);
    await spend(150, String(order.externalId));
    await refundAll(brand, order);
    expect(await balances()).toEqual(nothingLeft);
    const told = (await eventsOf(brand)).map(({ type }) => type).filter((type) => /back$/.test(type));
    expect(told).toEqual(["points.given_back", "points.taken_back"]);
  });

  test("come back as a new lot when theirs has expired, which can be taken at once", async () => {
    const { order } = await awardedOrder(brand, memberId, { now: 1_000, expiresAt: 2_000 });
    const input = { memberId, points: 150, orderReference: String(order.externalId) };
    const given = { ...input, orderAmountMinor: 1_000_000, idempotencyKey: key() };
    await spendPoints(await contextNow(1_500), given, nothing);
    await refundAll(brand, order);
    expect(await balances()).toEqual(nothingLeft);
    expect((await ledgerOf(brand.brandId)).lots.map(({ amount, remaining }) => [amount, remaining])).toEqual([
      ...[
        [150, 0],
        [150, 0],
      ],
    ]);
  });

  test("are never more than are left, when some were given back by hand", async () => {
    await awardedOrder(brand, memberId);
    const { order } = await awardedOrder(brand, memberId);
    const transferId = await spend(100, String(order.externalId));
    const byHand = { transferId, points: 40, reason: "x", idempotencyKey: key() };
    await reverseSpend(await contextNow(), byHand, nothing);
    await refund(brand, order, 3);
    expect(await balances()).toMatchObject({ points: 240 - 30 });
    await refund(brand, order, 6);
    expect(await balances()).toMatchObject({ points: 260 - 90 });
    await refund(brand, order, 1, {
      lines: [
        { lineId: "L1", quantity: 1 },
        { lineId: "L2", quantity: 1 },
      ],
    });
    expect(await balances()).toMatchObject({ points: 150 });
  });

  test("stay spent where the policy says so, and those of other orders do anyway", async () => {
    await policy({ returnsSpentPoints: false });
    const { order } = await awardedOrder(brand, memberId);
    await awardedOrder(brand, memberId);
    await spend(100, String(order.externalId));
    await refundAll(brand, order);
    expect(await balances()).toMatchObject({ points: 50, debt: 0 });
    await policy({});
    const next = await awardedOrder(brand, memberId);
    await spend(20, "another");
    await refundAll(brand, next.order);
    expect(await balances()).toMatchObject({ points: 30, debt: 0 });
  });
});

test("what is owed cannot be spent, whichever of two orders goes back first", async () => {
  for (const spentFirst of [true, false]) {
    ({ memberId } = await newMember(brand));
    const { order } = await awardedOrder(brand, memberId);
    const paid = theOrder({ member: { id: memberId } });
    await recordOrder(brand.service, paid);
    await spend(150, String(paid.externalId));
    for (const one of spentFirst ? [paid, order] : [order, paid]) await refundAll(brand, one);
    expect(await told()).toMatchObject({ points: 0 });
    await expect(spend(1, "B")).rejects.toThrow("BalanceTooLow");
  }
});

test("points that are owed pay what is owed when their time is over, and nothing else before", async () => {
  await policy({ onMissingPoints: "REFUSE", expiry: { rule: "AFTER_MONTHS", months: 1 } });
  const [first, second] = [await awardedOrder(brand, memberId), await awardedOrder(brand, memberId)];
  await spend(300, "elsewhere");
  await recordOrder(brand.service, { ...first.order, cancelledAt: "2026-11-02T10:00:00.000Z" });
  const gift = { memberId, unit: "POINTS", amount: 150, reason: "x", idempotencyKey: key() } as const;
  await adjustBalance(await contextNow(), gift, nothing);
  expect(await balances()).toMatchObject({ points: 150, debt: 150 });
  expect(await refundAll(brand, second.order)).toMatchObject({ refusal: { code: "POINTS_ALREADY_SPENT" } });
  await expirePoints(database(), await environment(), Date.now() + 40 * 86_400_000, 500);
  expect(await balances()).toMatchObject({ points: 0, debt: 0 });
});
