import { Temporal } from "temporal-polyfill";
import type { OfferWindow } from "../../schema/tables/offers.ts";
import { type Clock, clockAt, DAY_MS, hasDay, isInWindow, startOfDay, zoned } from "../calendar.ts";

/** How far ahead an opening is looked for. */
const MOST_DAYS_AHEAD = 400;
/** Every weekday comes in a week; the one on which clocks are put forward may leave a window out. */
const DAYS_TRIED = 15;

/** Whether what a clock shows lies in one of the windows. */
export const isOpenAt = (windows: readonly OfferWindow[], clock: Clock): boolean =>
  windows.some((window) => isInWindow(window, clock));

/** The first moment after one outside all windows at which one of them opens; null for none within 400 days. */
export function nextOpening(windows: readonly OfferWindow[], at: number, timeZone: string): number | null {
  const openings = windows
    .map((window) => openingOf(window, at, timeZone))
    .filter((opening) => opening !== undefined && opening <= at + MOST_DAYS_AHEAD * DAY_MS);
  return openings.length > 0 ? Math.min(...(openings as number[])) : null;
}

function openingOf(window: OfferWindow, at: number, timeZone: string): number | undefined {
  const today = zoned(at, timeZone).toPlainDate();
  const fromDate = window.fromDate ? Temporal.PlainDate.from(window.fromDate) : today;
  const first = Temporal.PlainDate.compare(fromDate, today) > 0 ? fromDate : today;
  for (let days = 0; days < DAYS_TRIED; days += 1) {
    const day = first.add({ days });
    if (!hasDay(window, day)) continue;
    const opening = momentsOf(day, window.fromMinute ?? 0, timeZone)
      .filter((moment) => moment > at && isInWindow(window, clockAt(moment, timeZone)))
      .sort((a, b) => a - b)[0];
    if (opening !== undefined) return opening;
  }
  return undefined;
}

/**
 * The moments of a day at which a window can open: when the clock first and last shows a minute, when the day
 * begins and when clocks are put forward or back.
 */
function momentsOf(day: Temporal.PlainDate, minute: number, timeZone: string): number[] {
  const begins = startOfDay(day, timeZone);
  const wall = day.toPlainDateTime().add({ minutes: minute });
  const change = zoned(begins, timeZone).getTimeZoneTransition("next")?.epochMilliseconds;
  return [
    begins,
    ...(["earlier", "later"] as const).map(
      (disambiguation) => wall.toZonedDateTime(timeZone, { disambiguation }).epochMilliseconds,
    ),
    ...(change !== undefined && change < startOfDay(day.add({ days: 1 }), timeZone) ? [change] : []),
  ];
}
