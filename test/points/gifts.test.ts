import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, test } from "vitest";
import { brands } from "../../schema/tables/brands.ts";
import { transfers } from "../../schema/tables/points.ts";
import { adjustBalance } from "../../src/points/adjust-balance.ts";
import { whyNotGivable } from "../../src/points/gift.ts";
import { giftPoints } from "../../src/points/gift-points.ts";
import { policyOf } from "../../src/points/policy.ts";
import { barrier } from "../support/barrier.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { type Caller, database } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { contextAt, faultsOf, ledgerOf, nothing } from "./support.ts";

const GIFT = `mutation ($input: GiftPointsInput!) { giftPoints(input: $input) {
  ... on GiftPointsPayload { transferId member { id points } } ... on Refusal { code message }
  ... on GiftLimitReached { left renewsAt } ... on GiftTooLarge { maximumPoints } ... on BalanceTooLow { missing } } }`;
const key = () => crypto.randomUUID();
const gifts = { enabled: true, maximumPoints: 100, maximumPointsPerMonth: 250 };

let brand: TestBrand;
let giver: Awaited<ReturnType<typeof newMember>>;
let taker: Awaited<ReturnType<typeof newMember>>;

beforeEach(async () => {
  brand = await newBrand();
  [giver, taker] = await Promise.all([newMember(brand, { name: "Giver One" }), newMember(brand)]);
  await setPolicy({ gifts });
});

async function setPolicy(input: object): Promise<void> {
  const answer = await brand.operator(
    `mutation ($input: UpdatePointsPolicyInput!) { updatePointsPolicy(input: $input) {
      ... on UpdatePointsPolicyPayload { brand { pointsPolicy { gifts { enabled maximumPoints } } } } ... on Refusal { message } } }`,
    { input },
  );
  expect(outcomeOf(answer).brand).toBeTruthy();
}

const credit = (memberId: string, amount: number) => ({
  ...{ memberId, amount, reason: "x", idempotencyKey: key() },
  unit: "POINTS" as const,
});
const give = async (amount: number, at = Date.now()) =>
  adjustBalance(await contextAt(brand.brandId, at), credit(giver.memberId, amount), nothing);
const gift = (points: number, input: object = {}) => ({
  ...{ memberId: giver.memberId, receiver: { memberId: taker.memberId }, points, idempotencyKey: key() },
  ...input,
});
const send = async (input: object, by: Caller = giver.member) => outcomeOf(await by(GIFT, { input }));
const isSound = async () => expect(faultsOf(await ledgerOf(brand.brandId))).toEqual([]);

describe("a gift", () => {
  test("comes as it went: with the same expiry, in two database requests, once for a key", async () => {
    await setPolicy({ expiry: { rule: "AFTER_MONTHS", months: 3 } });
    await give(40, Date.now() - 30 * 86_400_000);
    await give(100);
    const input = gift(60);
    const answer = await giver.member(GIFT, { input });
    expect(outcomeOf(answer)).toMatchObject({ member: { points: 80 } });
    expect(answer.databaseRequests).toBe(2);
    expect(await send(input)).toEqual(outcomeOf(answer));
    const { lots } = await ledgerOf(brand.brandId);
    const of = (memberId: string) => lots.filter((lot) => lot.memberId === memberId);
    expect(of(giver.memberId).map(({ remaining }) => remaining)).toEqual([0, 80]);
    expect(of(taker.memberId).map(({ amount, expiresAt }) => [amount, expiresAt])).toEqual([
      [40, of(giver.memberId)[0]?.expiresAt],
      [20, of(giver.memberId)[1]?.expiresAt],
    ]);
    await isSound();
  });

  test("is on both statements, and neither says whose it was", async () => {
    await give(50);
    await send(gift(50));
    const historyOf = async (caller: Caller) => {
      const view = await caller(
        `{ me { pointsHistory(first: 1) { nodes { points description reference } } } }`,
        {},
        { "accept-language": "en" },
      );
      expect(JSON.stringify(view)).not.toMatch(/Giver|mbr_/);
      return view.data.me.pointsHistory.nodes[0];
    };
    expect(await historyOf(giver.member)).toEqual({
      ...{ points: -50, description: "Given to another member", reference: null },
    });
    expect(await historyOf(taker.member)).toEqual({
      ...{ points: 50, description: "A gift from another member", reference: null },
    });
    const events = await database().query.outbox.findMany({ where: { brandId: brand.brandId } });
    const types = events.map(({ type }) => type);
    expect(types).toContain("points.given");
    expect(types).toContain("points.received");
  });

  test("may name the receiver's card, and only another open membership of the brand", async () => {
    await give(100);
    const card = await taker.member(`{ me { card { number } } }`);
    const { number } = card.data.me.card;
    expect(await send(gift(10, { receiver: { cardNumber: number } }))).toMatchObject({
      member: { points: 90 },
    });
    const stranger = await newMember(await newBrand());
    for (const memberId of [stranger.memberId, "mbr_none"]) {
      expect(await send(gift(10, { receiver: { memberId } }))).toMatchObject({ code: "NOT_FOUND" });
    }
    expect(await send(gift(10, { receiver: { cardNumber: "8000" } }))).toMatchObject({ code: "NOT_FOUND" });
    const itself = { receiver: { memberId: giver.memberId } };
    expect(await send(gift(10, itself))).toMatchObject({ code: "INVALID_VALUE" });
    expect(await send(gift(10), taker.member)).toMatchObject({ code: "NOT_FOUND" });
    expect(await send(gift(91), brand.till)).toMatchObject({ code: "BALANCE_TOO_LOW", missing: 1 });
    await brand.service(
      `mutation ($input: CloseMemberInput!) { closeMember(input: $input) { __typename } }`,
      { input: { memberId: taker.memberId, reason: "x", idempotencyKey: key() } },
    );
    expect(await send(gift(10))).toMatchObject({ code: "NOT_FOUND" });
    await isSound();
  });

  test("that the giver cannot afford does not tell who is a member", async () => {
    const answers = ["mbr_nobody", taker.memberId].map((memberId) =>
      send(gift(10, { receiver: { memberId } })),
    );
    for (const answer of await Promise.all(answers)) expect(answer.code).toBe("BALANCE_TOO_LOW");
  });

  test("is refused where the brand does not offer it, and beyond what it allows", async () => {
    await give(1_000);
    expect(await send(gift(101))).toMatchObject({ code: "GIFT_TOO_LARGE", maximumPoints: 100 });
    await setPolicy({ gifts: { ...gifts, enabled: false } });
    expect(await send(gift(1))).toMatchObject({ code: "GIFTS_NOT_OFFERED" });
  });
});

describe("the limit of a month", () => {
  test("holds for 20 gifts at once", async () => {
    await give(1_000);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => send(gift(50), brand.service)));
    expect(outcomes.filter(({ member }) => member)).toHaveLength(5);
    const refused = outcomes.filter(({ code }) => code === "GIFT_LIMIT_REACHED");
    expect(refused).toHaveLength(15);
    expect(refused[0]).toMatchObject({ left: 0 });
    await isSound();
  });

  test("does not hold for those that look first and give after, in two requests", async () => {
    await give(1_000);
    const { accounts } = await ledgerOf(brand.brandId);
    const idOf = (kind: string, of: string | null) =>
      accounts.find((it) => it.kind === kind && it.unit === "POINTS" && it.memberId === of)?.id ?? "";
    const given = () =>
      database().query.transfers.findMany({
        where: {
          brandId: brand.brandId,
          memberId: giver.memberId,
          debitAccountId: idOf("AVAILABLE", giver.memberId),
        },
      });
    const allHaveLooked = barrier(20);
    const lookThenGive = async () => {
      const before = (await given()).reduce((sum, { amount }) => sum + amount, 0);
      await allHaveLooked();
      if (before + 50 > gifts.maximumPointsPerMonth) return;
      await database()
        .insert(transfers)
        .values({
          ...{
            brandId: brand.brandId,
            id: key(),
            memberId: giver.memberId,
            amount: 50,
            createdAt: Date.now(),
          },
          ...{ debitAccountId: idOf("AVAILABLE", giver.memberId), creditAccountId: idOf("ISSUANCE", null) },
          cause: { operation: "giftPoints" },
        });
    };
    await Promise.all(Array.from({ length: 20 }, lookThenGive));
    expect((await given()).length).toBeGreaterThan(5);
  });

  test("begins anew with the month in the brand's time zone", async () => {
    const timeZone = "Asia/Shanghai";
    const policy = policyOf({ gifts });
    const at = (text: string) => Date.parse(text);
    const given = [{ amount: 200, createdAt: at("2027-01-31T15:59:59Z") }];
    const refusalAt = (now: string, points = 60) =>
      whyNotGivable(policy, { memberId: "a", points }, given, { now: at(now), timeZone });
    expect(refusalAt("2027-01-31T15:59:59.999Z")).toMatchObject({
      ...{ refusal: "GiftLimitReached", data: { left: 50, renewsAt: at("2027-01-31T16:00:00Z") } },
    });
    expect(refusalAt("2027-01-31T15:59:59.999Z", 50)).toBeUndefined();
    expect(refusalAt("2027-01-31T16:00:00Z")).toBeUndefined();
    expect(refusalAt("2027-02-01T00:00:00Z", 0)).toMatchObject({ data: { field: "points" } });

    await database().update(brands).set({ pointsPolicy: { gifts } }).where(eq(brands.id, brand.brandId));
    const [january, february] = ["2027-01-31T15:00:00Z", "2027-01-31T16:00:00Z"].map(at) as [number, number];
    await give(1_000, january);
    const sendAt = async (now: number) => giftPoints(await contextAt(brand.brandId, now), gift(100), nothing);
    for (const _ of [1, 2]) expect(await sendAt(january)).toHaveProperty("outcome");
    expect(await sendAt(january)).toMatchObject({ refusal: "GiftLimitReached" });
    expect(await sendAt(february)).toHaveProperty("outcome");
    await isSound();
  });
});
