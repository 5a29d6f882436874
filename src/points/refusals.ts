import { refusalType } from "../errors.ts";

export const BalanceTooLow = refusalType(
  "BalanceTooLow",
  "The member has less than was asked for.",
  {
    en: "The balance is {balance}; {missing} more would be needed.",
    "zh-CN": "余额为 {balance},还差 {missing}。",
  },
  { balance: ["SafeInt", "What there is."], missing: ["SafeInt", "What is missing."] },
);

export const PointsBelowMinimum = refusalType(
  "PointsBelowMinimum",
  "Fewer points than can be spent at once.",
  {
    en: "At least {minimumPoints} points are spent at once.",
    "zh-CN": "每次至少使用 {minimumPoints} 积分。",
  },
  {
    minimumPoints: ["SafeInt", "The fewest that can be spent at once."],
    missing: ["SafeInt", "How many more it would take."],
  },
);

export const PointsNotInSteps = refusalType(
  "PointsNotInSteps",
  "Points are spent in whole steps.",
  { en: "Points are spent in steps of {stepPoints}.", "zh-CN": "积分须按 {stepPoints} 的倍数使用。" },
  {
    stepPoints: ["SafeInt", "The brand's step."],
    nearestPoints: ["SafeInt", "The nearest number of points below that could be spent."],
  },
);

export const OrderShareExceeded = refusalType(
  "OrderShareExceeded",
  "Points may pay for only a part of this order.",
  {
    en: "At most {maximumPoints} points can be spent on this order.",
    "zh-CN": "此订单最多可使用 {maximumPoints} 积分。",
  },
  {
    maximumPoints: ["SafeInt", "The most that this order takes; fewer than the minimum when it takes none."],
    maximumMinor: ["SafeInt", "What they are worth, in minor units."],
  },
);

export const HoldExpired = refusalType(
  "HoldExpired",
  "The points were set aside for a time that has passed.",
  { en: "These points were held until {expiredAt}.", "zh-CN": "该积分冻结已于 {expiredAt} 失效。" },
  { holdId: ["ID", "The hold."], expiredAt: ["DateTime", "When."] },
);

export const HoldAlreadySettled = refusalType(
  "HoldAlreadySettled",
  "The hold was captured or released before.",
  { en: "This hold was already settled.", "zh-CN": "该积分冻结已处理。" },
  {
    holdId: ["ID", "The hold."],
    state: ["String", "`CAPTURED` or `RELEASED`."],
    settledAt: ["DateTime?", "When."],
  },
);

export const SpendAlreadyReversed = refusalType(
  "SpendAlreadyReversed",
  "The points were given back before.",
  { en: "These points were already given back.", "zh-CN": "该笔积分已退回。" },
  { transferId: ["ID", "The spend."], reversedAt: ["DateTime", "When."] },
);

export const ReversalExceedsSpend = refusalType(
  "ReversalExceedsSpend",
  "More points than are left of the spend, after what was given back before.",
  {
    en: "{asked} points were asked back; {left} of them are left to give back.",
    "zh-CN": "申请退回 {asked} 积分,仅剩 {left} 可退。",
  },
  {
    transferId: ["ID", "The spend."],
    asked: ["SafeInt", "What was asked for."],
    left: ["SafeInt", "What is left to give back."],
  },
);

export const PointsAlreadySpent = refusalType(
  "PointsAlreadySpent",
  "The member has spent what the returned goods had earned, and the brand's policy refuses such refunds.",
  {
    en: "The points earned with these goods are spent: {missing} are missing, the balance is {balance}.",
    "zh-CN": "退货商品所得积分已被使用,还差 {missing} 积分,余额为 {balance}。",
  },
  {
    missing: ["SafeInt", "Points that cannot be taken back."],
    balance: ["SafeInt", "What can be spent now."],
  },
);
