import { refusalType } from "../errors.ts";

export const BenefitNotHeld = refusalType(
  "BenefitNotHeld",
  "The member's tier does not have this benefit.",
  { en: "This benefit does not belong to the member's tier.", "zh-CN": "该会员等级不享有此权益。" },
  { benefitId: ["ID", "The benefit."], memberId: ["ID", "The member."] },
);

export const BenefitNotUsableNow = refusalType(
  "BenefitNotUsableNow",
  "The benefit cannot be used at this time.",
  {
    en: "This benefit can be used from {usableFrom} to {usableUntil}.",
    "zh-CN": "该权益可于 {usableFrom} 至 {usableUntil} 使用。",
  },
  {
    usableFrom: ["DateTime?", "From when; missing when it depends on what is not known, such as a birthday."],
    usableUntil: ["DateTime?", "Until when."],
  },
);

export const BenefitUsedUp = refusalType(
  "BenefitUsedUp",
  "The member has used all of the benefit's quota for this period.",
  { en: "Used up; it renews at {renewsAt}.", "zh-CN": "本期次数已用完,将于 {renewsAt} 恢复。" },
  {
    quota: ["Int", "How often in each period."],
    renewsAt: ["DateTime?", "When there is more; missing for never."],
  },
);
