import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, test } from "vitest";
import { brands } from "../../schema/tables/brands.ts";
import { adjustBalance } from "../../src/points/adjust-balance.ts";
import { captureHold } from "../../src/points/capture-hold.ts";
import { expirePoints } from "../../src/points/expire-points.ts";
import { expiryOf } from "../../src/points/expiry.ts";
import { holdPoints } from "../../src/points/hold-points.ts";
import { keepAlive } from "../../src/points/keep-alive.ts";
import { policyOf } from "../../src/points/policy.ts";
import { releaseHold } from "../../src/points/release-hold.ts";
import { spendPoints } from "../../src/points/spend-points.ts";
import { anOrder, recordActivity, recordOrder } from "../orders/support.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { database, environment } from "../support/caller.ts";
import { newMember } from "../support/member.ts";
import { contextAt, faultsOf, ledgerOf, nothing } from "./support.ts";

const key = () => crypto.randomUUID();
const DAY_MS = 86_400_000;
const EXPIRY = { rule: "AFTER_INACTIVITY", months: 6 } as const;
/** Long ago, so that what time ends here is no other test's. */
const START = Date.parse("2017-01-10T04:00:00Z");
const aliveUntil = (at: number) => expiryOf(EXPIRY, at, "Asia/Shanghai");

let brand: TestBrand;
let memberId: string;

beforeEach(async () => {
  brand = await newBrand();
  const { brandId } = brand;
  await database()
    .update(brands)
    .set({ pointsPolicy: { expiry: EXPIRY } })
    .where(eq(brands.id, brandId));
  ({ memberId } = await newMember(brand));
});

const at = (days: number) => contextAt(brand.brandId, START + days * DAY_MS);
const give = async (days: number, amount: number, to = memberId) =>
  adjustBalance(
    await at(days),
    { memberId: to, unit: "POINTS", amount, reason: "x", idempotencyKey: key() },
    nothing,
  );
const order = (points: number) => ({
  ...{ memberId, points, orderReference: "A-1", orderAmountMinor: 10_000, idempotencyKey: key() },
});
const expiries = async (of = memberId) =>
  (await ledgerOf(brand.brandId)).lots.filter((lot) => lot.memberId === of).map(({ expiresAt }) => expiresAt);

describe("points that expire by inactivity", () => {
  test("live on together whenever the member earns, spends or sets aside", async () => {
    const { memberId: idle } = await newMember(brand);
    await give(0, 100);
    await give(0, 50, idle);
    expect(await expiries()).toEqual([aliveUntil(START)]);
    await give(10, 20);
    expect(await expiries()).toEqual(Array(2).fill(aliveUntil(START + 10 * DAY_MS)));
    await spendPoints(await at(20), order(5), nothing);
    expect(await expiries()).toEqual(Array(2).fill(aliveUntil(START + 20 * DAY_MS)));
    const held = await holdPoints(await at(30), order(30), nothing);
    expect(await expiries()).toEqual(Array(2).fill(aliveUntil(START + 30 * DAY_MS)));
    const { holdId } = (held as { outcome: { holdId: string } }).outcome;
    const later = await contextAt(brand.brandId, START + 30 * DAY_MS + 1_000);
    await captureHold(later, { holdId, points: 10, idempotencyKey: key() }, nothing);
    expect(await expiries()).toEqual(Array(2).fill(aliveUntil(START + 30 * DAY_MS)));
    expect(await expiries(idle)).toEqual([aliveUntil(START)]);
    expect(faultsOf(await ledgerOf(brand.brandId))).toEqual([]);
  });

  test("a hold that is released is no activity, and neither is what is taken back", async () => {
    await give(0, 100);
    const held = await holdPoints(await at(1), order(30), nothing);
    const { holdId } = (held as { outcome: { holdId: string } }).outcome;
    await releaseHold(await at(40), { holdId, idempotencyKey: key() }, nothing);
    await give(41, -10);
    expect(await expiries()).toEqual([aliveUntil(START + DAY_MS)]);
  });

  test("never expire sooner for what is told late, and expired ones stay so", async () => {
    await give(0, 100);
    await give(200, 40);
    const context = await at(201);
    const policy = { policy: policyOf({ expiry: EXPIRY }), timeZone: "Asia/Shanghai" };
    const past = [
      { memberId, at: START + 60 * DAY_MS },
      { memberId, at: START + 90 * DAY_MS },
    ];
    for (const statement of keepAlive(context, policy, past)) await database().batch([statement]);
    expect(await expiries()).toEqual([aliveUntil(START), aliveUntil(START + 200 * DAY_MS)]);
    let next: Parameters<typeof expirePoints>[4] = null;
    do {
      ({ next } = await expirePoints(database(), await environment(), context.now, 100, next));
    } while (next);
    const { lots } = await ledgerOf(brand.brandId);
    expect(lots.map(({ remaining }) => remaining)).toEqual([0, 40]);
    expect(faultsOf(await ledgerOf(brand.brandId))).toEqual([]);
  });

  test("live on with orders that are paid and with activities, as of their own moments", async () => {
    // By today's clock: facts of the future are refused.
    const day = (ago: number) => new Date(Date.now() - ago * DAY_MS).toISOString();
    const order = (ago: number) =>
      anOrder({ member: { id: memberId }, placedAt: day(ago), paidAt: day(ago) });
    const context = await contextAt(brand.brandId, Date.now() - 60 * DAY_MS);
    const credit = { memberId, unit: "POINTS", amount: 10, reason: "x", idempotencyKey: key() } as const;
    await adjustBalance(context, credit, nothing);
    await recordOrder(brand.service, order(40));
    expect(await expiries()).toEqual([aliveUntil(Date.parse(day(40)))]);
    const visit = { source: "app", externalId: key(), kind: "CHECK_IN", occurredAt: day(20) };
    await recordActivity(brand.service, { ...visit, member: { id: memberId } });
    expect(await expiries()).toEqual([aliveUntil(Date.parse(day(20)))]);
    await recordOrder(brand.service, order(30));
    expect(await expiries()).toEqual([aliveUntil(Date.parse(day(20)))]);
  });

  test("many members' activities are one statement, and none under another rule", async () => {
    const { memberId: other } = await newMember(brand);
    await give(0, 10);
    await give(0, 10, other);
    const context = await at(50);
    const timeZone = "Asia/Shanghai";
    const did = [
      { memberId, at: START + 40 * DAY_MS },
      { memberId: other, at: START + 45 * DAY_MS },
      { memberId: other, at: START + 44 * DAY_MS },
    ];
    expect(keepAlive(context, { policy: policyOf({}), timeZone }, did)).toEqual([]);
    const [statement, ...more] = keepAlive(context, { policy: policyOf({ expiry: EXPIRY }), timeZone }, did);
    expect(more).toEqual([]);
    if (statement) await database().batch([statement]);
    expect(await expiries()).toEqual([aliveUntil(START + 40 * DAY_MS)]);
    expect(await expiries(other)).toEqual([aliveUntil(START + 45 * DAY_MS)]);
  });
});
