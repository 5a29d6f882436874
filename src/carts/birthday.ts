import { zoned } from "../calendar.ts";

/**
 * Days since the nearest birthday, negative before it. Who was born on 29 February has it on the 28th in
 * other years. PURE.
 *
 * @param birthday `YYYY-MM-DD`
 */
export function daysFromBirthday(birthday: string, at: number, timeZone: string): number {
  const today = zoned(at, timeZone).toPlainDate();
  const [, month, day] = birthday.split("-").map(Number) as [number, number, number];
  const distances = [-1, 0, 1].map((years) => {
    const date = today.with({ year: today.year + years, month, day }, { overflow: "constrain" });
    return date.until(today, { largestUnit: "days" }).days;
  });
  return distances.reduce((nearest, days) => (Math.abs(days) < Math.abs(nearest) ? days : nearest));
}
