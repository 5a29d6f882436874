import { refusalType } from "../errors.ts";

export const MemberAlreadyExists = refusalType(
  "MemberAlreadyExists",
  "The brand already has a member with this external id, phone or e-mail address.",
  {
    en: "There is already a member with this {field}. Look it up instead of enrolling it again.",
    "zh-CN": "该{field}已对应一位会员,请查询而非重复注册。",
  },
  {
    field: ["String", "Which input is taken: `externalId`, `phone` or `email`."],
    existingMemberId: ["ID?", "The member that has it; not told to a member token."],
  },
);

export const MemberClosed = refusalType(
  "MemberClosed",
  "The membership was closed; nothing can be given to it or used by it.",
  { en: "This membership was closed on {closedAt}.", "zh-CN": "该会员资格已于 {closedAt} 注销。" },
  { memberId: ["ID", "The member."], closedAt: ["DateTime?", "When it was closed."] },
);
