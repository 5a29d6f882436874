import fc from "fast-check";
import { expect, test } from "vitest";
import { historyOf } from "../../src/coupons/history.ts";
import { leftOf, partOf } from "../../src/coupons/roll-back.ts";
import { isRefusal } from "../../src/errors.ts";

const NOW = 1_000;
const coupon = {
  state: "AVAILABLE",
  startsAt: null,
  expiresAt: null,
  heldUntil: null,
  issuedAt: 100,
} as const;
const change = (kind: Parameters<typeof historyOf>[1][number]["kind"], createdAt: number, changes = {}) => ({
  ...{ kind, createdAt, memberId: null, redemptionId: null, reference: null },
  ...changes,
});
const told = (events: ReturnType<typeof historyOf>) => events.map(({ kind, at }) => [kind, at]);

test("a coupon was issued, and what came after is told in its order, newest last", () => {
  const changes = [change("ROLLED_BACK", 300), change("REDEEMED", 200), change("CLAIMED", 150)];
  expect(told(historyOf(coupon, changes, { now: NOW }))).toEqual([
    ...[
      ["ISSUED", 100],
      ["CLAIMED", 150],
      ["REDEEMED", 200],
      ["ROLLED_BACK", 300],
    ],
  ]);
});

test("that its time passed is told where it was not used, and at its time", () => {
  const expired = { ...coupon, expiresAt: 250 };
  const changes = [change("ROLLED_BACK", 300), change("REDEEMED", 200)];
  expect(told(historyOf(expired, changes, { now: NOW })).map(([kind]) => kind)).toEqual([
    ...["ISSUED", "REDEEMED", "EXPIRED", "ROLLED_BACK"],
  ]);
  const used = { ...expired, state: "REDEEMED" } as const;
  expect(told(historyOf(used, [change("REDEEMED", 200)], { now: NOW }))).toHaveLength(2);
});

test("who was given a coupon learns nothing of who had it before, nor why the brand took it back", () => {
  const changes = [
    change("REVOKED", 500, { reference: "fraud" }),
    change("GIVEN", 400, { memberId: "mbr_2" }),
    change("ROLLED_BACK", 300, { reference: "A-1" }),
    change("REDEEMED", 200, { reference: "A-1", memberId: "mbr_1" }),
  ];
  const seen = historyOf(coupon, changes, { now: NOW, readerId: "mbr_2" });
  expect(told(seen).map(([kind]) => kind)).toEqual(["ISSUED", "GIVEN", "REVOKED"]);
  expect(JSON.stringify(seen)).not.toMatch(/A-1|fraud|mbr_1/);
  expect(historyOf(coupon, changes, { now: NOW })).toHaveLength(5);
});

test("parts that are undone come to exactly the whole, whatever is asked, and never to more", () => {
  const asked = fc.array(fc.oneof(fc.integer({ min: -10, max: 2_000 }), fc.constant(null)));
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3_000 }), asked, (discountMinor, parts) => {
      const redemption = {
        id: "rdm_1",
        discountMinor,
        rolledBackMinor: 0,
        rolledBackAt: null as number | null,
      };
      for (const part of [...parts, null]) {
        const undone = partOf(redemption, part);
        if (isRefusal(undone)) continue;
        redemption.rolledBackMinor += undone;
        expect(leftOf(redemption)).toBeGreaterThanOrEqual(0);
        if (leftOf(redemption) === 0) redemption.rolledBackAt = NOW;
      }
      expect([redemption.rolledBackMinor, redemption.rolledBackAt]).toEqual([discountMinor, NOW]);
    }),
  );
});
