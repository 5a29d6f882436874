import type { OrderLine } from "../../schema/tables/orders.ts";
import { InvalidValue, type Refusal } from "../errors.ts";
import { outside } from "../faults.ts";
import { LARGEST_AMOUNT } from "../shares.ts";
import { type Content, type Difference, differencesBetween, isToCome, momentText } from "./fact.ts";
import { faultOfMoments, laterMoments, type Moments } from "./order-state.ts";

const LARGEST_QUANTITY = 1_000_000;
const MOST_LINES = 200;
const MOST_WORDS = 50;

/** What an order says of itself and never changes, and its moments. Amounts in minor units. */
export interface OrderContent extends Moments {
  currency: string;
  totalMinor: number;
  shippingMinor: number;
  discountMinor: number;
  pointsSpent: number;
  channel: string | null;
  store: string | null;
  lines: readonly OrderLine[];
  couponCodes: readonly string[];
}

/**
 * Why an order cannot be recorded as it is: its parts must come to its total, in the brand's currency,
 * and its moments must follow each other and have come.
 *
 * @param now milliseconds since 1970.
 */
export function faultOfOrder(order: OrderContent, currency: string, now: number): Refusal | undefined {
  const { lines, couponCodes, totalMinor, shippingMinor, discountMinor, pointsSpent } = order;
  if (order.currency !== currency)
    return InvalidValue({ field: "currency", reason: `must be the brand's, ${currency}` });
  for (const [field, amount] of Object.entries({ totalMinor, shippingMinor, discountMinor, pointsSpent })) {
    const fault = outside(field, amount, 0, LARGEST_AMOUNT);
    if (fault) return fault;
  }
  const fault = faultOfLines(lines, discountMinor);
  if (fault) return fault;
  if (couponCodes.length > MOST_WORDS)
    return InvalidValue({ field: "couponCodes", reason: `must be at most ${MOST_WORDS}` });
  const sum =
    lines.reduce((total, { amountMinor }) => total + amountMinor, 0) + shippingMinor - discountMinor;
  if (sum !== totalMinor)
    return InvalidValue({
      field: "totalMinor",
      reason: `must be ${sum}: the lines and the shipping, less the discount`,
    });
  const wrong = faultOfMoments(order);
  if (wrong) return InvalidValue({ ...wrong });
  const toCome = (["placedAt", ...laterMoments] as const).find((field) => isToCome(order[field] ?? 0, now));
  return toCome ? InvalidValue({ field: toCome, reason: "must not be in the future" }) : undefined;
}

function faultOfLines(lines: readonly OrderLine[], discountMinor: number): Refusal | undefined {
  if (lines.length === 0 || lines.length > MOST_LINES)
    return InvalidValue({ field: "lines", reason: `must be 1 to ${MOST_LINES}` });
  const seen = new Set<string>();
  let own = 0;
  for (const { lineId, quantity, amountMinor, categories, ...line } of lines) {
    const path = `lines.${lineId}`;
    if (seen.has(lineId)) return InvalidValue({ field: path, reason: "must be there once" });
    seen.add(lineId);
    const ownMinor = line.discountMinor ?? 0;
    const fault =
      outside(`${path}.quantity`, quantity, 1, LARGEST_QUANTITY) ??
      outside(`${path}.amountMinor`, amountMinor, 0, LARGEST_AMOUNT) ??
      outside(`${path}.discountMinor`, ownMinor, 0, amountMinor);
    if (fault) return fault;
    own += ownMinor;
    if (categories.length > MOST_WORDS)
      return InvalidValue({ field: `${path}.categories`, reason: `must be at most ${MOST_WORDS}` });
  }
  return own > discountMinor
    ? InvalidValue({ field: "discountMinor", reason: `must be at least ${own}: what the lines bear of it` })
    : undefined;
}

/**
 * Where an order that is sent again is not the one recorded. The order of lines, categories and coupon
 * codes does not matter, and a moment that either leaves out is no difference.
 */
export function differencesOfOrder(
  recorded: OrderContent & { member: string | null },
  sent: OrderContent & { member: string | null },
): Difference[] {
  const known = laterMoments.filter((field) => recorded[field] !== null && sent[field] !== null);
  const momentsOf = (order: OrderContent) =>
    Object.fromEntries(
      (["placedAt", ...known] as const).map((field) => [field, momentText(order[field] ?? 0)]),
    );
  return differencesBetween(
    { ...contentOf(recorded), ...momentsOf(recorded) },
    { ...contentOf(sent), ...momentsOf(sent) },
  );
}

function contentOf(order: OrderContent & { member: string | null }): Content {
  const { member, currency, totalMinor, shippingMinor, discountMinor, pointsSpent, channel, store } = order;
  const lines = order.lines.flatMap(({ lineId, categories, discountMinor: own, ...line }) => [
    ...Object.entries(line).map(([name, value]) => [`lines.${lineId}.${name}`, value]),
    // To bear none of it and not to say so are the same.
    [`lines.${lineId}.discountMinor`, own || null],
    [`lines.${lineId}.categories`, setText(categories)],
  ]);
  return {
    ...{ member, currency, totalMinor, shippingMinor, discountMinor, pointsSpent, channel, store },
    couponCodes: setText(order.couponCodes),
    ...Object.fromEntries(lines),
  };
}

const setText = (words: readonly string[]): string | null =>
  words.length > 0 ? JSON.stringify([...new Set(words)].sort()) : null;
