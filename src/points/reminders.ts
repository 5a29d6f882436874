import { Temporal } from "temporal-polyfill";
import { dayOf } from "../calendar.ts";
import { toldOf } from "../jobs/told.ts";

/** Points of a member that expire together. */
export interface ExpiringPoints {
  memberId: string;
  points: number;
  expiresAt: number;
}

export interface Reminder extends ExpiringPoints {
  /** What it is remembered by, so that it is given once. */
  subject: string;
  daysBefore: number;
}

/**
 * What members are to be told now of points that expire: of each the nearest of the days ahead that has
 * come, so that one who learns late is told once and not for every day that was missed. What expires on one day
 * is told of together, also where the brand's days began at other moments when it came in. PURE.
 *
 * @param daysBefore so many days before the last day on which they can be spent.
 * @param told the subjects of a member that it was told of.
 */
export function remindersDue(
  expiring: readonly ExpiringPoints[],
  { now, timeZone, daysBefore }: { now: number; timeZone: string; daysBefore: readonly number[] },
  told: ReadonlySet<string>,
): Reminder[] {
  const today = Temporal.PlainDate.from(dayOf(now, timeZone));
  const due = new Map<string, Reminder>();
  for (const points of expiring) {
    const lastDay = Temporal.PlainDate.from(dayOf(points.expiresAt - 1, timeZone));
    const left = today.until(lastDay, { largestUnit: "day" }).days;
    const nearest = Math.min(...daysBefore.filter((days) => left <= days));
    const subject = `points:${lastDay}:${nearest}`;
    const key = toldOf({ ...points, subject });
    if (points.expiresAt <= now || !Number.isFinite(nearest) || told.has(key)) continue;
    const sameDay = due.get(key) ?? { ...points, points: 0 };
    due.set(key, {
      ...{ memberId: points.memberId, points: points.points + sameDay.points, subject, daysBefore: nearest },
      expiresAt: Math.min(points.expiresAt, sameDay.expiresAt),
    });
  }
  return [...due.values()];
}
