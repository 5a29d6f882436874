import type { LocalizedText } from "../../schema/tables/columns.ts";
import type { activityKinds } from "../../schema/tables/orders.ts";
import type { Cause } from "../../schema/tables/points.ts";
import { stepWords } from "../earning/step-words.ts";
import { pickText } from "../locales.ts";

/** What a member reads of a transfer, by the verb that made it; `{reference}` is the order. */
const words: Record<string, LocalizedText> = {
  spendPoints: { en: "Spent on {reference}", "zh-CN": "用于 {reference}" },
  holdPoints: { en: "Set aside for {reference}", "zh-CN": "为 {reference} 冻结" },
  captureHold: { en: "Not needed for {reference}", "zh-CN": "{reference} 未用完,退回" },
  releaseHold: { en: "No longer set aside for {reference}", "zh-CN": "{reference} 冻结解除" },
  releaseStaleHolds: { en: "No longer set aside for {reference}", "zh-CN": "{reference} 冻结解除" },
  reverseSpend: { en: "Given back from {reference}", "zh-CN": "{reference} 退回" },
  takeBackPoints: { en: "Taken back: {reference} was returned", "zh-CN": "{reference} 退货,扣回积分" },
  takeBackCancelled: { en: "Taken back: {reference} was cancelled", "zh-CN": "{reference} 已取消,扣回积分" },
  giftPoints: { en: "Given to another member", "zh-CN": "转赠给其他会员" },
  convertPoints: { en: "Exchanged for a coupon", "zh-CN": "兑换优惠券" },
  expirePoints: { en: "Expired", "zh-CN": "已过期" },
  recordOrders: { en: "Earned on {reference}", "zh-CN": "订单 {reference} 获得" },
  completeCheckout: { en: "From a coupon on {reference}", "zh-CN": "订单 {reference} 优惠券赠送" },
  recordActivities: { en: "Earned: {reference}", "zh-CN": "{reference}获得" },
  activatePending: { en: "Earned on {reference}", "zh-CN": "订单 {reference} 获得" },
  repayDebt: { en: "Paid what was owed", "zh-CN": "抵扣所欠积分" },
};
/** What an activity that has no name of the brand's own is called. */
const activities: Record<Exclude<(typeof activityKinds)[number], "CUSTOM">, LocalizedText> = {
  SIGN_UP: { en: "Signing up", "zh-CN": "注册" },
  LOG_IN: { en: "Logging in", "zh-CN": "登录" },
  CHECK_IN: { en: "Checking in", "zh-CN": "签到" },
  REVIEW: { en: "A review", "zh-CN": "评价" },
  SHARE: { en: "Sharing", "zh-CN": "分享" },
  BROWSE: { en: "Browsing", "zh-CN": "浏览" },
  PROFILE_COMPLETED: { en: "Completing the profile", "zh-CN": "完善资料" },
};
/** What came by a verb that also takes. */
const wordsOfReceiving: Record<string, LocalizedText> = {
  giftPoints: { en: "A gift from another member", "zh-CN": "收到其他会员转赠" },
};
const received: LocalizedText = { en: "Received", "zh-CN": "获得积分" };
const takenBack: LocalizedText = { en: "Taken back", "zh-CN": "扣回积分" };

/**
 * Why points came or went, for the member to read, in the first wanted language that there is: «Earned on
 * A-1001: Tuesdays 2×, capped at 500 a day».
 */
export function historyWords(
  { operation, reference = "—", refundId, steps = [] }: Cause,
  points: number,
  locales: readonly string[],
): string {
  const verb = operation === "takeBackPoints" && !refundId ? "takeBackCancelled" : operation;
  const [own, other] = points > 0 ? [wordsOfReceiving[verb], received] : [undefined, takenBack];
  const texts = own ?? words[verb] ?? other;
  const named = operation === "recordActivities" && activities[reference as keyof typeof activities];
  const text = pickText(texts, locales).replace("{reference}", () =>
    named ? pickText(named, locales) : reference,
  );
  const why = steps.map((step) => stepWords(step, locales));
  return why.length > 0 ? `${text}${pickText(colon, locales)}${why.join(pickText(comma, locales))}` : text;
}

const colon: LocalizedText = { en: ": ", "zh-CN": ":" };
const comma: LocalizedText = { en: ", ", "zh-CN": "," };
