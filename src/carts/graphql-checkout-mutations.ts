import * as codes from "../codes/refusals.ts";
import * as coupons from "../coupons/refusals.ts";
import { InvalidValue, NotFound } from "../errors.ts";
import { idempotencyKey, rowMutation } from "../graphql/mutation.ts";
import { MemberClosed } from "../members/refusals.ts";
import { MemberLimitReached, OfferEnded, OfferExhausted, OfferNotActive } from "../offers/refusals.ts";
import { factText } from "../orders/fact-text.ts";
import { OrderDiffers, OrderStateConflict } from "../orders/refusals.ts";
import { BalanceTooLow, HoldAlreadySettled } from "../points/refusals.ts";
import { cancelCheckout } from "./cancel-checkout.ts";
import { checkout } from "./checkout.ts";
import { completeCheckout } from "./complete-checkout.ts";
import { CartInputType, cartOf } from "./graphql-cart.ts";
import { Checkout, checkoutMeanings } from "./graphql-checkout.ts";
import * as refused from "./refusals.ts";

const checkoutRow = { row: "checkout", type: Checkout, table: "checkouts" } as const;
const rowDescription = "The checkout as it is now.";

rowMutation("checkout", {
  description:
    "Prices a cart as `evaluateCart` does, and holds all that the price rests on for an order: coupons, what of limits and quotas they take, and points. They are held until the checkout is completed or cancelled, or its time has passed.",
  scopes: ["checkouts:write"],
  input: (t) => ({
    memberId: t.id({ required: true, description: "Who buys, `mbr_…`." }),
    source: t.string({ required: true, description: checkoutMeanings.source, validate: factText }),
    orderReference: t.string({
      required: true,
      description: checkoutMeanings.orderReference,
      validate: factText,
    }),
    cart: t.field({
      type: CartInputType,
      required: true,
      description:
        "The cart. Its `memberId` is left out, or the same; its `at` must be left out: it is bought now. Otherwise `InvalidValue`.",
    }),
    expectedPayableMinor: t.field({
      type: "SafeInt",
      description: "What was shown to the member, in minor units. At another price nothing is held.",
    }),
    minutes: t.int({ description: "How long it is held: 1 to 1,440 minutes; 15, when left out." }),
    idempotencyKey: idempotencyKey(t),
  }),
  ...checkoutRow,
  rowDescription,
  refusals: [
    ...[NotFound, InvalidValue, MemberClosed, refused.CheckoutExists, refused.PriceChanged],
    ...[refused.CouponNotUsable, refused.PointsNotUsable, BalanceTooLow],
    ...[coupons.CouponRevoked, coupons.CouponAlreadyClaimed, coupons.CouponExpired],
    ...[MemberLimitReached, OfferEnded, OfferNotActive, OfferExhausted, codes.SharedCodeUsedUp],
  ],
  resolve: (input, context, read) => {
    const { memberId } = input;
    return checkout(context, input, { ...cartOf(input.cart, context.now), memberId }, read);
  },
});

rowMutation("completeCheckout", {
  description:
    "Uses what a checkout holds, once its order is paid: coupons are redeemed, points spent, benefits used, and coupons that give points give them. With `recordOrder` the order is recorded as paid in the same commit, so it earns, and may lift the member's tier.",
  scopes: ["checkouts:write"],
  input: (t) => ({
    checkoutId: t.id({ required: true, description: "`chk_…`" }),
    recordOrder: t.boolean({
      required: true,
      description:
        "Whether the order is recorded with it, which needs `facts:write`. Where another system tells of it by `recordOrders`, its lines' `discountMinor` should be the checkout's.",
    }),
    paidAt: t.field({
      type: "DateTime",
      description: "When the order was paid, not in the future; now, when left out.",
    }),
    idempotencyKey: idempotencyKey(t),
  }),
  ...checkoutRow,
  rowDescription,
  refusals: [
    ...[NotFound, InvalidValue, MemberClosed, refused.CheckoutExpired, refused.CheckoutAlreadySettled],
    ...[HoldAlreadySettled, OrderDiffers, OrderStateConflict],
  ],
  resolve: (input, context, read) => completeCheckout(context, input, read),
});

rowMutation("cancelCheckout", {
  description:
    "Lets go of all that a checkout holds: coupons, limits, quotas and points are free again. Also after its time.",
  scopes: ["checkouts:write"],
  input: (t) => ({
    checkoutId: t.id({ required: true, description: "`chk_…`" }),
    idempotencyKey: idempotencyKey(t),
  }),
  ...checkoutRow,
  rowDescription,
  refusals: [NotFound, refused.CheckoutAlreadySettled],
  resolve: (input, context, read) => cancelCheckout(context, input, read),
});
