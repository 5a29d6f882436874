import { and, eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { checkoutCoupons, checkouts, decisions } from "../../schema/tables/carts.ts";
import { sharedCodes } from "../../schema/tables/codes.ts";
import { couponChanges, redemptions } from "../../schema/tables/coupons.ts";
import { offerCounters, offers, offerVersions } from "../../schema/tables/offers.ts";
import { barrier } from "../support/barrier.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { database } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { newCoupon, offerWith } from "../support/offer.ts";
import { key, redeem, rollBack, setCoupon } from "./life-support.ts";

const line = (sku: string, amountMinor: number, categories: string[] = []) => ({
  ...{ lineId: sku, sku, categories, quantity: 1, amountMinor },
});

/** What of an offer's limits is taken. */
const takenOf = (offerId: string) =>
  database()
    .select({ uses: offerCounters.uses, discountMinor: offerCounters.discountMinor })
    .from(offerCounters)
    .where(eq(offerCounters.offerId, offerId));

async function withCoupon(terms: Parameters<typeof offerWith>[1], brand?: TestBrand) {
  const at = brand ?? (await newBrand());
  const { memberId, member } = await newMember(at);
  const offerId = await offerWith(at, terms);
  const { id, code } = await newCoupon(at, offerId, memberId);
  return { brand: at, memberId, member, offerId, id, code };
}

test("a coupon for tea is redeemed on the tea of an order, in two requests, with its channel, store and lines", async () => {
  const { brand, code, offerId, id } = await withCoupon({
    ...{ amountOffMinor: 500, goods: { categories: ["tea"] } },
    ...{ channels: ["APP"], limits: [{ per: "STORE", period: "DAY", uses: 10 }] },
  });
  const order = { lines: [line("TEA", 3_000, ["tea"]), line("CUP", 7_000)], channel: "APP", store: "12" };
  expect(await redeem(brand.till, code, { ...order, lines: undefined })).toMatchObject({
    ...{ code: "COUPON_NOT_APPLICABLE", reason: "NO_MATCHING_GOODS" },
  });
  expect(await redeem(brand.till, code, { ...order, channel: "WEB" })).toMatchObject({ reason: "CHANNEL" });
  expect(await redeem(brand.till, code, { ...order, orderAmountMinor: 9_999 })).toMatchObject({
    code: "INVALID_VALUE",
  });
  const redeemed = await redeem(brand.till, code, order);
  expect(redeemed).toMatchObject({ discountMinor: 500, payableMinor: 9_500, databaseRequests: 2 });
  const [row] = await database().select().from(redemptions).where(eq(redemptions.couponId, id));
  expect(row).toMatchObject({
    ...{ offerId, channel: "APP", store: "12", lines: [{ lineId: "TEA", discountMinor: 500 }] },
  });
  expect(await takenOf(offerId)).toEqual([{ uses: 1, discountMinor: 500 }]);
});

test.each([
  ["DRAFT", "OFFER_NOT_ACTIVE"],
  ["PAUSED", "OFFER_NOT_ACTIVE"],
  ["ENDED", undefined],
] as const)("while its offer is %s, a coupon that is out answers %s", async (state, code) => {
  const { brand, offerId, ...coupon } = await withCoupon({ amountOffMinor: 500 });
  await database()
    .update(offers)
    .set({ state })
    .where(and(eq(offers.brandId, brand.brandId), eq(offers.id, offerId)));
  expect((await redeem(brand.till, coupon.code)).code).toBe(code);
});

test("a coupon keeps the terms that it was issued under, and its offer's present limits", async () => {
  const { brand, member, offerId, code, id } = await withCoupon({ amountOffMinor: 500 });
  const terms = { amountOffMinor: 900, limits: [{ per: "OFFER", period: "LIFETIME", uses: 1 }] } as const;
  const client = database();
  const offer = await client.query.offers.findFirst({ where: { brandId: brand.brandId, id: offerId } });
  if (!offer) throw new Error("no offer");
  const next = { ...offer, version: 2, terms: { ...terms, limits: [...terms.limits] } };
  await client.insert(offerVersions).values({ ...next, offerId, createdAt: Date.now() });
  await client.update(offers).set({ version: 2, terms: next.terms }).where(eq(offers.id, offerId));
  const both = await member(
    `query ($id: ID!) { node(id: $id) { ... on Coupon { terms { amountOffMinor } offer { terms { amountOffMinor } } } } }`,
    { id },
  );
  expect(both.data.node).toEqual({
    terms: { amountOffMinor: 500 },
    offer: { terms: { amountOffMinor: 900 } },
  });
  expect(both.databaseRequests).toBe(1);
  expect(await redeem(brand.till, code)).toMatchObject({ discountMinor: 500 });
  const other = await newMember(brand);
  const another = await newCoupon(brand, offerId, other.memberId);
  expect(await redeem(brand.till, another.code)).toMatchObject({ code: "OFFER_LIMIT_REACHED", limit: 1 });
});

test("parts that are rolled back come to exactly the whole; then the coupon and its use are free", async () => {
  const { brand, member, offerId, code, id } = await withCoupon({
    ...{
      amountOffMinor: 1_000,
      limits: [{ per: "OFFER", period: "LIFETIME", uses: 5, discountMinor: 5_000 }],
    },
  });
  const { redemptionId } = await redeem(brand.till, code);
  expect(await rollBack(brand.till, redemptionId, 1_001)).toMatchObject({
    ...{ code: "ROLLBACK_TOO_LARGE", leftMinor: 1_000 },
  });
  expect(await rollBack(brand.till, redemptionId, 0)).toMatchObject({ code: "ROLLBACK_TOO_LARGE" });
  expect(await rollBack(brand.till, redemptionId, 400)).toMatchObject({
    ...{ discountMinor: 400, leftMinor: 600, coupon: { status: "REDEEMED" }, databaseRequests: 2 },
  });
  expect(await takenOf(offerId)).toEqual([{ uses: 1, discountMinor: 600 }]);
  expect(await rollBack(brand.till, redemptionId)).toMatchObject({
    ...{ discountMinor: 600, leftMinor: 0, coupon: { status: "AVAILABLE" } },
  });
  expect(await takenOf(offerId)).toEqual([{ uses: 0, discountMinor: 0 }]);
  expect(await rollBack(brand.till, redemptionId)).toMatchObject({ code: "REDEMPTION_ALREADY_ROLLED_BACK" });
  const told = await member(`query ($id: ID!) { node(id: $id) { ... on Coupon { history { kind } } } }`, {
    id,
  });
  expect(told.data.node.history.map(({ kind }: { kind: string }) => kind)).toEqual([
    ...["ISSUED", "REDEEMED", "PARTLY_ROLLED_BACK", "ROLLED_BACK"],
  ]);
  const revoked = await brand.operator(
    `mutation ($input: RevokeCouponInput!) { revokeCoupon(input: $input) { ... on RevokeCouponPayload { coupon { history { kind reference } } } } }`,
    { input: { couponId: id, reason: "fraud", idempotencyKey: key() } },
  );
  expect(outcomeOf(revoked).coupon.history.at(-1)).toEqual({ kind: "REVOKED", reference: "fraud" });
  const seen = await member(
    `query ($id: ID!) { node(id: $id) { ... on Coupon { history { kind reference } } } }`,
    { id },
  );
  expect(seen.data.node.history.at(-1)).toEqual({ kind: "REVOKED", reference: null });
});

test("why a use was undone is for the brand's people: its member sees that it was, and on which order", async () => {
  const { brand, member, code, id } = await withCoupon({ amountOffMinor: 1_000 });
  const { redemptionId } = await redeem(brand.till, code);
  await rollBack(brand.till, redemptionId, 400);
  await rollBack(brand.till, redemptionId);
  const ask = `query ($id: ID!) { node(id: $id) { ... on Coupon {
    redemptions { orderReference rolledBackAt rollbackReason } history { kind reference } } } }`;
  const shown = { orderReference: "A-1", rolledBackAt: expect.any(String) };
  const historyWith = (reason: string | null) => [
    { kind: "ISSUED", reference: null },
    { kind: "REDEEMED", reference: "A-1" },
    { kind: "PARTLY_ROLLED_BACK", reference: reason },
    { kind: "ROLLED_BACK", reference: reason },
  ];
  for (const staff of [brand.service, brand.till]) {
    const { node } = (await staff(ask, { id })).data;
    expect(node).toEqual({
      redemptions: [{ ...shown, rollbackReason: "returned" }],
      history: historyWith("returned"),
    });
  }
  const seen = await member(ask, { id });
  expect(seen.data.node).toEqual({
    redemptions: [{ ...shown, rollbackReason: null }],
    history: historyWith(null),
  });
  expect(seen.errors?.map(({ extensions }) => extensions.code)).toEqual(["FORBIDDEN"]);
  expect(seen.databaseRequests).toBe(1);
});

test("20 that roll parts back at once undo no more than there was", async () => {
  const { brand, code } = await withCoupon({ amountOffMinor: 1_000 });
  const { redemptionId } = await redeem(brand.till, code);
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => rollBack(brand.till, redemptionId, 300)),
  );
  expect(answers.filter(({ discountMinor }) => discountMinor === 300)).toHaveLength(3);
  expect(await rollBack(brand.till, redemptionId)).toMatchObject({ discountMinor: 100, leftMinor: 0 });
});

test("a code for everybody becomes the member's coupon and is redeemed in one commit, and is told so", async () => {
  const brand = await newBrand();
  const { memberId } = await newMember(brand);
  const offerId = await offerWith(brand, { amountOffMinor: 500 }, { perMemberLimit: 1 });
  const shared = {
    brandId: brand.brandId,
    code: "WELCOME10",
    offerId,
    claimedCount: 0,
    createdAt: Date.now(),
  };
  await database().insert(sharedCodes).values(shared);
  expect(await redeem(brand.till, "welcome 10")).toMatchObject({ reason: "MEMBER_NEEDED" });
  const redeemed = await redeem(brand.till, "welcome-10", { memberId });
  expect(redeemed).toMatchObject({ discountMinor: 500, coupon: { status: "REDEEMED" }, databaseRequests: 2 });
  const changes = await database()
    .select({ kind: couponChanges.kind })
    .from(couponChanges)
    .where(eq(couponChanges.couponId, redeemed.coupon.id))
    .orderBy(couponChanges.id);
  expect(changes.map(({ kind }) => kind)).toEqual(["CLAIMED", "REDEEMED"]);
  expect(await redeem(brand.till, "WELCOME10", { memberId })).toMatchObject({ code: "MEMBER_LIMIT_REACHED" });
});

test("a coupon that a checkout holds is neither redeemed nor revoked", async () => {
  const { brand, code, id } = await withCoupon({ amountOffMinor: 500 });
  await setCoupon(brand, id, { state: "HELD", heldUntil: Date.now() + 60_000 });
  expect(await redeem(brand.till, code)).toMatchObject({ code: "COUPON_HELD" });
});

test("what a checkout holds past its time is redeemed, and that checkout ended, in one commit", async () => {
  const limit = { per: "MEMBER", period: "LIFETIME", uses: 1 } as const;
  const { brand, memberId, offerId, code, id } = await withCoupon({ amountOffMinor: 500, limits: [limit] });
  const { brandId } = brand;
  const client = database();
  const ago = Date.now() - 1_000;
  const counted = { subject: `member:${memberId}`, period: "LIFETIME" as const, periodStart: 0 };
  const common = { brandId, memberId, createdAt: ago };
  await client.insert(decisions).values({ ...common, id: `dcn_${id}`, facts: {}, outcome: "{}" });
  await client.insert(checkouts).values({
    ...{ ...common, id: `chk_${id}`, source: "shop", orderReference: "A-0", state: "OPEN" },
    ...{ decisionId: `dcn_${id}`, currency: "CNY", discountMinor: 500, payableMinor: 1, expiresAt: ago },
  });
  const use = { brandId, checkoutId: `chk_${id}`, couponId: id, offerId, discountMinor: 500 };
  await client.insert(checkoutCoupons).values({ ...use, lines: [], counted: [counted] });
  const taken = { uses: 1, usesLimit: 1, discountMinor: 500 };
  await client.insert(offerCounters).values({ brandId, offerId, ...counted, ...taken });
  await setCoupon(brand, id, { state: "HELD", heldUntil: ago });
  const redeemed = await redeem(brand.till, code);
  expect(redeemed).toMatchObject({ discountMinor: 500, coupon: { status: "REDEEMED" }, databaseRequests: 2 });
  expect(await takenOf(offerId)).toEqual([{ uses: 1, discountMinor: 500 }]);
  const [ended] = await client
    .select()
    .from(checkouts)
    .where(eq(checkouts.id, `chk_${id}`));
  expect(ended?.state).toBe("CANCELLED");
});

const MEMBERS = 50;
const BUDGET_MINOR = 5_000;

async function manyHolders() {
  const brand = await newBrand();
  const offerId = await offerWith(brand, {
    ...{ amountOffMinor: 500, limits: [{ per: "OFFER", period: "LIFETIME", discountMinor: BUDGET_MINOR }] },
  });
  const holders = await Promise.all(Array.from({ length: MEMBERS }, () => newMember(brand)));
  const coupons = await Promise.all(holders.map(({ memberId }) => newCoupon(brand, offerId, memberId)));
  return { brand, offerId, coupons };
}

test("a budget stops at its ceiling, however many redeem at once", async () => {
  const { brand, offerId, coupons } = await manyHolders();
  const answers = await Promise.all(coupons.map(({ code }) => redeem(brand.till, code)));
  expect(answers.filter(({ redemptionId }) => redemptionId)).toHaveLength(10);
  expect(answers.filter(({ code }) => code === "BUDGET_EXHAUSTED")).toHaveLength(MEMBERS - 10);
  expect(await takenOf(offerId)).toEqual([{ uses: 10, discountMinor: BUDGET_MINOR }]);
});

test("one that adds up what was given and then writes, in two requests, exceeds the budget", async () => {
  const { brand, offerId, coupons } = await manyHolders();
  const allAdded = barrier(MEMBERS);
  const isOfOffer = and(eq(redemptions.brandId, brand.brandId), eq(redemptions.offerId, offerId));
  const addThenWrite = async ({ id }: { id: string }) => {
    const client = database();
    const given = await client.select().from(redemptions).where(isOfOffer);
    await allAdded();
    if (given.reduce((sum, row) => sum + row.discountMinor, 0) + 500 > BUDGET_MINOR) return;
    await client.insert(redemptions).values({
      ...{
        brandId: brand.brandId,
        id: key(),
        couponId: id,
        offerId,
        orderReference: "A",
        redeemedBy: "twin",
      },
      ...{ orderAmountMinor: 10_000, discountMinor: 500, currency: "CNY", redeemedAt: Date.now() },
    });
  };
  await Promise.all(coupons.map(addThenWrite));
  const given = await database().select().from(redemptions).where(isOfOffer);
  expect(given.length * 500).toBeGreaterThan(BUDGET_MINOR);
});

test("a member uses an offer as often as one may, from two devices at once", async () => {
  const brand = await newBrand();
  const { memberId } = await newMember(brand);
  const limits = [{ per: "MEMBER", period: "LIFETIME", uses: 1 } as const];
  const offerId = await offerWith(brand, { amountOffMinor: 500, limits });
  const own = await Promise.all([1, 2].map(() => newCoupon(brand, offerId, memberId)));
  const answers = await Promise.all(own.map(({ code }) => redeem(brand.till, code)));
  expect(answers.map(({ code }) => code ?? "redeemed").sort()).toEqual(["OFFER_LIMIT_REACHED", "redeemed"]);
});

test("two devices that look how often a member used an offer and then write, in two requests, both do", async () => {
  const { brand, memberId, offerId, id } = await withCoupon({ amountOffMinor: 500 });
  const second = await newCoupon(brand, offerId, memberId);
  const bothLooked = barrier(2);
  const usesOf = () => database().select().from(redemptions).where(eq(redemptions.offerId, offerId));
  const lookThenWrite = async (couponId: string) => {
    const uses = await usesOf();
    await bothLooked();
    if (uses.length >= 1) return;
    await database()
      .insert(redemptions)
      .values({
        ...{ brandId: brand.brandId, id: key(), couponId, offerId, memberId, redeemedBy: "twin" },
        ...{ orderReference: "A", orderAmountMinor: 10_000, discountMinor: 500, currency: "CNY" },
        redeemedAt: Date.now(),
      });
  };
  await Promise.all([id, second.id].map(lookThenWrite));
  expect(await usesOf()).toHaveLength(2);
});
