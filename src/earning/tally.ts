import { dayOf } from "../calendar.ts";

/** What came together on a calendar day, in its month, and ever. */
export interface Sums {
  day: number;
  month: number;
  ever: number;
}

/** Adds amounts up by a key, and by calendar day and month in a time zone. */
export function newTally(timeZone: string) {
  const sums = new Map<string, number>();
  const keysOf = (key: string, at: number) => {
    const day = dayOf(at, timeZone);
    return { day: `${key} ${day}`, month: `${key} ${day.slice(0, 7)}`, ever: key };
  };
  return {
    add(key: string, at: number, amount: number): void {
      for (const place of Object.values(keysOf(key, at))) sums.set(place, (sums.get(place) ?? 0) + amount);
    },
    of(key: string, at: number): Sums {
      const { day, month, ever } = keysOf(key, at);
      return { day: sums.get(day) ?? 0, month: sums.get(month) ?? 0, ever: sums.get(ever) ?? 0 };
    },
  };
}
