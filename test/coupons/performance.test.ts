import { sql } from "drizzle-orm";
import fc from "fast-check";
import { expect, test } from "vitest";
import { couponChanges } from "../../schema/tables/coupons.ts";
import { offers } from "../../schema/tables/offers.ts";
import { performanceFrom } from "../../src/coupons/performance.ts";
import { type PerformanceRow, performanceOf, SLOT_MS } from "../../src/coupons/performance-facts.ts";
import { newBrand } from "../support/brand.ts";
import { database } from "../support/caller.ts";
import { newMember } from "../support/member.ts";
import { newCoupon, offerWith } from "../support/offer.ts";
import { key, redeem, rollBack, setCoupon } from "./life-support.ts";

const PERFORMANCE = `query ($id: ID!, $from: Date!, $to: Date!) { node(id: $id) { ... on Offer {
  title performance(from: $from, to: $to) { issued claimed held redeemed rolledBack discountMinor revenueMinor
    channels { channel redeemed discountMinor } days { day issued redeemed channels { channel redeemed } } } } } }`;

const at = (text: string) => Date.parse(text);
const row = (moment: string, changes: Partial<Record<number, unknown>> = {}): PerformanceRow =>
  Object.assign([Math.floor(at(moment) / SLOT_MS), null, 0, 0, 0, 0, 0, 0, 0], changes) as PerformanceRow;

test("days are those of the brand's time zone, also where it is 45 minutes off", () => {
  const rows = [row("2026-11-20T18:14:00Z", { 2: 1 }), row("2026-11-20T18:15:00Z", { 2: 1 })];
  const days = (timeZone: string) =>
    performanceFrom(rows, { from: "2026-11-20", to: "2026-11-21", timeZone }).days.map(({ day, issued }) => [
      day,
      issued,
    ]);
  expect(days("Asia/Kathmandu")).toEqual([
    ["2026-11-20", 1],
    ["2026-11-21", 1],
  ]);
  expect(days("Asia/Shanghai")).toEqual([["2026-11-21", 2]]);
  expect(performanceFrom(rows, { from: "2026-11-22", to: "2026-11-23", timeZone: "UTC" }).issued).toBe(0);
});

test("whatever happened, days and channels come to the total, over the changes of the clock as well", () => {
  const moment = fc.integer({ min: at("2026-03-01T00:00:00Z"), max: at("2026-12-01T00:00:00Z") });
  const rows = fc.array(
    fc.record({
      moment,
      channel: fc.constantFrom("APP", "WEB", null),
      redeemed: fc.integer({ min: 1, max: 9 }),
    }),
  );
  fc.assert(
    fc.property(rows, (given) => {
      const told = given.map(
        ({ moment: when, channel, redeemed }): PerformanceRow => [
          ...([Math.floor(when / SLOT_MS), channel, 0, 0, 0, redeemed, 0, redeemed * 7, 0] as const),
        ],
      );
      const all = performanceFrom(told, {
        from: "2026-02-28",
        to: "2026-12-02",
        timeZone: "America/New_York",
      });
      const total = given.reduce((sum, { redeemed }) => sum + redeemed, 0);
      const sumOf = (parts: readonly { redeemed: number }[]) =>
        parts.reduce((sum, { redeemed }) => sum + redeemed, 0);
      expect([all.redeemed, sumOf(all.days), sumOf(all.channels)]).toEqual([total, total, total]);
      expect(all.discountMinor).toBe(total * 7);
    }),
    { numRuns: 30 },
  );
});

test("an offer's performance is read in one request: by day, by channel, net of what was rolled back", async () => {
  const brand = await newBrand();
  const offerId = await offerWith(brand, { amountOffMinor: 500 });
  const holders = await Promise.all([1, 2, 3, 4].map(() => newMember(brand)));
  const coupons = await Promise.all(holders.map(({ memberId }) => newCoupon(brand, offerId, memberId)));
  const [a, b, c, d] = coupons.map(({ code }) => code) as [string, string, string, string];
  await redeem(brand.till, a, { channel: "APP" });
  const part = await redeem(brand.till, b, { channel: "APP" });
  await rollBack(brand.till, part.redemptionId, 200);
  const whole = await redeem(brand.till, c);
  await rollBack(brand.till, whole.redemptionId);
  await setCoupon(brand, coupons[3]?.id ?? d, { state: "HELD", heldUntil: Date.now() + 60_000 });
  await database()
    .insert(couponChanges)
    .values({
      ...{
        brandId: brand.brandId,
        id: key(),
        couponId: coupons[3]?.id ?? "",
        kind: "HELD",
        createdAt: Date.now(),
      },
    });
  const day = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
  const answer = await brand.service(PERFORMANCE, { id: offerId, from: day, to: day });
  expect(answer.errors).toBeUndefined();
  expect(answer.databaseRequests).toBe(1);
  expect(answer.data.node.performance).toMatchObject({
    ...{
      issued: 4,
      claimed: 4,
      held: 1,
      redeemed: 3,
      rolledBack: 1,
      discountMinor: 800,
      revenueMinor: 19_000,
    },
    channels: [
      { channel: "APP", redeemed: 2, discountMinor: 800 },
      { channel: null, redeemed: 1, discountMinor: 0 },
    ],
    days: [{ day, issued: 4, redeemed: 3 }],
  });
  const longer = await brand.service(PERFORMANCE, { id: offerId, from: "2025-01-01", to: "2026-11-01" });
  expect(longer.errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
  const till = await brand.till(PERFORMANCE, { id: offerId, from: day, to: day });
  expect(till.errors?.[0]?.extensions.code).toBe("FORBIDDEN");
});

test("it is found by the offer, and looks at nothing of the brand's other offers", async () => {
  const read = performanceOf({ brandId: offers.brandId, id: offers.id }, 0, Date.now());
  const plan = await database().all<{ detail: string }>(
    sql`explain query plan select ${read} from ${offers} where ${offers.brandId} = 'b' and ${offers.id} = 'o'`,
  );
  const steps = plan.map(({ detail }) => detail).filter((detail) => /^(SCAN|SEARCH) [a-z]/.test(detail));
  const of = (name: string) => steps.filter((detail) => detail.split(" ")[1] === name);
  expect(of("c")).toHaveLength(3);
  for (const detail of of("c")) expect(detail).toContain("coupons_by_offer (brand_id=? AND offer_id=?");
  expect(of("h").join()).toContain("coupon_changes_by_coupon (brand_id=? AND coupon_id=?");
  expect(of("d").join()).toContain("redemptions_by_offer (brand_id=? AND offer_id=? AND redeemed_at>?");
});
