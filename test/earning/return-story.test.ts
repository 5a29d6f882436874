import { beforeEach, expect, test } from "vitest";
import { activatePending } from "../../src/earning/activate-pending.ts";
import { reverseSpend } from "../../src/points/reverse-spend.ts";
import { spendPoints } from "../../src/points/spend-points.ts";
import { eventsOf, key, recordOrder, type Sent } from "../orders/support.ts";
import { contextAt, faultsOf, ledgerOf, nothing } from "../points/support.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { type Caller, database, environment } from "../support/caller.ts";
import { newMember } from "../support/member.ts";
import { refund, refundAll, theOrder } from "./returns-support.ts";
import { setRules } from "./support.ts";

let brand: TestBrand;
let memberId: string;
let member: Caller;

beforeEach(async () => {
  brand = await newBrand();
  ({ memberId, member } = await newMember(brand, { locale: "en" }));
});

const order = (changes: Sent = {}) => theOrder({ member: { id: memberId }, ...changes });
const record = async (sent: Sent) =>
  expect(await recordOrder(brand.service, sent)).toHaveProperty("order.id");
const spend = async (points: number, orderReference: string) => {
  const input = { memberId, points, orderReference, orderAmountMinor: 1_000_000, idempotencyKey: key() };
  const answer = await spendPoints(await contextAt(brand.brandId, Date.now()), input, nothing);
  expect(answer).toHaveProperty("outcome");
};
async function view() {
  expect(faultsOf(await ledgerOf(brand.brandId))).toEqual([]);
  const answer = await member(
    `{ me { points pendingPoints heldPoints pointsDebt growthValue
      pointsHistory(first: 50) { nodes { points description operation } } } }`,
  );
  expect(answer.databaseRequests).toBe(1);
  const { pointsHistory, ...is } = answer.data.me;
  const nodes = pointsHistory.nodes as { points: number; description: string }[];
  expect(nodes.reduce((sum, { points }) => sum + points, 0)).toBe(is.points);
  return { ...is, history: nodes.map(({ points, description }) => [points, description]).toReversed() };
}

test("what is spent before its order goes back is owed, and later earnings pay it first", async () => {
  await setRules(brand, { growthValue: { points: 1, perAmountMinor: 1_000 } });
  const first = order({ externalId: "A-1" });
  await record(first);
  await spend(120, "A-2");
  await refundAll(brand, first);
  expect(await view()).toMatchObject({ points: 0, pointsDebt: 120, growthValue: 0 });
  await record(order({ externalId: "A-3" }));
  expect(await view()).toMatchObject({
    ...{ points: 30, pointsDebt: 0, pendingPoints: 0, growthValue: 15 },
    history: [
      [150, "Earned on A-1"],
      [-120, "Spent on A-2"],
      [-30, "Taken back: A-1 was returned"],
      [150, "Earned on A-3"],
      [-120, "Paid what was owed"],
    ],
  });
});

test("what paid a debt was not spent on an order, and cannot be given back", async () => {
  await setRules(brand);
  const first = order();
  await record(first);
  await spend(120, "A-2");
  await refundAll(brand, first);
  await record(order());
  const { transfers } = await ledgerOf(brand.brandId);
  const repaid = transfers.filter(({ cause }) => cause.operation === "repayDebt");
  expect(repaid).toHaveLength(2);
  for (const { id } of repaid) {
    const input = { transferId: id, reason: "x", idempotencyKey: key() };
    const context = await contextAt(brand.brandId, Date.now());
    expect(await reverseSpend(context, input, nothing)).toMatchObject({ refusal: "NotFound" });
  }
  expect(await view()).toMatchObject({ points: 30, pointsDebt: 0 });
});

test("a refund gives back what was spent on the order before it takes what the order earned", async () => {
  await setRules(brand);
  await record(order({ externalId: "A-1" }));
  await spend(100, "A-2");
  const second = order({ externalId: "A-2" });
  await record(second);
  await refund(brand, second, 6);
  expect(await view()).toMatchObject({
    ...{ points: 150 - 100 + 150 + 40 - 60, pointsDebt: 0 },
    history: [
      [150, "Earned on A-1"],
      [-100, "Spent on A-2"],
      [150, "Earned on A-2"],
      [40, "Given back from A-2"],
      [-60, "Taken back: A-2 was returned"],
    ],
  });
});

test("an order that is called off gives back what was spent on it and loses what is pending", async () => {
  await setRules(brand, { pendingDays: 7, growthValue: { points: 1, perAmountMinor: 100 } });
  const sent = order({ externalId: "A-1" });
  await record(sent);
  expect(await view()).toMatchObject({ points: 0, pendingPoints: 150, growthValue: 150 });
  await refund(brand, sent, 1);
  expect(await view()).toMatchObject({ points: 0, pendingPoints: 140, growthValue: 140 });
  await record({ ...sent, cancelledAt: "2026-11-03T10:00:00.000Z" });
  expect(await view()).toMatchObject({ points: 0, pendingPoints: 0, pointsDebt: 0, growthValue: 0 });
  await record({ ...sent, cancelledAt: "2026-11-03T10:00:00.000Z" });
  const told = (await eventsOf(brand)).filter(({ type }) => type === "points.taken_back");
  expect(told.map(({ payload }) => [payload.points, payload.growthValue, payload.refundId === null])).toEqual(
    [
      [10, 10, false],
      [140, 140, true],
    ],
  );
});

test("an order that is first told of as called off gives back what was spent on it", async () => {
  const rich = order({ externalId: "A-1" });
  await setRules(brand);
  await record(rich);
  await spend(90, "A-2");
  await record(order({ externalId: "A-2", cancelledAt: "2026-11-03T10:00:00.000Z" }));
  expect(await view()).toMatchObject({ points: 150, pointsDebt: 0 });
});

test("what went back while it was pending does not become spendable", async () => {
  await setRules(brand, { pendingDays: 0 });
  const sent = order({ externalId: "A-1" });
  await record(sent);
  await refund(brand, sent, 3);
  await record({ ...sent, completedAt: "2026-11-04T10:00:00.000Z" });
  await activatePending(database(), await environment(), Date.now(), 100);
  expect(await view()).toMatchObject({ points: 120, pendingPoints: 0 });
  await refund(brand, sent, 7, {
    lines: [
      { lineId: "L1", quantity: 7 },
      { lineId: "L2", quantity: 1 },
    ],
  });
  expect(await view()).toMatchObject({ points: 0, pendingPoints: 0, pointsDebt: 0 });
});
