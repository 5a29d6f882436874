import { SharedCodeUsedUp } from "../codes/refusals.ts";
import { InvalidValue, NotFound } from "../errors.ts";
import { idempotencyKey, rowMutation } from "../graphql/mutation.ts";
import { Member } from "../members/graphql.ts";
import { MemberClosed } from "../members/refusals.ts";
import { MemberLimitReached, OfferEnded, OfferExhausted, OfferNotActive } from "../offers/refusals.ts";
import { GiftReceiver } from "../points/graphql-gifts.ts";
import { shortText } from "../texts.ts";
import { claimCoupon } from "./claim-coupon.ts";
import { claimOffer } from "./claim-offer.ts";
import { giveCoupon } from "./give-coupon.ts";
import { couponRow } from "./graphql.ts";
import * as refused from "./refusals.ts";

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

rowMutation("claimOffer", {
  description:
    "Gives a member a coupon of an offer that members can claim themselves (`terms.claimableFrom`). First come, first served, by the moment that it is given: nobody holds a place, and never are more given than there are. «OfferExhausted» may be up to a second old.",
  scopes: ["coupons:claim", "member:self"],
  input: (t) => ({
    offerId: t.id({ required: true, description: "Of which offer." }),
    memberId: t.id({ required: true, description: "For whom; with a member token, its own." }),
    idempotencyKey: idempotencyKey(t),
  }),
  ...couponRow,
  rowDescription: "The new coupon.",
  refusals: [
    ...[NotFound, MemberClosed, refused.OfferNotClaimable, OfferExhausted],
    ...[MemberLimitReached, OfferEnded, OfferNotActive],
  ],
  resolve: (input, context, read) => claimOffer(context, input, read),
});

rowMutation("giveCoupon", {
  description:
    "Gives a member's coupon to another member, where its terms let it (`terms.giftable`). It expires when it would have. Neither learns who the other is.",
  scopes: ["coupons:claim", "member:self"],
  input: (t) => ({
    couponId: t.id({ required: true, description: "Which coupon; with a member token, one of its own." }),
    receiver: t.field({ type: GiftReceiver, required: true, description: "Who gets it." }),
    idempotencyKey: idempotencyKey(t),
  }),
  row: "member",
  type: Member,
  table: "members",
  rowDescription: "Who gave, as it is now.",
  refusals: [
    ...[NotFound, InvalidValue, refused.CouponNotGiftable, refused.ReceiverLimitReached],
    ...[refused.CouponNotClaimed, refused.CouponAlreadyRedeemed, refused.CouponHeld],
    ...[refused.CouponRevoked, refused.CouponExpired],
  ],
  resolve: (input, context, read) => giveCoupon(context, input, read),
});
