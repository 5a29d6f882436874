import { and, eq } from "drizzle-orm";
import { beforeAll, expect, test } from "vitest";
import { offers } from "../../schema/tables/offers.ts";
import { barrier } from "../support/barrier.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { database } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { newOffer } from "../support/offer.ts";
import { CLAIM, CREATE, key, moveTo, newBenefit, newTier, takenOf, UPDATE, USE } from "./support.ts";

let brand: TestBrand;

beforeAll(async () => {
  brand = await newBrand();
});

const HISTORY = `{ me { benefitUsages(first: 10) { nodes { kind reference benefit { id } coupon { id status } at } }
  entitlements { benefit { id } left usable } } }`;

test("a member claims a benefit itself, gets its coupon at once, and has used its quota", async () => {
  const offerId = await newOffer(brand);
  const benefitId = await newBenefit(brand, { offerId });
  const { memberId, member } = await newMember(brand);
  const input = { memberId, benefitId, reference: "app", idempotencyKey: key() };

  const answer = await member(CLAIM, { input });
  expect(answer.databaseRequests).toBe(2);
  const { usage } = outcomeOf(answer);
  expect(usage).toMatchObject({
    ...{ kind: "CLAIMED", reference: "app", benefit: { id: benefitId }, member: { id: memberId } },
    coupon: { status: "AVAILABLE" },
  });
  expect(outcomeOf(await member(CLAIM, { input })).usage).toEqual(usage);
  const again = await member(CLAIM, { input: { ...input, idempotencyKey: key() } });
  expect(outcomeOf(again).code).toBe("BENEFIT_USED_UP");

  const shown = await member(HISTORY);
  expect(shown.databaseRequests).toBe(1);
  expect(shown.data.me.benefitUsages.nodes).toEqual([
    expect.objectContaining({ kind: "CLAIMED", coupon: { id: usage.coupon.id, status: "AVAILABLE" } }),
  ]);
  expect(shown.data.me.entitlements).toContainEqual({ benefit: { id: benefitId }, left: 0, usable: false });
});

test("a benefit is neither made of an offer that is not active, nor claimed while it is paused", async () => {
  const offerId = await newOffer(brand);
  const benefitId = await newBenefit(brand, { offerId });
  const { memberId, member } = await newMember(brand);
  await database().update(offers).set({ state: "PAUSED" }).where(eq(offers.id, offerId));
  const notActive = { code: "OFFER_NOT_ACTIVE" };
  const claim = { input: { memberId, benefitId, idempotencyKey: key() } };
  expect(outcomeOf(await member(CLAIM, claim))).toMatchObject(notActive);
  expect(outcomeOf(await brand.operator(UPDATE, { input: { benefitId, offerId } }))).toMatchObject(notActive);
  await expect(newBenefit(brand, { offerId })).rejects.toThrow("OFFER_NOT_ACTIVE");
});

test("without an offer a claim is just counted, and a use gives no coupon, also with one", async () => {
  const gift = await newBenefit(brand);
  const offered = await newBenefit(brand, { offerId: await newOffer(brand), quota: 2 });
  const { memberId, member } = await newMember(brand);
  const inputOf = (benefitId: string) => ({ input: { memberId, benefitId, idempotencyKey: key() } });
  expect(outcomeOf(await brand.till(CLAIM, inputOf(gift))).usage).toMatchObject({ coupon: null });
  expect(outcomeOf(await brand.till(USE, inputOf(offered))).member.id).toBe(memberId);
  expect((await member(CLAIM, inputOf(offered))).data.claimBenefit.usage.coupon).not.toBeNull();
  expect(outcomeOf(await brand.till(USE, inputOf(offered))).code).toBe("BENEFIT_USED_UP");
  const { nodes } = (await member(HISTORY)).data.me.benefitUsages;
  // Newest first.
  expect(
    nodes.map(({ kind, benefit }: { kind: string; benefit: { id: string } }) => [kind, benefit.id]),
  ).toEqual([
    ["CLAIMED", offered],
    ["USED", offered],
    ["CLAIMED", gift],
  ]);
});

test("the offer's own limits hold: of all, of each member, and in time", async () => {
  const limited = await newOffer(brand, { issueLimit: 1 });
  const ofEach = await newOffer(brand, { perMemberLimit: 1 });
  const ended = await newOffer(brand);
  const benefitOf = (offerId: string) => newBenefit(brand, { offerId, quota: 5 });
  const [scarce, single, over] = [await benefitOf(limited), await benefitOf(ofEach), await benefitOf(ended)];
  await database().update(offers).set({ state: "ENDED" }).where(eq(offers.id, ended));
  const { memberId, member } = await newMember(brand);
  const claim = async (benefitId: string) =>
    outcomeOf(await member(CLAIM, { input: { memberId, benefitId, idempotencyKey: key() } })).code ?? "given";
  expect([await claim(scarce), await claim(scarce)]).toEqual(["given", "OFFER_EXHAUSTED"]);
  expect([await claim(single), await claim(single)]).toEqual(["given", "MEMBER_LIMIT_REACHED"]);
  expect(await claim(over)).toBe("OFFER_ENDED");
  // What was refused was not counted.
  const { uses } = await takenOf(brand);
  const used = uses.filter((row) => row.memberId === memberId).map((row) => [row.benefitId, row.used]);
  expect(new Map(used as [string, number][])).toEqual(
    new Map([
      [scarce, 1],
      [single, 1],
    ]),
  );
});

test("claimed from fifty places at once, it gives as many coupons as its quota and not one more", async () => {
  const own = await newBrand();
  const benefitId = await newBenefit(own, { offerId: await newOffer(own), quota: 2 });
  const { memberId, member } = await newMember(own);
  const answers = await Promise.all(
    Array.from({ length: 50 }, () =>
      member(CLAIM, { input: { memberId, benefitId, idempotencyKey: key() } }),
    ),
  );
  const codes = answers.map((answer) => outcomeOf(answer).code ?? "given");
  expect(codes.filter((code) => code === "given")).toHaveLength(2);
  expect(codes.filter((code) => code === "BENEFIT_USED_UP")).toHaveLength(48);
  const { usages, uses, coupons } = await takenOf(own);
  expect([usages.length, coupons.length, uses.map(({ used }) => used)]).toEqual([2, 2, [2]]);
});

test("one that looks at what is left and gives after, in two requests, gives too many", async () => {
  const own = await newBrand();
  const { memberId } = await newMember(own);
  const offerId = await newOffer(own);
  const allHaveLooked = barrier(20);
  const lookThenGive = async () => {
    const { coupons } = await takenOf(own);
    await allHaveLooked();
    if (coupons.length >= 2) return;
    await own.service(
      `mutation ($input: IssueCouponsInput!) { issueCoupons(input: $input) { __typename } }`,
      { input: { offerId, memberIds: [memberId], idempotencyKey: key() } },
    );
  };
  await Promise.all(Array.from({ length: 20 }, lookThenGive));
  expect((await takenOf(own)).coupons.length).toBeGreaterThan(2);
});

test("a benefit is gone with its tier, at once", async () => {
  const gold = await newTier(brand);
  const benefitId = await newBenefit(brand, { tierIds: [gold], quota: 5, offerId: await newOffer(brand) });
  const { memberId, member } = await newMember(brand);
  const claim = async () =>
    outcomeOf(await member(CLAIM, { input: { memberId, benefitId, idempotencyKey: key() } })).code ?? "given";
  const hasIt = async () =>
    (await member(HISTORY)).data.me.entitlements.some(
      ({ benefit }: { benefit: { id: string } }) => benefit.id === benefitId,
    );
  expect([await claim(), await hasIt()]).toEqual(["BENEFIT_NOT_HELD", false]);
  await moveTo(brand, memberId, gold);
  expect([await claim(), await hasIt()]).toEqual(["given", true]);
  await moveTo(brand, memberId, brand.firstTierId);
  expect([await claim(), await hasIt()]).toEqual(["BENEFIT_NOT_HELD", false]);
});

test("claims that race with the loss of the tier do not land after it", async () => {
  const gold = await newTier(brand, 3);
  const offerId = await newOffer(brand);
  const benefitId = await newBenefit(brand, { tierIds: [gold], quota: null, quotaPeriod: null, offerId });
  const { memberId, member } = await newMember(brand);
  await moveTo(brand, memberId, gold);
  const claims = Array.from({ length: 20 }, () =>
    member(CLAIM, { input: { memberId, benefitId, idempotencyKey: key() } }),
  );
  await claims[0];
  await moveTo(brand, memberId, brand.firstTierId);
  const whenLost = (await takenOf(brand)).usages.filter((usage) => usage.benefitId === benefitId).length;
  const codes = (await Promise.all(claims)).map((answer) => outcomeOf(answer).code ?? "given");
  const given = codes.filter((code) => code === "given").length;
  expect(given).toBe(whenLost);
  expect(codes.filter((code) => code === "BENEFIT_NOT_HELD")).toHaveLength(20 - given);
});

test("a benefit gives coupons of an active offer of its own brand only, and keeps it until it is changed", async () => {
  const other = await newBrand();
  const theirs = await newOffer(other);
  const ended = await newOffer(brand);
  await database()
    .update(offers)
    .set({ state: "ENDED" })
    .where(and(eq(offers.brandId, brand.brandId), eq(offers.id, ended)));
  const settings = { kind: "GIFT", name: [{ locale: "en", text: "Gift" }], tierIds: [brand.firstTierId] };
  const create = async (input: object) =>
    outcomeOf(await brand.operator(CREATE, { input: { ...settings, ...input } }));
  expect(await create({ offerId: theirs })).toMatchObject({ code: "NOT_FOUND" });
  expect(await create({ offerId: ended })).toMatchObject({ code: "OFFER_ENDED" });
  expect(await create({ granted: true })).toMatchObject({ code: "INVALID_VALUE" });
  expect(await create({ offerId: "" })).toMatchObject({ code: "NOT_FOUND" });

  const offerId = await newOffer(brand);
  const { id: benefitId } = (await create({ kind: "BIRTHDAY_GIFT", terms: { daysAfter: 3 }, offerId }))
    .benefit;
  const update = async (input: object) =>
    outcomeOf(await brand.operator(UPDATE, { input: { benefitId, ...input } }));
  expect((await update({ terms: { daysAfter: 7 }, granted: true })).benefit).toEqual({
    ...{ id: benefitId, offerId, granted: true, terms: { daysAfter: 7 } },
  });
  expect(await update({ offerId: theirs })).toMatchObject({ code: "NOT_FOUND" });
  expect(await update({ offerId: "", granted: false })).toMatchObject({ code: "NOT_FOUND" });
  expect(await update({ offerId: null })).toMatchObject({ code: "INVALID_VALUE" });
  expect((await update({ offerId: null, granted: false })).benefit).toMatchObject({
    ...{ offerId: null, granted: false, terms: { daysAfter: 7 } },
  });
});

test("nobody claims for another member with its own token, nor at another brand", async () => {
  const benefitId = await newBenefit(brand);
  const { memberId } = await newMember(brand);
  const { member: neighbour } = await newMember(brand);
  const other = await newBrand();
  const { member: stranger } = await newMember(other);
  const input = { memberId, benefitId, idempotencyKey: key() };
  for (const caller of [neighbour, stranger, other.till, other.service])
    expect(outcomeOf(await caller(CLAIM, { input })).code).toBe("NOT_FOUND");
  expect((await takenOf(brand)).usages.filter((usage) => usage.memberId === memberId)).toEqual([]);
});

test("a benefit that is over is not used up: it renews no more", async () => {
  const benefitId = await newBenefit(brand);
  const { memberId } = await newMember(brand);
  const use = () => brand.till(USE, { input: { memberId, benefitId, idempotencyKey: key() } });
  expect(outcomeOf(await use()).member.id).toBe(memberId);
  expect(outcomeOf(await use()).code).toBe("BENEFIT_USED_UP");
  const endsAt = new Date(Date.now() - 1_000).toISOString();
  await brand.operator(UPDATE, { input: { benefitId, endsAt } });
  expect(outcomeOf(await use()).code).toBe("BENEFIT_NOT_USABLE_NOW");
});
