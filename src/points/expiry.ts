import type { Temporal } from "temporal-polyfill";
import type { PointsExpiry } from "../../schema/tables/brands.ts";
import { endOfDayAfter, startOfDay, zoned } from "../calendar.ts";

/**
 * When points that were earned at a moment expire under a brand's rule: the end of a calendar day in its
 * time zone, which is the first moment of the next; null for never. A month that lacks the day ends
 * earlier: of 31 January, the month after is over on 28 February.
 *
 * @param earnedAt milliseconds since 1970.
 */
export function expiryOf(expiry: PointsExpiry, earnedAt: number, timeZone: string): number | null {
  const earned = zoned(earnedAt, timeZone).toPlainDate();
  const later = earned.add({ months: expiry.months ?? 0 });
  switch (expiry.rule) {
    case "NEVER":
      return null;
    case "AFTER_MONTHS":
    case "AFTER_INACTIVITY":
      return endOf(later, timeZone);
    case "AFTER_MONTHS_AT_MONTH_END":
      return endOf(later.with({ day: later.daysInMonth }), timeZone);
    case "ON_DATE":
      return endOf(nextSuchDay(later, expiry.month ?? 12, expiry.day ?? 31), timeZone);
  }
}

/** When points that come back too late expire: the end of the day that lies so many days ahead. */
export const endOfGrace = (now: number, graceDays: number, timeZone: string): number =>
  endOfDayAfter(now, graceDays, timeZone);

/**
 * Whether expired points can still be extended, or exchanged for a coupon: to the end of the day that lies so
 * many days after their last.
 */
export const isInGrace = (
  { expiresAt }: { expiresAt: number | null },
  { now, graceDays, timeZone }: { now: number; graceDays: number; timeZone: string },
): boolean =>
  graceDays > 0 &&
  expiresAt !== null &&
  expiresAt <= now &&
  now < endOfDayAfter(expiresAt - 1, graceDays, timeZone);

/** That day of the year, or the next year's when it has passed; 29 February is 28 in most years. */
function nextSuchDay(from: Temporal.PlainDate, month: number, day: number): Temporal.PlainDate {
  const inYear = (year: number) => from.with({ day: 1 }).with({ year, month }).with({ day });
  const thisYear = inYear(from.year);
  return thisYear.toString() >= from.toString() ? thisYear : inYear(from.year + 1);
}

const endOf = (day: Temporal.PlainDate, timeZone: string): number =>
  startOfDay(day.add({ days: 1 }), timeZone);
