import fc from "fast-check";
import { expect, test } from "vitest";
import { type BenefitFacts, entitlementOf } from "../../src/benefits/entitlement.ts";

const at = (text: string) => Date.parse(text);
const none = new Map<number, number>();
const benefit: BenefitFacts = {
  ...{ kind: "GIFT", terms: {}, quota: 1, quotaPeriod: "MONTH", startsAt: null, endsAt: null },
};

test.each([
  [
    "a day in Shanghai",
    "DAY",
    "Asia/Shanghai",
    "2026-11-21T15:59:59Z",
    "2026-11-20T16:00Z",
    "2026-11-21T16:00Z",
  ],
  [
    "a week begins on Monday",
    "WEEK",
    "Asia/Shanghai",
    "2026-11-22T15:00:00Z",
    "2026-11-15T16:00Z",
    "2026-11-22T16:00Z",
  ],
  [
    "a month in February",
    "MONTH",
    "America/New_York",
    "2028-02-29T12:00:00Z",
    "2028-02-01T05:00Z",
    "2028-03-01T05:00Z",
  ],
  ["a year", "YEAR", "Pacific/Auckland", "2026-06-30T00:00:00Z", "2025-12-31T11:00Z", "2026-12-31T11:00Z"],
  [
    "a day that loses an hour",
    "DAY",
    "America/New_York",
    "2026-03-08T12:00:00Z",
    "2026-03-08T05:00Z",
    "2026-03-09T04:00Z",
  ],
  [
    "a day that gains an hour",
    "DAY",
    "America/New_York",
    "2026-11-01T12:00:00Z",
    "2026-11-01T04:00Z",
    "2026-11-02T05:00Z",
  ],
] as const)(
  "uses are counted on the brand's calendar: %s",
  (_what, quotaPeriod, timeZone, now, start, renews) => {
    const entitlement = entitlementOf({ ...benefit, quotaPeriod }, { timeZone }, none, at(now));
    expect(entitlement).toMatchObject({
      periodStart: at(start),
      renewsAt: at(renews),
      left: 1,
      usable: true,
    });
  },
);

test("what was used in a period is gone until the next", () => {
  const now = at("2026-11-21T12:00:00Z");
  const member = { timeZone: "Asia/Shanghai" };
  const { periodStart, renewsAt } = entitlementOf(benefit, member, none, now);
  const used = new Map([[periodStart, 1]]);
  expect(entitlementOf(benefit, member, used, now)).toMatchObject({ usable: false, left: 0, used: 1 });
  expect(entitlementOf(benefit, member, used, renewsAt as number)).toMatchObject({
    usable: true,
    left: 1,
    used: 0,
  });
});

test("a quota for life never renews, and without a quota there is no limit", () => {
  const now = at("2026-11-21T12:00:00Z");
  const forLife = { ...benefit, quotaPeriod: "LIFETIME" } as const;
  expect(entitlementOf(forLife, { timeZone: "UTC" }, new Map([[0, 1]]), now)).toMatchObject({
    left: 0,
    renewsAt: null,
  });
  const free = { ...benefit, quota: null, quotaPeriod: null };
  expect(entitlementOf(free, { timeZone: "UTC" }, none, now)).toMatchObject({
    left: null,
    renewsAt: null,
    usable: true,
  });
});

const birthdayGift: BenefitFacts = {
  ...benefit,
  kind: "BIRTHDAY_GIFT",
  quotaPeriod: "YEAR",
  terms: { daysBefore: 3, daysAfter: 7 },
};

test.each([
  [
    "the day before the window",
    "1990-06-15",
    "2026-06-11T15:59:59Z",
    false,
    "2026-06-11T16:00Z",
    "2026-06-22T16:00Z",
  ],
  ["its first moment", "1990-06-15", "2026-06-11T16:00:00Z", true, "2026-06-11T16:00Z", "2026-06-22T16:00Z"],
  ["its last moment", "1990-06-15", "2026-06-22T15:59:59Z", true, "2026-06-11T16:00Z", "2026-06-22T16:00Z"],
  [
    "after it, the next year's",
    "1990-06-15",
    "2026-06-22T16:00:00Z",
    false,
    "2027-06-11T16:00Z",
    "2027-06-22T16:00Z",
  ],
  [
    "born on 29 February, in a common year",
    "1992-02-29",
    "2026-02-28T04:00:00Z",
    true,
    "2026-02-24T16:00Z",
    "2026-03-07T16:00Z",
  ],
  [
    "born on 29 February, in a leap year",
    "1992-02-29",
    "2028-02-26T04:00:00Z",
    true,
    "2028-02-25T16:00Z",
    "2028-03-07T16:00Z",
  ],
  [
    "across the new year, before it",
    "1990-01-02",
    "2026-12-31T04:00:00Z",
    true,
    "2026-12-29T16:00Z",
    "2027-01-09T16:00Z",
  ],
  [
    "across the new year, after it",
    "1990-12-29",
    "2027-01-02T04:00:00Z",
    true,
    "2026-12-25T16:00Z",
    "2027-01-05T16:00Z",
  ],
] as const)(
  "a birthday gift can be used around the birthday: %s",
  (_what, birthday, now, usable, from, until) => {
    const entitlement = entitlementOf(birthdayGift, { timeZone: "Asia/Shanghai", birthday }, none, at(now));
    expect(entitlement).toMatchObject({ usable, usableFrom: at(from), usableUntil: at(until) });
  },
);

test("a birthday gift is used once around one birthday, also across a new year", () => {
  const member = { timeZone: "Asia/Shanghai", birthday: "1990-01-02" };
  const before = at("2026-12-31T04:00:00Z");
  const { periodStart } = entitlementOf(birthdayGift, member, none, before);
  const used = new Map([[periodStart, 1]]);
  expect(entitlementOf(birthdayGift, member, used, at("2027-01-05T04:00:00Z")).usable).toBe(false);
  expect(entitlementOf(birthdayGift, member, used, at("2027-12-31T04:00:00Z")).usable).toBe(true);
});

test("without a birthday there is no birthday gift", () => {
  expect(entitlementOf(birthdayGift, { timeZone: "UTC" }, none, at("2026-01-01T00:00:00Z")).usable).toBe(
    false,
  );
});

test.each([
  [31, "2026-02-28T04:00:00Z", true],
  [31, "2026-02-27T04:00:00Z", false],
  [8, "2026-11-08T04:00:00Z", true],
  [8, "2026-11-07T15:59:59Z", false],
  [8, "2026-11-08T16:00:00Z", false],
])("a privilege day is one day of the month: %i at %s", (dayOfMonth, now, usable) => {
  const privilege: BenefitFacts = { ...benefit, kind: "PRIVILEGE_DAY", terms: { dayOfMonth } };
  expect(entitlementOf(privilege, { timeZone: "Asia/Shanghai" }, none, at(now)).usable).toBe(usable);
});

test("a benefit can be used from its start to its end", () => {
  const dated = { ...benefit, startsAt: 1_000, endsAt: 2_000 };
  const usableAt = (now: number) => entitlementOf(dated, { timeZone: "UTC" }, none, now).usable;
  expect([999, 1_000, 1_999, 2_000].map(usableAt)).toEqual([false, true, true, false]);
});

test("whatever the birthday, zone and moment, now lies before the end of the window, and periods do not overlap", () => {
  const moments = fc.integer({ min: at("2000-01-01T00:00:00Z"), max: at("2100-01-01T00:00:00Z") });
  const birthdays = fc
    .date({ min: new Date("1930-01-01"), max: new Date("2020-01-01"), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10));
  const zones = fc.constantFrom("Asia/Shanghai", "America/New_York", "Pacific/Auckland", "UTC");
  fc.assert(
    fc.property(moments, birthdays, zones, (now, birthday, timeZone) => {
      const { usableFrom, usableUntil, renewsAt } = entitlementOf(
        birthdayGift,
        { timeZone, birthday },
        none,
        now,
      );
      return (
        now < (usableUntil as number) &&
        (usableFrom as number) < (usableUntil as number) &&
        (renewsAt as number) >= (usableUntil as number)
      );
    }),
    { numRuns: 300 },
  );
});

test("special days are those in the benefit's own time, and none where it has no such day", () => {
  const eighth = { ...benefit, kind: "PRIVILEGE_DAY" as const, terms: { dayOfMonth: 8 } };
  const now = at("2027-01-05T00:00:00Z");
  const of = (times: Partial<BenefitFacts>) =>
    entitlementOf({ ...eighth, ...times }, { timeZone: "UTC" }, none, now);
  expect(of({ startsAt: at("2027-01-20T00:00:00Z") })).toMatchObject({
    ...{ usable: false, usableFrom: at("2027-02-08T00:00:00Z"), usableUntil: at("2027-02-09T00:00:00Z") },
  });
  expect(of({ endsAt: at("2027-01-07T00:00:00Z") })).toMatchObject({ usable: false, renewsAt: null });
});

test("a quota is never whole again when the benefit is over by then", () => {
  const now = at("2027-01-05T00:00:00Z");
  const of = (endsAt: number | null) =>
    entitlementOf({ ...benefit, endsAt }, { timeZone: "UTC" }, none, now).renewsAt;
  expect(of(null)).toBe(at("2027-02-01T00:00:00Z"));
  expect(of(at("2027-02-01T00:00:00Z"))).toBeNull();
  expect(of(at("2027-02-01T00:00:01Z"))).toBe(at("2027-02-01T00:00:00Z"));
});
