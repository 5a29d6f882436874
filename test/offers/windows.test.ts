import { describe, expect, test } from "vitest";
import type { OfferWindow } from "../../schema/tables/offers.ts";
import { clockAt } from "../../src/calendar.ts";
import { isOpenAt, nextOpening } from "../../src/offers/windows.ts";

const hours = (from: string, until: string): OfferWindow => {
  const minute = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
  return { fromMinute: minute(from), untilMinute: minute(until) };
};
const evenings = hours("18:00", "20:00");
const nights = hours("22:00", "02:00");
const [SHANGHAI, NEW_YORK] = ["Asia/Shanghai", "America/New_York"];

describe("whether a window is open", () => {
  test.each<[what: string, window: OfferWindow, at: string, timeZone: string, isOpen: boolean]>([
    ["18:00 is in it", evenings, "2026-11-03T18:00+08:00", SHANGHAI, true],
    ["17:59 is before it", evenings, "2026-11-03T17:59+08:00", SHANGHAI, false],
    ["20:00 is after it", evenings, "2026-11-03T20:00+08:00", SHANGHAI, false],
    ["six o'clock elsewhere is not", evenings, "2026-11-03T18:00+08:00", NEW_YORK, false],
    ["from noon to the end of the day", { fromMinute: 720 }, "2026-11-03T23:59+08:00", SHANGHAI, true],
    ["before eight", { untilMinute: 480 }, "2026-11-03T00:00+08:00", SHANGHAI, true],
    ["Tuesdays", { weekdays: [2] }, "2026-11-03T00:00+08:00", SHANGHAI, true],
    ["Tuesdays, when it is still Monday there", { weekdays: [2] }, "2026-11-03T00:00+08:00", NEW_YORK, false],
    ["Sundays", { weekdays: [7] }, "2026-11-08T12:00+08:00", SHANGHAI, true],
    ["nights begin at 22:00", nights, "2026-11-03T22:00+08:00", SHANGHAI, true],
    ["nights go on after midnight", nights, "2026-11-04T01:59+08:00", SHANGHAI, true],
    ["nights end at 02:00", nights, "2026-11-04T02:00+08:00", SHANGHAI, false],
    [
      "a Friday's night ends on Saturday",
      { ...nights, weekdays: [5] },
      "2026-11-07T01:00+08:00",
      SHANGHAI,
      true,
    ],
    [
      "and does not begin on Thursday",
      { ...nights, weekdays: [5] },
      "2026-11-06T01:00+08:00",
      SHANGHAI,
      false,
    ],
    [
      "Double Eleven",
      { fromDate: "2026-11-11", untilDate: "2026-11-11" },
      "2026-11-11T23:59+08:00",
      SHANGHAI,
      true,
    ],
    [
      "the day after Double Eleven",
      { fromDate: "2026-11-11", untilDate: "2026-11-11" },
      "2026-11-12T00:00+08:00",
      SHANGHAI,
      false,
    ],
    [
      "the last day's night ends on the next",
      { ...nights, untilDate: "2026-11-11" },
      "2026-11-12T01:00+08:00",
      SHANGHAI,
      true,
    ],
    [
      "the night before the first day is not in it",
      { ...nights, fromDate: "2026-11-11" },
      "2026-11-11T01:00+08:00",
      SHANGHAI,
      false,
    ],
    // New York puts its clocks back on 1 November 2026: 01:30 comes twice.
    ["the first 01:30", hours("01:00", "02:00"), "2026-11-01T01:30-04:00", NEW_YORK, true],
    ["the second 01:30", hours("01:00", "02:00"), "2026-11-01T01:30-05:00", NEW_YORK, true],
  ])("%s", (_what, window, at, timeZone, isOpen) => {
    expect(isOpenAt([window], clockAt(Date.parse(at), timeZone))).toBe(isOpen);
  });

  test("one of several is enough", () => {
    const at = Date.parse("2026-11-03T12:00+08:00");
    expect(isOpenAt([evenings, { weekdays: [2] }], clockAt(at, SHANGHAI))).toBe(true);
    expect(isOpenAt([evenings, { weekdays: [3] }], clockAt(at, SHANGHAI))).toBe(false);
  });
});

describe("when it opens next", () => {
  test.each<[what: string, windows: OfferWindow[], at: string, timeZone: string, from: string | null]>([
    ["this evening", [evenings], "2026-11-03T12:00+08:00", SHANGHAI, "2026-11-03T18:00+08:00"],
    ["tomorrow evening", [evenings], "2026-11-03T20:00+08:00", SHANGHAI, "2026-11-04T18:00+08:00"],
    [
      "the sooner of two",
      [evenings, hours("13:00", "14:00")],
      "2026-11-03T12:00+08:00",
      SHANGHAI,
      "2026-11-03T13:00+08:00",
    ],
    ["next Tuesday", [{ weekdays: [2] }], "2026-11-04T12:00+08:00", SHANGHAI, "2026-11-10T00:00+08:00"],
    [
      "next Tuesday evening, when this one is over",
      [{ ...evenings, weekdays: [2] }],
      "2026-11-03T21:00+08:00",
      SHANGHAI,
      "2026-11-10T18:00+08:00",
    ],
    [
      "on Double Eleven",
      [{ fromDate: "2026-11-11" }],
      "2026-11-03T12:00+08:00",
      SHANGHAI,
      "2026-11-11T00:00+08:00",
    ],
    [
      "the first Monday of a season to come",
      [{ weekdays: [1], fromDate: "2027-06-01" }],
      "2026-11-03T12:00+08:00",
      SHANGHAI,
      "2027-06-07T00:00+08:00",
    ],
    ["never again", [{ untilDate: "2026-11-02" }], "2026-11-03T12:00+08:00", SHANGHAI, null],
    [
      "never: no Monday lies between its dates",
      [{ weekdays: [1], fromDate: "2026-11-04", untilDate: "2026-11-06" }],
      "2026-11-03T12:00+08:00",
      SHANGHAI,
      null,
    ],
    ["too far ahead to say", [{ fromDate: "2027-12-09" }], "2026-11-03T12:00+08:00", SHANGHAI, null],
    ["tonight", [nights], "2026-11-03T12:00+08:00", SHANGHAI, "2026-11-03T22:00+08:00"],
    // Clocks go from 02:00 to 03:00 on 8 March 2026, and from 02:00 back to 01:00 on 1 November.
    [
      "when the hour is left out, when it would have gone on",
      [hours("02:30", "05:00")],
      "2026-03-08T01:00-05:00",
      NEW_YORK,
      "2026-03-08T03:00-04:00",
    ],
    [
      "the day after one on which its hour is left out",
      [hours("02:00", "03:00")],
      "2026-03-08T01:00-05:00",
      NEW_YORK,
      "2026-03-09T02:00-04:00",
    ],
    [
      "a week later, where only that day counts",
      [{ ...hours("02:00", "03:00"), weekdays: [7] }],
      "2026-03-08T01:00-05:00",
      NEW_YORK,
      "2026-03-15T02:00-04:00",
    ],
    [
      "again when clocks are put back into it",
      [hours("00:30", "01:30")],
      "2026-11-01T01:45-04:00",
      NEW_YORK,
      "2026-11-01T01:00-05:00",
    ],
    [
      "at its hour, before clocks are put back",
      [hours("01:30", "02:00")],
      "2026-11-01T00:00-04:00",
      NEW_YORK,
      "2026-11-01T01:30-04:00",
    ],
    [
      "at its hour again, after they were",
      [hours("01:30", "02:00")],
      "2026-11-01T01:10-05:00",
      NEW_YORK,
      "2026-11-01T01:30-05:00",
    ],
    // Cairo has no midnight on 24 April 2026: clocks go from 00:00 to 01:00.
    [
      "on a day without midnight, with its first moment",
      [{ fromDate: "2026-04-24" }],
      "2026-04-23T12:00+02:00",
      "Africa/Cairo",
      "2026-04-24T01:00+03:00",
    ],
  ])("%s", (_what, windows, at, timeZone, from) => {
    const opening = nextOpening(windows, Date.parse(at), timeZone);
    expect(opening).toBe(from && Date.parse(from));
    if (opening !== null) {
      expect(isOpenAt(windows, clockAt(opening, timeZone))).toBe(true);
      expect(isOpenAt(windows, clockAt(opening - 1, timeZone))).toBe(false);
    }
  });
});
