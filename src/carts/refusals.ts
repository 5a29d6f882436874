import { refusalType } from "../errors.ts";

export const CheckoutExists = refusalType(
  "CheckoutExists",
  "The order has a checkout already, open or completed. Cancel an open one to begin another.",
  { en: "This order has a checkout already.", "zh-CN": "该订单已有结算单。" },
  {
    checkoutId: ["ID", "It."],
    state: ["String", "OPEN or COMPLETED."],
  },
);

export const PriceChanged = refusalType(
  "PriceChanged",
  "The cart costs something else than was expected. Show the price, and check out again with it.",
  { en: "The price is {payableMinor} now.", "zh-CN": "价格已变为 {payableMinor}。" },
  {
    expectedMinor: ["SafeInt", "What was expected, in minor units."],
    payableMinor: ["SafeInt", "What the cart costs now, in minor units."],
  },
);

export const CouponNotUsable = refusalType(
  "CouponNotUsable",
  "A coupon that was asked for is not used on this cart.",
  { en: "{couponCode} cannot be used: {reason}", "zh-CN": "{couponCode} 无法使用:{reason}" },
  {
    key: ["String", "The coupon's id, or the code as it was asked for: as in the evaluation."],
    couponCode: ["String", "The coupon's code, as it was asked for where it was."],
    reason: ["String", "Why, as `CartReasonCode`; `evaluateCart` says what is missing."],
  },
);

export const PointsNotUsable = refusalType(
  "PointsNotUsable",
  "Fewer points than were asked for can be spent on this cart.",
  {
    en: "{mostPoints} points can be spent on this cart.",
    "zh-CN": "此购物车最多可使用 {mostPoints} 积分。",
  },
  {
    reason: ["String", "Why, as `CartPointsReasonCode`."],
    mostPoints: ["SafeInt", "How many can be spent."],
  },
);

export const CheckoutExpired = refusalType(
  "CheckoutExpired",
  "The checkout's time has passed: nothing is held for it any more. Check out again.",
  { en: "This checkout expired at {expiredAt}.", "zh-CN": "该结算单已于 {expiredAt} 过期。" },
  { checkoutId: ["ID", "The checkout."], expiredAt: ["DateTime", "When."] },
);

export const CheckoutAlreadySettled = refusalType(
  "CheckoutAlreadySettled",
  "The checkout was completed or cancelled before.",
  { en: "This checkout was already settled.", "zh-CN": "该结算单已处理。" },
  {
    checkoutId: ["ID", "The checkout."],
    state: ["String", "COMPLETED or CANCELLED."],
    settledAt: ["DateTime?", "When."],
  },
);
