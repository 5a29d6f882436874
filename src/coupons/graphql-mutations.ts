import { SharedCodeUsedUp } from "../codes/refusals.ts";
import { actorOf } from "../context.ts";
import { InvalidValue, isRefusal, NotFound, type Refusal } from "../errors.ts";
import { builder } from "../graphql/builder.ts";
import { idempotencyKey, mutation, payloadType, rowMutation } from "../graphql/mutation.ts";
import { selectionOf } from "../graphql/nodes.ts";
import { RefusalInterface } from "../graphql/refusals.ts";
import { shortText } from "../graphql/texts.ts";
import { MemberClosed } from "../members/refusals.ts";
import {
  MemberLimitReached,
  OfferEnded,
  OfferExhausted,
  OfferNotActive,
  OfferNotForPoints,
} from "../offers/refusals.ts";
import { BalanceTooLow } from "../points/refusals.ts";
import { claimCoupon } from "./claim-coupon.ts";
import { convertPoints } from "./convert-points.ts";
import { createCouponCodes } from "./create-coupon-codes.ts";
import { Coupon } from "./graphql.ts";
import { issueCoupons } from "./issue-coupons.ts";
import { redeemCoupon } from "./redeem-coupon.ts";
import * as refused from "./refusals.ts";
import { revokeCoupon } from "./revoke-coupon.ts";
import { rollBackRedemption } from "./roll-back-redemption.ts";

const couponRow = { row: "coupon", type: Coupon, table: "coupons" } as const;

const RefusedIssue = builder.objectRef<{ memberId: string; refusal: Refusal }>("RefusedIssue").implement({
  description: "A member who got no coupon, and why.",
  authScopes: { public: true },
  fields: (t) => ({
    memberId: t.exposeID("memberId", { description: "Who." }),
    refusal: t.expose("refusal", {
      type: RefusalInterface,
      description: "Why not: NotFound, MemberClosed or MemberLimitReached.",
    }),
  }),
});

mutation("issueCoupons", {
  description:
    "Gives each of up to 500 members a coupon. Who cannot have one is left out and named with the reason.",
  scopes: ["coupons:issue"],
  input: (t) => ({
    offerId: t.id({ required: true, description: "Of which offer." }),
    memberIds: t.idList({ required: true, description: "To whom: 1 to 500 members of the brand." }),
    idempotencyKey: idempotencyKey(t),
  }),
  payload: payloadType<{
    coupons: (typeof Coupon.$inferType)[];
    refused: { memberId: string; refusal: Refusal }[];
  }>("IssueCouponsPayload", "What was given, and what was not.", (t) => ({
    coupons: t.field({ type: [Coupon], description: "The new coupons.", resolve: ({ coupons }) => coupons }),
    refused: t.expose("refused", { type: [RefusedIssue], description: "The members who got none." }),
  })),
  refusals: [NotFound, InvalidValue, OfferEnded, OfferNotActive, OfferExhausted],
  resolve: async (input, context, info) => {
    const selection = selectionOf(context, info, "Coupon", ["coupons"]);
    const result = await issueCoupons(context, input, ({ couponIds }) =>
      context.database.query.coupons.findMany({
        ...selection,
        where: { brandId: actorOf(context).brandId, id: { in: couponIds } },
        orderBy: { id: "asc" },
      }),
    );
    return isRefusal(result)
      ? result
      : { coupons: (result.row ?? []) as never, refused: result.outcome.refused };
  },
});

mutation("createCouponCodes", {
  description:
    "Makes a batch of up to 500 codes that members can claim, and answers them; for more, see `createCodeBatch`.",
  scopes: ["coupons:issue"],
  input: (t) => ({
    offerId: t.id({ required: true, description: "Of which offer." }),
    count: t.int({ required: true, description: "How many, 1 to 500; each counts against its limit." }),
    idempotencyKey: idempotencyKey(t),
  }),
  payload: payloadType<{ codes: string[]; codeBatchId: string }>(
    "CreateCouponCodesPayload",
    "The new codes.",
    (t) => ({
      codes: t.exposeStringList("codes", { description: "In groups of four, ready to print." }),
      codeBatchId: t.exposeID("codeBatchId", { description: "`bat_…`: what they were made in." }),
    }),
  ),
  refusals: [NotFound, InvalidValue, OfferEnded, OfferNotActive, OfferExhausted],
  resolve: async (input, context) => {
    const result = await createCouponCodes(context, input);
    return isRefusal(result) ? result : result.outcome;
  },
});

rowMutation("claimCoupon", {
  description:
    "Gives what a code is good for to a member: the coupon of a code that belongs to nobody, or one of a shared code's offer. Its days begin to count.",
  scopes: ["coupons:claim", "member:self"],
  input: (t) => ({
    code: t.string({ required: true, description: "As typed, in any case.", validate: shortText }),
    memberId: t.id({ required: true, description: "For whom; with a member token, its own." }),
    idempotencyKey: idempotencyKey(t),
  }),
  ...couponRow,
  rowDescription: "The coupon as it is now.",
  refusals: [
    ...[NotFound, MemberClosed, refused.CouponAlreadyClaimed, refused.CouponRevoked],
    ...[refused.CouponExpired, MemberLimitReached, OfferEnded, OfferNotActive, OfferExhausted],
    SharedCodeUsedUp,
  ],
  resolve: (input, context, read) => claimCoupon(context, input, read),
});

rowMutation("convertPoints", {
  description:
    "Buys a coupon of an offer that has a price in points, with a member's points; those that expire first go first.",
  scopes: ["points:spend", "member:self"],
  input: (t) => ({
    memberId: t.id({ required: true, description: "Whose points; with a member token, its own." }),
    offerId: t.id({ required: true, description: "Of which offer: one whose terms have `pricePoints`." }),
    idempotencyKey: idempotencyKey(t),
  }),
  ...couponRow,
  rowDescription: "The new coupon.",
  refusals: [
    ...[NotFound, MemberClosed, BalanceTooLow, OfferNotForPoints],
    ...[OfferEnded, OfferNotActive, OfferExhausted, MemberLimitReached],
  ],
  resolve: (input, context, read) => convertPoints(context, input, read),
  fields: (t) => ({
    points: t.field({
      type: "SafeInt",
      description: "How many points it cost.",
      resolve: ({ outcome }) => outcome.points,
    }),
    transferId: t.id({
      description: "`trf_…`: the change of the balance.",
      resolve: ({ outcome }) => outcome.transferId,
    }),
  }),
});

rowMutation("redeemCoupon", {
  description: "Uses a coupon on an order and answers the discount. It is used once, however many try.",
  scopes: ["coupons:redeem"],
  input: (t) => ({
    code: t.string({ required: true, description: "As typed or scanned, in any case.", validate: shortText }),
    memberId: t.id({ description: "Who stands at the till, if known: the coupon must then be theirs." }),
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
    ...[refused.CurrencyMismatch, MemberClosed],
  ],
  resolve: (input, context, read) => redeemCoupon(context, input, read),
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
  description: "Undoes a redemption, as for a returned order: the coupon can be used again in its time.",
  scopes: ["coupons:redeem"],
  input: (t) => ({
    redemptionId: t.id({ required: true, description: "As `redeemCoupon` answered." }),
    reason: t.string({ required: true, description: "Why, for the record.", validate: shortText }),
    idempotencyKey: idempotencyKey(t),
  }),
  ...couponRow,
  rowDescription: "The coupon as it is now.",
  refusals: [NotFound, refused.RedemptionAlreadyRolledBack],
  resolve: (input, context, read) => rollBackRedemption(context, input, read),
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
  refusals: [NotFound, refused.CouponAlreadyRedeemed, refused.CouponRevoked],
  resolve: (input, context, read) => revokeCoupon(context, input, read),
});
