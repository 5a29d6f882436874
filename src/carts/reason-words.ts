import type { LocalizedText } from "../../schema/tables/columns.ts";
import { pickText } from "../locales.ts";
import type { CartFacts, PointsReason, Reason, ReasonCode } from "./cart.ts";

/** What a person is told; of several texts the first that all of its places have something for. */
type Words = readonly LocalizedText[];

const words: Record<ReasonCode | PointsReason["code"], Words> = {
  NOT_FOUND: [{ en: "There is no such coupon.", "zh-CN": "未找到该优惠券。" }],
  OF_ANOTHER_MEMBER: [{ en: "It belongs to another member.", "zh-CN": "该优惠券属于其他会员。" }],
  MEMBER_NEEDED: [{ en: "For members: sign in to use it.", "zh-CN": "会员专享,请先登录。" }],
  NOT_ACTIVE: [{ en: "It cannot be used at present.", "zh-CN": "该优惠暂不可用。" }],
  ENDED: [{ en: "It has ended.", "zh-CN": "该优惠已结束。" }],
  NOT_YET_VALID: [
    { en: "Can be used from {from}.", "zh-CN": "{from} 起可用。" },
    { en: "It cannot be used yet.", "zh-CN": "尚未到使用时间。" },
  ],
  EXPIRED: [
    { en: "Expired: {until}.", "zh-CN": "已于 {until} 过期。" },
    { en: "It has expired.", "zh-CN": "已过期。" },
  ],
  REDEEMED: [{ en: "It was used already.", "zh-CN": "已使用。" }],
  REVOKED: [{ en: "It is no longer valid.", "zh-CN": "已作废。" }],
  HELD: [
    { en: "Set aside for another order until {until}.", "zh-CN": "已被其他订单占用,最晚 {until} 释放。" },
    { en: "Set aside for another order.", "zh-CN": "已被其他订单占用。" },
  ],
  OUTSIDE_HOURS: [
    { en: "Can be used from {from}.", "zh-CN": "{from} 起可用。" },
    { en: "It is for other hours or days.", "zh-CN": "不在可用时段内。" },
  ],
  CHANNEL: [
    { en: "Only on {oneOf}.", "zh-CN": "仅限以下渠道使用:{oneOf}。" },
    { en: "Not on this channel.", "zh-CN": "该渠道不可用。" },
  ],
  STORE: [
    { en: "Only in {oneOf}.", "zh-CN": "仅限以下门店使用:{oneOf}。" },
    { en: "Not in this store.", "zh-CN": "该门店不可用。" },
  ],
  PAYMENT_METHOD: [
    { en: "Only when paid by {oneOf}.", "zh-CN": "仅限使用以下方式支付:{oneOf}。" },
    { en: "Not with this way to pay.", "zh-CN": "该支付方式不可用。" },
  ],
  TIER: [
    { en: "For {oneOf} members.", "zh-CN": "仅限{oneOf}会员。" },
    { en: "For members of other tiers.", "zh-CN": "当前会员等级不可用。" },
  ],
  SEGMENT: [{ en: "For selected members.", "zh-CN": "仅限特定会员。" }],
  FIRST_ORDER: [{ en: "For the first order only.", "zh-CN": "仅限首单。" }],
  NEW_MEMBER: [
    { en: "For new members; it was to be used before {until}.", "zh-CN": "新会员专享,已于 {until} 截止。" },
    { en: "For new members.", "zh-CN": "新会员专享。" },
  ],
  BIRTHDAY: [{ en: "For the days around your birthday.", "zh-CN": "仅限生日前后使用。" }],
  NO_MATCHING_GOODS: [{ en: "Nothing in the cart is part of it.", "zh-CN": "购物车中没有适用商品。" }],
  MINIMUM_SPEND: [
    { en: "{missingMinor} more to use it.", "zh-CN": "再买 {missingMinor} 可用。" },
    { en: "The goods come to too little.", "zh-CN": "未达到最低消费。" },
  ],
  MINIMUM_QUANTITY: [
    { en: "{missingQuantity} more of the goods to use it.", "zh-CN": "再买 {missingQuantity} 件可用。" },
    { en: "Too few of the goods.", "zh-CN": "未达到最低件数。" },
  ],
  EXPRESSION: [{ en: "The cart does not meet its conditions.", "zh-CN": "未满足使用条件。" }],
  USED_UP: [
    { en: "Used up: {limit} at most.", "zh-CN": "已达使用上限({limit} 次)。" },
    { en: "It is used up.", "zh-CN": "已用完。" },
  ],
  BUDGET: [{ en: "Too little of it is left.", "zh-CN": "活动额度不足。" }],
  NOTHING_OFF: [{ en: "It takes nothing off this cart.", "zh-CN": "对本单没有优惠。" }],
  NOT_COMBINABLE: [
    {
      en: "It does not go together with the coupons that are used.",
      "zh-CN": "不能与已选优惠同时使用。",
    },
  ],
  BETTER_WITHOUT: [{ en: "The cart does not cost less with it.", "zh-CN": "使用它不会更优惠。" }],
  BALANCE_TOO_LOW: [{ en: "You have {mostPoints} points to spend.", "zh-CN": "可用积分为 {mostPoints}。" }],
  BELOW_MINIMUM: [{ en: "Too few points to spend at once.", "zh-CN": "未达到最低使用积分。" }],
  NOT_A_MULTIPLE: [
    {
      en: "{mostPoints} points could be spent: they go in steps.",
      "zh-CN": "积分须按倍数使用,可用 {mostPoints}。",
    },
  ],
  SHARE_EXCEEDED: [
    { en: "{mostPoints} points at most for this cart.", "zh-CN": "本单最多可用 {mostPoints} 积分。" },
  ],
};

type Facts = Pick<CartFacts, "currency" | "timeZone" | "tierNames"> & { cart: { at: number } };

/**
 * Why something is not so, for a person, in the first wanted language that there is: amounts in the brand's
 * currency, moments in its time zone, tiers by their names.
 */
export function reasonWords(
  reason: Reason | PointsReason,
  { currency, timeZone, tierNames = {}, cart }: Facts,
  locales: readonly string[],
): string {
  const language = pickText({ en: "en", "zh-CN": "zh-CN" }, locales);
  const given = reason as Partial<Omit<Reason & PointsReason, "code">> & { code: keyof typeof words };
  const { missingMinor, from, until, oneOf } = given;
  const number = (value: number | undefined) => value?.toLocaleString(language);
  const names = oneOf?.map((name) =>
    given.code === "TIER" && tierNames[name] ? pickText(tierNames[name], locales) : name,
  );
  const values: Record<string, string | null | undefined> = {
    missingMinor: missingMinor === undefined ? null : money(missingMinor, currency, language),
    missingQuantity: number(given.missingQuantity),
    limit: number(given.limit),
    mostPoints: number(given.mostPoints),
    from: from == null ? null : clock(from, cart.at, timeZone, language),
    until: until == null ? null : clock(until, cart.at, timeZone, language),
    oneOf: names && new Intl.ListFormat(language, { type: "disjunction" }).format(names),
  };
  const texts = words[given.code].map((text) => text[language] ?? "");
  const fits = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].every(([, name]) => values[name ?? ""]);
  const text = texts.find(fits) ?? texts.at(-1) ?? "";
  return text.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}

/** ¥32.00 */
function money(minor: number, currency: string, language: string): string {
  const format = new Intl.NumberFormat(language, {
    ...{ style: "currency", currency, currencyDisplay: "narrowSymbol" },
  });
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** The time of a moment of the same day; else with its date. */
function clock(moment: number, at: number, timeZone: string, language: string): string {
  const day = new Intl.DateTimeFormat(language, { timeZone, dateStyle: "medium" });
  const time = new Intl.DateTimeFormat(language, { timeZone, timeStyle: "short", hourCycle: "h23" });
  const told = time.format(moment);
  const date = day.format(moment);
  return date === day.format(at) ? told : `${date} ${told}`;
}
