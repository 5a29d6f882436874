import { refusalType } from "../errors.ts";

export const OfferEnded = refusalType(
  "OfferEnded",
  "No more coupons of this offer are given out.",
  { en: "This offer has ended.", "zh-CN": "该活动已结束。" },
  { offerId: ["ID", "The offer."], endedAt: ["DateTime?", "When, if by its terms."] },
);

export const OfferExhausted = refusalType(
  "OfferExhausted",
  "The offer's total limit leaves fewer coupons than were asked for.",
  { en: "Only {left} coupons of this offer are left.", "zh-CN": "该优惠仅剩 {left} 张。" },
  { offerId: ["ID", "The offer."], left: ["Int", "How many can still be issued."] },
);

export const OfferNotForPoints = refusalType(
  "OfferNotForPoints",
  "The offer has no price in points.",
  { en: "This coupon cannot be had for points.", "zh-CN": "该优惠券不支持积分兑换。" },
  { offerId: ["ID", "The offer."] },
);

export const MemberLimitReached = refusalType(
  "MemberLimitReached",
  "The member already has as many coupons of this offer as one member can have.",
  { en: "A member can have {limit} of these coupons.", "zh-CN": "每位会员限领 {limit} 张。" },
  { memberId: ["ID", "The member."], limit: ["Int", "The offer's limit for each member."] },
);

export const OfferNotActive = refusalType(
  "OfferNotActive",
  "The offer is a draft, or is paused: none of its coupons are given out or used now.",
  { en: "This offer is not active now.", "zh-CN": "该活动当前未开放。" },
  { offerId: ["ID", "The offer."], state: ["String", "DRAFT or PAUSED."] },
);

export const OfferStateConflict = refusalType(
  "OfferStateConflict",
  "The offer is in a state in which this is not done.",
  { en: "This cannot be done: the offer is {state}.", "zh-CN": "活动当前状态为 {state},无法执行此操作。" },
  { offerId: ["ID", "The offer."], state: ["String", "DRAFT, ACTIVE or PAUSED."] },
);
