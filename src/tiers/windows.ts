import type { Temporal } from "temporal-polyfill";
import type { CalendarPeriod, CountingWindow, TierRules } from "../../schema/tables/rules.ts";
import { startOfDay, zoned } from "../calendar.ts";

export type TierTerm = NonNullable<TierRules["term"]>;

const monthsIn: Record<CalendarPeriod, number> = { MONTH: 1, QUARTER: 3, HALF_YEAR: 6, YEAR: 12 };

/**
 * From when facts count in a window that ends just before a moment. ROLLING_DAYS are that last day and the
 * days before it, CALENDAR the period that the last day lies in, in the brand's time zone; SINCE_TIER
 * counts from the start of the term in the tier.
 *
 * @param end milliseconds since 1970, the first moment that is no longer in it.
 */
export function windowStart(window: CountingWindow, end: number, since: number, timeZone: string): number {
  if (window.kind === "LIFETIME") return Number.NEGATIVE_INFINITY;
  if (window.kind === "SINCE_TIER") return since;
  const lastDay = zoned(end - 1, timeZone).toPlainDate();
  const firstDay =
    window.kind === "CALENDAR"
      ? startOfPeriod(lastDay, window.period ?? "YEAR")
      : lastDay.subtract({ days: (window.days ?? 1) - 1 });
  return startOfDay(firstDay, timeZone);
}

/**
 * When a term in a tier ends: at the end of the day that lies so many months after the one it began on; with
 * a period, at the end of the one which that day lies in. A month that lacks the day ends earlier.
 *
 * @param since its first moment; a term that follows another begins when that one ends, at midnight.
 */
export function termEnd({ months, period }: TierTerm, since: number, timeZone: string): number {
  // Months are counted from the day that ended at midnight, or each term would be a day longer.
  const day = zoned(months ? since - 1 : since, timeZone)
    .toPlainDate()
    .add({ months: months ?? 0 });
  const next = period ? startOfPeriod(day, period).add({ months: monthsIn[period] }) : day.add({ days: 1 });
  return startOfDay(next, timeZone);
}

/** When so many days after the end of a term are over. */
export const graceEnd = (until: number, graceDays: number, timeZone: string): number =>
  startOfDay(zoned(until, timeZone).toPlainDate().add({ days: graceDays }), timeZone);

function startOfPeriod(day: Temporal.PlainDate, period: CalendarPeriod): Temporal.PlainDate {
  return day.with({ day: 1, month: day.month - ((day.month - 1) % monthsIn[period]) });
}
