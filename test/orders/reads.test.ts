import { beforeAll, expect, test } from "vitest";
import { scopesFor } from "../../src/access/scopes.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { type Caller, callerOfKind } from "../support/caller.ts";
import { newMember } from "../support/member.ts";
import { anOrder, aRefund, key, recordActivity, recordOrder, recordRefund, type Sent } from "./support.ts";

let brand: TestBrand;
let member: Caller;
let memberId: string;
let order: Sent;
let orderId: string;

beforeAll(async () => {
  brand = await newBrand();
  ({ member, memberId } = await newMember(brand));
  order = anOrder({ member: { id: memberId } });
  ({
    order: { id: orderId },
  } = await recordOrder(brand.service, order));
  await recordOrder(brand.service, anOrder({ member: { id: memberId }, externalId: "newest" }));
  await recordRefund(brand.service, aRefund(order));
  await recordActivity(brand.service, {
    ...{ source: "app", externalId: key(), member: { id: memberId } },
    ...{ kind: "CUSTOM", name: "quiz-won", occurredAt: "2026-11-01T10:00:00Z" },
  });
});

const ORDER = `query ($externalId: String!) { order(source: "shop", externalId: $externalId) { id member { id } } }`;
const NODE = `query ($id: ID!) { node(id: $id) { id ... on Order { totalMinor } } }`;

test("a member sees what it bought and did in one database request, newest first, page by page", async () => {
  const seen = await member(`{ me { id
    orders(first: 1) { pageInfo { hasNextPage endCursor } nodes { externalId } }
    activities { nodes { kind name occurredAt } } } }`);
  expect(seen.errors).toBeUndefined();
  expect(seen.databaseRequests).toBe(1);
  expect(seen.data.me).toMatchObject({
    orders: { pageInfo: { hasNextPage: true }, nodes: [{ externalId: "newest" }] },
    activities: { nodes: [{ kind: "CUSTOM", name: "quiz-won" }] },
  });
  const next = await member(
    `query ($after: String) { me { orders(first: 10, after: $after) { nodes {
      externalId state currency placedAt totalMinor couponCodes channel
      lines { lineId sku name categories quantity amountMinor }
      refunds { amountMinor shippingMinor lines { lineId quantity amountMinor } } } } } }`,
    { after: seen.data.me.orders.pageInfo.endCursor },
  );
  expect(next.databaseRequests).toBe(1);
  expect(next.data.me.orders.nodes).toMatchObject([
    {
      ...{ externalId: order.externalId, state: "PARTLY_REFUNDED", totalMinor: 13_003, couponCodes: [] },
      lines: [
        { lineId: "L1", sku: "TEA", name: "龙井", categories: ["tea", "gift"], quantity: 5 },
        { lineId: "L2", sku: "CUP", name: null, categories: [] },
      ],
      refunds: [{ amountMinor: 1_715, lines: [{ lineId: "L1", quantity: 1 }] }],
    },
  ]);
});

test("an order is found by its source's id, and by its own", async () => {
  for (const caller of [member, brand.service, brand.storefront, brand.operator]) {
    const found = await caller(ORDER, { externalId: order.externalId });
    expect(found.data.order).toEqual({ id: orderId, member: { id: memberId } });
    expect(found.databaseRequests).toBe(1);
    expect((await caller(NODE, { id: orderId })).data.node).toEqual({ id: orderId, totalMinor: 13_003 });
  }
  expect((await brand.service(ORDER, { externalId: "none" })).data.order).toBeNull();
});

test("another member, a till and another brand find nothing", async () => {
  const { member: neighbour } = await newMember(brand);
  const stranger = await newBrand();
  for (const caller of [neighbour, stranger.service, stranger.operator]) {
    expect((await caller(ORDER, { externalId: order.externalId })).data.order).toBeNull();
    expect((await caller(NODE, { id: orderId })).data.node).toBeNull();
  }
  expect((await brand.till(NODE, { id: orderId })).data.node).toBeNull();
  const asked = await brand.till(ORDER, { externalId: order.externalId });
  expect(asked.errors?.[0]?.extensions.code).toBe("FORBIDDEN");
});

test("without the scope a member is shown without its orders, and a closed member sees nothing", async () => {
  const scopes = new Set(scopesFor("SERVICE").filter((scope) => scope !== "facts:read"));
  const narrow = await callerOfKind("SERVICE", { brandId: brand.brandId, scopes });
  const seen = await narrow(
    `query ($id: ID!) { member(by: { id: $id }) { id orders { nodes { id } } activities { nodes { id } } } }`,
    { id: memberId },
  );
  expect(seen.data.member).toEqual({ id: memberId, orders: null, activities: null });
  expect(seen.errors?.map(({ extensions }) => extensions.code)).toEqual(["FORBIDDEN", "FORBIDDEN"]);

  const { member: leaving, memberId: id } = await newMember(brand);
  const last = anOrder({ member: { id } });
  await recordOrder(brand.service, last);
  expect((await leaving(ORDER, { externalId: last.externalId })).data.order).not.toBeNull();
  await leaving(`mutation ($input: CloseMemberInput!) { closeMember(input: $input) { __typename } }`, {
    input: { memberId: id, reason: "test", idempotencyKey: key() },
  });
  expect((await leaving(ORDER, { externalId: last.externalId })).data.order).toBeNull();
  expect((await brand.service(ORDER, { externalId: last.externalId })).data.order).not.toBeNull();
});
