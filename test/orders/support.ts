import type { TestBrand } from "../support/brand.ts";
import { type Caller, database } from "../support/caller.ts";
import { outcomeOf } from "../support/member.ts";

export const key = (): string => crypto.randomUUID();

const RESULT =
  "status source externalId refusal { __typename code message } differences { field recorded sent }";

export const RECORD_ORDERS = `mutation ($input: RecordOrdersInput!) { recordOrders(input: $input) {
  ... on RecordOrdersPayload { results { ${RESULT} order { id state refundedMinor updatedAt member { id } } } }
  ... on Refusal { code message } } }`;
export const RECORD_REFUNDS = `mutation ($input: RecordRefundsInput!) { recordRefunds(input: $input) {
  ... on RecordRefundsPayload { results { ${RESULT} returned { pointsGivenBack pointsTakenBack pointsOwed growthValueTakenBack } refund { id amountMinor shippingMinor lines { lineId quantity amountMinor } } } }
  ... on Refusal { code message } } }`;
export const RECORD_ACTIVITIES = `mutation ($input: RecordActivitiesInput!) { recordActivities(input: $input) {
  ... on RecordActivitiesPayload { results { ${RESULT} activity { id kind name detail { name value } } } }
  ... on Refusal { code message } } }`;

export type Sent = Record<string, unknown>;

/** An order as a shop sends it: 5 of one thing, 2 of another, some off, 1000 for shipping; paid. */
export const anOrder = (changes: Sent = {}): Sent => ({
  ...{ source: "shop", externalId: key(), currency: "CNY" },
  ...{ placedAt: "2026-11-01T10:00:00.000Z", paidAt: "2026-11-01T10:05:00.000Z" },
  lines: [
    { lineId: "L1", sku: "TEA", name: "龙井", categories: ["tea", "gift"], quantity: 5, amountMinor: 10_003 },
    { lineId: "L2", sku: "CUP", quantity: 2, amountMinor: 4_000 },
  ],
  ...{ shippingMinor: 1_000, discountMinor: 2_000, totalMinor: 13_003 },
  ...changes,
});

/** Sends one fact and answers what became of it. */
export async function recordOrder(caller: Caller, order: Sent, idempotencyKey = key()) {
  return outcomeOf(await caller(RECORD_ORDERS, { input: { orders: [order], idempotencyKey } })).results[0];
}

export const aRefund = (order: Sent, changes: Sent = {}): Sent => ({
  ...{ source: order.source, externalId: key(), orderExternalId: order.externalId },
  ...{ lines: [{ lineId: "L1", quantity: 1 }], refundedAt: "2026-11-02T10:00:00.000Z" },
  ...changes,
});

export async function recordRefund(caller: Caller, refund: Sent, idempotencyKey = key()) {
  return outcomeOf(await caller(RECORD_REFUNDS, { input: { refunds: [refund], idempotencyKey } })).results[0];
}

export async function recordActivity(caller: Caller, activity: Sent, idempotencyKey = key()) {
  const answer = await caller(RECORD_ACTIVITIES, { input: { activities: [activity], idempotencyKey } });
  return outcomeOf(answer).results[0];
}

/** The types of a brand's events, in the order in which they were written, each with what it tells. */
export async function eventsOf({ brandId }: TestBrand) {
  return database().query.outbox.findMany({ where: { brandId }, orderBy: { id: "asc" } });
}
