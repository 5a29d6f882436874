import { describe, expect, test } from "vitest";
import type { Database } from "../../src/database/client.ts";
import { activatePending } from "../../src/earning/activate-pending.ts";
import { moveManyPoints } from "../../src/points/move-points.ts";
import { key, recordOrder } from "../orders/support.ts";
import { contextAt, faultsOf, ledgerOf } from "../points/support.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { database, environment } from "../support/caller.ts";
import { newMember } from "../support/member.ts";
import { aPurchase, earningsOf, setRules } from "./support.ts";

/** Lets everything that is due be spent, a few awards at a time. */
async function activateAll(now: number, client: Database = database(), limit = 3): Promise<number> {
  let points = 0;
  let after: Parameters<typeof activatePending>[4] = null;
  do {
    const chunk = await activatePending(client, await environment(), now, limit, after);
    points += chunk.points;
    after = chunk.next;
  } while (after);
  return points;
}

const balancesOf = async ({ service }: TestBrand, memberId: string) => {
  const { points, pendingPoints } = await earningsOf(service, memberId);
  return [points, pendingPoints];
};

/** What a member owes and has of points, as it is stored. */
async function storedOf(brandId: string, memberId: string, kind: "DEBT" | "AVAILABLE") {
  const where = { brandId, memberId, unit: "POINTS", kind } as const;
  return (await database().query.accounts.findFirst({ where }))?.balance;
}

/** Makes a member owe points, as a refund of what was spent does. */
async function owe({ brandId }: TestBrand, memberId: string, amount: number) {
  const context = await contextAt(brandId, Date.now());
  const accounts = await context.database.query.accounts.findMany({ where: { brandId, unit: "POINTS" } });
  const idOf = (kind: string, owner: string | null) =>
    accounts.find((account) => account.kind === kind && account.memberId === owner)?.id ?? "";
  const [first, ...rest] = moveManyPoints(context, [
    {
      ...{ transferId: context.newId("Transfer"), memberId, amount, withoutLots: true },
      ...{ debitAccountId: idOf("REDEMPTION", null), creditAccountId: idOf("DEBT", memberId) },
      cause: { operation: "test" },
    },
  ]);
  if (first) await context.database.batch([first, ...rest]);
}

describe.each([
  // 10:00 UTC on 1 January 2001 is another hour of the day everywhere; the third day after ends …
  ["Asia/Shanghai", "2001-01-04T16:00:00Z"],
  ["America/New_York", "2001-01-05T05:00:00Z"],
  ["Pacific/Auckland", "2001-01-04T11:00:00Z"],
])("pending points in %s", (timeZone, end) => {
  test("can be spent when the third day after completion is over, once", async () => {
    const brand = await newBrand({ timeZone });
    const { memberId } = await newMember(brand, { locale: "en" });
    // Long ago, so that what is due here is no other test's; and what was told late is due at once.
    await setRules(brand, { pendingDays: 3 });
    const order = aPurchase(memberId, 10_000, "2000-12-31T10:00:00Z", { externalId: "A-1" });
    await recordOrder(brand.service, order);
    await recordOrder(brand.service, aPurchase(memberId, 700, "2000-12-31T10:00:00Z"));
    expect(await balancesOf(brand, memberId)).toEqual([0, 107]);
    expect(await activateAll(Date.parse("2020-01-01T00:00:00Z"))).toBe(0);
    await recordOrder(brand.service, { ...order, completedAt: "2001-01-01T10:00:00Z" });
    const due = Date.parse(end);
    await activateAll(due - 1);
    expect(await balancesOf(brand, memberId)).toEqual([0, 107]);
    // Several at once, and again: it is once.
    await Promise.all([activateAll(due), activateAll(due, database(), 1), activateAll(due + 60_000)]);
    await activateAll(due + 86_400_000);
    const is = await earningsOf(brand.service, memberId);
    expect([is.points, is.pendingPoints]).toEqual([100, 7]);
    expect(is.pointsHistory.nodes).toEqual([
      { points: 100, operation: "activatePending", description: "Earned on A-1" },
    ]);
    const award = is.awards.nodes.find(({ points }: { points: number }) => points === 100);
    expect(award).toMatchObject({ state: "SPENDABLE", spendableAt: new Date(due).toISOString() });
    expect(faultsOf(await ledgerOf(brand.brandId))).toEqual([]);
  });
});

test("with 0 days they can be spent when the order is completed; told late, at once", async () => {
  const brand = await newBrand();
  const { memberId } = await newMember(brand);
  await setRules(brand, { pendingDays: 0 });
  const completedAt = "2026-11-02T10:00:00Z";
  await recordOrder(brand.service, aPurchase(memberId, 10_000, "2026-11-01T10:00:00Z", { completedAt }));
  expect(await balancesOf(brand, memberId)).toEqual([100, 0]);
  expect(faultsOf(await ledgerOf(brand.brandId))).toEqual([]);
});

test("their lot lives from the moment they became spendable, whenever the job came", async () => {
  const brand = await newBrand();
  const { memberId } = await newMember(brand);
  await brand.operator(
    `mutation ($input: UpdatePointsPolicyInput!) { updatePointsPolicy(input: $input) { __typename } }`,
    { input: { expiry: { rule: "AFTER_MONTHS", months: 12 }, worthMinorPer1000Points: 2_500 } },
  );
  await setRules(brand, { pendingDays: 7 });
  const order = aPurchase(memberId, 10_000, "2002-03-01T10:00:00Z");
  await recordOrder(brand.service, order);
  await recordOrder(brand.service, { ...order, completedAt: "2002-03-05T10:00:00Z" });
  await activateAll(Date.parse("2002-04-01T00:00:00Z"));
  const { lots } = await ledgerOf(brand.brandId);
  expect(lots).toMatchObject([
    { amount: 100, expiresAt: Date.parse("2003-03-13T16:00:00Z"), costMicroMinor: 2_500_000 },
  ]);
});

test("who owes points pays first: at once on an award, and when pending ones become spendable", async () => {
  const brand = await newBrand();
  const { memberId } = await newMember(brand, { locale: "en" });
  await setRules(brand);
  await owe(brand, memberId, 250);
  const at = "2003-05-01T10:00:00Z";
  await recordOrder(brand.service, aPurchase(memberId, 10_000, at, { externalId: "A-1" }));
  expect([await storedOf(brand.brandId, memberId, "DEBT"), (await balancesOf(brand, memberId))[0]]).toEqual([
    150, 0,
  ]);
  await setRules(brand, { startsAt: "2003-05-02T00:00:00Z", pendingDays: 1 });
  const completedAt = "2003-05-04T10:00:00Z";
  const later = [7_000, 20_000].map((amountMinor) =>
    aPurchase(memberId, amountMinor, "2003-05-03T10:00:00Z", {}),
  );
  for (const order of later) await recordOrder(brand.service, order);
  for (const order of later) await recordOrder(brand.service, { ...order, completedAt });
  await activateAll(Date.parse("2003-06-01T00:00:00Z"));
  expect(await storedOf(brand.brandId, memberId, "DEBT")).toBe(0);
  const is = await earningsOf(brand.service, memberId);
  expect([is.points, is.pendingPoints]).toEqual([120, 0]);
  const told = is.pointsHistory.nodes.map(({ points, description }: Record<string, unknown>) => [
    points,
    description,
  ]);
  expect(told).toEqual(
    expect.arrayContaining([
      [-100, "Paid what was owed"],
      [100, "Earned on A-1"],
      [-70, "Paid what was owed"],
      [-80, "Paid what was owed"],
    ]),
  );
  expect(faultsOf(await ledgerOf(brand.brandId))).toEqual([]);
});

test("two orders in a call pay a debt once", async () => {
  const brand = await newBrand();
  const { memberId } = await newMember(brand);
  await setRules(brand);
  await owe(brand, memberId, 130);
  const orders = [1, 2].map(() => aPurchase(memberId, 10_000, "2026-11-01T10:00:00Z"));
  await brand.service(
    `mutation ($input: RecordOrdersInput!) { recordOrders(input: $input) { __typename } }`,
    { input: { orders, idempotencyKey: key() } },
  );
  expect(await storedOf(brand.brandId, memberId, "DEBT")).toBe(0);
  expect(await balancesOf(brand, memberId)).toEqual([70, 0]);
  expect(faultsOf(await ledgerOf(brand.brandId))).toEqual([]);
});
