import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, test } from "vitest";
import { holds, transfers } from "../../schema/tables/points.ts";
import { adjustBalance } from "../../src/points/adjust-balance.ts";
import { captureHold } from "../../src/points/capture-hold.ts";
import { expirePoints } from "../../src/points/expire-points.ts";
import { releaseStaleHolds } from "../../src/points/release-stale-holds.ts";
import { reverseSpend } from "../../src/points/reverse-spend.ts";
import { spendPoints } from "../../src/points/spend-points.ts";
import { barrier } from "../support/barrier.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { type Caller, database, environment } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { contextAt, faultsOf, ledgerOf, nothing } from "./support.ts";

const key = () => crypto.randomUUID();
const DAY_MS = 86_400_000;

/** A mutation of points whose payload shows the member's balances and these fields. */
const mutation = (name: string, fields = "", refusals = "") => {
  const typeName = name.charAt(0).toUpperCase() + name.slice(1);
  return `mutation ($input: ${typeName}Input!) { ${name}(input: $input) {
    ... on ${typeName}Payload { member { points heldPoints } ${fields} } ... on Refusal { code message } ${refusals} } }`;
};
const ON_ORDER = `... on BalanceTooLow { balance missing } ... on PointsBelowMinimum { minimumPoints }
  ... on PointsNotInSteps { nearestPoints } ... on OrderShareExceeded { maximumPoints maximumMinor }`;
const SPEND = mutation("spendPoints", "transferId worthMinor", ON_ORDER);
const HOLD = mutation("holdPoints", "holdId worthMinor expiresAt", ON_ORDER);
const CAPTURE = mutation("captureHold", "transferId points worthMinor");
const RELEASE = mutation("releaseHold");
const REVERSE = mutation("reverseSpend");
const EXTEND = mutation("extendPoints", "points expiresAt");
const POLICY = `mutation ($input: UpdatePointsPolicyInput!) { updatePointsPolicy(input: $input) {
  ... on UpdatePointsPolicyPayload { brand { pointsPolicy {
    expiry { rule months month day } minimumPoints stepPoints maximumShareBasisPoints holdMinutes graceDays onMissingPoints returnsSpentPoints } } }
  ... on InvalidValue { code field } } }`;

let brand: TestBrand;
let memberId: string;
let member: Caller;

beforeEach(async () => {
  brand = await newBrand();
  ({ memberId, member } = await newMember(brand));
});

const give = async (amount: number, to = memberId) =>
  outcomeOf(
    await brand.service(mutation("adjustBalance"), {
      input: { memberId: to, unit: "POINTS", amount, reason: "a gift", idempotencyKey: key() },
    }),
  );
const order = (points: number, input: object = {}) => ({
  input: {
    ...{ memberId, points, orderReference: "A-1", orderAmountMinor: 100_000, idempotencyKey: key() },
    ...input,
  },
});
const setPolicy = async (input: object) => outcomeOf(await brand.operator(POLICY, { input }));
const isSound = async () => expect(faultsOf(await ledgerOf(brand.brandId))).toEqual([]);

describe("spending", () => {
  test("answers what points are worth, in two database requests, and once for a key", async () => {
    await give(500);
    const asked = order(120);
    const spent = await brand.till(SPEND, asked);
    expect(outcomeOf(spent)).toMatchObject({ worthMinor: 120, member: { points: 380 } });
    expect(spent.databaseRequests).toBe(2);
    const again = outcomeOf(await brand.till(SPEND, asked));
    expect(again).toMatchObject({ transferId: outcomeOf(spent).transferId, member: { points: 380 } });
    const other = await brand.till(SPEND, { input: { ...asked.input, points: 1 } });
    expect(outcomeOf(other)).toMatchObject({ code: "IDEMPOTENCY_KEY_REUSED" });
    await isSound();
  });

  test("keeps to the brand's policy, which everyone may read", async () => {
    await give(10_000);
    const policy = { minimumPoints: 100, stepPoints: 50, maximumShareBasisPoints: 5_000 };
    const set = await setPolicy({ ...policy, expiry: { rule: "ON_DATE", month: 12, day: 31 } });
    expect(set.brand.pointsPolicy).toMatchObject({
      ...policy,
      ...{ holdMinutes: 30, graceDays: 30, expiry: { rule: "ON_DATE", months: null, month: 12, day: 31 } },
    });
    const kind = { onMissingPoints: "FORGIVE", returnsSpentPoints: false };
    expect(set.brand.pointsPolicy).toMatchObject({ onMissingPoints: "DEBT", returnsSpentPoints: true });
    expect((await setPolicy(kind)).brand.pointsPolicy).toMatchObject({ ...policy, ...kind });
    expect(await setPolicy({ stepPoints: 0 })).toEqual({ code: "INVALID_VALUE", field: "stepPoints" });
    const refusalOf = async (points: number) => outcomeOf(await brand.till(SPEND, order(points)));
    expect(await refusalOf(50)).toMatchObject({ code: "POINTS_BELOW_MINIMUM", minimumPoints: 100 });
    expect(await refusalOf(120)).toMatchObject({ code: "POINTS_NOT_IN_STEPS", nearestPoints: 100 });
    const most = { points: 1_000, orderAmountMinor: 500 };
    const exceeded = outcomeOf(await brand.till(HOLD, order(1_000, most)));
    expect(exceeded).toMatchObject({ code: "ORDER_SHARE_EXCEEDED", maximumPoints: 250, maximumMinor: 250 });
    expect(await refusalOf(250)).toMatchObject({ member: { points: 9_750 } });
  });

  test("100 at once, over several lots, never go below zero", async () => {
    for (const amount of [300, 300, 400]) await give(amount);
    const answers = await Promise.all(Array.from({ length: 100 }, () => brand.till(SPEND, order(30))));
    const outcomes = answers.map(outcomeOf);
    expect(outcomes.filter((outcome) => outcome.member)).toHaveLength(33);
    expect(outcomes.filter(({ code }) => code === "BALANCE_TOO_LOW")).toHaveLength(67);
    expect(outcomeOf(await brand.till(SPEND, order(11)))).toMatchObject({ balance: 10, missing: 1 });
    await isSound();
  });

  test("is given back once, to the lots that it came from", async () => {
    await give(100);
    const spent = outcomeOf(await brand.till(SPEND, order(80)));
    const input = { transferId: spent.transferId, reason: "returned" };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => brand.till(REVERSE, { input: { ...input, idempotencyKey: key() } })),
    );
    const outcomes = answers.map(outcomeOf);
    expect(outcomes.filter((outcome) => outcome.member?.points === 100)).toHaveLength(1);
    expect(outcomes.filter(({ code }) => code === "SPEND_ALREADY_REVERSED")).toHaveLength(9);
    const { lots } = await ledgerOf(brand.brandId);
    expect(lots).toMatchObject([{ amount: 100, remaining: 100 }]);
    await isSound();
  });

  test("of another brand's or member's points is not found or forbidden", async () => {
    await give(100);
    const spent = outcomeOf(await brand.till(SPEND, order(10)));
    const held = outcomeOf(await brand.till(HOLD, order(10)));
    const stranger = await newBrand();
    const tries: [string, object][] = [
      [SPEND, order(1).input],
      [HOLD, order(1).input],
      [CAPTURE, { holdId: held.holdId, idempotencyKey: key() }],
      [RELEASE, { holdId: held.holdId, idempotencyKey: key() }],
      [REVERSE, { transferId: spent.transferId, reason: "x", idempotencyKey: key() }],
      [EXTEND, { memberId, until: "2031-01-01", reason: "x", idempotencyKey: key() }],
    ];
    for (const [operation, input] of tries) {
      const answer = await stranger.operator(operation, { input });
      expect.soft(outcomeOf(answer), operation).toMatchObject({ code: "NOT_FOUND" });
      const byMember = await member(operation, { input });
      expect.soft(byMember.errors?.[0]?.extensions.code).toBe("FORBIDDEN");
    }
    // What came in cannot be given back as if it had been spent.
    const credit = (await ledgerOf(brand.brandId)).transfers[0]?.id;
    const given = { transferId: credit, reason: "x", idempotencyKey: key() };
    expect(outcomeOf(await brand.till(REVERSE, { input: given }))).toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("a hold", () => {
  const capture = async (holdId: string, points?: number) =>
    outcomeOf(await brand.till(CAPTURE, { input: { holdId, points, idempotencyKey: key() } }));

  test("sets points aside; what of it is not captured can be spent again", async () => {
    await give(100);
    const held = await brand.till(HOLD, order(80));
    expect(outcomeOf(held)).toMatchObject({ worthMinor: 80, member: { points: 20, heldPoints: 80 } });
    expect(held.databaseRequests).toBe(2);
    expect(outcomeOf(await brand.till(SPEND, order(30)))).toMatchObject({ code: "BALANCE_TOO_LOW" });
    const { holdId } = outcomeOf(held);
    expect(await capture(holdId, 81)).toMatchObject({ code: "INVALID_VALUE" });
    const captured = await capture(holdId, 50);
    expect(captured).toMatchObject({ points: 50, worthMinor: 50, member: { points: 50, heldPoints: 0 } });
    expect(await capture(holdId)).toMatchObject({ code: "HOLD_ALREADY_SETTLED" });
    const input = { transferId: captured.transferId, reason: "returned", idempotencyKey: key() };
    expect(outcomeOf(await brand.till(REVERSE, { input }))).toMatchObject({ member: { points: 100 } });
    await isSound();
  });

  test("is captured or released once, however many try", async () => {
    await give(100);
    const { holdId } = outcomeOf(await brand.till(HOLD, order(60)));
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, position) =>
        brand.till(position % 2 ? CAPTURE : RELEASE, { input: { holdId, idempotencyKey: key() } }),
      ),
    );
    const outcomes = answers.map(outcomeOf);
    expect(outcomes.filter((outcome) => outcome.member)).toHaveLength(1);
    expect(outcomes.filter(({ code }) => code === "HOLD_ALREADY_SETTLED")).toHaveLength(19);
    await isSound();
  });

  test("captured by one that looks first and moves after, in two requests, takes another hold's points", async () => {
    await give(200);
    const { holdId } = outcomeOf(await brand.till(HOLD, order(50)));
    await brand.till(HOLD, order(50));
    const { accounts } = await ledgerOf(brand.brandId);
    const idOf = (kind: string) => accounts.find((it) => it.kind === kind && it.unit === "POINTS")?.id ?? "";
    const bothHaveLooked = barrier(2);
    const lookThenMove = async () => {
      const client = database();
      const hold = await client.query.holds.findFirst({ where: { id: holdId, state: "OPEN" } });
      await bothHaveLooked();
      if (!hold) return;
      await client.insert(transfers).values({
        ...{ brandId: brand.brandId, id: key(), memberId, amount: 50, createdAt: Date.now() },
        ...{ debitAccountId: idOf("HELD"), creditAccountId: idOf("REDEMPTION") },
        cause: { operation: "captureHold" },
      });
      await client.update(holds).set({ state: "CAPTURED" }).where(eq(holds.id, holdId));
    };
    await Promise.all([lookThenMove(), lookThenMove()]);
    const after = await ledgerOf(brand.brandId);
    expect(after.accounts.find(({ id }) => id === idOf("HELD"))?.balance).toBe(0);
    expect(faultsOf(after)).toContain("held is 0 and not 50");
  });

  test("that is over cannot be captured, and its points can be spent at once", async () => {
    await give(100);
    await setPolicy({ holdMinutes: 1 });
    const { holdId, expiresAt } = outcomeOf(await brand.till(HOLD, order(100)));
    const late = await contextAt(brand.brandId, Date.parse(expiresAt));
    const refused = await captureHold(late, { holdId, idempotencyKey: key() }, nothing);
    expect(refused).toMatchObject({ refusal: "HoldExpired" });
    expect(await spendPoints(late, order(70).input, nothing)).toHaveProperty("outcome");
    const { holds } = await ledgerOf(brand.brandId);
    expect(holds).toMatchObject([{ id: holdId, state: "RELEASED" }]);
    await isSound();
  });

  test("that is captured and cleared away at the same moment ends one way", async () => {
    await give(1_000);
    const held = await Promise.all(Array.from({ length: 10 }, () => brand.till(HOLD, order(10))));
    const ids = held.map((answer) => outcomeOf(answer).holdId as string);
    const expiresAt = Math.max(...held.map((answer) => Date.parse(outcomeOf(answer).expiresAt)));
    // A clock that is ahead clears them away, while tills whose clock is not capture them.
    const [captures] = await Promise.all([
      Promise.all(ids.map((holdId) => capture(holdId))),
      releaseStaleHolds(database(), await environment(), expiresAt, 100).catch(() => undefined),
    ]);
    const { holds } = await ledgerOf(brand.brandId);
    const captured = captures.filter((outcome) => outcome.member).length;
    expect(holds.filter(({ state }) => state === "CAPTURED")).toHaveLength(captured);
    await isSound();
  });
});

describe("expiry", () => {
  test("clears what expired into breakage, chunk by chunk, once, and not what was spent meanwhile", async () => {
    await setPolicy({ expiry: { rule: "AFTER_MONTHS", months: 1 } });
    const others = await Promise.all(Array.from({ length: 4 }, () => newMember(brand)));
    for (const other of others) await give(50, other.memberId);
    await give(100);
    await brand.till(HOLD, order(30));
    const later = Date.now() + 40 * DAY_MS;
    const env = await environment();
    const now = await contextAt(brand.brandId, Date.now());
    // Spends of the last moment race with it; what it takes is what they left.
    const first = await Promise.all([
      expirePoints(database(), env, later, 3).catch(() => undefined),
      ...Array.from({ length: 5 }, () =>
        spendPoints(now, order(10, { idempotencyKey: key() }).input, nothing).catch(() => undefined),
      ),
    ]);
    expect(first).toHaveLength(6);
    for (let next: Parameters<typeof expirePoints>[4] = null, rounds = 0; ; rounds += 1) {
      const answer = await expirePoints(database(), env, later, 2, next);
      ({ next } = answer);
      expect(rounds).toBeLessThan(50);
      if (!next) break;
    }
    expect(await expirePoints(database(), env, later, 100)).toMatchObject({ points: 0, lots: 0, next: null });
    const { accounts, lots } = await ledgerOf(brand.brandId);
    const total = (kind: string) =>
      accounts.filter((it) => it.kind === kind).reduce((sum, { balance }) => sum + balance, 0);
    expect(lots.every(({ remaining }) => remaining === 0)).toBe(true);
    expect(total("BREAKAGE") + total("REDEMPTION")).toBe(270);
    expect(total("HELD")).toBe(30);
    await isSound();
  });

  test("is put off for a reason, never to a sooner day", async () => {
    await setPolicy({ expiry: { rule: "AFTER_MONTHS", months: 2 } });
    await give(100);
    const before = (await ledgerOf(brand.brandId)).lots[0]?.expiresAt ?? 0;
    const extend = async (until: string) =>
      outcomeOf(
        await brand.operator(EXTEND, { input: { memberId, until, reason: "kind", idempotencyKey: key() } }),
      );
    const day = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
    expect(await extend(day(10))).toMatchObject({ points: 0 });
    expect((await ledgerOf(brand.brandId)).lots[0]?.expiresAt).toBe(before);
    expect(await extend(day(-3))).toMatchObject({ code: "INVALID_VALUE" });
    const { points, expiresAt } = await extend(day(200));
    expect([points, (await ledgerOf(brand.brandId)).lots[0]?.expiresAt]).toEqual([
      100,
      Date.parse(expiresAt),
    ]);
  });

  test("of points given back too late is put off by the days of grace", async () => {
    await setPolicy({ expiry: { rule: "AFTER_MONTHS", months: 1 }, graceDays: 7 });
    await give(100);
    const { transferId } = outcomeOf(await brand.till(SPEND, order(40)));
    const late = await contextAt(brand.brandId, Date.now() + 60 * DAY_MS);
    await reverseSpend(late, { transferId, reason: "returned", idempotencyKey: key() }, nothing);
    const [, lot] = (await ledgerOf(brand.brandId)).lots;
    expect(lot).toMatchObject({ amount: 40, remaining: 40 });
    const days = ((lot?.expiresAt ?? 0) - late.now) / DAY_MS;
    expect(days > 7 && days <= 8).toBe(true);
    await isSound();
  });
});

test("a member sees balances, what expires and the history in one database request, in its language", async () => {
  await brand.service(
    `mutation ($input: UpdateMemberInput!) { updateMember(input: $input) { __typename } }`,
    { input: { memberId, locale: "zh-CN" } },
  );
  await give(50);
  await setPolicy({ expiry: { rule: "AFTER_MONTHS", months: 1 } });
  await give(100);
  await give(20);
  await brand.till(SPEND, order(30));
  await brand.till(HOLD, order(25, { orderReference: "A-2" }));
  const view = await member(
    `{ me { points pendingPoints heldPoints expiringPoints { points expiresAt }
      none: growthValue
      pointsHistory(first: 3) { nodes { points operation description reference createdAt } pageInfo { hasNextPage endCursor } } } }`,
    {},
    { "accept-language": "en" },
  );
  expect(view.errors).toBeUndefined();
  expect(view.databaseRequests).toBe(1);
  expect(view.data.me).toMatchObject({
    ...{ points: 115, pendingPoints: 0, heldPoints: 25, expiringPoints: [{ points: 65 }] },
    pointsHistory: {
      nodes: [
        { points: -25, operation: "holdPoints", description: "为 A-2 冻结", reference: "A-2" },
        { points: -30, operation: "spendPoints", description: "用于 A-1" },
        { points: 20, operation: "adjustBalance", description: "获得积分", reference: null },
      ],
      pageInfo: { hasNextPage: true },
    },
  });
  const rest = await member(
    `query ($after: String) { me { pointsHistory(after: $after) { nodes { points } } } }`,
    {
      after: view.data.me.pointsHistory.pageInfo.endCursor,
    },
  );
  expect(rest.data.me.pointsHistory.nodes).toEqual([{ points: 100 }, { points: 50 }]);
  const noted = await brand.service(
    `query ($id: ID!) { member(by: { id: $id }) { pointsHistory { nodes { reason } } } }`,
    { id: memberId },
  );
  expect(noted.data.member.pointsHistory.nodes[2]).toEqual({ reason: "a gift" });
  const own = await member(`{ me { pointsHistory { nodes { id reason } } } }`);
  expect(own.errors?.[0]?.extensions.code).toBe("FORBIDDEN");
  expect(own.data.me.pointsHistory.nodes[0]).toMatchObject({ reason: null });
});

test("expired points are not shown as points that can be spent, also before they are cleared away", async () => {
  await setPolicy({ expiry: { rule: "AFTER_MONTHS", months: 1 } });
  const long = await contextAt(brand.brandId, Date.now() - 90 * DAY_MS);
  const credit = { memberId, unit: "POINTS", amount: 70, reason: "x", idempotencyKey: key() } as const;
  await adjustBalance(long, credit, nothing);
  expect(await give(5)).toMatchObject({ member: { points: 5 } });
  expect(outcomeOf(await brand.till(SPEND, order(6)))).toMatchObject({ balance: 5, missing: 1 });
});
