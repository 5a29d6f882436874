import { Temporal } from "temporal-polyfill";

/** For spans that need not end with a calendar day: those are computed in a time zone. */
export const DAY_MS = 86_400_000;

/** Whether a text is a day that the calendar has, `1990-02-28`: a reader of dates takes February 30 for March 2. */
export function isCalendarDay(text: string): boolean {
  const start = Date.parse(`${text}T00:00:00Z`);
  return (
    /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(start) && new Date(start).toISOString().startsWith(text)
  );
}

/** Today in a time zone, `YYYY-MM-DD`. @param moment milliseconds since 1970. */
export const dayOf = (moment: number, timeZone: string): string =>
  zoned(moment, timeZone).toPlainDate().toString();

/** A moment on the calendar of a time zone. */
export const zoned = (moment: number, timeZone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(moment).toZonedDateTimeISO(timeZone);

/** The first moment of a calendar day; on a day without midnight, the first that there is. */
export const startOfDay = (day: Temporal.PlainDate, timeZone: string): number =>
  day.toZonedDateTime(timeZone).epochMilliseconds;

/** The first moment of the calendar month that a moment lies in, and of the one after it. */
export function monthOf(moment: number, timeZone: string): { startsAt: number; endsAt: number } {
  const first = zoned(moment, timeZone).toPlainDate().with({ day: 1 });
  return { startsAt: startOfDay(first, timeZone), endsAt: startOfDay(first.add({ months: 1 }), timeZone) };
}

/** The end of the calendar day that lies `days` after a moment's own: the first moment of the next. */
export const endOfDayAfter = (moment: number, days: number, timeZone: string): number =>
  startOfDay(
    zoned(moment, timeZone)
      .toPlainDate()
      .add({ days: days + 1 }),
    timeZone,
  );

/** What the clock and the calendar on a wall say. */
export interface Clock {
  date: Temporal.PlainDate;
  /** After midnight. */
  minute: number;
}

export function clockAt(moment: number, timeZone: string): Clock {
  const there = zoned(moment, timeZone);
  return { date: there.toPlainDate(), minute: there.hour * 60 + there.minute };
}

/** Hours, weekdays and dates by such a clock; what is left out is open. */
export interface Window {
  /** 1 is Monday, 7 is Sunday. */
  weekdays?: number[] | null | undefined;
  /** Minutes after midnight: from, and up to; may lie across midnight. */
  fromMinute?: number | null | undefined;
  untilMinute?: number | null | undefined;
  /** `YYYY-MM-DD`, the first and the last day. */
  fromDate?: string | null | undefined;
  untilDate?: string | null | undefined;
}

/** A window across midnight belongs to the day on which it begins: «Fridays 22:00 to 02:00» ends on Saturday. */
export function isInWindow(window: Window, { date, minute }: Clock): boolean {
  const [from, until] = [window.fromMinute ?? 0, window.untilMinute ?? 24 * 60];
  const isOverMidnight = until < from;
  const isInHours = isOverMidnight ? minute >= from || minute < until : minute >= from && minute < until;
  return isInHours && hasDay(window, isOverMidnight && minute < until ? date.subtract({ days: 1 }) : date);
}

/** Whether a window begins on a day. */
export function hasDay({ weekdays, fromDate, untilDate }: Window, date: Temporal.PlainDate): boolean {
  return (
    (weekdays == null || weekdays.includes(date.dayOfWeek)) &&
    (fromDate == null || fromDate <= date.toString()) &&
    (untilDate == null || date.toString() <= untilDate)
  );
}

/** A time that comes again: its first moment, the first after it, and the first of the next. */
export interface Span {
  start: number;
  end: number;
  next: number;
}

type Period = "DAY" | "WEEK" | "MONTH" | "YEAR";

/** The period of each kind and time zone that was last asked for: mostly it is asked for again. */
const lastAsked = new Map<string, Span>();

/** The calendar period that a moment lies in; undefined for a lifetime. */
export function periodAround(
  period: Period | "LIFETIME",
  timeZone: string,
  moment: number,
): Span | undefined {
  if (period === "LIFETIME") return undefined;
  const key = `${period} ${timeZone}`;
  const last = lastAsked.get(key);
  if (last && last.start <= moment && moment < last.end) return last;
  const today = zoned(moment, timeZone).toPlainDate();
  const [day, length] = {
    DAY: () => [today, { days: 1 }] as const,
    // Weeks begin on Monday (ISO 8601).
    WEEK: () => [today.subtract({ days: today.dayOfWeek - 1 }), { days: 7 }] as const,
    MONTH: () => [today.with({ day: 1 }), { months: 1 }] as const,
    YEAR: () => [today.with({ month: 1, day: 1 }), { years: 1 }] as const,
  }[period]();
  const end = startOfDay(day.add(length), timeZone);
  const span = { start: startOfDay(day, timeZone), end, next: end };
  lastAsked.set(key, span);
  return span;
}
