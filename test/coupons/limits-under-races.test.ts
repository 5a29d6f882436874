import { and, count, eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { coupons } from "../../schema/tables/coupons.ts";
import { offers } from "../../schema/tables/offers.ts";
import { barrier } from "../support/barrier.ts";
import { newBrand } from "../support/brand.ts";
import { database } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { ISSUE, newOffer } from "../support/offer.ts";
import { enrolled } from "./life-support.ts";

const CODES = `mutation ($input: CreateCouponCodesInput!) { createCouponCodes(input: $input) {
  ... on CreateCouponCodesPayload { codes } ... on Refusal { code message } } }`;
const CLAIM = `mutation ($input: ClaimCouponInput!) { claimCoupon(input: $input) {
  ... on ClaimCouponPayload { coupon { id status expiresAt member { id } } } ... on Refusal { code message } } }`;
const key = () => crypto.randomUUID();

async function issued(brandId: string, offerId: string) {
  const client = database();
  const [rows, offer] = await Promise.all([
    client
      .select({ count: count() })
      .from(coupons)
      .where(and(eq(coupons.brandId, brandId), eq(coupons.offerId, offerId))),
    client.query.offers.findFirst({ where: { brandId, id: offerId } }),
  ]);
  return { rows: rows[0]?.count, counted: offer?.issuedCount };
}

test("300 issuances against a limit of 50 give out 50", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand, { issueLimit: 50 });
  const { memberId } = await newMember(brand);
  const answers = await Promise.all(
    Array.from({ length: 300 }, () =>
      brand.service(ISSUE, { input: { offerId, memberIds: [memberId], idempotencyKey: key() } }),
    ),
  );
  const outcomes = answers.map(outcomeOf);
  expect(outcomes.filter((outcome) => outcome.coupons?.length === 1)).toHaveLength(50);
  expect(outcomes.filter(({ code }) => code === "OFFER_EXHAUSTED")).toHaveLength(250);
  expect(await issued(brand.brandId, offerId)).toEqual({ rows: 50, counted: 50 });
});

test("one that counts first and inserts after, in two requests, gives out too many", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand);
  const { memberId } = await newMember(brand);
  const allHaveCounted = barrier(40);
  const countThenInsert = async () => {
    const client = database();
    const { rows = 0 } = await issued(brand.brandId, offerId);
    await allHaveCounted();
    if (rows >= 5) return;
    await client.insert(coupons).values({
      ...{ brandId: brand.brandId, offerId, memberId, code: key(), id: key() },
      ...{ state: "AVAILABLE", issuedAt: Date.now(), issuedByBrandId: brand.brandId },
    });
  };
  await Promise.all(Array.from({ length: 40 }, countThenInsert));
  expect((await issued(brand.brandId, offerId)).rows).toBeGreaterThan(5);
});

test("a member gets no more than one can have, from two devices at once", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand, { perMemberLimit: 2 });
  const { memberId, member } = await newMember(brand);
  const made = await brand.operator(CODES, { input: { offerId, count: 20, idempotencyKey: key() } });
  const { codes } = outcomeOf(made);
  const claims = await Promise.all(
    codes.map((code: string) => member(CLAIM, { input: { code, memberId, idempotencyKey: key() } })),
  );
  const outcomes = claims.map(outcomeOf);
  expect(outcomes.filter(({ coupon }) => coupon)).toHaveLength(2);
  expect(outcomes.filter(({ code }) => code === "MEMBER_LIMIT_REACHED")).toHaveLength(18);
  const more = await brand.service(ISSUE, {
    input: { offerId, memberIds: [memberId], idempotencyKey: key() },
  });
  expect(outcomeOf(more)).toMatchObject({
    coupons: [],
    refused: [{ refusal: { code: "MEMBER_LIMIT_REACHED" } }],
  });
});

test("a code is claimed by one member, however many try", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand, { terms: { amountOffMinor: 500, validDaysAfterClaim: 7 } });
  const made = await brand.operator(CODES, { input: { offerId, count: 1, idempotencyKey: key() } });
  const [code] = outcomeOf(made).codes;
  const holders = await Promise.all(Array.from({ length: 20 }, () => newMember(brand)));
  const claims = await Promise.all(
    holders.map(({ member, memberId }) =>
      member(CLAIM, { input: { code, memberId, idempotencyKey: key() } }),
    ),
  );
  const outcomes = claims.map(outcomeOf);
  expect(outcomes.filter(({ coupon }) => coupon)).toHaveLength(1);
  expect(outcomes.filter((outcome) => outcome.code === "COUPON_ALREADY_CLAIMED")).toHaveLength(19);
});

test("up to 500 members get theirs in one call of two database requests; one more is refused", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand);
  const memberIds = await enrolled(brand, 500);
  const answer = await brand.service(
    `mutation ($input: IssueCouponsInput!) { issueCoupons(input: $input) { ... on IssueCouponsPayload { coupons { id } } ... on Refusal { message } } }`,
    { input: { offerId, memberIds, idempotencyKey: key() } },
  );
  expect(outcomeOf(answer).coupons).toHaveLength(500);
  expect(answer.databaseRequests).toBe(2);
  const tooMany = await brand.service(ISSUE, {
    input: { offerId, memberIds: [...memberIds, "mbr_x"], idempotencyKey: key() },
  });
  expect(outcomeOf(tooMany)).toMatchObject({ code: "INVALID_VALUE" });
});

test("the same key, 100 times at once, has one effect and equal answers; with another body, it is refused", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand);
  const { memberId } = await newMember(brand);
  const input = { offerId, memberIds: [memberId], idempotencyKey: "the-same" };
  const answers = await Promise.all(Array.from({ length: 100 }, () => brand.service(ISSUE, { input })));
  const [first, ...others] = answers.map(outcomeOf);
  expect(first?.coupons).toHaveLength(1);
  for (const other of others) expect(other).toEqual(first);
  expect(await issued(brand.brandId, offerId)).toEqual({ rows: 1, counted: 1 });
  const { memberId: another } = await newMember(brand);
  const changed = await brand.service(ISSUE, { input: { ...input, memberIds: [another] } });
  expect(outcomeOf(changed)).toMatchObject({ code: "IDEMPOTENCY_KEY_REUSED" });
  const byAnother = await brand.operator(ISSUE, { input: { ...input, memberIds: [another] } });
  expect(outcomeOf(byAnother).coupons).toHaveLength(1);
});

test("the terms of an offer cannot be changed in the database either", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand, { issueLimit: 5 });
  const change = database()
    .update(offers)
    .set({ terms: { amountOffMinor: 1 } })
    .where(eq(offers.id, offerId));
  await expect(change).rejects.toThrow();
});
