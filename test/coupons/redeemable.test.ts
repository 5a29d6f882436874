import { expect, test } from "vitest";
import type { OfferTerms } from "../../schema/tables/offers.ts";
import { statusOf, whyNotFree, whyNotTheirs } from "../../src/coupons/redeemable.ts";
import { faultOfTerms } from "../../src/offers/fault-of-terms.ts";
import { validityOf } from "../../src/offers/issuing.ts";

const at = (text: string) => Date.parse(text);
const NOW = at("2026-11-21T04:00:00Z");

test.each([
  ["claimed in the morning", "2026-11-21T01:00:00Z", 7, "Asia/Shanghai", "2026-11-28T16:00:00Z"],
  ["claimed a minute before midnight", "2026-11-21T15:59:00Z", 1, "Asia/Shanghai", "2026-11-22T16:00:00Z"],
  ["claimed at midnight", "2026-11-21T16:00:00Z", 1, "Asia/Shanghai", "2026-11-23T16:00:00Z"],
  ["over the end of daylight saving", "2026-10-31T12:00:00Z", 1, "America/New_York", "2026-11-02T05:00:00Z"],
  [
    "over the start of daylight saving",
    "2026-03-07T12:00:00Z",
    1,
    "America/New_York",
    "2026-03-09T04:00:00Z",
  ],
  ["across the date line", "2026-11-21T12:00:00Z", 1, "Pacific/Auckland", "2026-11-23T11:00:00Z"],
])("valid days end with the day in the brand's time zone: %s", (_what, claimed, days, timeZone, expires) => {
  expect(validityOf({ validDaysAfterClaim: days }, timeZone, at(claimed)).expiresAt).toBe(at(expires));
});

test("whichever ends first, the offer's dates or the days after the claim, ends the coupon", () => {
  const endsAt = at("2026-11-23T00:00:00Z");
  expect(validityOf({ validDaysAfterClaim: 7, endsAt }, "Asia/Shanghai", NOW).expiresAt).toBe(endsAt);
  expect(validityOf({ validDaysAfterClaim: 1, endsAt }, "Asia/Shanghai", NOW).expiresAt).toBe(
    at("2026-11-22T16:00:00Z"),
  );
  const startsAt = at("2026-12-21T00:00:00Z");
  // Days before its start do not count.
  expect(validityOf({ startsAt, validDaysAfterClaim: 7 }, "Asia/Shanghai", NOW)).toEqual({
    startsAt,
    expiresAt: at("2026-12-28T16:00:00Z"),
  });
  expect(validityOf({}, "Asia/Shanghai", NOW)).toEqual({ startsAt: null, expiresAt: null });
});

const coupon = {
  id: "cpn_1",
  memberId: "mbr_1",
  state: "AVAILABLE",
  heldUntil: null,
  startsAt: null,
  expiresAt: null,
} as const;

test.each([
  ["usable", {}, "AVAILABLE"],
  ["not yet", { startsAt: NOW + 1 }, "UPCOMING"],
  ["from this very moment", { startsAt: NOW }, "AVAILABLE"],
  ["a moment before its end", { expiresAt: NOW + 1 }, "AVAILABLE"],
  ["at its end", { expiresAt: NOW }, "EXPIRED"],
  ["used, and its time passed", { state: "REDEEMED", expiresAt: NOW - 1 }, "REDEEMED"],
  ["taken back", { state: "REVOKED" }, "REVOKED"],
] as const)("the status of a coupon: %s", (_what, changes, status) => {
  expect(statusOf({ ...coupon, ...changes }, NOW)).toBe(status);
});

test.each([
  ["all is well", {}, null, undefined],
  ["revoked", { state: "REVOKED" }, null, "CouponRevoked"],
  ["used", { state: "REDEEMED" }, null, "CouponAlreadyRedeemed"],
  ["held", { state: "HELD", heldUntil: NOW + 1 }, null, "CouponHeld"],
  ["nobody's", { memberId: null }, null, "CouponNotClaimed"],
  ["nobody's, to be the member's who is named", { memberId: null }, "mbr_2", undefined],
  ["another's", {}, "mbr_2", "CouponOfAnotherMember"],
  ["one's own", {}, "mbr_1", undefined],
  ["expired", { expiresAt: NOW }, null, "CouponExpired"],
] as const)("why a coupon cannot be used, whatever the order is: %s", (_what, changes, named, refusal) => {
  const it = { ...coupon, ...changes };
  expect((whyNotFree(it, NOW) ?? whyNotTheirs(it, named))?.refusal).toBe(refusal);
});

test.each<[what: string, terms: OfferTerms, field: string | undefined]>([
  ["an amount", { amountOffMinor: 100 }, undefined],
  ["nothing", {}, "terms"],
  ["both", { amountOffMinor: 100, percentageBasisPoints: 100 }, "terms"],
  ["more than everything", { percentageBasisPoints: 10_001 }, "terms.percentageBasisPoints"],
  ["ends before it starts", { amountOffMinor: 1, startsAt: 2, endsAt: 1 }, "terms.endsAt"],
  ["a negative minimum", { amountOffMinor: 1, minimumSpendMinor: -1 }, "terms.minimumSpendMinor"],
])("terms that an offer cannot have: %s", (_what, terms, field) => {
  expect(faultOfTerms(terms, { issueLimit: null, perMemberLimit: null }, [])?.data.field).toBe(field);
});
