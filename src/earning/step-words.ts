import type { LocalizedText } from "../../schema/tables/columns.ts";
import type { EarningStep } from "../../schema/tables/earning.ts";
import { pickText } from "../locales.ts";

type Unit = EarningStep["unit"];

const base: Record<Unit, LocalizedText> = {
  POINTS: { en: "{amount} points for what was paid", "zh-CN": "按实付金额得 {amount} 积分" },
  GROWTH_VALUE: { en: "{amount} growth value for what was paid", "zh-CN": "按实付金额得 {amount} 成长值" },
};
const activity: Record<Unit, LocalizedText> = {
  POINTS: { en: "{amount} points for the activity", "zh-CN": "活动得 {amount} 积分" },
  GROWTH_VALUE: { en: "{amount} growth value for the activity", "zh-CN": "活动得 {amount} 成长值" },
};
const multiplier: LocalizedText = { en: "{name} {factor}×", "zh-CN": "{name} {factor} 倍" };
const caps: Record<NonNullable<EarningStep["cap"]>, LocalizedText> = {
  ORDER: { en: "capped at {limit} an order", "zh-CN": "每单最多 {limit}" },
  DAY: { en: "capped at {limit} a day", "zh-CN": "每日最多 {limit}" },
  MONTH: { en: "capped at {limit} a month", "zh-CN": "每月最多 {limit}" },
};

/** A step of an earning decision in words, in the first wanted language that there is. */
export function stepWords(step: EarningStep, locales: readonly string[]): string {
  const { kind, unit, amount, name, multiplierBasisPoints = 10_000, cap = "ORDER", limit = 0 } = step;
  const texts = { BASE: base[unit], ACTIVITY: activity[unit], MULTIPLIER: multiplier, CAP: caps[cap] }[kind];
  const values: Record<string, string> = {
    ...{ amount: String(amount), limit: String(limit), factor: String(multiplierBasisPoints / 10_000) },
    name: name ? pickText(name, locales) : "",
  };
  return pickText(texts, locales).replace(/\{(\w+)\}/g, (_, key: string) => values[key] ?? "");
}
