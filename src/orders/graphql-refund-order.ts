import { InvalidValue, NotFound } from "../errors.ts";
import { builder } from "../graphql/builder.ts";
import { idempotencyKey, rowMutation } from "../graphql/mutation.ts";
import { PointsAlreadySpent } from "../points/refusals.ts";
import type { RolledBackCoupon } from "./fact.ts";
import { factText } from "./fact-text.ts";
import { orderMeanings, Refund } from "./graphql.ts";
import { ReturnedPointsType } from "./graphql-mutations.ts";
import { refundOrder } from "./refund-order.ts";
import { OrderNotPaid, RefundDiffers, RefundExceedsOrder } from "./refusals.ts";

const UnitsInput = builder.inputType("RefundOrderLineInput", {
  description: "Units of an order's line that go back.",
  fields: (t) => ({
    lineId: t.string({ required: true, description: "Which line of the order.", validate: factText }),
    quantity: t.int({ required: true, description: "How many units." }),
  }),
});

const RolledBack = builder.objectRef<RolledBackCoupon>("RolledBackCoupon").implement({
  description: "A coupon whose discount was rolled back, in proportion to the goods that went back.",
  authScopes: { anyOf: ["facts:write"] },
  fields: (t) => ({
    couponId: t.exposeID("couponId", { description: "`cpn_…`" }),
    redemptionId: t.exposeID("redemptionId", { description: "`rdm_…`: the use of it." }),
    discountMinor: t.expose("discountMinor", {
      type: "SafeInt",
      description:
        "How much of its discount is rolled back, in minor units: the offer's budgets have it again.",
    }),
    isWhole: t.exposeBoolean("isWhole", {
      description: "Whether nothing of its discount is left, so that the coupon can be used again.",
    }),
  }),
});

rowMutation("refundOrder", {
  description:
    "Refunds units of an order's lines and says what to pay back: exactly what was paid for them. Coupons that its checkout used on them are rolled back in proportion, points that paid for them come back, and what they earned is taken back. A coupon that `redeemCoupon` used is rolled back by `rollBackRedemption`.",
  scopes: ["facts:write"],
  input: (t) => ({
    source: t.string({ required: true, description: orderMeanings.source, validate: factText }),
    orderReference: t.string({
      required: true,
      description: "The order's id in that system.",
      validate: factText,
    }),
    lines: t.field({
      type: [UnitsInput],
      required: true,
      description: "What goes back, up to 200 lines; empty when it is the shipping alone.",
    }),
    shipping: t.boolean({
      required: true,
      description: "Whether what is left of the shipping is paid back as well.",
    }),
    externalId: t.string({
      description: "The refund's id in that system; one is made, when left out.",
      validate: factText,
    }),
    idempotencyKey: idempotencyKey(t),
  }),
  ...({ row: "refund", type: Refund, table: "refunds" } as const),
  rowDescription: "The refund.",
  refusals: [NotFound, InvalidValue, OrderNotPaid, RefundExceedsOrder, RefundDiffers, PointsAlreadySpent],
  resolve: (input, context, read) => refundOrder(context, input, read),
  fields: (t) => ({
    amountMinor: t.field({
      type: "SafeInt",
      description: "What to pay back, in minor units.",
      resolve: ({ outcome }) => outcome.amountMinor,
    }),
    coupons: t.field({
      type: [RolledBack],
      description: "The coupons that it rolls back; none when an earlier call recorded it.",
      resolve: ({ outcome }) => outcome.coupons,
    }),
    returned: t.field({
      type: ReturnedPointsType,
      nullable: true,
      description:
        "What it did to points; null when an earlier call recorded it, or the order has no member.",
      resolve: ({ outcome }) => outcome.returned,
    }),
  }),
});
