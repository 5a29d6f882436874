import type { OrderLine, OrderState, RefundLine } from "../../schema/tables/orders.ts";
import { hasScope } from "../context.ts";
import { builder, pageOf } from "../graphql/builder.ts";
import { registerNode, type Visible } from "../graphql/nodes.ts";
import { Member } from "../members/graphql.ts";
import { factText } from "./fact-text.ts";

const readers = ["facts:read", "facts:write", "member:self"] as const;

const OrderStateEnum = builder.enumType("OrderState", {
  description: "Where an order is in its life, as its moments and refunds say.",
  values: {
    PLACED: { description: "Was placed." },
    PAID: { description: "Was paid." },
    COMPLETED: { description: "Was delivered and accepted." },
    PARTLY_REFUNDED: { description: "Some of it went back." },
    REFUNDED: { description: "All of its goods, or all of its money, went back." },
    CANCELLED: { description: "Was cancelled; stays so, also when its money goes back." },
  } satisfies Record<OrderState, { description: string }>,
});

export const orderMeanings = {
  source: "The system that tells of it, as you name it: `shop`, `pos-12`.",
  externalId: "Its id in that system.",
  currency: "ISO 4217; the brand's.",
  placedAt: "When it was placed.",
  paidAt: "When it was paid.",
  completedAt: "When it was delivered and accepted, as the source sees it.",
  cancelledAt: "When it was cancelled.",
  totalMinor: "What was to pay, in minor units: lines and shipping, less the discount.",
  shippingMinor: "Of it for shipping, in minor units, before the discount.",
  discountMinor: "What was taken off the lines, and the shipping, in minor units.",
  pointsSpent: "Points that were spent on it.",
  channel: "Where it was placed: `app`, `mini-program`, `store`.",
  store: "In which shop.",
  lines: "What was bought.",
  couponCodes: "The coupons that were used on it, as the source wrote them.",
} as const;

export const lineMeanings = {
  lineId: "The source's own, once in an order; refunds name it.",
  sku: "Which product.",
  name: "What it is called.",
  categories: "What it counts among.",
  quantity: "How many units.",
  amountMinor: "For all its units together, in minor units, before the order's discount.",
  discountMinor:
    "What of the order's discount it bears, in minor units; what lines do not tell of it is spread over all.",
} satisfies Record<keyof OrderLine, string>;

const Line = builder.objectRef<OrderLine>("OrderLine").implement({
  description: "A product in an order.",
  authScopes: { anyOf: readers },
  fields: (t) => ({
    lineId: t.exposeString("lineId", { description: lineMeanings.lineId }),
    sku: t.exposeString("sku", { description: lineMeanings.sku }),
    name: t.exposeString("name", { nullable: true, description: lineMeanings.name }),
    categories: t.exposeStringList("categories", { description: lineMeanings.categories }),
    quantity: t.exposeInt("quantity", { description: lineMeanings.quantity }),
    amountMinor: t.expose("amountMinor", { type: "SafeInt", description: lineMeanings.amountMinor }),
    discountMinor: t.field({
      type: "SafeInt",
      nullable: true,
      description: lineMeanings.discountMinor,
      resolve: ({ discountMinor }) => discountMinor ?? null,
    }),
  }),
});

const RefundedLine = builder.objectRef<RefundLine>("RefundLine").implement({
  description: "Units of an order's line that went back.",
  authScopes: { anyOf: readers },
  fields: (t) => ({
    lineId: t.exposeString("lineId", { description: "Which line of the order." }),
    quantity: t.exposeInt("quantity", { description: "How many units." }),
    amountMinor: t.expose("amountMinor", {
      type: "SafeInt",
      description: "What was paid back for them, in minor units.",
    }),
  }),
});

export const Refund = builder.drizzleObject("refunds", {
  name: "Refund",
  description: "Goods of an order that went back, or its shipping, and what was paid back for them.",
  authScopes: { anyOf: readers },
  select: { columns: { brandId: true, id: true } },
  fields: (t) => ({
    id: t.exposeID("id", { description: "`rfd_…`" }),
    externalId: t.exposeString("externalId", { description: "Its id in the order's source." }),
    lines: t.expose("lines", { type: [RefundedLine], description: "What went back." }),
    shippingMinor: t.expose("shippingMinor", {
      type: "SafeInt",
      description: "Of the amount for shipping, in minor units.",
    }),
    amountMinor: t.expose("amountMinor", {
      type: "SafeInt",
      description: "What was paid back, in minor units: lines and shipping.",
    }),
    refundedAt: t.expose("refundedAt", { type: "DateTime", description: "When." }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was recorded." }),
  }),
});

export const Order = builder.drizzleNode("orders", {
  name: "Order",
  description: "What a customer bought, as a source tells it. Its content never changes.",
  authScopes: { anyOf: readers },
  id: { column: ({ id }) => id, description: "`ord_…`" },
  select: { columns: { brandId: true, id: true } },
  fields: (t) => {
    const amount = (name: "totalMinor" | "shippingMinor" | "discountMinor" | "pointsSpent") =>
      t.expose(name, { type: "SafeInt", description: orderMeanings[name] });
    const moment = (name: "paidAt" | "completedAt" | "cancelledAt") =>
      t.expose(name, { type: "DateTime", nullable: true, description: orderMeanings[name] });
    const word = (name: "channel" | "store") =>
      t.exposeString(name, { nullable: true, description: orderMeanings[name] });
    return {
      source: t.exposeString("source", { description: orderMeanings.source }),
      externalId: t.exposeString("externalId", { description: orderMeanings.externalId }),
      state: t.expose("state", { type: OrderStateEnum, description: "Where it is in its life." }),
      currency: t.exposeString("currency", { description: orderMeanings.currency }),
      placedAt: t.expose("placedAt", { type: "DateTime", description: orderMeanings.placedAt }),
      paidAt: moment("paidAt"),
      completedAt: moment("completedAt"),
      cancelledAt: moment("cancelledAt"),
      totalMinor: amount("totalMinor"),
      shippingMinor: amount("shippingMinor"),
      discountMinor: amount("discountMinor"),
      pointsSpent: amount("pointsSpent"),
      channel: word("channel"),
      store: word("store"),
      lines: t.expose("lines", { type: [Line], description: orderMeanings.lines }),
      couponCodes: t.exposeStringList("couponCodes", { description: orderMeanings.couponCodes }),
      refundedMinor: t.expose("refundedMinor", {
        type: "SafeInt",
        description: "What was paid back so far, in minor units.",
      }),
      refunds: t.relation("refunds", {
        description: "What went back, newest first; the last 100.",
        query: { orderBy: { id: "desc" }, limit: 100 },
      }),
      member: t.relation("member", {
        type: Member,
        nullable: true,
        authScopes: { anyOf: ["members:read", "member:self"] },
        description: "Whose it is; null for a customer whom nobody recognised.",
      }),
      createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was recorded." }),
      updatedAt: t.expose("updatedAt", { type: "DateTime", description: "When it last went on." }),
    };
  },
});

/** A member sees its own while it is one; who reads or records facts sees all of the brand's. */
const visibleOrders: Visible = (context) => {
  const { actor } = context;
  if (!actor) return null;
  if (actor.memberId)
    return { brandId: actor.brandId, memberId: actor.memberId, member: { state: "ACTIVE" } };
  const sees = hasScope(context, "facts:read") || hasScope(context, "facts:write");
  return sees ? { brandId: actor.brandId } : null;
};

registerNode("Order", "orders", visibleOrders);

builder.queryField("order", (t) =>
  t.drizzleField({
    type: Order,
    nullable: true,
    description: "The order that a source names so; null when there is none.",
    authScopes: { anyOf: readers },
    args: {
      source: t.arg.string({ required: true, description: orderMeanings.source, validate: factText }),
      externalId: t.arg.string({
        required: true,
        description: orderMeanings.externalId,
        validate: factText,
      }),
    },
    resolve: (query, _root, { source, externalId }, context) =>
      context.database.query.orders.findFirst(
        query({ where: { AND: [visibleOrders(context) ?? { id: "" }, { source, externalId }] } }),
      ),
  }),
);

builder.drizzleObjectFields(Member, (t) => ({
  orders: t.relatedConnection(
    "orders",
    {
      nullable: true,
      description: "What the member bought, last recorded first; null, with an error, without the scope.",
      authScopes: { anyOf: ["facts:read", "member:self"] },
      query: { orderBy: { id: "desc" } },
    },
    ...pageOf("Order"),
  ),
}));
