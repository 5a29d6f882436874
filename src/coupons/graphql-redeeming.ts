import * as z from "zod/mini";
import { MOST_LINES } from "../carts/cart-fault.ts";
import { CartLineInput, linesOf } from "../carts/graphql-cart.ts";
import { SharedCodeUsedUp } from "../codes/refusals.ts";
import { InvalidValue, NotFound } from "../errors.ts";
import { idempotencyKey, rowMutation } from "../graphql/mutation.ts";
import { MemberClosed } from "../members/refusals.ts";
import { MemberLimitReached, OfferEnded, OfferExhausted, OfferNotActive } from "../offers/refusals.ts";
import { factText } from "../orders/fact-text.ts";
import { orderMeanings } from "../orders/graphql.ts";
import { shortText } from "../texts.ts";
import { couponRow } from "./graphql.ts";
import { redeemCoupon } from "./redeem-coupon.ts";
import * as refused from "./refusals.ts";
import { revokeCoupon } from "./revoke-coupon.ts";
import { rollBackRedemption } from "./roll-back-redemption.ts";

rowMutation("redeemCoupon", {
  description:
    "Uses a coupon on an order and answers the discount: as its terms say of such an order, within the limits of its offer. It is used once, however many try. What benefits take off is taken off before; to use several coupons, points and benefits together, there is `checkout`.",
  scopes: ["coupons:redeem"],
  input: (t) => ({
    code: t.string({ required: true, description: "As typed or scanned, in any case.", validate: shortText }),
    memberId: t.id({
      description:
        "Who stands at the till, if known: the coupon must then be theirs. A code that is nobody's yet, as of a batch or for everybody, becomes theirs. One that was given away is redeemed with it only: who gave it knows its code.",
    }),
    orderReference: t.string({
      required: true,
      description: "The order, as you name it.",
      validate: shortText,
    }),
    orderAmountMinor: t.field({
      type: "SafeInt",
      required: true,
      description: "What the order comes to, in minor units.",
    }),
    currency: t.string({
      required: true,
      description: "ISO 4217; must be the brand's.",
      validate: shortText,
    }),
    lines: t.field({
      type: [CartLineInput],
      description:
        "What is bought, together `orderAmountMinor`; what is for some goods only applies to no order without.",
      validate: z.array(z.unknown()).check(z.minLength(1, "must not be empty"), z.maxLength(MOST_LINES)),
    }),
    channel: t.string({ description: orderMeanings.channel, validate: factText }),
    store: t.string({ description: orderMeanings.store, validate: factText }),
    paymentMethod: t.string({ description: "How it is paid, as your offers name it.", validate: factText }),
    idempotencyKey: idempotencyKey(t),
  }),
  ...couponRow,
  rowDescription: "The coupon as it is now.",
  refusals: [
    ...[
      NotFound,
      InvalidValue,
      refused.CouponNotClaimed,
      refused.CouponOfAnotherMember,
      refused.CouponAlreadyRedeemed,
      refused.CouponHeld,
    ],
    ...[refused.CouponRevoked, refused.CouponExpired, refused.CouponNotYetValid, refused.MinimumSpendNotMet],
    ...[refused.CurrencyMismatch, MemberClosed, OfferNotActive, refused.CouponNotApplicable],
    ...[refused.OfferLimitReached, refused.BudgetExhausted],
    // Of a code that becomes a coupon.
    ...[refused.CouponAlreadyClaimed, OfferEnded, OfferExhausted, MemberLimitReached, SharedCodeUsedUp],
  ],
  resolve: ({ lines, ...input }, context, read) =>
    redeemCoupon(context, { ...input, lines: lines ? linesOf(lines) : null }, read),
  fields: (t) => ({
    redemptionId: t.id({
      description: "`rdm_…`; rolling it back needs it.",
      resolve: ({ outcome }) => outcome.redemptionId,
    }),
    discountMinor: t.field({
      type: "SafeInt",
      description: "What to take off.",
      resolve: ({ outcome }) => outcome.discountMinor,
    }),
    payableMinor: t.field({
      type: "SafeInt",
      description: "What is left to pay.",
      resolve: ({ outcome }) => outcome.payableMinor,
    }),
  }),
});

rowMutation("rollBackRedemption", {
  description:
    "Undoes a redemption, as for a returned order: the coupon can be used again in its time. With `discountMinor`, as for some of the goods, only a part of the discount: the coupon stays used until the last part is undone. Not of a coupon that gave points: they are taken back with its order.",
  scopes: ["coupons:redeem"],
  input: (t) => ({
    redemptionId: t.id({ required: true, description: "As `redeemCoupon` answered." }),
    discountMinor: t.field({
      type: "SafeInt",
      description:
        "How much of the discount, in minor units; without it, all that is left. What is undone counts no longer against the offer's budgets.",
    }),
    reason: t.string({ required: true, description: "Why, for the record.", validate: shortText }),
    idempotencyKey: idempotencyKey(t),
  }),
  ...couponRow,
  rowDescription: "The coupon as it is now.",
  refusals: [NotFound, InvalidValue, refused.RedemptionAlreadyRolledBack, refused.RollbackTooLarge],
  resolve: (input, context, read) => rollBackRedemption(context, input, read),
  fields: (t) => ({
    discountMinor: t.field({
      type: "SafeInt",
      description: "How much of the discount was undone, in minor units.",
      resolve: ({ outcome }) => outcome.discountMinor,
    }),
    leftMinor: t.field({
      type: "SafeInt",
      description: "How much of it is left; with nothing left, the coupon can be used again.",
      resolve: ({ outcome }) => outcome.leftMinor,
    }),
  }),
});

rowMutation("revokeCoupon", {
  description: "Takes a coupon back for good. It still counts as issued, but not against its member's limit.",
  scopes: ["coupons:revoke"],
  input: (t) => ({
    couponId: t.id({ required: true, description: "Which coupon." }),
    reason: t.string({ required: true, description: "Why, for the record.", validate: shortText }),
    idempotencyKey: idempotencyKey(t),
  }),
  ...couponRow,
  rowDescription: "The coupon as it is now.",
  refusals: [NotFound, refused.CouponAlreadyRedeemed, refused.CouponHeld, refused.CouponRevoked],
  resolve: (input, context, read) => revokeCoupon(context, input, read),
});
