import * as z from "zod/mini";
import { actorOf } from "../context.ts";
import { InvalidValue, isRefusal, NotFound } from "../errors.ts";
import { builder } from "../graphql/builder.ts";
import { idempotencyKey, mutation, payloadType } from "../graphql/mutation.ts";
import { selectionOf } from "../graphql/nodes.ts";
import type { ReturnedPoints } from "./fact.ts";
import { factText } from "./fact-text.ts";
import { lineMeanings, Order, orderMeanings, Refund } from "./graphql.ts";
import { FactMember, type ResultWith, resultType, withRows } from "./graphql-facts.ts";
import { recordOrders } from "./record-orders.ts";
import { recordRefunds } from "./record-refunds.ts";

const factTexts = z.array(factText);

const OrderLineInput = builder.inputType("OrderLineInput", {
  description: "A product in an order.",
  fields: (t) => ({
    lineId: t.string({ required: true, description: lineMeanings.lineId, validate: factText }),
    sku: t.string({ required: true, description: lineMeanings.sku, validate: factText }),
    name: t.string({ description: lineMeanings.name, validate: factText }),
    categories: t.stringList({ description: lineMeanings.categories, validate: factTexts }),
    quantity: t.int({ required: true, description: lineMeanings.quantity }),
    amountMinor: t.field({ type: "SafeInt", required: true, description: lineMeanings.amountMinor }),
    discountMinor: t.field({ type: "SafeInt", description: lineMeanings.discountMinor }),
  }),
});

const OrderInput = builder.inputType("OrderInput", {
  description: "An order as its source has it now. A moment that is left out says nothing.",
  fields: (t) => ({
    source: t.string({ required: true, description: orderMeanings.source, validate: factText }),
    externalId: t.string({ required: true, description: orderMeanings.externalId, validate: factText }),
    member: t.field({
      type: FactMember,
      description: "Whose it is; left out for a customer whom nobody recognised.",
    }),
    currency: t.string({ required: true, description: orderMeanings.currency, validate: factText }),
    placedAt: t.field({ type: "DateTime", required: true, description: orderMeanings.placedAt }),
    paidAt: t.field({ type: "DateTime", description: orderMeanings.paidAt }),
    completedAt: t.field({
      type: "DateTime",
      description: `${orderMeanings.completedAt} With \`paidAt\`.`,
    }),
    cancelledAt: t.field({ type: "DateTime", description: orderMeanings.cancelledAt }),
    totalMinor: t.field({ type: "SafeInt", required: true, description: orderMeanings.totalMinor }),
    shippingMinor: t.field({ type: "SafeInt", description: `${orderMeanings.shippingMinor} Else 0.` }),
    discountMinor: t.field({ type: "SafeInt", description: `${orderMeanings.discountMinor} Else 0.` }),
    pointsSpent: t.field({ type: "SafeInt", description: `${orderMeanings.pointsSpent} Else 0.` }),
    channel: t.string({ description: orderMeanings.channel, validate: factText }),
    store: t.string({ description: orderMeanings.store, validate: factText }),
    lines: t.field({ type: [OrderLineInput], required: true, description: orderMeanings.lines }),
    couponCodes: t.stringList({ description: orderMeanings.couponCodes, validate: factTexts }),
  }),
});

type SentOrderInput = typeof OrderInput.$inferInput;

const sentOrder = (order: SentOrderInput) => ({
  ...{ source: order.source, externalId: order.externalId, member: order.member ?? null },
  ...{ currency: order.currency, channel: order.channel ?? null, store: order.store ?? null },
  ...{ placedAt: order.placedAt, paidAt: order.paidAt ?? null },
  ...{ completedAt: order.completedAt ?? null, cancelledAt: order.cancelledAt ?? null },
  ...{ totalMinor: order.totalMinor, shippingMinor: order.shippingMinor ?? 0 },
  ...{ discountMinor: order.discountMinor ?? 0, pointsSpent: order.pointsSpent ?? 0 },
  lines: order.lines.map(({ name, categories, discountMinor, ...line }) => ({
    ...line,
    ...{ name: name ?? null, categories: categories ?? [] },
    ...(discountMinor ? { discountMinor } : {}),
  })),
  couponCodes: order.couponCodes ?? [],
});

const OrderResult = resultType<typeof Order.$inferType>("OrderResult", "order", Order);

mutation("recordOrders", {
  description:
    "Records up to 100 orders, each once for its source and external id. Sent again with more moments, an order goes on: placed, paid, completed, or cancelled; in whatever order they arrive. With another content it is refused by itself.",
  scopes: ["facts:write"],
  input: (t) => ({
    orders: t.field({ type: [OrderInput], required: true, description: "1 to 100 orders." }),
    idempotencyKey: idempotencyKey(t),
  }),
  payload: payloadType<{ results: ResultWith<typeof Order.$inferType>[] }>(
    "RecordOrdersPayload",
    "What `recordOrders` did.",
    (t) => ({
      results: t.expose("results", { type: [OrderResult], description: "For each order, in turn." }),
    }),
  ),
  refusals: [NotFound, InvalidValue],
  resolve: async ({ orders, idempotencyKey: key }, context, info) => {
    const selection = selectionOf(context, info, "Order", ["results", "order"]);
    const input = { orders: orders.map(sentOrder), idempotencyKey: key };
    const result = await recordOrders(context, input, ({ orderIds }) =>
      context.database.query.orders.findMany({
        ...selection,
        where: { brandId: actorOf(context).brandId, id: { in: orderIds } },
      }),
    );
    return isRefusal(result) ? result : { results: withRows(result.outcome.results, result.row) };
  },
});

const RefundLineInput = builder.inputType("RefundLineInput", {
  description: "Units of an order's line that went back.",
  fields: (t) => ({
    lineId: t.string({ required: true, description: "Which line of the order.", validate: factText }),
    quantity: t.int({ required: true, description: "How many units." }),
    amountMinor: t.field({
      type: "SafeInt",
      description:
        "What was paid back for them, in minor units; without it, their share of what was paid for the line, rounded so that partial refunds add up to it.",
    }),
  }),
});

const RefundInput = builder.inputType("RefundInput", {
  description: "A refund as the order's source has it.",
  fields: (t) => ({
    source: t.string({ required: true, description: orderMeanings.source, validate: factText }),
    externalId: t.string({
      required: true,
      description: "The refund's id in that system.",
      validate: factText,
    }),
    orderExternalId: t.string({
      required: true,
      description: "The order's id in that system.",
      validate: factText,
    }),
    lines: t.field({
      type: [RefundLineInput],
      required: true,
      description: "What goes back; empty when it is the shipping alone.",
    }),
    shippingMinor: t.field({
      type: "SafeInt",
      description: "What was paid back for shipping, in minor units; else 0.",
    }),
    refundedAt: t.field({ type: "DateTime", required: true, description: "When." }),
  }),
});

const RefundResult = resultType<typeof Refund.$inferType>("RefundResult", "refund", Refund);

export const ReturnedPointsType = builder.objectRef<ReturnedPoints>("ReturnedPoints").implement({
  description: "What a refund did to its member's points.",
  authScopes: { anyOf: ["facts:write"] },
  fields: (t) => {
    const amount = (name: keyof ReturnedPoints, description: string) =>
      t.expose(name, { type: "SafeInt", description });
    return {
      pointsGivenBack: amount("pointsGivenBack", "Points that were spent on the order, and come back."),
      pointsTakenBack: amount(
        "pointsTakenBack",
        "Points that were earned with what went back, and are taken back.",
      ),
      pointsOwed: amount(
        "pointsOwed",
        "Of those taken back, how many had been spent, so that the member owes them.",
      ),
      growthValueTakenBack: amount(
        "growthValueTakenBack",
        "Growth value that was earned with it, and is taken back.",
      ),
    };
  },
});

builder.objectField(RefundResult, "returned", (t) =>
  t.field({
    type: ReturnedPointsType,
    nullable: true,
    description: "What it did to points; null when an earlier call recorded it, or the order has no member.",
    resolve: ({ returned }) => returned ?? null,
  }),
);

mutation("recordRefunds", {
  description:
    "Records up to 100 refunds, each once for its source and external id, by line and quantity: never more than was bought, over all of an order's refunds. Points that paid for what goes back come back, and what it earned is taken back.",
  scopes: ["facts:write"],
  input: (t) => ({
    refunds: t.field({ type: [RefundInput], required: true, description: "1 to 100 refunds." }),
    idempotencyKey: idempotencyKey(t),
  }),
  payload: payloadType<{ results: ResultWith<typeof Refund.$inferType>[] }>(
    "RecordRefundsPayload",
    "What `recordRefunds` did.",
    (t) => ({
      results: t.expose("results", { type: [RefundResult], description: "For each refund, in turn." }),
    }),
  ),
  refusals: [InvalidValue],
  resolve: async ({ refunds, idempotencyKey: key }, context, info) => {
    const selection = selectionOf(context, info, "Refund", ["results", "refund"]);
    const sent = refunds.map(({ shippingMinor, ...refund }) => ({
      ...refund,
      shippingMinor: shippingMinor ?? 0,
    }));
    const result = await recordRefunds(context, { refunds: sent, idempotencyKey: key }, ({ refundIds }) =>
      context.database.query.refunds.findMany({
        ...selection,
        where: { brandId: actorOf(context).brandId, id: { in: refundIds } },
      }),
    );
    return isRefusal(result) ? result : { results: withRows(result.outcome.results, result.row) };
  },
});
