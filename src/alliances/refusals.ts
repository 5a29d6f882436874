import { refusalType } from "../errors.ts";

export const AlreadyInAlliance = refusalType(
  "AlreadyInAlliance",
  "The brand is in the alliance already, or is invited to it.",
  { en: "{brand} is already {state} in this alliance.", "zh-CN": "{brand} 已在该联盟中(状态:{state})。" },
  {
    brand: ["String", "The brand's slug."],
    state: ["String", "`INVITED` or `ACTIVE`."],
  },
);

export const LinkCodeNotValid = refusalType(
  "LinkCodeNotValid",
  "No code that this membership could be linked with: unknown, mistyped, used, older than ten minutes, or not one of an allied brand. Which of these is not said.",
  {
    en: "This code is not valid here. A code lives ten minutes, works once, and comes from a partner brand's app.",
    "zh-CN": "此关联码在此无效。关联码来自合作品牌,十分钟内有效,且仅可使用一次。",
  },
  {},
);

export const AlreadyLinked = refusalType(
  "AlreadyLinked",
  "One of the two memberships is already linked with the other brand.",
  { en: "These brands are already linked for this membership.", "zh-CN": "该会员资格已与对方品牌关联。" },
  {
    jointMembershipId: ["ID?", "The member's own link; missing when the other membership is the linked one."],
  },
);

export const LinkEnded = refusalType(
  "LinkEnded",
  "The memberships are no longer linked; a new code links them again.",
  { en: "This link ended at {endedAt}.", "zh-CN": "该关联已于 {endedAt} 解除。" },
  { jointMembershipId: ["ID", "The link."], endedAt: ["DateTime", "When."] },
);

export const JointCampaignNotActive = refusalType(
  "JointCampaignNotActive",
  "Nothing can be issued: the campaign waits for an approval or for its start, or is over.",
  { en: "This joint campaign is {state}.", "zh-CN": "该联合活动当前状态为 {state}。" },
  {
    state: ["String", "`PENDING`, `SCHEDULED` or `ENDED`."],
    startsAt: ["DateTime?", "When it begins, if it is still to begin."],
  },
);

export const JointCampaignEnded = refusalType(
  "JointCampaignEnded",
  "The campaign is over: by its dates, because its owner ended it, or because one of its brands left.",
  { en: "This joint campaign is over.", "zh-CN": "该联合活动已结束。" },
  { jointCampaignId: ["ID", "The campaign."] },
);

export const QuotaExhausted = refusalType(
  "QuotaExhausted",
  "The partner's quota in the campaign leaves fewer coupons than were asked for.",
  { en: "Your quota has {left} coupons left.", "zh-CN": "贵品牌的配额仅剩 {left} 张。" },
  { left: ["Int", "How many the partner can still issue."] },
);
