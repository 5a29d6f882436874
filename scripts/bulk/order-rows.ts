import { Temporal } from "temporal-polyfill";
import type { OrderLine } from "../../schema/tables/orders.ts";
import type { OrderRow, SentOrder } from "../../src/orders/order-book.ts";
import { shortText } from "../../src/texts.ts";
import { rowText } from "./csv.ts";
import { csvFormat, Fault, type Fields } from "./format.ts";
import { textIn, textOfWords, wordsIn } from "./texts.ts";

/** What is exported, and imported again, in this order. */
const orderColumns = [
  ...["source", "externalId", "memberExternalId", "placedAt", "paidAt", "completedAt", "cancelledAt"],
  ...["currency", "totalMinor", "shippingMinor", "discountMinor", "pointsSpent", "channel", "store"],
  ...["couponCodes", "lineId", "sku", "name", "categories", "quantity", "amountMinor", "lineDiscountMinor"],
];
/** The same in major units. */
const inMajor = { totalMinor: "total", shippingMinor: "shipping", discountMinor: "discount" };

export interface OrderDefaults {
  /** Of rows that name none. */
  source: string;
  /** The brand's. */
  currency: string;
  timeZone: string;
}

/** Orders, a row for each line: the rows of one order follow each other and say the same of it. */
export const orderFormat = (defaults: OrderDefaults) =>
  csvFormat<SentOrder>({
    known: [...orderColumns, ...Object.values(inMajor), "amount", "lineDiscount"],
    needed: [...["externalId", "placedAt", "totalMinor|total"], ...["sku", "quantity", "amountMinor|amount"]],
    keyOf: ({ source = "", externalId = "" }) => JSON.stringify([source, externalId]),
    read: (rows) => orderOf(rows, defaults),
  });

function orderOf(rows: Fields[], { source, currency, timeZone }: OrderDefaults): SentOrder {
  const order = sameOf(rows);
  const digits = minorDigitsOf(order.currency ?? currency);
  const moneyOf = (fields: Fields, minor: string, major: string) =>
    fields[minor] === undefined ? inMinor(fields, major, digits) : wholeOf(fields, minor);
  const momentOf = (name: string) => momentIn(order, name, timeZone);
  const externalId =
    order.memberExternalId === undefined ? null : textIn(order, "memberExternalId", shortText);
  return {
    source: order.source === undefined ? source : textIn(order, "source"),
    externalId: textIn(order, "externalId"),
    member: externalId === null ? null : { externalId },
    currency: order.currency ?? currency,
    placedAt: momentOf("placedAt") ?? missing("placedAt"),
    paidAt: momentOf("paidAt"),
    completedAt: momentOf("completedAt"),
    cancelledAt: momentOf("cancelledAt"),
    totalMinor: moneyOf(order, "totalMinor", inMajor.totalMinor) ?? missing("totalMinor"),
    shippingMinor: moneyOf(order, "shippingMinor", inMajor.shippingMinor) ?? 0,
    discountMinor: moneyOf(order, "discountMinor", inMajor.discountMinor) ?? 0,
    pointsSpent: wholeOf(order, "pointsSpent") ?? 0,
    channel: order.channel === undefined ? null : textIn(order, "channel"),
    store: order.store === undefined ? null : textIn(order, "store"),
    couponCodes: wordsIn(order, "couponCodes"),
    lines: rows.map((row, position): OrderLine => {
      const discountMinor = moneyOf(row, "lineDiscountMinor", "lineDiscount");
      return {
        lineId: row.lineId === undefined ? String(position + 1) : textIn(row, "lineId"),
        sku: textIn(row, "sku"),
        name: row.name === undefined ? null : textIn(row, "name"),
        categories: wordsIn(row, "categories"),
        quantity: wholeOf(row, "quantity") ?? missing("quantity"),
        amountMinor: moneyOf(row, "amountMinor", "amount") ?? missing("amountMinor"),
        ...(discountMinor ? { discountMinor } : {}),
      };
    }),
  };
}

const ofLines = [
  ...["lineId", "sku", "name", "categories", "quantity", "amountMinor", "amount"],
  ...["lineDiscountMinor", "lineDiscount"],
];

/** What all rows of an order say of it: what one leaves out, another may say. */
function sameOf(rows: Fields[]): Fields {
  const same: Record<string, string> = {};
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) {
      if (ofLines.includes(name) || name === "line" || name === "reason") continue;
      if (same[name] !== undefined && same[name] !== value)
        throw new Fault(`${name}: the rows of one order say ${same[name]} and ${value}`);
      same[name] = value;
    }
  }
  return same;
}

function missing(name: string): never {
  throw new Fault(`${name}: must not be empty`);
}

function wholeOf(fields: Fields, name: string): number | null {
  const text = fields[name];
  if (text === undefined) return null;
  if (!/^\d{1,15}$/.test(text))
    throw new Fault(`${name}: must be a whole number, without separators: ${text}`);
  return Number(text);
}

/** Money in minor units, read digit by digit: 19.99 is 1999, and not 1998.9999999999998. */
function inMinor(fields: Fields, name: string, digits: number): number | null {
  const text = fields[name];
  if (text === undefined) return null;
  const [, major, fraction = ""] = /^(\d{1,13})(?:\.(\d+))?$/.exec(text) ?? [];
  if (major === undefined || fraction.length > digits)
    throw new Fault(`${name}: must be an amount with at most ${digits} digits after the point: ${text}`);
  return Number(major + fraction.padEnd(digits, "0"));
}

function minorDigitsOf(currency: string): number {
  try {
    return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions()
      .maximumFractionDigits as number;
  } catch {
    throw new Fault(`currency: must be an ISO 4217 code such as CNY: ${currency}`);
  }
}

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;
const WALL_CLOCK = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?$/;

function momentIn(fields: Fields, name: string, timeZone: string): number | null {
  const text = fields[name];
  if (text === undefined) return null;
  try {
    if (RFC_3339.test(text)) return Temporal.Instant.from(text).epochMilliseconds;
    if (WALL_CLOCK.test(text)) {
      const told = Temporal.PlainDateTime.from(text);
      const moment = told.toZonedDateTime(timeZone);
      // An hour that the clock leaves out in spring would be another; of one that it has twice, it is the first.
      if (moment.toPlainDateTime().equals(told)) return moment.epochMilliseconds;
    }
  } catch {
    // A day or an hour that no calendar has.
  }
  throw new Fault(
    `${name}: must be a moment such as 2026-11-21T09:30:00Z, or 2026-11-21 17:30 on the clock of ${timeZone}: ${text}`,
  );
}

/** The first line of exported orders. */
export const orderHeader = rowText(orderColumns);

/** An order as it is exported: a row for each line. */
export function textOfOrder(order: OrderRow & { member: { externalId: string } | null }): string {
  const momentOf = (moment: number | null) => (moment === null ? null : new Date(moment).toISOString());
  const common = [
    ...[order.source, order.externalId, order.member?.externalId ?? null, momentOf(order.placedAt)],
    ...[momentOf(order.paidAt), momentOf(order.completedAt), momentOf(order.cancelledAt)],
    ...[order.currency, order.totalMinor, order.shippingMinor, order.discountMinor, order.pointsSpent],
    ...[order.channel, order.store, textOfWords(order.couponCodes)],
  ];
  return order.lines
    .map(({ lineId, sku, name, categories, quantity, amountMinor, discountMinor = null }) =>
      rowText([...common, lineId, sku, name, textOfWords(categories), quantity, amountMinor, discountMinor]),
    )
    .join("");
}
