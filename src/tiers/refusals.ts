import { refusalType } from "../errors.ts";

export const TierGrantEnded = refusalType(
  "TierGrantEnded",
  "The grant has ended already.",
  { en: "The grant ended at {endedAt}.", "zh-CN": "该等级授予已于 {endedAt} 结束。" },
  { endedAt: ["DateTime", "When it ended."] },
);

export const PlanRetired = refusalType(
  "PlanRetired",
  "The membership plan is no longer sold.",
  { en: "The plan was retired at {retiredAt}.", "zh-CN": "该会员计划已于 {retiredAt} 停售。" },
  { retiredAt: ["DateTime", "When it was retired."] },
);
