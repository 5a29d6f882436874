import { Temporal } from "temporal-polyfill";

/** For spans that need not end with a calendar day: those are computed in a time zone. */
export const DAY_MS = 86_400_000;

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
