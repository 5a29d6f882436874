import { expect, test } from "vitest";
import { type Reason, reasonCodes } from "../../src/carts/cart.ts";
import { reasonWords } from "../../src/carts/reason-words.ts";

/** Ten in the morning of 22 November in Shanghai. */
const at = Date.UTC(2026, 10, 22, 2);
const HOUR = 3_600_000;
const facts = {
  ...{ currency: "CNY", timeZone: "Asia/Shanghai", cart: { at } },
  tierNames: { tir_gold: { en: "Gold", "zh-CN": "金卡" } },
};
const inBoth = (reason: Reason, changes: object = {}) =>
  [["en-GB"], ["zh"]].map((locales) => reasonWords(reason, { ...facts, ...changes }, locales));

test.each<[Reason, string, string]>([
  [{ code: "MINIMUM_SPEND", missingMinor: 3_200 }, "¥32.00 more to use it.", "再买 ¥32.00 可用。"],
  [{ code: "MINIMUM_SPEND" }, "The goods come to too little.", "未达到最低消费。"],
  [{ code: "OUTSIDE_HOURS", from: at + HOUR }, "Can be used from 11:00.", "11:00 起可用。"],
  [
    { code: "OUTSIDE_HOURS", from: at + 24 * HOUR },
    "Can be used from Nov 23, 2026 10:00.",
    "2026年11月23日 10:00 起可用。",
  ],
  [{ code: "OUTSIDE_HOURS", from: null }, "It is for other hours or days.", "不在可用时段内。"],
  [
    { code: "TIER", oneOf: ["tir_gold", "tir_of_old"] },
    "For Gold or tir_of_old members.",
    "仅限金卡或tir_of_old会员。",
  ],
  [
    { code: "MINIMUM_QUANTITY", missingQuantity: 1_200 },
    "1,200 more of the goods to use it.",
    "再买 1,200 件可用。",
  ],
])("%j in words", (reason, english, chinese) => {
  expect(inBoth(reason)).toEqual([english, chinese]);
});

test("amounts have the decimals of their currency", () => {
  const missing = { code: "MINIMUM_SPEND", missingMinor: 3_200 } as const;
  expect(inBoth(missing, { currency: "JPY" })[0]).toBe("¥3,200 more to use it.");
  expect(inBoth(missing, { currency: "EUR" })[0]).toBe("€32.00 more to use it.");
});

test("every reason has words that say something, with no place left open", () => {
  for (const code of Object.keys(reasonCodes) as Reason["code"][]) {
    for (const text of inBoth({ code })) expect(text, code).toMatch(/^[^{}]{3,}[.。]$/);
  }
});

test("who reads another language reads English", () => {
  expect(reasonWords({ code: "REDEEMED" }, facts, ["fi"])).toBe("It was used already.");
});
