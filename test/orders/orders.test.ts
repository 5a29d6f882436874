import { count, eq } from "drizzle-orm";
import { beforeAll, describe, expect, test } from "vitest";
import { orders } from "../../schema/tables/orders.ts";
import { barrier } from "../support/barrier.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { callerOfKind, database } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { anOrder, aRefund, eventsOf, key, RECORD_ORDERS, recordOrder, recordRefund } from "./support.ts";

let brand: TestBrand;
let memberId: string;

beforeAll(async () => {
  brand = await newBrand();
  ({ memberId } = await newMember(brand, { externalId: "customer-1", name: "Someone Private" }));
});

const close = (id: string) =>
  brand.service(
    `mutation ($input: CloseMemberInput!) { closeMember(input: $input) { __typename ... on Refusal { message } } }`,
    { input: { memberId: id, reason: "test", idempotencyKey: key() } },
  );

describe("recording", () => {
  test("an order is recorded once, and sent again it says nothing new", async () => {
    const order = anOrder({ member: { externalId: "customer-1" } });
    const first = await recordOrder(brand.service, order);
    expect(first).toMatchObject({
      ...{ status: "RECORDED", source: "shop", externalId: order.externalId, refusal: null },
      order: { state: "PAID", refundedMinor: 0, member: { id: memberId } },
    });
    const again = await recordOrder(brand.service, { ...order, member: { id: memberId } });
    expect(again).toEqual({ ...first, status: "UNCHANGED" });
  });

  test("the same call answers the same, and another body is refused", async () => {
    const order = anOrder();
    const first = await recordOrder(brand.service, order, "call-1");
    expect(await recordOrder(brand.service, order, "call-1")).toEqual(first);
    const other = await brand.service(RECORD_ORDERS, {
      input: { orders: [anOrder()], idempotencyKey: "call-1" },
    });
    expect(outcomeOf(other)).toMatchObject({ code: "IDEMPOTENCY_KEY_REUSED" });
  });

  test("the order of lines, categories and codes does not matter", async () => {
    const order = anOrder({ couponCodes: ["B", "A"] });
    await recordOrder(brand.service, order);
    const lines = (order.lines as { categories?: string[] }[])
      .toReversed()
      .map((line) => ({ ...line, ...(line.categories && { categories: line.categories.toReversed() }) }));
    const again = await recordOrder(brand.service, { ...order, lines, couponCodes: ["A", "B"] });
    expect(again.status).toBe("UNCHANGED");
  });

  test("moments let an order go on, in whatever order they arrive, and never back", async () => {
    const order = anOrder({ paidAt: undefined });
    const paid = { ...order, paidAt: "2026-11-01T10:05:00Z" };
    const completed = { ...paid, completedAt: "2026-11-03T10:00:00Z" };
    const results = [];
    for (const sent of [order, completed, paid, order, completed])
      results.push(await recordOrder(brand.storefront, sent));
    expect(results.map(({ status, order: { state } }) => [status, state])).toEqual([
      ["RECORDED", "PLACED"],
      ["ADVANCED", "COMPLETED"],
      ["UNCHANGED", "COMPLETED"],
      ["UNCHANGED", "COMPLETED"],
      ["UNCHANGED", "COMPLETED"],
    ]);
    const conflict = await recordOrder(brand.service, { ...paid, cancelledAt: "2026-11-04T10:00:00Z" });
    expect(conflict).toMatchObject({ status: "REFUSED", refusal: { code: "ORDER_STATE_CONFLICT" } });
    expect(conflict.refusal.message).toBe("The order is COMPLETED; it cannot be CANCELLED.");
  });

  test("a cancelled order stays cancelled, and learns when it was paid", async () => {
    const order = anOrder({ paidAt: undefined });
    await recordOrder(brand.service, { ...order, cancelledAt: "2026-11-02T10:00:00Z" });
    const late = await recordOrder(brand.service, { ...order, paidAt: "2026-11-01T10:05:00Z" });
    expect(late).toMatchObject({ status: "ADVANCED", order: { state: "CANCELLED" } });
    expect(await recordRefund(brand.service, aRefund(order))).toMatchObject({ status: "RECORDED" });
    const again = await recordOrder(brand.service, order);
    expect(again).toMatchObject({ status: "UNCHANGED", order: { state: "CANCELLED", refundedMinor: 1_715 } });
  });

  test("another content is refused by itself, with both values", async () => {
    const order = anOrder({ member: { id: memberId } });
    const { order: recorded } = await recordOrder(brand.service, order);
    const lines = [{ lineId: "L1", sku: "TEA", name: "龙井", quantity: 4, amountMinor: 14_003 }];
    const changed = { ...order, lines, member: undefined, paidAt: "2026-11-01T10:06:00Z" };
    const answer = await brand.service(RECORD_ORDERS, {
      input: { orders: [changed, anOrder({ externalId: "beside" })], idempotencyKey: key() },
    });
    const [differs, beside] = outcomeOf(answer).results;
    expect(differs).toMatchObject({ status: "REFUSED", order: null, refusal: { code: "ORDER_DIFFERS" } });
    expect(differs.differences).toEqual(
      expect.arrayContaining([
        { field: "lines.L1.categories", recorded: '["gift","tea"]', sent: null },
        { field: "lines.L1.quantity", recorded: "5", sent: "4" },
        { field: "lines.L2.sku", recorded: "CUP", sent: null },
        { field: "member", recorded: memberId, sent: null },
        { field: "paidAt", recorded: "2026-11-01T10:05:00.000Z", sent: "2026-11-01T10:06:00.000Z" },
      ]),
    );
    expect(beside.status).toBe("RECORDED");
    const unchanged = await recordOrder(brand.service, order);
    expect(unchanged).toMatchObject({ status: "UNCHANGED", order: { updatedAt: recorded.updatedAt } });
  });

  test("an order may be twice in a call: the second goes on from the first", async () => {
    const order = anOrder({ paidAt: undefined });
    const paid = { ...order, paidAt: "2026-11-01T10:05:00Z" };
    const answer = await brand.service(RECORD_ORDERS, {
      input: { orders: [order, paid, { ...order, store: "12" }], idempotencyKey: key() },
    });
    const results = outcomeOf(answer).results;
    expect(results.map(({ status }: { status: string }) => status)).toEqual([
      ...["RECORDED", "ADVANCED", "REFUSED"],
    ]);
    expect(results[1].order.state).toBe("PAID");
  });

  test("100 orders take two database requests, also when they go on; one more is refused", async () => {
    const own = await newBrand();
    const sent = Array.from({ length: 100 }, () => anOrder({ paidAt: undefined }));
    const record = (batch: object[]) =>
      own.service(RECORD_ORDERS, { input: { orders: batch, idempotencyKey: key() } });
    const statusesOf = (answer: Awaited<ReturnType<typeof record>>) => [
      ...new Set(outcomeOf(answer).results.map(({ status }: { status: string }) => status)),
    ];
    const first = await record(sent);
    expect([statusesOf(first), first.databaseRequests]).toEqual([["RECORDED"], 2]);
    const paid = await record(sent.map((order) => ({ ...order, paidAt: "2026-11-01T10:05:00Z" })));
    expect([statusesOf(paid), paid.databaseRequests]).toEqual([["ADVANCED"], 2]);
    const again = await record(sent);
    expect([statusesOf(again), again.databaseRequests]).toEqual([["UNCHANGED"], 2]);
    expect(outcomeOf(await record([...sent, anOrder()]))).toMatchObject({ code: "INVALID_VALUE" });
    const types = (await eventsOf(own)).map(({ type }) => type);
    expect(types.filter((type) => type === "order.recorded")).toHaveLength(100);
    expect(types.filter((type) => type === "order.advanced")).toHaveLength(100);
  });
});

describe("refusing", () => {
  test.each([
    ["a total that does not add up", { totalMinor: 13_004 }, "totalMinor: must be 13003"],
    ["another currency", { currency: "USD" }, "currency: must be the brand's, CNY"],
    ["a negative discount", { discountMinor: -1, totalMinor: 15_004 }, "discountMinor"],
    ["no lines", { lines: [], totalMinor: -1_000 }, "totalMinor"],
    ["what is to come", { placedAt: "2100-01-01T00:00:00Z", paidAt: null }, "placedAt"],
    ["paid before it was placed", { paidAt: "2026-10-01T00:00:00Z" }, "paidAt"],
    ["completed and not paid", { paidAt: null, completedAt: "2026-11-02T00:00:00Z" }, "paidAt"],
    [
      "completed and cancelled",
      { completedAt: "2026-11-02T00:00:00Z", cancelledAt: "2026-11-02T00:00:00Z" },
      "cancelledAt",
    ],
  ])("%s", async (_what, changes, message) => {
    const result = await recordOrder(brand.service, anOrder(changes));
    expect(result).toMatchObject({ status: "REFUSED", order: null, refusal: { code: "INVALID_VALUE" } });
    expect(result.refusal.message).toContain(message);
  });

  test("a member that is not there, or is no more; what was recorded before still goes on", async () => {
    for (const member of [{ id: "mbr_none" }, { externalId: "nobody" }]) {
      const result = await recordOrder(brand.service, anOrder({ member }));
      expect(result).toMatchObject({ refusal: { code: "NOT_FOUND" } });
    }
    const { memberId: leaving } = await newMember(brand, { externalId: "leaving" });
    const order = anOrder({ member: { externalId: "leaving" }, paidAt: undefined });
    await recordOrder(brand.service, order);
    await close(leaving);
    const after = await recordOrder(brand.service, anOrder({ member: { id: leaving } }));
    expect(after).toMatchObject({ refusal: { code: "MEMBER_CLOSED" } });
    const paid = await recordOrder(brand.service, { ...order, paidAt: "2026-11-01T10:05:00Z" });
    expect(paid).toMatchObject({ status: "ADVANCED" });
  });

  test("texts that no name has", async () => {
    for (const externalId of ["a\u0000b", "", "\ud800"]) {
      const answer = await brand.service(RECORD_ORDERS, {
        input: { orders: [anOrder({ externalId })], idempotencyKey: key() },
      });
      expect(answer.errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
    }
  });

  test("a till, and a member", async () => {
    const member = await callerOfKind("MEMBER", { brandId: brand.brandId, memberId });
    for (const caller of [brand.till, member]) {
      const answer = await caller(RECORD_ORDERS, { input: { orders: [anOrder()], idempotencyKey: key() } });
      expect(answer.errors?.[0]?.extensions.code).toBe("FORBIDDEN");
    }
  });
});

test("another brand's member is not found, and the same external id is another order there", async () => {
  const other = await newBrand();
  const order = anOrder({ externalId: "same" });
  const ours = await recordOrder(brand.service, order);
  const theirs = await recordOrder(other.service, { ...order, store: "elsewhere" });
  expect([ours.status, theirs.status]).toEqual(["RECORDED", "RECORDED"]);
  const foreign = await recordOrder(other.service, anOrder({ member: { id: memberId } }));
  expect(foreign).toMatchObject({ refusal: { code: "NOT_FOUND" } });
  const named = await recordOrder(other.service, anOrder({ member: { externalId: "customer-1" } }));
  expect(named).toMatchObject({ refusal: { code: "NOT_FOUND" } });
});

test("the same order, sent 50 times at once under as many keys, is one row", async () => {
  const own = await newBrand();
  const order = anOrder();
  const results = await Promise.all(Array.from({ length: 50 }, () => recordOrder(own.service, order)));
  expect(results.filter(({ status }) => status === "RECORDED")).toHaveLength(1);
  expect(results.filter(({ status }) => status === "UNCHANGED")).toHaveLength(49);
  expect(new Set(results.map(({ order: { id } }) => id)).size).toBe(1);
  const [rows] = await database()
    .select({ count: count() })
    .from(orders)
    .where(eq(orders.brandId, own.brandId));
  expect(rows?.count).toBe(1);
});

test("one that looks first and inserts after, under ids of its own, records it more than once", async () => {
  const own = await newBrand();
  const allLooked = barrier(30);
  const lookThenInsert = async () => {
    const client = database();
    const where = { brandId: own.brandId, source: "shop", channel: "the-same" };
    const known = await client.query.orders.findFirst({ where });
    await allLooked();
    if (known) return;
    await client.insert(orders).values({
      ...{ ...where, id: key(), externalId: key(), state: "PLACED", currency: "CNY", placedAt: 1 },
      ...{ totalMinor: 0, shippingMinor: 0, discountMinor: 0, pointsSpent: 0, refundedMinor: 0 },
      ...{ lines: [], couponCodes: [], createdAt: 1, updatedAt: 1 },
    });
  };
  await Promise.all(Array.from({ length: 30 }, lookThenInsert));
  const rows = await database().query.orders.findMany({ where: { brandId: own.brandId } });
  expect(rows.length).toBeGreaterThan(1);
});

test("cancelled and completed at once: one of them holds", async () => {
  const order = anOrder();
  await recordOrder(brand.service, order);
  const moments = ["completedAt", "cancelledAt"];
  const results = await Promise.all(
    Array.from({ length: 20 }, (_, position) =>
      recordOrder(brand.service, { ...order, [moments[position % 2] as string]: "2026-11-02T10:00:00Z" }),
    ),
  );
  const by = (status: string) => results.filter((result) => result.status === status).length;
  expect([by("ADVANCED"), by("UNCHANGED"), by("REFUSED")]).toEqual([1, 9, 10]);
});

test("events and the record tell of ids, and of nobody's name", async () => {
  const own = await newBrand();
  const { memberId: someone } = await newMember(own, { name: "Private Person" });
  const order = anOrder({ member: { id: someone }, paidAt: undefined });
  const { order: recorded } = await recordOrder(own.service, order);
  await recordOrder(own.service, { ...order, paidAt: "2026-11-01T10:05:00Z" });
  const events = (await eventsOf(own)).filter(({ type }) => type.startsWith("order."));
  expect(events.map(({ type, payload }) => [type, payload.orderId, payload.state])).toEqual([
    ["order.recorded", recorded.id, "PLACED"],
    ["order.advanced", recorded.id, "PAID"],
  ]);
  expect(JSON.stringify(events)).not.toContain("Private");
  const audit = await own.operator(`query ($id: ID!) { audit(subjectId: $id) { nodes { operation } } }`, {
    id: recorded.id,
  });
  expect(audit.data.audit.nodes).toHaveLength(2);
});
