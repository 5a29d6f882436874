import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { coupons } from "../../schema/tables/coupons.ts";
import { barrier } from "../support/barrier.ts";
import { newBrand } from "../support/brand.ts";
import { database } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { ISSUE, newCoupon, newOffer } from "../support/offer.ts";

const REDEEM = `mutation ($input: RedeemCouponInput!) { redeemCoupon(input: $input) {
  ... on RedeemCouponPayload { redemptionId discountMinor payableMinor coupon { status redemptions { orderReference rolledBackAt } } }
  ... on Refusal { code message } ... on MinimumSpendNotMet { missingMinor } } }`;
const WALLET = `{ me {
  availableCoupons(first: 5) { nodes { code status offer { title terms { amountOffMinor } } } edges { cursor } }
  upcomingCoupons { nodes { startsAt } } redeemedCoupons { nodes { code } } expiredCoupons { nodes { code } }
} }`;
const key = () => crypto.randomUUID();

test("a coupon is issued, redeemed, rolled back and revoked, each in two database requests", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand, {
    terms: { percentageBasisPoints: 1500, minimumSpendMinor: 10_000, maximumDiscountMinor: 3_000 },
  });
  const { memberId, member } = await newMember(brand);
  const issued = await brand.service(ISSUE, {
    input: { offerId, memberIds: [memberId, "mbr_none"], idempotencyKey: key() },
  });
  expect(issued.databaseRequests).toBe(2);
  expect(outcomeOf(issued)).toMatchObject({
    coupons: [{ status: "AVAILABLE", member: { id: memberId } }],
    refused: [{ memberId: "mbr_none", refusal: { code: "NOT_FOUND" } }],
  });
  const { id: couponId, code } = outcomeOf(issued).coupons[0];
  const order = { code: code.toLowerCase(), orderReference: "A-1", currency: "CNY" };
  const small = await brand.till(REDEEM, {
    input: { ...order, orderAmountMinor: 6_800, idempotencyKey: key() },
  });
  expect(outcomeOf(small)).toMatchObject({ code: "MINIMUM_SPEND_NOT_MET", missingMinor: 3_200 });
  const input = { ...order, orderAmountMinor: 19_999, idempotencyKey: key() };
  const redeemed = await brand.till(REDEEM, { input });
  expect(redeemed.databaseRequests).toBe(2);
  expect(outcomeOf(redeemed)).toMatchObject({
    discountMinor: 2_999,
    payableMinor: 17_000,
    coupon: { status: "REDEEMED", redemptions: [{ orderReference: "A-1", rolledBackAt: null }] },
  });
  expect(outcomeOf(await brand.till(REDEEM, { input: { ...input, idempotencyKey: key() } }))).toMatchObject({
    code: "COUPON_ALREADY_REDEEMED",
  });
  const rolledBack = await brand.till(
    `mutation ($input: RollBackRedemptionInput!) { rollBackRedemption(input: $input) {
      ... on RollBackRedemptionPayload { coupon { status } } ... on Refusal { code } } }`,
    { input: { redemptionId: outcomeOf(redeemed).redemptionId, reason: "returned", idempotencyKey: key() } },
  );
  expect(rolledBack.databaseRequests).toBe(2);
  expect(outcomeOf(rolledBack)).toEqual({ coupon: { status: "AVAILABLE" } });
  const wallet = await member(WALLET);
  expect(wallet.errors).toBeUndefined();
  expect(wallet.databaseRequests).toBe(1);
  expect(wallet.data.me).toMatchObject({
    availableCoupons: { nodes: [{ code }] },
    redeemedCoupons: { nodes: [] },
  });
  const revoked = await brand.operator(
    `mutation ($input: RevokeCouponInput!) { revokeCoupon(input: $input) {
      ... on RevokeCouponPayload { coupon { status } } ... on Refusal { code } } }`,
    { input: { couponId, reason: "mistake", idempotencyKey: key() } },
  );
  expect(outcomeOf(revoked)).toEqual({ coupon: { status: "REVOKED" } });
  expect(outcomeOf(await brand.till(REDEEM, { input: { ...input, idempotencyKey: key() } }))).toMatchObject({
    code: "COUPON_REVOKED",
  });
});

test("one coupon is redeemed once, however many try", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand);
  const { memberId } = await newMember(brand);
  const { code } = await newCoupon(brand, offerId, memberId);
  const attempts = await Promise.all(
    Array.from({ length: 100 }, (_, number) =>
      brand.till(REDEEM, {
        input: {
          code,
          orderReference: `A-${number}`,
          orderAmountMinor: 5_000,
          currency: "CNY",
          idempotencyKey: key(),
        },
      }),
    ),
  );
  const answers = attempts.map(outcomeOf);
  expect(answers.filter(({ redemptionId }) => redemptionId)).toHaveLength(1);
  expect(new Set(answers.map(({ code }) => code ?? "redeemed"))).toEqual(
    new Set(["redeemed", "COUPON_ALREADY_REDEEMED"]),
  );
});

test("a till that reads the coupon and writes it back, in two requests, redeems it more than once", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand);
  const { memberId } = await newMember(brand);
  const { id } = await newCoupon(brand, offerId, memberId);
  const allRead = barrier(100);
  const readThenWrite = async () => {
    const client = database();
    const coupon = await client.query.coupons.findFirst({ where: { brandId: brand.brandId, id } });
    await allRead();
    if (coupon?.state !== "AVAILABLE") return false;
    await client.update(coupons).set({ state: "REDEEMED" }).where(eq(coupons.id, id));
    return true;
  };
  const redeemed = await Promise.all(Array.from({ length: 100 }, readThenWrite));
  expect(redeemed.filter(Boolean).length).toBeGreaterThan(1);
});
