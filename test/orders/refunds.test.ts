import { eq } from "drizzle-orm";
import { beforeAll, expect, test } from "vitest";
import { orders } from "../../schema/tables/orders.ts";
import { barrier } from "../support/barrier.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { database } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import {
  anOrder,
  aRefund,
  eventsOf,
  key,
  RECORD_REFUNDS,
  recordOrder,
  recordRefund,
  type Sent,
} from "./support.ts";

let brand: TestBrand;

beforeAll(async () => {
  brand = await newBrand();
});

async function paidOrder(changes: Sent = {}): Promise<Sent> {
  const order = anOrder(changes);
  await recordOrder(brand.service, order);
  return order;
}

const orderOf = async ({ externalId }: Sent) => {
  const answer = await brand.service(
    `query ($externalId: String!) { order(source: "shop", externalId: $externalId) {
      state refundedMinor totalMinor completedAt refunds { amountMinor lines { lineId quantity } } } }`,
    { externalId },
  );
  return answer.data.order;
};

test("partial refunds come to exactly what was paid, and the order is refunded", async () => {
  const order = await paidOrder();
  const first = await recordRefund(brand.service, aRefund(order));
  expect(first).toMatchObject({
    status: "RECORDED",
    refund: { amountMinor: 1_715, lines: [{ lineId: "L1", quantity: 1, amountMinor: 1_715 }] },
  });
  expect(await orderOf(order)).toMatchObject({ state: "PARTLY_REFUNDED", refundedMinor: 1_715 });
  const completed = await recordOrder(brand.service, { ...order, completedAt: "2026-11-03T10:00:00Z" });
  expect(completed).toMatchObject({ status: "ADVANCED", order: { state: "PARTLY_REFUNDED" } });
  const rest = [
    { lineId: "L2", quantity: 2 },
    { lineId: "L1", quantity: 4 },
  ];
  await recordRefund(brand.service, aRefund(order, { lines: rest, shippingMinor: 1_000 }));
  const whole = await orderOf(order);
  expect(whole).toMatchObject({ state: "REFUNDED", refundedMinor: 13_003, totalMinor: 13_003 });
  expect(whole.refunds).toHaveLength(2);
});

test("a line pays back what was paid for it, its own discount off", async () => {
  const [first, second] = anOrder().lines as Sent[];
  const lines = [{ ...first, discountMinor: 2_000 }, second];
  const order = await paidOrder({ lines });
  const own = await recordRefund(brand.service, aRefund(order, { lines: [{ lineId: "L1", quantity: 5 }] }));
  expect(own).toMatchObject({ status: "RECORDED", refund: { amountMinor: 8_003 } });
  const other = await recordRefund(brand.service, aRefund(order, { lines: [{ lineId: "L2", quantity: 2 }] }));
  expect(other).toMatchObject({ status: "RECORDED", refund: { amountMinor: 4_000 } });
  const again = await recordOrder(brand.service, { ...order, lines: [first, second] });
  expect(again).toMatchObject({ refusal: { code: "ORDER_DIFFERS" } });
  expect(again.differences).toEqual([{ field: "lines.L1.discountMinor", recorded: "2000", sent: null }]);
});

test("a refund is recorded once; sent again it says nothing new, with another content it is refused", async () => {
  const order = await paidOrder();
  const lines = [
    { lineId: "L1", quantity: 2 },
    { lineId: "L2", quantity: 1, amountMinor: 1_000 },
  ];
  const refund = aRefund(order, { lines });
  const first = await recordRefund(brand.service, refund, "refund-1");
  expect(await recordRefund(brand.service, refund, "refund-1")).toEqual(first);
  const again = await recordRefund(brand.service, { ...refund, lines: lines.toReversed() });
  expect(again).toEqual({ ...first, status: "UNCHANGED" });
  const other = await recordRefund(brand.service, { ...refund, lines: lines.slice(1), shippingMinor: 5 });
  expect(other).toMatchObject({ status: "REFUSED", refusal: { code: "REFUND_DIFFERS" } });
  expect(other.differences).toEqual([
    { field: "lines.L1.amountMinor", recorded: "3430", sent: null },
    { field: "lines.L1.quantity", recorded: "2", sent: null },
    { field: "shippingMinor", recorded: "0", sent: "5" },
  ]);
  const elsewhere = await recordRefund(brand.service, {
    ...aRefund(await paidOrder()),
    externalId: refund.externalId,
  });
  expect(elsewhere).toMatchObject({ refusal: { code: "REFUND_DIFFERS" } });
});

test("what was not paid, is not there, or is too much is refused by itself", async () => {
  const unpaid = await paidOrder({ paidAt: undefined });
  const order = await paidOrder();
  const answer = await brand.service(RECORD_REFUNDS, {
    input: {
      refunds: [
        aRefund(unpaid),
        aRefund(anOrder()),
        aRefund(order, { lines: [{ lineId: "L1", quantity: 6 }] }),
        aRefund(order, { lines: [{ lineId: "L1", quantity: 4 }] }),
        aRefund(order, { lines: [{ lineId: "L1", quantity: 2 }] }),
        aRefund(order, { refundedAt: "2026-10-01T00:00:00Z" }),
      ],
      idempotencyKey: key(),
    },
  });
  const results = outcomeOf(answer).results as { status: string; refusal?: { code: string } }[];
  expect(results.map(({ status, refusal }) => refusal?.code ?? status)).toEqual([
    ...["ORDER_NOT_PAID", "NOT_FOUND", "REFUND_EXCEEDS_ORDER", "RECORDED"],
    ...["REFUND_EXCEEDS_ORDER", "INVALID_VALUE"],
  ]);
  expect(answer.databaseRequests).toBe(2);
});

test("30 refunds of one unit each, at once, of a line of 5: 5 are refunded", async () => {
  const order = await paidOrder();
  const results = await Promise.all(
    Array.from({ length: 30 }, () => recordRefund(brand.service, aRefund(order))),
  );
  expect(results.filter(({ status }) => status === "RECORDED")).toHaveLength(5);
  expect(results.filter(({ refusal }) => refusal?.code === "REFUND_EXCEEDS_ORDER")).toHaveLength(25);
  const { refundedMinor, refunds } = await orderOf(order);
  expect(refunds).toHaveLength(5);
  expect(refundedMinor).toBe(8_575);
});

test("30 refunds of units that cost nothing are held to what was bought as well", async () => {
  const lines = [{ lineId: "L1", sku: "GIFT", quantity: 5, amountMinor: 0 }];
  const order = await paidOrder({ lines, shippingMinor: 0, discountMinor: 0, totalMinor: 0 });
  const results = await Promise.all(
    Array.from({ length: 30 }, () => recordRefund(brand.service, aRefund(order))),
  );
  expect(results.filter(({ status }) => status === "RECORDED")).toHaveLength(5);
  expect(await orderOf(order)).toMatchObject({ state: "REFUNDED", refundedMinor: 0 });
});

test("an order that is completed while parts of it go back keeps both", async () => {
  const order = await paidOrder();
  const [completed, ...refunds] = await Promise.all([
    recordOrder(brand.service, { ...order, completedAt: "2026-11-03T10:00:00Z" }),
    ...Array.from({ length: 4 }, () => recordRefund(brand.service, aRefund(order))),
  ]);
  expect(completed.status).toBe("ADVANCED");
  expect(refunds.map(({ status }) => status)).toEqual(Array(4).fill("RECORDED"));
  expect(await orderOf(order)).toMatchObject({
    ...{ state: "PARTLY_REFUNDED", refundedMinor: 6_860, completedAt: "2026-11-03T10:00:00.000Z" },
  });
});

test("one that counts what is left and writes after, in two requests, refunds too much", async () => {
  const order = await paidOrder();
  let refunded = 0;
  const allHaveRead = barrier(30);
  const readThenWrite = async () => {
    const client = database();
    const row = await client.query.orders.findFirst({
      where: { brandId: brand.brandId, externalId: String(order.externalId) },
    });
    await allHaveRead();
    if (!row || row.refundedMinor + 1_715 > 8_575) return;
    await client
      .update(orders)
      .set({ refundedMinor: row.refundedMinor + 1_715 })
      .where(eq(orders.id, row.id));
    refunded += 1;
  };
  await Promise.all(Array.from({ length: 30 }, readThenWrite));
  expect(refunded).toBeGreaterThan(5);
});

test("the database itself refuses to pay back more than the total", async () => {
  const order = await paidOrder();
  const change = database()
    .update(orders)
    .set({ refundedMinor: 13_004 })
    .where(eq(orders.externalId, String(order.externalId)));
  await expect(change).rejects.toThrow();
});

test("another brand's order is not found", async () => {
  const order = await paidOrder();
  const other = await newBrand();
  expect(await recordRefund(other.service, aRefund(order))).toMatchObject({ refusal: { code: "NOT_FOUND" } });
  expect(await orderOf(order)).toMatchObject({ refundedMinor: 0, refunds: [] });
});

test("a refund is told with ids and amounts", async () => {
  const own = await newBrand();
  const { memberId } = await newMember(own);
  const order = anOrder({ member: { id: memberId } });
  const { order: recorded } = await recordOrder(own.service, order);
  const { refund } = await recordRefund(own.service, aRefund(order));
  const told = (await eventsOf(own)).find(({ type }) => type === "order.refunded");
  expect(told?.payload).toEqual({
    ...{ orderId: recorded.id, refundId: refund.id, memberId, amountMinor: 1_715 },
    state: "PARTLY_REFUNDED",
  });
});
