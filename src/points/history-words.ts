import type { LocalizedText } from "../../schema/tables/columns.ts";
import type { Cause } from "../../schema/tables/points.ts";
import { pickText } from "../locales.ts";

/** What a member reads of a transfer, by the verb that made it; `{reference}` is the order. */
const words: Record<string, LocalizedText> = {
  spendPoints: { en: "Spent on {reference}", "zh-CN": "用于 {reference}" },
  holdPoints: { en: "Set aside for {reference}", "zh-CN": "为 {reference} 冻结" },
  captureHold: { en: "Not needed for {reference}", "zh-CN": "{reference} 未用完,退回" },
  releaseHold: { en: "No longer set aside for {reference}", "zh-CN": "{reference} 冻结解除" },
  releaseStaleHolds: { en: "No longer set aside for {reference}", "zh-CN": "{reference} 冻结解除" },
  reverseSpend: { en: "Given back from {reference}", "zh-CN": "{reference} 退回" },
  convertPoints: { en: "Exchanged for a coupon", "zh-CN": "兑换优惠券" },
  expirePoints: { en: "Expired", "zh-CN": "已过期" },
};
const received: LocalizedText = { en: "Received", "zh-CN": "获得积分" };
const takenBack: LocalizedText = { en: "Taken back", "zh-CN": "扣回积分" };

/** Why points came or went, for the member to read, in the first wanted language that there is. */
export function historyWords(
  { operation, reference }: Cause,
  points: number,
  locales: readonly string[],
): string {
  const texts = words[operation] ?? (points > 0 ? received : takenBack);
  return pickText(texts, locales).replace("{reference}", () => reference ?? "—");
}
