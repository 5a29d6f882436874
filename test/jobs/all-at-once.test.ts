import { beforeEach, expect, test } from "vitest";
import { jobs as jobTable } from "../../schema/tables/jobs.ts";
import { openDatabase } from "../../src/database/client.ts";
import { CallerError, isRefusal } from "../../src/errors.ts";
import { runJobs } from "../../src/jobs/run-jobs.ts";
import { importOrders } from "../../src/orders/import-orders.ts";
import type { SentOrder } from "../../src/orders/order-book.ts";
import { recordRefunds } from "../../src/orders/record-refunds.ts";
import { adjustBalance } from "../../src/points/adjust-balance.ts";
import { spendPoints } from "../../src/points/spend-points.ts";
import { setRules } from "../earning/support.ts";
import { key } from "../orders/support.ts";
import { contextAt, faultsOf, type Ledger, ledgerOf, nothing } from "../points/support.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { database, environment } from "../support/caller.ts";
import { newMember } from "../support/member.ts";

/** Long ago, so that what is due by then is this file's alone. */
const PAID = Date.parse("2017-11-01T04:00:00Z");
const DAY_MS = 86_400_000;
const IMPORTED = PAID + 4 * DAY_MS;
const NOW = PAID + 9 * DAY_MS;
const CAP = 300;

let brand: TestBrand;
let memberIds: string[];

beforeEach(async () => {
  await database().delete(jobTable);
  brand = await newBrand();
  await setRules(brand, { pointsPerDay: CAP, pendingDays: 1 });
  memberIds = [];
  for (let n = 0; n < 4; n += 1) memberIds.push((await newMember(brand)).memberId);
});

/** An order for 100.00, for which there are 100 points. */
const orderOf = (memberId: string, at: number): SentOrder => ({
  ...{ source: "shop", externalId: key(), currency: "CNY", member: { id: memberId } },
  ...{ placedAt: at, paidAt: at, completedAt: at, cancelledAt: null },
  ...{ totalMinor: 10_000, shippingMinor: 0, discountMinor: 0, pointsSpent: 0, channel: null, store: null },
  lines: [{ lineId: "1", sku: "TEA", name: null, categories: [], quantity: 1, amountMinor: 10_000 } as const],
  couponCodes: [],
});

const ordersOfAll = (count: number, at: number): SentOrder[] =>
  Array.from({ length: count }, () => memberIds.map((memberId) => orderOf(memberId, at))).flat();

/** Sends it until it is acknowledged: whoever loses too often is told to send it again. */
async function untilAcknowledged<Answer>(send: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof CallerError && error.code === "CONFLICT")) throw error;
    }
  }
}

const balanceOf = ({ accounts }: Ledger, memberId: string | null, kind: string) =>
  accounts.find((it) => it.memberId === memberId && it.unit === "POINTS" && it.kind === kind)?.balance ?? 0;

test("an import, the jobs twice, spends and refunds at once leave what was acknowledged, to the point", async () => {
  const [then, now] = [await contextAt(brand.brandId, PAID), await contextAt(brand.brandId, NOW)];
  for (const memberId of memberIds) {
    const gift = { memberId, unit: "POINTS", amount: 500, reason: "x", idempotencyKey: key() } as const;
    await adjustBalance(then, gift, nothing);
  }
  // Two each that are pending: one that will be spendable, and one that goes back while it becomes so.
  const [kept, returned] = [ordersOfAll(1, PAID), ordersOfAll(1, PAID)];
  await importOrders(then, [...kept, ...returned]);

  const [first, shared, last] = [1, 2, 3].map(() => ordersOfAll(2, IMPORTED)) as [
    ...[SentOrder[], SentOrder[], SentOrder[]],
  ];
  const runAll = async () =>
    runJobs(database(), await environment(), { asOf: NOW, budget: { chunks: 50, ms: 15_000 } });
  const spend = (memberId: string) => {
    const input = { memberId, points: 70, orderReference: "A-1", orderAmountMinor: 90_000 };
    const sent = { ...input, idempotencyKey: key() };
    return untilAcknowledged(() => spendPoints(now, sent, nothing));
  };
  const giveBack = ({ source, externalId }: SentOrder) => {
    const lines = [{ lineId: "1", quantity: 1 }];
    const refund = { source, externalId: key(), orderExternalId: externalId, lines };
    const refunds = [{ ...refund, shippingMinor: 0, refundedAt: NOW }];
    const sent = { refunds, idempotencyKey: key() };
    return untilAcknowledged(() => recordRefunds(now, sent, nothing));
  };
  const [spends] = await Promise.all([
    Promise.all([1, 2, 3].flatMap(() => memberIds.map(spend))),
    Promise.all(returned.map(giveBack)),
    ...[runAll(), runAll()],
    // An order that both send is recorded once.
    untilAcknowledged(() => importOrders(now, [...first, ...shared])),
    untilAcknowledged(() => importOrders(now, [...shared, ...last])),
  ]);
  // The first ends what was begun; the second does what came when the jobs were past it.
  await runAll();
  await runAll();

  const ledger = await ledgerOf(brand.brandId);
  expect(faultsOf(ledger)).toEqual([]);
  expect(ledger.awards).toHaveLength(memberIds.length * (2 + 6));
  expect(spends.filter(isRefusal)).toEqual([]);
  for (const memberId of memberIds) {
    const is = ["AVAILABLE", "PENDING", "DEBT"].map((kind) => balanceOf(ledger, memberId, kind));
    // Given, kept of the two, as much as a day may bring of six, and three spends.
    expect(is).toEqual([500 + 100 + CAP - 3 * 70, 0, 0]);
  }
  expect(balanceOf(ledger, null, "REDEMPTION")).toBe(memberIds.length * 3 * 70);
}, 30_000);

test("where a commit does not ask whether the standing is as it was read, a day brings more than it may", async () => {
  const asking = String.raw`and \"standings\".\"version\" = f.value ->> '$.version'`;
  let unasked = 0;
  const send: typeof fetch = (input, init) => {
    const body = String(init?.body);
    if (body.includes(asking)) unasked += 1;
    return fetch(input, { ...init, body: body.replaceAll(asking, "") });
  };
  const careless = async () => {
    const { url } = (await environment()).database;
    const opened = openDatabase({ url, deadline: Date.now() + 20_000, clock: Date.now, send });
    return { ...(await contextAt(brand.brandId, NOW)), database: opened.database };
  };
  const batches = Array.from({ length: 6 }, () => ordersOfAll(2, IMPORTED));
  await Promise.all(batches.map(async (orders) => importOrders(await careless(), orders)));
  expect(unasked).toBeGreaterThanOrEqual(batches.length);
  const { awards } = await ledgerOf(brand.brandId);
  const pointsOf = (id: string) =>
    awards.reduce((sum, { memberId, points }) => sum + (memberId === id ? points : 0), 0);
  expect(Math.max(...memberIds.map(pointsOf))).toBeGreaterThan(CAP);
}, 30_000);
