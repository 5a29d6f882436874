import { and, count, eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { coupons } from "../../schema/tables/coupons.ts";
import { offers, offerVersions } from "../../schema/tables/offers.ts";
import { barrier } from "../support/barrier.ts";
import { newBrand } from "../support/brand.ts";
import { database } from "../support/caller.ts";
import { newMember } from "../support/member.ts";
import { offerWith } from "../support/offer.ts";
import { claimOffer, enrolled, key } from "./life-support.ts";

const STOCK = 100;
const MEMBERS = 1_000;
const AT_ONCE = 100;
const HOUR_MS = 3_600_000;

const open = {
  amountOffMinor: 500,
  claimableFrom: Date.now() - HOUR_MS,
  claimableUntil: Date.now() + HOUR_MS,
};

const holders = (brandId: string, offerId: string) =>
  database()
    .select({ memberId: coupons.memberId, held: count() })
    .from(coupons)
    .where(and(eq(coupons.brandId, brandId), eq(coupons.offerId, offerId)))
    .groupBy(coupons.memberId);

const middle = (times: readonly number[]) =>
  Math.round(times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0);

test("1,000 members, each from two devices, claim an offer of 100: exactly 100 get one, each at most one", {
  timeout: 120_000,
}, async () => {
  const brand = await newBrand();
  const offerId = await offerWith(brand, open, { issueLimit: STOCK, perMemberLimit: 1 });
  const members = await enrolled(brand, MEMBERS);
  expect(members).toHaveLength(MEMBERS);
  const calls = members.flatMap((memberId) => [memberId, memberId]);
  const answers: { code: string; databaseRequests: number; ms: number }[] = [];
  // As many at once as an isolate may be given; each device goes on when it has its answer.
  const device = async () => {
    for (let memberId = calls.shift(); memberId; memberId = calls.shift()) {
      const startedAt = performance.now();
      const { code = "CLAIMED", databaseRequests } = await claimOffer(brand.storefront, offerId, memberId);
      answers.push({ code, databaseRequests, ms: performance.now() - startedAt });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, device));
  const by = Map.groupBy(answers, ({ code }) => code);
  expect(by.get("CLAIMED")).toHaveLength(STOCK);
  expect([...by.keys()].sort().filter((code) => code !== "MEMBER_LIMIT_REACHED")).toEqual([
    ...["CLAIMED", "OFFER_EXHAUSTED"],
  ]);
  const held = await holders(brand.brandId, offerId);
  expect(held).toHaveLength(STOCK);
  expect(held.every((one) => one.held === 1)).toBe(true);
  const soldOut = by.get("OFFER_EXHAUSTED") ?? [];
  expect(soldOut.filter(({ databaseRequests }) => databaseRequests === 0).length).toBeGreaterThan(MEMBERS);
  console.info(
    `claimed: ${middle((by.get("CLAIMED") ?? []).map(({ ms }) => ms))} ms; sold out by a read: ${middle(
      soldOut.filter(({ databaseRequests }) => databaseRequests > 0).map(({ ms }) => ms),
    )} ms; without one: ${middle(
      soldOut.filter(({ databaseRequests }) => databaseRequests === 0).map(({ ms }) => ms),
    )} ms (medians, ${AT_ONCE} at once)`,
  );
});

test("one that counts first and inserts after, in two requests, gives out too many", async () => {
  const brand = await newBrand();
  const offerId = await offerWith(brand, open);
  const members = await enrolled(brand, 40);
  const allCounted = barrier(40);
  const countThenInsert = async (memberId: string) => {
    const given = await holders(brand.brandId, offerId);
    await allCounted();
    if (given.length >= 5) return;
    await database()
      .insert(coupons)
      .values({
        ...{ brandId: brand.brandId, offerId, memberId, code: key(), id: key() },
        ...{ state: "AVAILABLE", issuedAt: Date.now(), issuedByBrandId: brand.brandId },
      });
  };
  await Promise.all(members.map(countThenInsert));
  expect((await holders(brand.brandId, offerId)).length).toBeGreaterThan(5);
});

test.each([
  ["never claimable", {}, {}, "OFFER_NOT_CLAIMABLE"],
  ["not yet", { claimableFrom: Date.now() + HOUR_MS }, {}, "OFFER_NOT_CLAIMABLE"],
  ["no longer", { claimableFrom: 0, claimableUntil: Date.now() - 1 }, {}, "OFFER_NOT_CLAIMABLE"],
  ["paused", open, { state: "PAUSED" }, "OFFER_NOT_ACTIVE"],
  ["ended", open, { state: "ENDED" }, "OFFER_ENDED"],
  ["sold out", open, { issueLimit: 1, issuedCount: 1 }, "OFFER_EXHAUSTED"],
] as const)("what cannot be claimed: %s", async (_what, terms, columns, code) => {
  const brand = await newBrand();
  const { memberId, member } = await newMember(brand);
  const offerId = await offerWith(brand, { amountOffMinor: 500, ...terms }, columns);
  expect(await claimOffer(member, offerId, memberId)).toMatchObject({ code });
  expect(await claimOffer(member, offerId, "mbr_other")).toMatchObject({ code: "NOT_FOUND" });
});

test("a call that got a coupon is answered with it again, also right after the offer was sold out", async () => {
  const brand = await newBrand();
  const [one, other] = await Promise.all([newMember(brand), newMember(brand)]);
  const offerId = await offerWith(brand, open, { issueLimit: 1, perMemberLimit: 1 });
  const first = await claimOffer(one.member, offerId, one.memberId, "once");
  expect(first).toMatchObject({ coupon: { status: "AVAILABLE" }, databaseRequests: 2 });
  const late = await claimOffer(other.member, offerId, other.memberId);
  expect(late).toMatchObject({ code: "OFFER_EXHAUSTED", databaseRequests: 1 });
  expect(await claimOffer(other.member, offerId, other.memberId)).toMatchObject({ databaseRequests: 0 });
  const again = await claimOffer(one.member, offerId, one.memberId, "once");
  expect(again.coupon).toEqual(first.coupon);
});

test("an offer that was enlarged is given out again, a second later at most", async () => {
  const brand = await newBrand();
  const { memberId, member } = await newMember(brand);
  const offerId = await offerWith(brand, open, { issueLimit: 1, issuedCount: 1 });
  expect(await claimOffer(member, offerId, memberId)).toMatchObject({ code: "OFFER_EXHAUSTED" });
  const client = database();
  const offer = await client.query.offers.findFirst({ where: { brandId: brand.brandId, id: offerId } });
  if (!offer) throw new Error("no offer");
  await client
    .insert(offerVersions)
    .values({ ...offer, offerId, version: 2, issueLimit: 5, createdAt: Date.now() });
  await client.update(offers).set({ version: 2, issueLimit: 5 }).where(eq(offers.id, offerId));
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect((await claimOffer(member, offerId, memberId)).coupon).toBeDefined();
});
