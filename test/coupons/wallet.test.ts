import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { brands } from "../../schema/tables/brands.ts";
import { lots } from "../../schema/tables/points.ts";
import { DAY_MS } from "../../src/calendar.ts";
import { type InReach, offersInReach, type Reacher, SOON_MS } from "../../src/coupons/reach.ts";
import { newBrand } from "../support/brand.ts";
import { database } from "../support/caller.ts";
import { newMember } from "../support/member.ts";
import { newCoupon, offerWith } from "../support/offer.ts";
import { newPoints } from "../support/points.ts";
import { setCoupon } from "./life-support.ts";

const WALLET = `query ($after: String) { me {
  availableCoupons(first: 2, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } }
  heldCoupons { nodes { id status } } expiredCoupons { nodes { id } } upcomingCoupons { nodes { id } }
  offersInReach { offer { id title } claimableFrom missingPoints tier { id } }
  points
} }`;

test("a wallet shows what expires first at the front, page by page, and what checkouts hold apart", async () => {
  const brand = await newBrand();
  const { memberId, member } = await newMember(brand);
  const offerId = await offerWith(brand, { amountOffMinor: 500 });
  const now = Date.now();
  const made: string[] = [];
  const rows = [
    { expiresAt: null },
    { expiresAt: now + 3 * DAY_MS },
    { expiresAt: now + DAY_MS },
    // Its checkout's time is over.
    { expiresAt: now + 2 * DAY_MS, state: "HELD", heldUntil: now - 1 } as const,
    { expiresAt: now + DAY_MS, state: "HELD", heldUntil: now + DAY_MS } as const,
    { expiresAt: now - 1 },
  ];
  for (const row of rows) {
    const { id } = await newCoupon(brand, offerId, memberId);
    await setCoupon(brand, id, row);
    made.push(id);
  }
  const first = await member(WALLET);
  expect(first.errors).toBeUndefined();
  expect(first.databaseRequests).toBe(1);
  const { availableCoupons, heldCoupons, expiredCoupons } = first.data.me;
  expect(availableCoupons.nodes.map(({ id }: { id: string }) => made.indexOf(id))).toEqual([2, 3]);
  const second = await member(WALLET, { after: availableCoupons.pageInfo.endCursor });
  expect(second.errors).toBeUndefined();
  expect(second.data.me.availableCoupons).toMatchObject({
    nodes: [{ id: made[1] }, { id: made[0] }],
    pageInfo: { hasNextPage: false },
  });
  expect(heldCoupons.nodes).toEqual([{ id: made[4], status: "HELD" }]);
  expect(expiredCoupons.nodes).toEqual([{ id: made[5] }]);
});

test("offers in reach ride in the same request, with what is missing", async () => {
  const brand = await newBrand();
  const { memberId, member } = await newMember(brand);
  await newPoints(brand, memberId);
  const soon = Date.now() + DAY_MS;
  const had = await offerWith(brand, { amountOffMinor: 1, claimableFrom: 0 });
  await newCoupon(brand, had, memberId);
  const [now, later, dear] = await Promise.all([
    offerWith(brand, { amountOffMinor: 1, claimableFrom: 0 }),
    offerWith(brand, { amountOffMinor: 1, claimableFrom: soon }),
    offerWith(brand, { amountOffMinor: 1, pricePoints: 200 }),
    offerWith(brand, { amountOffMinor: 1, claimableFrom: 0 }, { state: "DRAFT" }),
    offerWith(brand, { amountOffMinor: 1, claimableFrom: 0, claimableUntil: 1 }),
    offerWith(brand, { amountOffMinor: 1, claimableFrom: 0 }, { issueLimit: 1, issuedCount: 1 }),
  ]);
  const answer = await member(WALLET);
  expect(answer.errors).toBeUndefined();
  expect(answer.databaseRequests).toBe(1);
  const { offersInReach: reach, points } = answer.data.me;
  expect(reach.map(({ offer }: { offer: { id: string } }) => offer.id)).toEqual([now, later, dear]);
  expect(reach[1].claimableFrom).toBe(new Date(soon).toISOString());
  expect(reach[2].missingPoints).toBe(200 - points);
});

test("points in their grace buy an offer, so that none are missing", async () => {
  const brand = await newBrand();
  const { memberId, member } = await newMember(brand);
  await offerWith(brand, { amountOffMinor: 1, pricePoints: 80 });
  await newPoints(brand, memberId);
  const { brandId } = brand;
  await database()
    .update(lots)
    .set({ expiresAt: Date.now() - 1_000 })
    .where(eq(lots.brandId, brandId));
  const missing = async () => (await member(WALLET)).data.me.offersInReach[0].missingPoints;
  expect(await missing()).toBe(80);
  await database()
    .update(brands)
    .set({ pointsPolicy: { expiredGraceDays: 10 } })
    .where(eq(brands.id, brandId));
  expect(await missing()).toBe(0);
});

const NOW = Date.parse("2026-11-21T04:00:00Z");
const ladder = [
  { id: "classic", rank: 1 },
  { id: "silver", rank: 2 },
  { id: "gold", rank: 3 },
];
const gives = { amountOffMinor: 500 };
const reachOf = (terms: object, member: Partial<Reacher> = {}, id = "ofr_1") =>
  offersInReach(
    [{ id, state: "ACTIVE", terms: { ...gives, ...terms }, issueLimit: null, issuedCount: 0 }],
    { tierId: "classic", ladder, points: 100, held: {}, ...member },
    NOW,
  )[0];

test.each<
  [what: string, terms: object, member: Partial<Reacher>, reach: Partial<InReach<unknown>> | undefined]
>([
  [
    "can be claimed",
    { claimableFrom: NOW - 1 },
    {},
    { claimableFrom: NOW - 1, missingPoints: null, tierId: null },
  ],
  ["opens within the month", { claimableFrom: NOW + SOON_MS }, {}, { claimableFrom: NOW + SOON_MS }],
  ["opens later than that", { claimableFrom: NOW + SOON_MS + 1 }, {}, undefined],
  ["was to be claimed until just now", { claimableFrom: 0, claimableUntil: NOW }, {}, undefined],
  ["can be bought with what there is", { pricePoints: 100 }, {}, { claimableFrom: null, missingPoints: 0 }],
  ["is 20 points away", { pricePoints: 120 }, {}, { missingPoints: 20 }],
  ["is neither", {}, {}, undefined],
  ["is had already", { claimableFrom: 0 }, { held: { ofr_1: 1 } }, undefined],
  ["is for gold and silver", { claimableFrom: 0, tierIds: ["gold", "silver"] }, {}, { tierId: "silver" }],
  ["is for one's own tier too", { claimableFrom: 0, tierIds: ["gold", "classic"] }, {}, { tierId: null }],
  ["is for a lower tier", { claimableFrom: 0, tierIds: ["classic"] }, { tierId: "gold" }, undefined],
  ["is over", { claimableFrom: 0, endsAt: NOW }, {}, undefined],
])("an offer that %s", (_what, terms, member, reach) => {
  if (reach) expect(reachOf(terms, member)).toMatchObject(reach);
  else expect(reachOf(terms, member)).toBeUndefined();
});

test("the nearest come first: now, by time, by points, by tier; no more than twenty", () => {
  const offer = (id: string, terms: object) => ({
    ...{ id, state: "ACTIVE" as const, terms: { ...gives, ...terms }, issueLimit: null, issuedCount: 0 },
  });
  const near = [
    offer("gold", { claimableFrom: 0, tierIds: ["gold"] }),
    offer("dear", { pricePoints: 900 }),
    offer("soon", { claimableFrom: NOW + 2 }),
    offer("silver", { claimableFrom: 0, tierIds: ["silver"] }),
    offer("cheap", { pricePoints: 200 }),
    offer("now", { claimableFrom: NOW }),
    offer("sooner", { claimableFrom: NOW + 1 }),
  ];
  const member = { tierId: "classic", ladder, points: 100, held: {} };
  expect(offersInReach(near, member, NOW).map((one) => one.offer.id)).toEqual([
    ...["now", "sooner", "soon", "cheap", "dear", "silver", "gold"],
  ]);
  const many = Array.from({ length: 30 }, (_, number) => offer(`ofr_${number}`, { pricePoints: 1 }));
  expect(offersInReach(many, member, NOW)).toHaveLength(20);
});
