import { expect, test } from "vitest";
import { daysFromBirthday } from "../../src/carts/birthday.ts";
import { faultOfCoupon, faultOfNewCoupon } from "../../src/carts/coupon-fault.ts";

const NOW = Date.UTC(2026, 10, 22, 4);
const HOUR = 3_600_000;
const coupon = {
  ...{ memberId: "mbr_a", state: "AVAILABLE" as const },
  ...{ startsAt: null, expiresAt: null, heldUntil: null },
};
const offer = { state: "ACTIVE" as const, issueLimit: null, issuedCount: 0, perMemberLimit: null };
const buyer = { buyerId: "mbr_a", at: NOW, now: NOW };
const held = (until: number) => ({ state: "HELD", heldUntil: until });

test.each([
  ["the member's own is free", {}, null],
  ["another's is another's", { memberId: "mbr_b" }, { code: "OF_ANOTHER_MEMBER" }],
  ["of another's no more is told", { memberId: "mbr_b", state: "REDEEMED" }, { code: "OF_ANOTHER_MEMBER" }],
  ["one that nobody has claimed is anybody's", { memberId: null }, null],
  ["a used one is used", { state: "REDEEMED" }, { code: "REDEEMED" }],
  ["one taken back stays so", { state: "REVOKED" }, { code: "REVOKED" }],
  ["a checkout holds it", held(NOW + HOUR), { code: "HELD", until: NOW + HOUR }],
  ["a checkout's time is over", held(NOW), null],
  ["so is its own", { ...held(NOW), expiresAt: NOW - 2 }, { code: "EXPIRED", until: NOW - 2 }],
  ["its last moment is over", { expiresAt: NOW }, { code: "EXPIRED", until: NOW }],
  ["its time comes", { startsAt: NOW + 1 }, { code: "NOT_YET_VALID", from: NOW + 1, until: null }],
])("%s", (_name, changes, fault) => {
  expect(faultOfCoupon({ ...coupon, ...changes } as typeof coupon, offer, 0, buyer)).toEqual(fault);
});

test("a guest must say who buys", () => {
  const guest = { ...buyer, buyerId: null };
  expect(faultOfCoupon(coupon, offer, 0, guest)).toEqual({ code: "MEMBER_NEEDED" });
  expect(faultOfNewCoupon(offer, {}, null, 0, guest)).toEqual({ code: "MEMBER_NEEDED" });
});

test("coupons of an offer that has ended stay valid, and those of a paused one wait", () => {
  expect(faultOfCoupon(coupon, { ...offer, state: "ENDED" }, 0, buyer)).toBeNull();
  expect(faultOfCoupon(coupon, { ...offer, state: "PAUSED" }, 0, buyer)).toEqual({ code: "NOT_ACTIVE" });
  expect(faultOfNewCoupon({ ...offer, state: "ENDED" }, {}, null, 0, buyer)).toEqual({ code: "ENDED" });
});

test("a coupon is priced for the moment that the cart is for", () => {
  const later = { ...coupon, startsAt: NOW + HOUR };
  expect(faultOfCoupon(later, offer, 0, { ...buyer, at: NOW + HOUR })).toBeNull();
});

test("nobody has more of an offer than one member may", () => {
  const limited = { ...offer, perMemberLimit: 1 };
  const usedUp = { code: "USED_UP", limit: 1 };
  expect(faultOfCoupon({ ...coupon, memberId: null }, limited, 1, buyer)).toEqual(usedUp);
  expect(faultOfCoupon(coupon, limited, 1, buyer)).toBeNull();
  expect(faultOfNewCoupon(limited, {}, null, 1, buyer)).toEqual(usedUp);
  expect(faultOfNewCoupon(limited, {}, null, 0, buyer)).toBeNull();
});

test("no more are given out than there are, but a batch's codes are out already", () => {
  const gone = { ...offer, issueLimit: 5, issuedCount: 5 };
  expect(faultOfNewCoupon(gone, {}, null, 0, buyer)).toEqual({ code: "ENDED" });
  expect(faultOfNewCoupon(gone, {}, { kind: "BATCH" }, 0, buyer)).toBeNull();
  const shared = { kind: "SHARED", shared: { claimLimit: 3, claimedCount: 3 } };
  expect(faultOfNewCoupon(offer, {}, shared, 0, buyer)).toEqual({ code: "USED_UP", limit: 3 });
  expect(faultOfNewCoupon(offer, { endsAt: NOW }, shared, 0, buyer)).toEqual({ code: "EXPIRED", until: NOW });
});

test.each([
  ["1990-11-22", 0],
  ["1990-11-25", -3],
  ["1990-11-20", 2],
  ["1990-01-05", -44],
  ["1990-08-30", 84],
])("of who was born on %s, the birthday is %i days ago on 22 November", (birthday, days) => {
  expect(daysFromBirthday(birthday, NOW, "Asia/Shanghai")).toBe(days);
});

test("29 February is the 28th in most years; the nearest birthday may lie across a new year", () => {
  expect(daysFromBirthday("2004-02-29", Date.UTC(2027, 1, 28, 4), "Asia/Shanghai")).toBe(0);
  expect(daysFromBirthday("2004-02-29", Date.UTC(2028, 1, 28, 4), "Asia/Shanghai")).toBe(-1);
  expect(daysFromBirthday("1990-12-31", Date.UTC(2027, 0, 2, 4), "Asia/Shanghai")).toBe(2);
  // In the morning in Shanghai it is still the day before in New York.
  expect(daysFromBirthday("1990-11-22", Date.UTC(2026, 10, 22, 2), "America/New_York")).toBe(-1);
});
