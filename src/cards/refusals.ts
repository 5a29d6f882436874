import { refusalType } from "../errors.ts";

export const CardMalformed = refusalType(
  "CardMalformed",
  "What was scanned is no member card.",
  {
    en: "This is not a member card. Scan the code in the member's app.",
    "zh-CN": "这不是会员码,请扫描会员应用中的会员码。",
  },
  {},
);

export const CardExpired = refusalType(
  "CardExpired",
  "The card's code is older than a minute, such as a photograph of one.",
  { en: "This code has expired. Ask the member to refresh the card.", "zh-CN": "会员码已过期,请会员刷新。" },
  {},
);

export const CardForeign = refusalType(
  "CardForeign",
  "The card is not one of this brand, or was not signed by this platform.",
  { en: "This card is not one of this brand.", "zh-CN": "该会员码不属于本品牌。" },
  {},
);

export const CardAlreadyScanned = refusalType(
  "CardAlreadyScanned",
  "The code was accepted before; each is accepted once.",
  {
    en: "This code was already used at {scannedAt}. Ask the member to refresh the card.",
    "zh-CN": "会员码已于 {scannedAt} 使用,请会员刷新。",
  },
  { scannedAt: ["DateTime", "When it was accepted."] },
);
