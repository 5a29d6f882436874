import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, test } from "vitest";
import { adjustments, transfers } from "../../schema/tables/points.ts";
import { barrier } from "../support/barrier.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { type Caller, callerOfKind, database } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { faultsOf, ledgerOf } from "./support.ts";

const ADJUST = `mutation ($input: AdjustBalanceInput!) { adjustBalance(input: $input) {
  ... on AdjustBalancePayload { member { points growthValue } } ... on Refusal { code message } ... on ApprovalRequired { threshold } } }`;
const SHOWN =
  "adjustment { id unit amount reason state proposedBy decidedBy decidedAt transferId member { points growthValue tier { id } } }";
const PROPOSE = `mutation ($input: ProposeAdjustmentInput!) { proposeAdjustment(input: $input) {
  ... on ProposeAdjustmentPayload { ${SHOWN} } ... on Refusal { code } } }`;
const APPROVE = `mutation ($input: ApproveAdjustmentInput!) { approveAdjustment(input: $input) {
  ... on ApproveAdjustmentPayload { ${SHOWN} } ... on Refusal { code } ... on BalanceTooLow { balance missing } ... on AdjustmentAlreadyDecided { state } } }`;
const REJECT = `mutation ($input: RejectAdjustmentInput!) { rejectAdjustment(input: $input) {
  ... on RejectAdjustmentPayload { ${SHOWN} } ... on Refusal { code } } }`;
const OPEN = `query ($first: Int) { openAdjustments(first: $first) { nodes { id amount } pageInfo { hasNextPage } } }`;
const key = () => crypto.randomUUID();

let brand: TestBrand;
let memberId: string;
let second: Caller;

beforeEach(async () => {
  brand = await newBrand();
  ({ memberId } = await newMember(brand));
  second = await callerOfKind("OPERATOR", { brandId: brand.brandId, clientId: "cli_second" });
  const set = await brand.operator(
    `mutation ($input: UpdatePointsPolicyInput!) { updatePointsPolicy(input: $input) {
      ... on UpdatePointsPolicyPayload { brand { pointsPolicy { approvalAbovePoints } } } } }`,
    { input: { approvalAbovePoints: 100 } },
  );
  expect(outcomeOf(set).brand.pointsPolicy).toEqual({ approvalAbovePoints: 100 });
});

const change = (amount: number, unit = "POINTS") => ({
  input: { memberId, unit, amount, reason: "for the storm", idempotencyKey: key() },
});
const propose = async (amount: number, unit = "POINTS", by = brand.operator) =>
  outcomeOf(await by(PROPOSE, change(amount, unit))).adjustment;
const decide = async (by: Caller, adjustmentId: string, more: object = {}, operation = APPROVE) =>
  outcomeOf(await by(operation, { input: { adjustmentId, idempotencyKey: key(), ...more } }));
const isSound = async () => expect(faultsOf(await ledgerOf(brand.brandId))).toEqual([]);

describe("a change above the threshold", () => {
  test.each(["POINTS", "GROWTH_VALUE"])("of %s needs another, up or down; up to it, nobody", async (unit) => {
    expect(outcomeOf(await brand.operator(ADJUST, change(100, unit)))).toHaveProperty("member");
    for (const amount of [101, -101]) {
      const refused = outcomeOf(await brand.operator(ADJUST, change(amount, unit)));
      expect(refused).toMatchObject({ code: "APPROVAL_REQUIRED", threshold: 100 });
      expect(refused.message).toMatch(/proposeAdjustment/);
    }
    const adjustment = await propose(500, unit, brand.service);
    expect(adjustment).toMatchObject({
      unit,
      amount: 500,
      state: "PROPOSED",
      decidedBy: null,
      transferId: null,
    });
    const input = { adjustmentId: adjustment.id, idempotencyKey: key() };
    const answer = await brand.operator(APPROVE, { input });
    const balance = unit === "POINTS" ? { points: 600 } : { growthValue: 600 };
    expect(outcomeOf(answer)).toMatchObject({
      adjustment: { state: "APPROVED", decidedBy: `cli_test_operator_${brand.brandId}`, member: balance },
    });
    expect(answer.databaseRequests).toBe(2);
    expect(outcomeOf(await brand.operator(APPROVE, { input }))).toEqual(outcomeOf(answer));
    const { transfers: moved } = await ledgerOf(brand.brandId);
    expect(moved.find(({ id }) => id === outcomeOf(answer).adjustment.transferId)).toMatchObject({
      ...{ amount: 500, cause: { operation: "adjustBalance", reason: "for the storm" } },
    });
    await isSound();
  });

  test("lifts the member's tier when it is approved, as one made alone does", async () => {
    const tier = await brand.operator(
      `mutation ($input: CreateTierInput!) { createTier(input: $input) { ... on CreateTierPayload { tier { id } } ... on Refusal { message } } }`,
      {
        input: {
          name: [{ locale: "en", text: "Gold" }],
          color: "#ffcc00",
          rank: 2,
          requiredGrowthValue: 300,
        },
      },
    );
    const adjustment = await propose(300, "GROWTH_VALUE");
    const approved = await decide(second, adjustment.id);
    expect(approved.adjustment.member.tier.id).toBe(outcomeOf(tier).tier.id);
  });

  test("is not decided by who proposed it, neither by the database", async () => {
    const { id } = await propose(500);
    expect(await decide(brand.operator, id)).toEqual({ code: "ADJUSTMENT_PROPOSED_BY_CALLER" });
    expect(await decide(brand.operator, id, { reason: "x" }, REJECT)).toEqual({
      code: "ADJUSTMENT_PROPOSED_BY_CALLER",
    });
    const [row] = await database().select().from(adjustments).where(eq(adjustments.id, id));
    const alone = database()
      .update(adjustments)
      .set({ state: "APPROVED", decidedBy: row?.proposedBy })
      .where(eq(adjustments.id, id));
    await expect(alone).rejects.toThrow();
    const byService = await brand.service(APPROVE, { input: { adjustmentId: id, idempotencyKey: key() } });
    expect(byService.errors?.[0]?.extensions.code).toBe("FORBIDDEN");
  });

  test("is made once, however many approve or reject it at once", async () => {
    const { id } = await propose(500);
    const others = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        callerOfKind("OPERATOR", { brandId: brand.brandId, clientId: `cli_other_${n}` }),
      ),
    );
    const outcomes = await Promise.all(
      others.map((by, n) => (n % 5 === 4 ? decide(by, id, { reason: "no" }, REJECT) : decide(by, id))),
    );
    expect(outcomes.filter(({ adjustment }) => adjustment)).toHaveLength(1);
    expect(outcomes.filter(({ code }) => code === "ADJUSTMENT_ALREADY_DECIDED")).toHaveLength(9);
    const { transfers: moved } = await ledgerOf(brand.brandId);
    expect(moved.length).toBeLessThanOrEqual(1);
    await isSound();
  });

  test("made by those that look first and move after, in two requests, is made twice", async () => {
    const { id } = await propose(500);
    const { accounts } = await ledgerOf(brand.brandId);
    const idOf = (kind: string) =>
      accounts.find((it) => it.kind === kind && it.unit === "GROWTH_VALUE")?.id ?? "";
    const bothHaveLooked = barrier(2);
    const lookThenMove = async (decidedBy: string) => {
      const open = await database().query.adjustments.findFirst({ where: { id, state: "PROPOSED" } });
      await bothHaveLooked();
      if (!open) return;
      await database()
        .insert(transfers)
        .values({
          ...{ brandId: brand.brandId, id: key(), memberId, amount: 500, createdAt: Date.now() },
          ...{ debitAccountId: idOf("ISSUANCE"), creditAccountId: idOf("AVAILABLE") },
          cause: { operation: "adjustBalance" },
        });
      await database()
        .update(adjustments)
        .set({ state: "APPROVED", decidedBy })
        .where(eq(adjustments.id, id));
    };
    await Promise.all(["cli_a", "cli_b"].map(lookThenMove));
    expect((await ledgerOf(brand.brandId)).transfers).toHaveLength(2);
  });

  test("is judged as things are when it is approved, and stays open when it cannot be made", async () => {
    const { id } = await propose(-500);
    expect(await decide(second, id)).toMatchObject({ code: "BALANCE_TOO_LOW", balance: 0, missing: 500 });
    await decide(second, (await propose(600)).id);
    expect(await decide(second, id)).toMatchObject({ adjustment: { member: { points: 100 } } });
    await isSound();
  });

  test("waits in a list of the brand's own until it is decided", async () => {
    const [one, two, three] = [await propose(101), await propose(102), await propose(103)];
    const open = await second(OPEN, { first: 2 });
    expect(open.databaseRequests).toBe(1);
    expect(open.data.openAdjustments).toMatchObject({
      nodes: [{ id: one.id }, { id: two.id }],
      pageInfo: { hasNextPage: true },
    });
    expect(await decide(second, one.id, { reason: "no" }, REJECT)).toMatchObject({
      adjustment: { state: "REJECTED", transferId: null, member: { points: 0 } },
    });
    expect(await decide(second, one.id)).toEqual({ code: "ADJUSTMENT_ALREADY_DECIDED", state: "REJECTED" });
    const left = await second(OPEN, { first: 5 });
    expect(left.data.openAdjustments.nodes.map((node: { id: string }) => node.id)).toEqual([
      two.id,
      three.id,
    ]);
    const stranger = await newBrand();
    expect((await stranger.operator(OPEN, { first: 5 })).data.openAdjustments.nodes).toEqual([]);
    expect(await decide(stranger.operator, two.id)).toEqual({ code: "NOT_FOUND" });
  });
});
