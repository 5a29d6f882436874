import { describe, expect, test } from "vitest";
import { limitPeriods, type OfferLimit } from "../../schema/tables/offers.ts";
import type { LimitTaken, Reason } from "../../src/carts/cart.ts";
import { countedBy, countersOf, takenOf, whyNotWithin } from "../../src/offers/limits.ts";

const [SHANGHAI, NEW_YORK] = ["Asia/Shanghai", "America/New_York"];
const someone = { memberId: "mbr_1", store: "SH-01" };

describe("when a count begins, by the brand's calendar", () => {
  test.each<[period: OfferLimit["period"], at: string, timeZone: string, begins: string]>([
    ["DAY", "2026-11-03T23:59+08:00", SHANGHAI, "2026-11-03T00:00+08:00"],
    ["DAY", "2026-11-03T23:59+08:00", NEW_YORK, "2026-11-03T00:00-05:00"],
    ["WEEK", "2026-11-08T23:59+08:00", SHANGHAI, "2026-11-02T00:00+08:00"],
    ["WEEK", "2026-11-09T00:00+08:00", SHANGHAI, "2026-11-09T00:00+08:00"],
    ["MONTH", "2026-11-30T23:59+08:00", SHANGHAI, "2026-11-01T00:00+08:00"],
    ["YEAR", "2026-12-31T23:59+08:00", SHANGHAI, "2026-01-01T00:00+08:00"],
    ["LIFETIME", "2026-11-03T12:00+08:00", SHANGHAI, "1970-01-01T00:00Z"],
    // New York puts its clocks forward on 8 March and back on 1 November 2026: 23 and 25 hours.
    ["DAY", "2026-03-08T23:30-04:00", NEW_YORK, "2026-03-08T00:00-05:00"],
    ["DAY", "2026-11-01T23:30-05:00", NEW_YORK, "2026-11-01T00:00-04:00"],
    ["WEEK", "2026-11-01T23:30-05:00", NEW_YORK, "2026-10-26T00:00-04:00"],
    ["MONTH", "2026-11-02T00:30-05:00", NEW_YORK, "2026-11-01T00:00-04:00"],
    ["YEAR", "2026-07-04T12:00-04:00", NEW_YORK, "2026-01-01T00:00-05:00"],
  ])("a %s at %s in %s", (period, at, timeZone, begins) => {
    const limits: OfferLimit[] = [{ per: "OFFER", period, uses: 1 }];
    const [counter] = countersOf(limits, { ...someone, at: Date.parse(at), timeZone });
    expect(counter?.periodStart).toBe(Date.parse(begins));
  });

  test("everyone's, each member's and each store's are counted apart", () => {
    const limits = (["OFFER", "MEMBER", "STORE"] as const).map(
      (per): OfferLimit => ({ per, period: "LIFETIME", uses: 1 }),
    );
    const subjects = (user: { memberId: string | null; store: string | null }) =>
      countersOf(limits, { ...user, at: 0, timeZone: SHANGHAI }).map(({ subject }) => subject);
    expect(subjects(someone)).toEqual(["*", "member:mbr_1", "store:SH-01"]);
    expect(subjects({ memberId: null, store: "" })).toEqual(["*", null, null]);
    expect(countersOf(null, { ...someone, at: 0, timeZone: SHANGHAI })).toEqual([]);
  });
});

describe("whether a limit leaves room for one more use", () => {
  const of = (limit: Partial<OfferLimit>, taken: Partial<LimitTaken> = {}): LimitTaken => ({
    limit: { per: "OFFER", period: "DAY", ...limit },
    ...{ subject: "*", periodStart: 0, uses: 0, discountMinor: 0, ...taken },
  });
  test.each<[what: string, taken: LimitTaken[], discountMinor: number, reason: Reason | undefined]>([
    ["no limits", [], 1_000, undefined],
    ["the last use", [of({ uses: 3 }, { uses: 2 })], 1_000, undefined],
    ["one use too many", [of({ uses: 3 }, { uses: 3 })], 1_000, { code: "USED_UP", limit: 3 }],
    [
      "more uses than a lowered limit has",
      [of({ uses: 3 }, { uses: 5 })],
      1_000,
      { code: "USED_UP", limit: 3 },
    ],
    ["the rest of a budget", [of({ discountMinor: 5_000 }, { discountMinor: 4_000 })], 1_000, undefined],
    [
      "a fen more than the rest of it",
      [of({ discountMinor: 5_000 }, { discountMinor: 4_000 })],
      1_001,
      { code: "BUDGET", leftMinor: 1_000 },
    ],
    [
      "a budget that was lowered",
      [of({ discountMinor: 3_000 }, { discountMinor: 4_000 })],
      1,
      { code: "BUDGET", leftMinor: 0 },
    ],
    ["a gift, which costs no budget", [of({ discountMinor: 5_000 }, { discountMinor: 5_000 })], 0, undefined],
    [
      "the second of two limits",
      [of({ uses: 9 }), of({ per: "MEMBER", uses: 1 }, { subject: "member:mbr_1", uses: 1 })],
      1_000,
      { code: "USED_UP", limit: 1 },
    ],
    [
      "a store's, where the cart names none",
      [of({ per: "STORE", uses: 9 }, { subject: null })],
      1,
      { code: "STORE" },
    ],
    [
      "a member's, for a guest",
      [of({ per: "MEMBER", uses: 9 }, { subject: null })],
      1,
      { code: "MEMBER_NEEDED" },
    ],
  ])("%s", (_what, taken, discountMinor, reason) => {
    expect(whyNotWithin(taken, discountMinor)).toEqual(reason);
  });

  test("what is taken is that of the offer, whose it is, and of the period alone", () => {
    const limits = limitPeriods.map((period): OfferLimit => ({ per: "MEMBER", period, uses: 9 }));
    const counters = countersOf(limits, {
      ...someone,
      at: Date.parse("2026-11-03T12:00Z"),
      timeZone: SHANGHAI,
    });
    const month = counters[2]?.periodStart ?? 0;
    const row = { offerId: "ofr_1", subject: "member:mbr_1", period: "MONTH", periodStart: month } as const;
    const rows = [
      { ...row, offerId: "ofr_2", uses: 1, discountMinor: 1 },
      { ...row, subject: "*", uses: 2, discountMinor: 2 },
      { ...row, periodStart: month - 1, uses: 3, discountMinor: 3 },
      { ...row, uses: 4, discountMinor: 4 },
    ];
    expect(takenOf("ofr_1", counters, rows).map(({ uses }) => uses)).toEqual([0, 0, 4, 0, 0]);
  });

  test("a use that would count nowhere is not let through", () => {
    const counters = countersOf([{ per: "STORE", period: "DAY", uses: 1 }], {
      memberId: null,
      store: null,
      at: 0,
      timeZone: SHANGHAI,
    });
    expect(() => countedBy(counters)).toThrow("names nobody");
  });
});
