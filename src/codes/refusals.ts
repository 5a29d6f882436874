import { refusalType } from "../errors.ts";

export const SharedCodeUsedUp = refusalType(
  "SharedCodeUsedUp",
  "The shared code has given out as many coupons as it may.",
  { en: "This code has been used up.", "zh-CN": "该兑换码已被领完。" },
  { claimLimit: ["Int", "How many it gave."] },
);

export const CodeTaken = refusalType(
  "CodeTaken",
  "The brand uses this code already: a coupon has it, a batch, or it is a shared code.",
  { en: "The code {takenCode} is already in use.", "zh-CN": "券码 {takenCode} 已被使用。" },
  { takenCode: ["String", "As it is stored."] },
);

export const CodesRevoked = refusalType(
  "CodesRevoked",
  "They were revoked before.",
  { en: "This was revoked at {revokedAt}.", "zh-CN": "已于 {revokedAt} 作废。" },
  { revokedAt: ["DateTime", "When."] },
);
