import type { checkoutStates } from "../../schema/tables/carts.ts";
import { hasScope } from "../context.ts";
import { Coupon } from "../coupons/graphql.ts";
import { builder, pageOf } from "../graphql/builder.ts";
import { FEW } from "../graphql/costs.ts";
import { registerNode, type Visible } from "../graphql/nodes.ts";
import { Member } from "../members/graphql.ts";
import { Order } from "../orders/graphql.ts";
import { keptAnswer } from "./decision.ts";
import { EvaluationType } from "./graphql-evaluation.ts";

const readers = ["checkouts:write", "facts:read", "member:self"] as const;

const CheckoutStateEnum = builder.enumType("CheckoutState", {
  description: "What became of a checkout. That its time has passed is read off `expiresAt`.",
  values: {
    OPEN: { description: "Holds what it uses, until `expiresAt`." },
    COMPLETED: { description: "What it held was used." },
    CANCELLED: { description: "Let go of what it held: by hand, or when its time had passed." },
  } satisfies Record<(typeof checkoutStates)[number], { description: string }>,
});

export const checkoutMeanings = {
  source: "The system that the order is in, as you name it: `shop`, `pos-12`.",
  orderReference: "The order's id in that system. An order has one checkout that is not cancelled.",
} as const;

const CheckoutCoupon = builder.drizzleObject("checkoutCoupons", {
  name: "CheckoutCoupon",
  description: "A coupon that a checkout holds, or has used.",
  authScopes: { anyOf: readers },
  select: { columns: { brandId: true, checkoutId: true, couponId: true } },
  fields: (t) => ({
    coupon: t.relation("coupon", {
      type: Coupon,
      nullable: true,
      description: "Which; null, with an error, for who may not read coupons.",
    }),
    discountMinor: t.expose("discountMinor", {
      type: "SafeInt",
      description: "What it takes off, in minor units.",
    }),
  }),
});

export const Checkout = builder.drizzleNode("checkouts", {
  name: "Checkout",
  description: "A cart's coupons, points and benefits, held for an order at the price that was shown.",
  authScopes: { anyOf: readers },
  id: { column: ({ id }) => id, description: "`chk_…`" },
  select: { columns: { brandId: true, id: true } },
  fields: (t) => ({
    source: t.exposeString("source", { description: checkoutMeanings.source }),
    orderReference: t.exposeString("orderReference", { description: checkoutMeanings.orderReference }),
    state: t.expose("state", { type: CheckoutStateEnum, description: "What became of it." }),
    currency: t.exposeString("currency", { description: "Of its amounts; ISO 4217." }),
    discountMinor: t.expose("discountMinor", {
      type: "SafeInt",
      description: "All that is taken off lines and shipping, points included; in minor units.",
    }),
    payableMinor: t.expose("payableMinor", {
      type: "SafeInt",
      description: "What is to pay, in minor units.",
    }),
    coupons: t.relation("coupons", {
      type: CheckoutCoupon,
      complexity: FEW,
      description: "The coupons that it uses; the first 50.",
      query: { orderBy: { couponId: "asc" }, limit: 50 },
    }),
    evaluation: t.field({
      type: EvaluationType,
      nullable: true,
      description: "The price and why, as it was decided; null, with an error, for who may price no cart.",
      select: { with: { decision: { columns: { facts: true, outcome: true } } } },
      resolve: ({ decision }) => keptAnswer(decision),
    }),
    decisionId: t.exposeID("decisionId", {
      description: "`dcn_…`: the decision that the price is of, which can be looked up.",
    }),
    member: t.relation("member", {
      type: Member,
      authScopes: { anyOf: ["members:read", "member:self"] },
      nullable: true,
      description: "Who buys; null, with an error, without the scope.",
    }),
    order: t.relation("order", {
      type: Order,
      nullable: true,
      authScopes: { anyOf: ["facts:read", "facts:write", "member:self"] },
      description: "The order, where it was recorded by when the checkout was completed.",
    }),
    expiresAt: t.expose("expiresAt", {
      type: "DateTime",
      description: "Until when it holds what it uses; past that it cannot be completed.",
    }),
    settledAt: t.expose("settledAt", {
      type: "DateTime",
      nullable: true,
      description: "When it was completed or cancelled.",
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was opened." }),
  }),
});

/** A member sees its own while it is one; who checks out or reads facts sees all of the brand's. */
const visibleCheckouts: Visible = (context) => {
  const { actor } = context;
  if (!actor) return null;
  if (actor.memberId)
    return { brandId: actor.brandId, memberId: actor.memberId, member: { state: "ACTIVE" } };
  const sees = hasScope(context, "checkouts:write") || hasScope(context, "facts:read");
  return sees ? { brandId: actor.brandId } : null;
};

registerNode("Checkout", "checkouts", visibleCheckouts);

builder.drizzleObjectFields(Member, (t) => ({
  checkouts: t.relatedConnection(
    "checkouts",
    {
      nullable: true,
      description: "The member's checkouts, newest first; null, with an error, without the scope.",
      authScopes: { anyOf: readers },
      query: { orderBy: { id: "desc" } },
    },
    ...pageOf("Checkout"),
  ),
}));
