import { awards } from "../../schema/tables/earning.ts";
import type { AccountKind, PointUnit } from "../../schema/tables/points.ts";
import { ruleSets } from "../../schema/tables/rules.ts";
import { type Move, moveManyPoints } from "../../src/points/move-points.ts";
import { anOrder, key, recordOrder, recordRefund, type Sent } from "../orders/support.ts";
import { contextAt } from "../points/support.ts";
import type { TestBrand } from "../support/brand.ts";
import { database } from "../support/caller.ts";

/** 10 of one thing for 100.00 and one of another for 50.00. */
export const theOrder = (changes: Sent = {}): Sent =>
  anOrder({
    lines: [
      { lineId: "L1", sku: "TEA", quantity: 10, amountMinor: 10_000 },
      { lineId: "L2", sku: "CUP", quantity: 1, amountMinor: 5_000 },
    ],
    ...{ shippingMinor: 0, discountMinor: 0, totalMinor: 15_000 },
    ...changes,
  });

/** So many units of L1 go back. */
export const units = (order: Sent, quantity: number, changes: Sent = {}): Sent => ({
  ...{ source: order.source, externalId: key(), orderExternalId: order.externalId },
  ...{ lines: [{ lineId: "L1", quantity }], refundedAt: "2026-11-02T10:00:00.000Z" },
  ...changes,
});

export const refund = (brand: TestBrand, order: Sent, quantity: number, changes: Sent = {}) =>
  recordRefund(brand.service, units(order, quantity, changes));

/** All of the order goes back. */
export const refundAll = (brand: TestBrand, order: Sent) =>
  refund(brand, order, 10, {
    lines: [
      { lineId: "L1", quantity: 10 },
      { lineId: "L2", quantity: 1 },
    ],
  });

/** Records an order whose award is written as it is stored: 100 points for L1 and 50 for L2, growth value 15. */
export async function awardedOrder(
  brand: TestBrand,
  memberId: string,
  {
    pending = false,
    expiresAt = null,
    now = Date.now(),
    ...changes
  }: Sent & { pending?: boolean; expiresAt?: number | null; now?: number } = {},
): Promise<{ order: Sent; orderId: string; awardId: string }> {
  const order = theOrder({ member: { id: memberId }, ...changes });
  const recorded = await recordOrder(brand.service, order);
  const orderId = recorded.order.id as string;
  const { brandId } = brand;
  const context = await contextAt(brandId, now);
  const [awardId, lotId, ruleSetId] = [
    context.newId("Award"),
    context.newId("Lot"),
    context.newId("RuleSet"),
  ];
  const [transferId, growthTransferId] = [context.newId("Transfer"), context.newId("Transfer")];
  const accounts = await database().query.accounts.findMany({ where: { brandId } });
  const accountOf = (unit: PointUnit, kind: AccountKind) =>
    accounts.find((it) => it.unit === unit && it.kind === kind && (it.memberId ?? memberId) === memberId)
      ?.id ?? "";
  const cause = { operation: "recordOrders", reference: String(order.externalId), awardId, orderId };
  const lot = { id: lotId, amount: 150, expiresAt, spendableAt: now, costMicroMinor: 0 };
  const moves: Move[] = [
    {
      ...{ transferId, memberId, amount: 150, cause },
      debitAccountId: accountOf("POINTS", "ISSUANCE"),
      creditAccountId: accountOf("POINTS", pending ? "PENDING" : "AVAILABLE"),
      ...(pending ? { withoutLots: true } : { newLots: [lot] }),
    },
    {
      ...{ transferId: growthTransferId, memberId, amount: 15, cause, withoutLots: true },
      debitAccountId: accountOf("GROWTH_VALUE", "ISSUANCE"),
      creditAccountId: accountOf("GROWTH_VALUE", "AVAILABLE"),
    },
  ];
  const [first, ...rest] = moveManyPoints(context, moves);
  if (!first) throw new Error("nothing to write");
  await database().batch([
    database()
      .insert(ruleSets)
      .values({
        ...{ brandId, id: ruleSetId, kind: "TIERS", startsAt: 8e15, createdAt: now },
        rules: {
          tiers: [],
          upgrade: "AT_ONCE",
          term: null,
          downgrade: "NEVER",
          graceDays: 0,
          warnDaysBefore: [],
        },
      }),
    first,
    ...rest,
    database()
      .insert(awards)
      .values({
        ...{ brandId, id: awardId, memberId, orderId, ruleSetId, points: 150, growthValue: 15 },
        ...{ pointsBack: 0, growthValueBack: 0, earnedAt: now, createdAt: now, updatedAt: now },
        ...{ state: pending ? "PENDING" : "SPENDABLE", spendableAt: pending ? null : now },
        ...(pending ? {} : { transferId, lotId }),
        decision: {
          steps: [],
          lines: [
            { lineId: "L1", points: 100, growthValue: 10 },
            { lineId: "L2", points: 50, growthValue: 5 },
          ],
        },
      }),
  ]);
  return { order, orderId, awardId };
}
