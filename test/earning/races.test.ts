import { expect, test } from "vitest";
import { orders } from "../../schema/tables/orders.ts";
import { insertRows } from "../../src/database/bulk.ts";
import type { OrderRow } from "../../src/earning/award-book.ts";
import { awardOrders } from "../../src/earning/award-facts.ts";
import { readEarning } from "../../src/earning/earning-facts.ts";
import { key, RECORD_ORDERS, recordActivity, recordOrder } from "../orders/support.ts";
import { contextAt, faultsOf, ledgerOf } from "../points/support.ts";
import { barrier } from "../support/barrier.ts";
import { newBrand } from "../support/brand.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { aPurchase, earningsOf, setRules } from "./support.ts";

const PAID_AT = "2026-11-01T10:00:00Z";

test("an order earns once, whatever is told first, again and at the same time", async () => {
  const brand = await newBrand();
  const { memberId } = await newMember(brand);
  await setRules(brand);
  const paid = aPurchase(memberId, 10_000, PAID_AT);
  const placed = { ...paid, paidAt: undefined };
  const completed = { ...paid, completedAt: "2026-11-02T10:00:00Z" };
  const told = [placed, paid, completed, paid, placed, completed];
  await Promise.all(told.map((order) => recordOrder(brand.service, order)));
  for (const order of told.toReversed()) await recordOrder(brand.service, order);
  const is = await earningsOf(brand.service, memberId);
  expect([is.points, is.awards.nodes.length]).toEqual([100, 1]);
  const inOneCall = aPurchase(memberId, 5_000, PAID_AT);
  const input = {
    orders: [{ ...inOneCall, paidAt: undefined }, inOneCall, inOneCall],
    idempotencyKey: key(),
  };
  await brand.service(RECORD_ORDERS, { input });
  await brand.service(RECORD_ORDERS, { input });
  expect((await earningsOf(brand.service, memberId)).points).toBe(150);
  expect(faultsOf(await ledgerOf(brand.brandId))).toEqual([]);
});

test("an order that is not paid, is cancelled, is nobody's or is before the rules earns nothing", async () => {
  const brand = await newBrand();
  const { memberId } = await newMember(brand);
  await setRules(brand, { startsAt: "2026-10-01T00:00:00Z" });
  const order = (changes: object, at = PAID_AT) =>
    recordOrder(brand.service, aPurchase(memberId, 10_000, at, changes));
  await order({ paidAt: undefined });
  await order({ cancelledAt: "2026-11-02T10:00:00Z" });
  await order({ member: undefined });
  await order({}, "2026-09-30T23:59:59Z");
  const late = aPurchase(memberId, 10_000, PAID_AT);
  await recordOrder(brand.service, { ...late, paidAt: undefined, cancelledAt: "2026-11-02T10:00:00Z" });
  await recordOrder(brand.service, late);
  expect(await earningsOf(brand.service, memberId)).toMatchObject({ points: 0, awards: { nodes: [] } });
});

test("rules that start in the past hold for what is told from now on, by the day on which it was", async () => {
  const brand = await newBrand();
  const { memberId } = await newMember(brand);
  const early = aPurchase(memberId, 10_000, PAID_AT);
  await recordOrder(brand.service, early);
  await setRules(brand, { pointsPerDay: 150 });
  await setRules(brand, {
    startsAt: "2026-11-02T00:00:00+08:00",
    points: { points: 2, perAmountMinor: 100 },
  });
  await recordOrder(brand.service, { ...early, completedAt: "2026-11-02T10:00:00Z" });
  expect((await earningsOf(brand.service, memberId)).points).toBe(0);
  // In a call, in whatever order: those paid first earn first, each day has its own cap and rules.
  const paidAts = [
    "2026-11-02T10:00:00Z",
    "2026-11-01T12:00:00Z",
    "2026-11-01T11:00:00Z",
    "2026-10-31T11:00:00Z",
  ];
  const input = { orders: paidAts.map((at) => aPurchase(memberId, 10_000, at)), idempotencyKey: key() };
  await brand.service(RECORD_ORDERS, { input });
  const { awards } = await earningsOf(brand.service, memberId);
  expect(
    awards.nodes
      .map(({ earnedAt, points }: { earnedAt: string; points: number }) => [earnedAt.slice(5, 13), points])
      .sort(),
  ).toEqual([
    ["10-31T11", 100],
    ["11-01T11", 100],
    ["11-01T12", 50],
    ["11-02T10", 200],
  ]);
});

test("6 orders and 6 activities at once never exceed the day's cap, nor their times", async () => {
  const brand = await newBrand();
  const { memberId } = await newMember(brand);
  await setRules(brand, {
    ...{ pointsPerDay: 250, growthValue: { points: 1, perAmountMinor: 100 } },
    activities: [{ kind: "REVIEW", growthValue: 7, timesPerDay: 2 }],
  });
  const review = () => ({
    ...{ source: "app", externalId: key(), member: { id: memberId }, kind: "REVIEW", occurredAt: PAID_AT },
  });
  await Promise.all([
    ...Array.from({ length: 6 }, () => recordOrder(brand.service, aPurchase(memberId, 10_000, PAID_AT))),
    ...Array.from({ length: 6 }, () => recordActivity(brand.service, review())),
  ]);
  const is = await earningsOf(brand.service, memberId);
  expect([is.points, is.growthValue]).toEqual([250, 614]);
  expect(faultsOf(await ledgerOf(brand.brandId))).toEqual([]);
});

test("one that decides on what it read, and lets the standing be, gives more than the day's cap", async () => {
  const brand = await newBrand();
  const { memberId } = await newMember(brand);
  await setRules(brand, { pointsPerDay: 250 });
  const paidAt = Date.parse(PAID_AT);
  const allHaveRead = barrier(8);
  const readThenAward = async () => {
    const context = await contextAt(brand.brandId, Date.now());
    const rows = await context.database.batch(readEarning(context, [{ id: memberId }], [paidAt]));
    await allHaveRead();
    const order: OrderRow = {
      ...{ brandId: brand.brandId, id: context.newId("Order"), source: "shop", externalId: key(), memberId },
      ...{ state: "PAID", currency: "CNY", placedAt: paidAt, paidAt, completedAt: null, cancelledAt: null },
      ...{ totalMinor: 10_000, shippingMinor: 0, discountMinor: 0, pointsSpent: 0, refundedMinor: 0 },
      ...{ channel: null, store: null, couponCodes: [], createdAt: paidAt, updatedAt: paidAt },
      lines: [{ lineId: "L1", sku: "TEA", name: null, categories: [], quantity: 1, amountMinor: 10_000 }],
    };
    const { effects } = awardOrders(context, { added: [order], advanced: [] }, rows, []);
    const [first, ...rest] = [...insertRows(context.database, orders, [order]), ...effects];
    if (first) await context.database.batch([first, ...rest]);
  };
  await Promise.all(Array.from({ length: 8 }, readThenAward));
  expect((await earningsOf(brand.service, memberId)).points).toBeGreaterThan(250);
});

test("brands have their own rules, caps and tiers", async () => {
  const [one, other] = [await newBrand(), await newBrand()];
  const { memberId } = await newMember(one);
  await setRules(other, { points: { points: 9, perAmountMinor: 100 } });
  await recordOrder(one.service, aPurchase(memberId, 10_000, PAID_AT));
  expect((await earningsOf(one.service, memberId)).points).toBe(0);
  const foreign = await setRules(one, {
    multipliers: [
      {
        ...{ name: [{ locale: "en", text: "x" }], multiplierBasisPoints: 20_000 },
        tierIds: [other.firstTierId],
      },
    ],
  });
  expect(foreign).toMatchObject({ code: "NOT_FOUND" });
});

test("a closed member's order earns nothing when it is paid", async () => {
  const brand = await newBrand();
  const { memberId } = await newMember(brand);
  await setRules(brand);
  const order = aPurchase(memberId, 10_000, PAID_AT);
  await recordOrder(brand.service, { ...order, paidAt: undefined });
  const input = { memberId, reason: "test", idempotencyKey: key() };
  await brand.service(`mutation ($input: CloseMemberInput!) { closeMember(input: $input) { __typename } }`, {
    input,
  });
  expect((await recordOrder(brand.service, order)).status).toBe("ADVANCED");
  expect((await earningsOf(brand.service, memberId)).points).toBe(0);
});

test("two sets of rules at the same time are both kept", async () => {
  const brand = await newBrand();
  const answers = await Promise.all([1, 2, 3].map(() => setRules(brand)));
  expect(new Set(answers.map(({ ruleSet }) => ruleSet.id)).size).toBe(3);
  const shown = await brand.operator(
    `{ brand { earningRules { id points { points perAmountMinor rounding } multipliers { name } } earningRuleSets { nodes { id startsAt } } } }`,
  );
  expect(shown.databaseRequests).toBe(1);
  expect(shown.data.brand.earningRuleSets.nodes).toHaveLength(3);
  expect(shown.data.brand.earningRules).toMatchObject({
    id: answers
      .map(({ ruleSet }) => ruleSet.id)
      .sort()
      .at(-1),
    ...{ points: { points: 1, perAmountMinor: 100, rounding: "DOWN" }, multipliers: [] },
  });
  expect(outcomeOf({ data: { setEarningRules: await setRules(brand, { pointsPerDay: 0 }) } })).toMatchObject({
    code: "INVALID_VALUE",
  });
});
