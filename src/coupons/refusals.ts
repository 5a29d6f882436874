import { refusalType } from "../errors.ts";

export const CouponAlreadyClaimed = refusalType(
  "CouponAlreadyClaimed",
  "Someone else has claimed this code.",
  { en: "This code was already claimed.", "zh-CN": "该券码已被领取。" },
  { couponId: ["ID", "The coupon."] },
);

export const CouponNotClaimed = refusalType(
  "CouponNotClaimed",
  "The code belongs to nobody yet; a member must claim it before it can be redeemed.",
  { en: "Claim this code first.", "zh-CN": "请先领取该优惠券。" },
  { couponId: ["ID", "The coupon."] },
);

export const CouponOfAnotherMember = refusalType(
  "CouponOfAnotherMember",
  "The coupon is held by another member than the one named.",
  { en: "This coupon belongs to another member.", "zh-CN": "该优惠券属于其他会员。" },
  { couponId: ["ID", "The coupon."] },
);

export const CouponAlreadyRedeemed = refusalType(
  "CouponAlreadyRedeemed",
  "The coupon was used.",
  { en: "This coupon was already used.", "zh-CN": "该优惠券已使用。" },
  { couponId: ["ID", "The coupon."], redeemedAt: ["DateTime?", "When."] },
);

export const CouponHeld = refusalType(
  "CouponHeld",
  "A checkout holds the coupon; it is free again when that is cancelled, or its time is over.",
  { en: "This coupon is held for a checkout.", "zh-CN": "该优惠券已被结算占用。" },
  { couponId: ["ID", "The coupon."], heldUntil: ["DateTime?", "Until when at most."] },
);

export const CouponRevoked = refusalType(
  "CouponRevoked",
  "The brand took the coupon back.",
  { en: "This coupon was revoked.", "zh-CN": "该优惠券已作废。" },
  { couponId: ["ID", "The coupon."] },
);

export const CouponExpired = refusalType(
  "CouponExpired",
  "The coupon's time has passed.",
  { en: "This coupon expired at {expiredAt}.", "zh-CN": "该优惠券已于 {expiredAt} 过期。" },
  { couponId: ["ID", "The coupon."], expiredAt: ["DateTime", "When."] },
);

export const CouponNotYetValid = refusalType(
  "CouponNotYetValid",
  "The coupon's time has not come.",
  { en: "This coupon can be used from {startsAt}.", "zh-CN": "该优惠券自 {startsAt} 起可用。" },
  { couponId: ["ID", "The coupon."], startsAt: ["DateTime", "From when."] },
);

export const MinimumSpendNotMet = refusalType(
  "MinimumSpendNotMet",
  "The order's amount is below what the offer asks for.",
  {
    en: "The order is below this coupon's minimum.",
    "zh-CN": "订单未达到此券的最低消费。",
  },
  {
    minimumSpendMinor: ["SafeInt", "What the offer asks for."],
    missingMinor: ["SafeInt", "What is missing."],
  },
);

export const CurrencyMismatch = refusalType(
  "CurrencyMismatch",
  "The order is in another currency than the brand's.",
  { en: "This coupon is in {currency}.", "zh-CN": "该优惠券币种为 {currency}。" },
  { currency: ["String", "The brand's, ISO 4217."] },
);

export const RedemptionAlreadyRolledBack = refusalType(
  "RedemptionAlreadyRolledBack",
  "The redemption was undone before.",
  { en: "This redemption was already rolled back.", "zh-CN": "该核销已撤销。" },
  { redemptionId: ["ID", "The redemption."], rolledBackAt: ["DateTime?", "When."] },
);

export const OfferNotClaimable = refusalType(
  "OfferNotClaimable",
  "Members cannot claim the offer themselves, or not now.",
  { en: "This offer cannot be claimed now.", "zh-CN": "该优惠券当前不可领取。" },
  {
    offerId: ["ID", "The offer."],
    claimableFrom: ["DateTime?", "From when; null where members can never claim it."],
    claimableUntil: ["DateTime?", "Until when; null without end."],
  },
);

export const CouponNotGiftable = refusalType(
  "CouponNotGiftable",
  "The coupon's terms do not let its member give it to another.",
  { en: "This coupon cannot be given away.", "zh-CN": "该优惠券不可转赠。" },
  { couponId: ["ID", "The coupon."] },
);

export const ReceiverLimitReached = refusalType(
  "ReceiverLimitReached",
  "The receiver already has as many coupons of this offer as one member can have.",
  { en: "The receiver cannot have another of these coupons.", "zh-CN": "对方持有的该券已达上限。" },
  { limit: ["Int", "The offer's limit for each member."] },
);

export const RollbackTooLarge = refusalType(
  "RollbackTooLarge",
  "More of the discount than is left is to be undone, or nothing of it.",
  { en: "At most {leftMinor} can be rolled back.", "zh-CN": "最多可撤销 {leftMinor}。" },
  {
    redemptionId: ["ID", "The redemption."],
    leftMinor: ["SafeInt", "What was not undone yet, in minor units."],
  },
);

export const CouponNotApplicable = refusalType(
  "CouponNotApplicable",
  "The coupon does not apply to this order.",
  { en: "This coupon does not apply to the order.", "zh-CN": "该优惠券不适用于此订单。" },
  {
    offerId: ["ID", "Its offer."],
    reason: [
      "String",
      "Why, in capitals, as an evaluated cart names it: `CHANNEL`, `OUTSIDE_HOURS`; or `CHECKOUT_NEEDED` of one that gives points with the order.",
    ],
    missingQuantity: ["Int?", "How many units they lack, where that is the reason."],
    from: ["DateTime?", "From when it would apply, where that is known."],
  },
);

export const OfferLimitReached = refusalType(
  "OfferLimitReached",
  "The offer was used as often as it may be: by all, by the member or in the store, in its period.",
  { en: "This offer was used as often as it may be.", "zh-CN": "该优惠的使用次数已达上限。" },
  { offerId: ["ID", "The offer."], limit: ["Int", "How often."] },
);

export const BudgetExhausted = refusalType(
  "BudgetExhausted",
  "What is left of the offer's budget is less than the discount.",
  { en: "This offer's budget is used up.", "zh-CN": "该优惠的预算已用完。" },
  {
    offerId: ["ID", "The offer."],
    leftMinor: ["SafeInt", "What is left of it, in minor units."],
  },
);
