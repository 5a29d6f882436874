import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { graceEnd, termEnd, windowStart } from "../../src/tiers/windows.ts";

const SHANGHAI = "Asia/Shanghai";
const NEW_YORK = "America/New_York";
const AUCKLAND = "Pacific/Auckland";
const at = (text: string) => Date.parse(text);
const text = (moment: number) => new Date(moment).toISOString().replace(".000Z", "Z");

describe("a window begins", () => {
  const rolling = (days: number) => ({ kind: "ROLLING_DAYS", days }) as const;
  const running = (period: "MONTH" | "QUARTER" | "HALF_YEAR" | "YEAR") =>
    ({ kind: "CALENDAR", period }) as const;

  test.each([
    // 00:30 on 15 March in Shanghai is still the 14th in UTC.
    [rolling(1), SHANGHAI, "2026-03-14T16:30:00Z", "2026-03-14T16:00:00Z"],
    [rolling(30), SHANGHAI, "2026-03-31T10:00:00Z", "2026-03-01T16:00:00Z"],
    [rolling(365), SHANGHAI, "2025-03-01T04:00:00Z", "2024-03-01T16:00:00Z"],
    // Clocks go forward on 8 March 2026: the day has 23 hours, and begins at 05:00Z.
    [rolling(1), NEW_YORK, "2026-03-09T03:59:59Z", "2026-03-08T05:00:00Z"],
    [rolling(2), NEW_YORK, "2026-03-09T12:00:00Z", "2026-03-08T05:00:00Z"],
    // … and back on 1 November: 25 hours.
    [rolling(1), NEW_YORK, "2026-11-02T04:30:00Z", "2026-11-01T04:00:00Z"],
    [rolling(2), AUCKLAND, "2026-04-05T20:00:00Z", "2026-04-04T11:00:00Z"],
    [running("MONTH"), SHANGHAI, "2024-02-29T15:59:59Z", "2024-01-31T16:00:00Z"],
    [running("MONTH"), NEW_YORK, "2026-03-31T20:00:00Z", "2026-03-01T05:00:00Z"],
    [running("QUARTER"), SHANGHAI, "2026-05-31T10:00:00Z", "2026-03-31T16:00:00Z"],
    [running("HALF_YEAR"), AUCKLAND, "2026-12-31T10:00:00Z", "2026-06-30T12:00:00Z"],
    [running("YEAR"), AUCKLAND, "2026-12-31T10:59:59Z", "2025-12-31T11:00:00Z"],
    [running("YEAR"), AUCKLAND, "2026-12-31T11:00:00Z", "2026-12-31T11:00:00Z"],
  ])("%o in %s of a fact at %s: %s", (window, timeZone, moment, from) => {
    expect(text(windowStart(window, at(moment) + 1, 0, timeZone))).toBe(from);
  });

  test("for ever ago, or with the term", () => {
    expect(windowStart({ kind: "LIFETIME" }, 5, 3, SHANGHAI)).toBe(Number.NEGATIVE_INFINITY);
    expect(windowStart({ kind: "SINCE_TIER" }, 5, 3, SHANGHAI)).toBe(3);
  });

  test("a term that ends with a calendar period is judged on that period, not on the next", () => {
    const end = at("2026-12-31T16:00:00Z");
    expect(text(windowStart(running("YEAR"), end, 0, SHANGHAI))).toBe("2025-12-31T16:00:00Z");
    expect(text(windowStart(rolling(365), end, 0, SHANGHAI))).toBe("2025-12-31T16:00:00Z");
  });
});

describe("a term ends", () => {
  test.each([
    [{ months: 12 }, SHANGHAI, "2026-03-31T04:00:00Z", "2027-03-31T16:00:00Z"],
    // 29 February has no anniversary in a common year.
    [{ months: 12 }, SHANGHAI, "2024-02-29T04:00:00Z", "2025-02-28T16:00:00Z"],
    [{ months: 1 }, SHANGHAI, "2026-01-31T04:00:00Z", "2026-02-28T16:00:00Z"],
    [{ months: 6 }, NEW_YORK, "2026-05-01T12:00:00Z", "2026-11-02T05:00:00Z"],
    [{ months: 12 }, AUCKLAND, "2025-04-04T20:00:00Z", "2026-04-05T12:00:00Z"],
    [{ period: "MONTH" }, NEW_YORK, "2026-03-31T12:00:00Z", "2026-04-01T04:00:00Z"],
    [{ period: "QUARTER" }, SHANGHAI, "2026-12-31T12:00:00Z", "2026-12-31T16:00:00Z"],
    [{ period: "HALF_YEAR" }, AUCKLAND, "2026-04-30T12:00:00Z", "2026-06-30T12:00:00Z"],
    [{ period: "YEAR" }, SHANGHAI, "2026-12-31T16:00:00Z", "2027-12-31T16:00:00Z"],
    [{ months: 12, period: "YEAR" }, SHANGHAI, "2026-05-15T04:00:00Z", "2027-12-31T16:00:00Z"],
  ] as const)("of %o in %s that began at %s: %s", (term, timeZone, since, until) => {
    expect(text(termEnd(term, at(since), timeZone))).toBe(until);
  });

  test("and those that follow are as long, on the same day of each year", () => {
    const yearly = [{ months: 12 }, { months: 12, period: "YEAR" }, { period: "YEAR" }] as const;
    for (const term of yearly) {
      const first = termEnd(term, at("2026-03-31T04:00:00Z"), AUCKLAND);
      const [second, third] = [1, 2]
        .reduce((ends) => [...ends, termEnd(term, ends.at(-1) as number, AUCKLAND)], [first])
        .slice(1);
      const days = [first, second, third].map((end) => text(end as number).slice(5, 10));
      expect(new Set(days).size, JSON.stringify(term)).toBe(1);
    }
  });

  test("after it began, whatever the zone and the moment", () => {
    const term = fc.constantFrom(
      ...([{ months: 1 }, { months: 7 }, { period: "MONTH" }, { period: "QUARTER" }] as const),
      ...([{ months: 3, period: "HALF_YEAR" }, { period: "YEAR" }] as const),
    );
    const moment = fc.integer({ min: at("2000-01-01T00:00:00Z"), max: at("2040-01-01T00:00:00Z") });
    const zone = fc.constantFrom(SHANGHAI, NEW_YORK, AUCKLAND, "Africa/Cairo", "America/Sao_Paulo");
    fc.assert(
      fc.property(term, moment, zone, (length, since, timeZone) => {
        const first = termEnd(length, since, timeZone);
        return first > since && termEnd(length, first, timeZone) > first;
      }),
    );
  });
});

test("grace is whole days, also when the clocks change in it", () => {
  expect(text(graceEnd(at("2026-10-31T04:00:00Z"), 2, NEW_YORK))).toBe("2026-11-02T05:00:00Z");
  expect(graceEnd(1_000_000, 0, "UTC")).toBeLessThanOrEqual(1_000_000);
});
