import { actorOf } from "../context.ts";
import { InvalidValue, isRefusal, NotFound, type Refusal } from "../errors.ts";
import { builder } from "../graphql/builder.ts";
import { idempotencyKey, mutation, payloadType, rowMutation } from "../graphql/mutation.ts";
import { selectionOf } from "../graphql/nodes.ts";
import { RefusalInterface } from "../graphql/refusals.ts";
import { MemberClosed } from "../members/refusals.ts";
import {
  MemberLimitReached,
  OfferEnded,
  OfferExhausted,
  OfferNotActive,
  OfferNotForPoints,
} from "../offers/refusals.ts";
import { BalanceTooLow } from "../points/refusals.ts";
import { convertPoints } from "./convert-points.ts";
import { createCouponCodes } from "./create-coupon-codes.ts";
import { Coupon, couponRow } from "./graphql.ts";
import { issueCoupons } from "./issue-coupons.ts";

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
