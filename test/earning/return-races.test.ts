import { eq } from "drizzle-orm";
import { beforeEach, expect, test } from "vitest";
import { awards } from "../../schema/tables/earning.ts";
import { transfers } from "../../schema/tables/points.ts";
import { activatePending } from "../../src/earning/activate-pending.ts";
import { byKind, movePoints } from "../../src/points/move-points.ts";
import { spendPoints } from "../../src/points/spend-points.ts";
import { key, recordOrder } from "../orders/support.ts";
import { contextAt, faultsOf, type Ledger, ledgerOf, nothing } from "../points/support.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { database, environment } from "../support/caller.ts";
import { newMember } from "../support/member.ts";
import { awardedOrder, refund, refundAll } from "./returns-support.ts";

let brand: TestBrand;
let memberId: string;

beforeEach(async () => {
  brand = await newBrand();
  ({ memberId } = await newMember(brand));
});

const balanceIn = ({ accounts }: Ledger, kind: string) =>
  accounts.find((it) => it.memberId === memberId && it.unit === "POINTS" && it.kind === kind)?.balance ?? 0;

const sound = async () => {
  const ledger = await ledgerOf(brand.brandId);
  expect(faultsOf(ledger)).toEqual([]);
  const [award] = ledger.awards;
  return {
    award,
    points: balanceIn(ledger, "AVAILABLE"),
    ...{ pending: balanceIn(ledger, "PENDING"), debt: balanceIn(ledger, "DEBT") },
  };
};

test("parts of an order that go back at once take back what they do one after the other", async () => {
  const { order } = await awardedOrder(brand, memberId);
  const results = await Promise.all(Array.from({ length: 6 }, () => refund(brand, order, 1)));
  expect(results.map(({ status }) => status)).toEqual(Array(6).fill("RECORDED"));
  expect(await sound()).toMatchObject({ points: 90, award: { pointsBack: 60, growthValueBack: 6 } });
});

test("parts that go back by what was read before, in two requests, are counted once and taken twice", async () => {
  const { awardId } = await awardedOrder(brand, memberId);
  const { accounts } = await ledgerOf(brand.brandId);
  const idOf = (unit: string, kind: string) =>
    accounts.find((it) => it.unit === unit && it.kind === kind)?.id ?? "";
  const naive = async () => {
    const award = await database().query.awards.findFirst({ where: { id: awardId } });
    return async () => {
      await database()
        .insert(transfers)
        .values({
          ...{ brandId: brand.brandId, id: key(), memberId, amount: 1, createdAt: Date.now() },
          debitAccountId: idOf("GROWTH_VALUE", "AVAILABLE"),
          creditAccountId: idOf("GROWTH_VALUE", "ISSUANCE"),
          cause: { operation: "takeBackPoints", awardId },
        });
      const growthValueBack = (award?.growthValueBack ?? 0) + 1;
      await database().update(awards).set({ growthValueBack }).where(eq(awards.id, awardId));
    };
  };
  for (const write of await Promise.all([naive(), naive()])) await write();
  expect(faultsOf(await ledgerOf(brand.brandId))).toEqual([`growth value back of ${awardId} is 1 and not 2`]);
});

test("points that are spent while what earned them goes back are taken or owed, never both", async () => {
  const { order } = await awardedOrder(brand, memberId);
  const context = await contextAt(brand.brandId, Date.now());
  const spend = () => {
    const input = { memberId, points: 30, orderReference: "A-1", orderAmountMinor: 90_000 };
    return spendPoints(context, { ...input, idempotencyKey: key() }, nothing);
  };
  const [refunded, ...spends] = await Promise.all([
    refundAll(brand, order),
    ...Array.from({ length: 5 }, spend),
  ]);
  expect(refunded.status).toBe("RECORDED");
  const spent = spends.filter((answer) => "outcome" in answer).length;
  expect(await sound()).toMatchObject({ points: 0, debt: 30 * spent, award: { pointsBack: 150 } });
});

test("an award that becomes spendable while its order goes back is taken back once, wherever it is", async () => {
  const pending = await Promise.all(
    [...Array(4).keys()].map(() => awardedOrder(brand, memberId, { pending: true })),
  );
  await database().update(awards).set({ spendableAt: 1_000 }).where(eq(awards.brandId, brand.brandId));
  const env = await environment();
  await Promise.all([
    // Another test's awards may be due as well.
    activatePending(database(), env, Date.now(), 100).catch(() => undefined),
    ...pending.map(({ order }) => refund(brand, order, 4)),
  ]);
  await activatePending(database(), env, Date.now(), 100);
  expect(await sound()).toMatchObject({ points: 4 * 110, pending: 0, debt: 0 });
});

test("an award that becomes spendable by what was read before its order went back gives what was taken", async () => {
  const { order, awardId } = await awardedOrder(brand, memberId, { pending: true });
  await awardedOrder(brand, memberId, { pending: true });
  const read = await database().query.awards.findFirst({ where: { id: awardId } });
  await refund(brand, order, 4);
  const { accounts } = await ledgerOf(brand.brandId);
  const own = byKind(accounts.filter((it) => it.memberId === memberId && it.unit === "POINTS"));
  const context = await contextAt(brand.brandId, Date.now());
  const amount = (read?.points ?? 0) - (read?.pointsBack ?? 0);
  const [first, ...rest] = movePoints(context, {
    ...{ transferId: key(), memberId, amount, debitAccountId: own.PENDING, creditAccountId: own.AVAILABLE },
    cause: { operation: "activatePending", awardId },
    newLots: [{ amount, expiresAt: null, spendableAt: 0, costMicroMinor: 0 }],
  });
  if (!first) throw new Error("nothing to write");
  await database().batch([first, ...rest]);
  await database().update(awards).set({ state: "SPENDABLE" }).where(eq(awards.id, awardId));
  expect(faultsOf(await ledgerOf(brand.brandId))).toEqual(["pending is 110 and not 150"]);
});

test("an order that is called off while it goes back is taken back once", async () => {
  const { order } = await awardedOrder(brand, memberId);
  const cancelledAt = "2026-11-03T10:00:00.000Z";
  await Promise.all([
    recordOrder(brand.service, { ...order, cancelledAt }),
    ...Array.from({ length: 4 }, () => refund(brand, order, 2)),
  ]);
  expect(await sound()).toMatchObject({
    points: 0,
    debt: 0,
    award: { pointsBack: 150, growthValueBack: 15 },
  });
});
