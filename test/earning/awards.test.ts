import { expect, test } from "vitest";
import { key, RECORD_ORDERS, recordActivity, recordOrder } from "../orders/support.ts";
import { faultsOf, ledgerOf } from "../points/support.ts";
import { newBrand } from "../support/brand.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { aPurchase, earningsOf, setRules } from "./support.ts";

test("an order earns when it is paid, once, and says why", async () => {
  const brand = await newBrand();
  const { memberId } = await newMember(brand, { locale: "en" });
  const set = await setRules(brand, {
    growthValue: { points: 1, perAmountMinor: 1_000 },
    multipliers: [
      {
        name: [
          { locale: "en", text: "Tea" },
          { locale: "zh-CN", text: "茶" },
        ],
        multiplierBasisPoints: 20_000,
        categories: ["tea"],
      },
    ],
    pointsPerDay: 150,
  });
  expect(set.ruleSet?.id, JSON.stringify(set)).toMatch(/^rul_/);
  const order = aPurchase(memberId, 10_050, "2026-11-01T10:00:00Z", { externalId: "A-1001" });
  expect((await recordOrder(brand.service, order)).status).toBe("RECORDED");
  await recordOrder(brand.service, order);
  const is = await earningsOf(brand.service, memberId);
  expect(is).toMatchObject({ points: 150, growthValue: 10 });
  expect(is.awards.nodes).toHaveLength(1);
  expect(is.pointsHistory.nodes).toEqual([
    { points: 150, operation: "recordOrders", description: "Earned on A-1001: Tea 2×, capped at 150 a day" },
  ]);
  expect(faultsOf(await ledgerOf(brand.brandId))).toEqual([]);
});

test("what members do earns its fixed points, so often", async () => {
  const brand = await newBrand();
  const { memberId } = await newMember(brand, { locale: "zh-CN" });
  await setRules(brand, { activities: [{ kind: "CHECK_IN", points: 5, timesPerDay: 1 }] });
  const act = (occurredAt: string) =>
    recordActivity(brand.service, {
      ...{ source: "app", externalId: key(), member: { id: memberId }, kind: "CHECK_IN", occurredAt },
    });
  await act("2026-11-01T10:00:00Z");
  await act("2026-11-01T11:00:00Z");
  await act("2026-11-01T16:00:00Z");
  const is = await earningsOf(brand.service, memberId);
  expect(is.points).toBe(10);
  expect(is.pointsHistory.nodes[0].description).toBe("签到获得");
  expect(faultsOf(await ledgerOf(brand.brandId))).toEqual([]);
});

test("100 orders of 10 members are two requests to the database", async () => {
  const brand = await newBrand();
  await setRules(brand, { growthValue: { points: 1, perAmountMinor: 100 } });
  const memberIds = await Promise.all(
    Array.from({ length: 10 }, async () => (await newMember(brand)).memberId),
  );
  const orders = Array.from({ length: 100 }, (_, n) =>
    aPurchase(memberIds[n % 10] as string, 10_000, "2026-11-01T10:00:00Z"),
  );
  const answer = await brand.service(RECORD_ORDERS, { input: { orders, idempotencyKey: key() } });
  expect(outcomeOf(answer).results.every(({ status }: { status: string }) => status === "RECORDED")).toBe(
    true,
  );
  expect(answer.databaseRequests).toBe(2);
  const is = await earningsOf(brand.service, memberIds[3] as string);
  expect(is).toMatchObject({ points: 1_000, growthValue: 1_000 });
  expect(faultsOf(await ledgerOf(brand.brandId))).toEqual([]);
});
