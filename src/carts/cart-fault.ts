import { InvalidValue, type Refusal } from "../errors.ts";
import { LARGEST_AMOUNT } from "../points/policy.ts";
import type { CartInput } from "./read-cart.ts";

export const MOST_LINES = 200;
export const MOST_CODES = 20;
export const MOST_COUPONS = 50;
export const MOST_SEGMENTS = 50;
export const LARGEST_QUANTITY = 10_000;

/** Why a cart cannot be one that anybody buys. PURE. */
export function faultOfCart(input: CartInput): Refusal | undefined {
  const { lines, couponIds, codes, segments, shippingMinor, pointsToSpend } = input;
  const lists = { lines, couponIds, codes, segments };
  const most = { lines: MOST_LINES, couponIds: MOST_COUPONS, codes: MOST_CODES, segments: MOST_SEGMENTS };
  for (const [field, limit] of Object.entries(most)) {
    if (lists[field as keyof typeof lists].length > limit)
      return InvalidValue({ field, reason: `must be at most ${limit}` });
  }
  const ids = new Set<string>();
  for (const { lineId } of lines) {
    if (ids.has(lineId)) return InvalidValue({ field: `lines.${lineId}`, reason: "must be there once" });
    ids.add(lineId);
  }
  const ranges: [field: string, value: number, least: number, most: number][] = [
    ...lines.flatMap(({ lineId, amountMinor, quantity }): [string, number, number, number][] => [
      [`lines.${lineId}.amountMinor`, amountMinor, 0, LARGEST_AMOUNT],
      [`lines.${lineId}.quantity`, quantity, 1, LARGEST_QUANTITY],
    ]),
    ["shippingMinor", shippingMinor, 0, LARGEST_AMOUNT],
    ["pointsToSpend", pointsToSpend, 0, LARGEST_AMOUNT],
  ];
  const wrong = ranges.find(([, value, least, largest]) => value < least || value > largest);
  return wrong && InvalidValue({ field: wrong[0], reason: `must be between ${wrong[2]} and ${wrong[3]}` });
}
