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
 * come, so that one who learns late is told once and not for every day that was missed. PURE.
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
  return expiring.flatMap((points) => {
    const lastDay = Temporal.PlainDate.from(dayOf(points.expiresAt - 1, timeZone));
    const left = today.until(lastDay, { largestUnit: "day" }).days;
    const nearest = Math.min(...daysBefore.filter((days) => left <= days));
    const subject = `points:${lastDay}:${nearest}`;
    const isTold = told.has(toldOf({ ...points, subject }));
    return points.expiresAt > now && Number.isFinite(nearest) && !isTold
      ? [{ ...points, subject, daysBefore: nearest }]
      : [];
  });
}
