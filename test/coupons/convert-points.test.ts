import { eq } from "drizzle-orm";
import { beforeEach, expect, test } from "vitest";
import { accounts, transfers } from "../../schema/tables/points.ts";
import { faultsOf, ledgerOf } from "../points/support.ts";
import { barrier } from "../support/barrier.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { type Caller, database } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { newOffer } from "../support/offer.ts";

const CONVERT = `mutation ($input: ConvertPointsInput!) { convertPoints(input: $input) {
  ... on ConvertPointsPayload { points transferId coupon { id status expiresAt offer { terms { pricePoints } } member { id points } } }
  ... on Refusal { code message } ... on BalanceTooLow { balance missing } ... on MemberLimitReached { limit } } }`;
const ADJUST = `mutation ($input: AdjustBalanceInput!) { adjustBalance(input: $input) { __typename } }`;
const key = () => crypto.randomUUID();

let brand: TestBrand;
let memberId: string;
let member: Caller;

beforeEach(async () => {
  brand = await newBrand();
  ({ memberId, member } = await newMember(brand));
});

const give = (amount: number) =>
  brand.service(ADJUST, { input: { memberId, unit: "POINTS", amount, reason: "x", idempotencyKey: key() } });
const forPoints = (pricePoints: number, input: object = {}) =>
  newOffer(brand, { terms: { amountOffMinor: 500, validDaysAfterClaim: 7, pricePoints }, ...input });
const convert = async (offerId: string, by: Caller = member, input: object = {}) =>
  outcomeOf(await by(CONVERT, { input: { memberId, offerId, idempotencyKey: key(), ...input } }));
const isSound = async () => expect(faultsOf(await ledgerOf(brand.brandId))).toEqual([]);

test("points become a coupon, once for a key, in two database requests, and the history says so", async () => {
  await give(500);
  const offerId = await forPoints(200);
  const input = { memberId, offerId, idempotencyKey: key() };
  const answer = await member(CONVERT, { input });
  expect(outcomeOf(answer)).toMatchObject({
    points: 200,
    coupon: { status: "AVAILABLE", offer: { terms: { pricePoints: 200 } }, member: { points: 300 } },
  });
  expect(answer.databaseRequests).toBe(2);
  expect(outcomeOf(await member(CONVERT, { input }))).toEqual(outcomeOf(answer));
  const view = await member(
    `{ me { pointsHistory(first: 1) { nodes { points description } } } }`,
    {},
    { "accept-language": "zh-CN" },
  );
  expect(view.data.me.pointsHistory.nodes).toEqual([{ points: -200, description: "兑换优惠券" }]);
  // The till cannot give the points back and leave the coupon.
  const reversal = await brand.till(
    `mutation ($input: ReverseSpendInput!) { reverseSpend(input: $input) { ... on Refusal { code } } }`,
    { input: { transferId: outcomeOf(answer).transferId, reason: "x", idempotencyKey: key() } },
  );
  expect(outcomeOf(reversal)).toEqual({ code: "NOT_FOUND" });
  await isSound();
});

test("20 at once on a balance for 3 make 3", async () => {
  await give(350);
  const offerId = await forPoints(100);
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => convert(offerId)));
  expect(outcomes.filter(({ coupon }) => coupon)).toHaveLength(3);
  expect(outcomes.filter(({ code }) => code === "BALANCE_TOO_LOW")).toHaveLength(17);
  expect(await convert(offerId)).toMatchObject({ balance: 50, missing: 50 });
  await isSound();
});

test("of 20 that look first and take after, in two requests, more than 3 have paid for theirs", async () => {
  await give(350);
  const { accounts: all } = await ledgerOf(brand.brandId);
  const idOf = (kind: string) => all.find((it) => it.kind === kind && it.unit === "POINTS")?.id ?? "";
  let coupons = 0;
  const allHaveLooked = barrier(20);
  const lookThenTake = async () => {
    const client = database();
    const [available] = await client
      .select()
      .from(accounts)
      .where(eq(accounts.id, idOf("AVAILABLE")));
    await allHaveLooked();
    if ((available?.balance ?? 0) < 100) return;
    coupons += 1;
    await client
      .insert(transfers)
      .values({
        ...{ brandId: brand.brandId, id: key(), memberId, amount: 100, createdAt: Date.now() },
        ...{ debitAccountId: idOf("AVAILABLE"), creditAccountId: idOf("REDEMPTION") },
        cause: { operation: "convertPoints" },
      })
      .catch(() => undefined);
  };
  await Promise.all(Array.from({ length: 20 }, lookThenTake));
  expect(coupons).toBeGreaterThan(3);
  expect(faultsOf(await ledgerOf(brand.brandId))).not.toEqual([]);
});

test("the offer's limits hold, and it must be for points and not over", async () => {
  await give(1_000);
  expect(await convert(await newOffer(brand))).toMatchObject({ code: "OFFER_NOT_FOR_POINTS" });
  const once = await forPoints(10, { perMemberLimit: 1 });
  const outcomes = await Promise.all(Array.from({ length: 5 }, () => convert(once)));
  expect(outcomes.filter(({ coupon }) => coupon)).toHaveLength(1);
  expect(outcomes.filter(({ code }) => code === "MEMBER_LIMIT_REACHED")).toHaveLength(4);
  const few = await forPoints(10, { issueLimit: 2 });
  const answers = await Promise.all(Array.from({ length: 5 }, () => convert(few, brand.till)));
  expect(answers.filter(({ coupon }) => coupon)).toHaveLength(2);
  expect(answers.filter(({ code }) => code === "OFFER_EXHAUSTED")).toHaveLength(3);
  const over = await newOffer(brand, {
    terms: { amountOffMinor: 1, pricePoints: 1, endsAt: new Date(Date.now() - 1).toISOString() },
  });
  expect(await convert(over)).toMatchObject({ code: "OFFER_ENDED" });
  expect(await convert("ofr_none")).toMatchObject({ code: "NOT_FOUND" });
  await isSound();
});

test("nobody converts another's points", async () => {
  await give(100);
  const offerId = await forPoints(10);
  const { member: neighbour } = await newMember(brand);
  expect(await convert(offerId, neighbour)).toMatchObject({ code: "NOT_FOUND" });
  const stranger = await newBrand();
  expect(await convert(offerId, stranger.till)).toMatchObject({ code: "NOT_FOUND" });
  await isSound();
});
