import { Temporal } from "temporal-polyfill";
import type { SentOrder } from "../../src/orders/order-book.ts";
import type { Row } from "./csv.ts";
import type { Entry, Format } from "./format.ts";

/** The customer's id in the log and in the sample, the day, the number of CDs, the amount in dollars. */
const ROW = /^\s*(\d{5})\s+\d{4}\s+(\d{4})(\d\d)(\d\d)\s+(\d+)\s+(\d+)\.(\d\d)\s*$/;

/**
 * The purchase log of CDNOW: a customer's rows follow each other. A row names no order, so the orders of a
 * customer's day are numbered in their turn: the same each time the file is read.
 */
export const cdnowFormat = (timeZone: string): Format<SentOrder> => ({
  hasHeader: false,
  isWhole: () => true,
  groupsOf: async function* (rows) {
    const noonOf = noonsIn(timeZone);
    let together: { customer: string; rows: Row[] } | undefined;
    for await (const row of rows) {
      const customer = ROW.exec(row.text)?.[1] ?? "";
      if (together && (customer === "" || together.customer !== customer)) {
        yield entriesOf(together.rows, noonOf);
        together = undefined;
      }
      together ??= { customer, rows: [] };
      together.rows.push(row);
    }
    if (together) yield entriesOf(together.rows, noonOf);
  },
});

function entriesOf(rows: Row[], noonOf: (day: string) => number | undefined): Entry<SentOrder>[] {
  const onDay = new Map<string, number>();
  return rows.map((row): Entry<SentOrder> => {
    const [, customer, year, month, date, cds, dollars, cents] = ROW.exec(row.text) ?? [];
    if (customer === undefined) return { rows: [row], fault: "is not a row of the CDNOW log" };
    const day = `${year}-${month}-${date}`;
    const turn = (onDay.get(day) ?? 0) + 1;
    onDay.set(day, turn);
    const noon = noonOf(day);
    if (noon === undefined) return { rows: [row], fault: `${day} is not a day` };
    const totalMinor = Number(`${dollars}${cents}`);
    const line = { lineId: "1", sku: "cd", name: null, categories: [], quantity: Number(cds) };
    return {
      rows: [row],
      item: {
        ...{ source: "cdnow", externalId: `${customer}-${day}-${turn}`, currency: "USD" },
        member: { externalId: `cdnow-${customer}` },
        ...{ placedAt: noon, paidAt: noon, completedAt: noon, cancelledAt: null },
        ...{ totalMinor, shippingMinor: 0, discountMinor: 0, pointsSpent: 0, channel: null, store: null },
        lines: [{ ...line, amountMinor: totalMinor }],
        couponCodes: [],
      },
    };
  });
}

const NOON = Temporal.PlainTime.from("12:00");

/** Finds the noon of a day, undefined of what is no day; each is worked out once. */
function noonsIn(timeZone: string): (day: string) => number | undefined {
  const noons = new Map<string, number | undefined>();
  return (day) => {
    if (!noons.has(day)) noons.set(day, noonOf(day, timeZone));
    return noons.get(day);
  };
}

function noonOf(day: string, timeZone: string): number | undefined {
  try {
    return Temporal.PlainDate.from(day).toZonedDateTime({ timeZone, plainTime: NOON }).epochMilliseconds;
  } catch {
    return undefined;
  }
}
