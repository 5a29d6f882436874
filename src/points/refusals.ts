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
    maximumPoints: [
      "SafeInt",
      "The most that this order takes; 0 when it takes none, as that is fewer than the minimum.",
    ],
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
export const GiftsNotOffered = refusalType(
  "GiftsNotOffered",
  "The brand does not let members give points to one another.",
  { en: "Points cannot be given to other members here.", "zh-CN": "本品牌不支持转赠积分。" },
  { memberId: ["ID", "Who wanted to give."] },
);

export const GiftTooLarge = refusalType(
  "GiftTooLarge",
  "More points than one gift may have.",
  { en: "A gift has at most {maximumPoints} points.", "zh-CN": "每次最多转赠 {maximumPoints} 积分。" },
  { maximumPoints: ["SafeInt", "The most in one gift."] },
);

export const GiftLimitReached = refusalType(
  "GiftLimitReached",
  "More points than the member may still give in this calendar month.",
  {
    en: "{left} points can still be given this month; again from {renewsAt}.",
    "zh-CN": "本月还可转赠 {left} 积分,{renewsAt} 起重新计算。",
  },
  {
    maximumPointsPerMonth: ["SafeInt", "The most in a month."],
    left: ["SafeInt", "How many points can still be given in this one."],
    renewsAt: ["DateTime", "When the next month begins, in the brand's time zone."],
  },
);

export const ApprovalRequired = refusalType(
  "ApprovalRequired",
  "A change that is too large for one to make alone: call `proposeAdjustment`, and another approves it.",
  {
    en: "A change of more than {threshold} needs another's approval: propose it with proposeAdjustment.",
    "zh-CN": "超过 {threshold} 的调整须由他人审批,请使用 proposeAdjustment 提交。",
  },
  { threshold: ["SafeInt", "The most that can be changed without approval, up or down."] },
);

export const AdjustmentAlreadyDecided = refusalType(
  "AdjustmentAlreadyDecided",
  "The adjustment was approved or rejected before.",
  { en: "This adjustment was already decided.", "zh-CN": "该调整已审批。" },
  {
    adjustmentId: ["ID", "The adjustment."],
    state: ["String", "`APPROVED` or `REJECTED`."],
    decidedAt: ["DateTime?", "When."],
  },
);

export const AdjustmentProposedByCaller = refusalType(
  "AdjustmentProposedByCaller",
  "Who proposed an adjustment does not decide on it: another client must.",
  { en: "Another must decide on what you proposed.", "zh-CN": "本人提交的调整须由他人审批。" },
  { adjustmentId: ["ID", "The adjustment."] },
);
