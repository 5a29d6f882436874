import { beforeAll, describe, expect, test } from "vitest";
import { decisions } from "../../schema/tables/carts.ts";
import { newId } from "../../src/ids.ts";
import { setRules } from "../earning/support.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { anonymous, type Caller, callerOfKind, database } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { newCoupon, newOffer } from "../support/offer.ts";
import { aCart, changed, EVALUATE, EVALUATION } from "./support.ts";

const KEEP = `mutation ($input: KeepEvaluationInput!) { keepEvaluation(input: $input) {
  __typename ... on KeepEvaluationPayload { decisionId decision { id evaluation { ${EVALUATION} } } }
  ... on Refusal { code message } } }`;
const DECISION = `query ($id: ID!) { decision(id: $id) { id createdAt member { id }
  evaluation { ${EVALUATION} } replay { isSame evaluation { ${EVALUATION} } } } }`;
const lines = [{ sku: "TEA", categories: ["tea"], quantity: 3, amountMinor: 30_001 }];

let brand: TestBrand;
let memberId: string;
let member: Caller;
let offerId: string;
let benefitId: string;

beforeAll(async () => {
  brand = await newBrand();
  ({ memberId, member } = await newMember(brand, { birthday: "1990-11-22", name: "Anna" }));
  offerId = await newOffer(brand, {
    title: [{ locale: "en", text: "10 % off" }],
    terms: {
      percentageBasisPoints: 1_000,
      minimumSpendMinor: 20_000,
      birthday: { daysBefore: 180, daysAfter: 180 },
    },
  });
  await newCoupon(brand, offerId, memberId);
  const benefit = await brand.operator(
    `mutation ($input: CreateBenefitInput!) { createBenefit(input: $input) { ... on CreateBenefitPayload { benefit { id } } } }`,
    {
      input: {
        ...{ kind: "MEMBER_PRICE", name: [{ locale: "en", text: "Member price" }] },
        ...{ tierIds: [brand.firstTierId], terms: { rateBasisPoints: 500 } },
      },
    },
  );
  benefitId = outcomeOf(benefit).benefit.id;
  await setRules(brand);
});

async function keep(caller: Caller, cart: object, idempotencyKey: string = crypto.randomUUID()) {
  const answer = await caller(KEEP, { input: { cart: { ...aCart, ...cart }, idempotencyKey } });
  if (!answer.data) throw new Error(JSON.stringify(answer.errors));
  return { ...answer.data.keepEvaluation, databaseRequests: answer.databaseRequests };
}

async function decisionOf(id: string, caller: Caller = brand.service) {
  const answer = await caller(DECISION, { id });
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  expect(answer.databaseRequests).toBe(1);
  return answer.data.decision;
}

test("a kept evaluation is what was answered, and is the same when it is made again", async () => {
  const at = new Date().toISOString();
  const cart = { memberId, lines, at };
  const kept = await keep(brand.service, cart);
  expect(kept.databaseRequests).toBe(2);
  const asked = await brand.service(EVALUATE, { input: { ...aCart, ...cart } });
  const { __typename, ...evaluation } = asked.data.evaluateCart;
  expect(kept.decision.evaluation).toEqual(evaluation);
  expect(evaluation.discountMinor).toBe(1_500 + 2_850);
  const is = await decisionOf(kept.decisionId);
  expect(is).toMatchObject({ id: kept.decisionId, member: { id: memberId }, replay: { isSame: true } });
  expect([is.evaluation, is.replay.evaluation]).toEqual([evaluation, evaluation]);
  const byNode = await brand.service(
    `query ($id: ID!) { node(id: $id) { ... on Decision { replay { isSame } } } }`,
    {
      id: kept.decisionId,
    },
  );
  expect(byNode.data.node).toEqual({ replay: { isSame: true } });
});

test("the same key keeps one, and another cart with it is refused", async () => {
  const first = await keep(brand.service, { memberId }, "once");
  const again = await keep(brand.service, { memberId }, "once");
  expect(again.decisionId).toBe(first.decisionId);
  expect(await keep(brand.service, { memberId, lines }, "once")).toMatchObject({
    code: "IDEMPOTENCY_KEY_REUSED",
  });
});

test("whatever the brand changes later, the decision stays as it was", async () => {
  const { decisionId } = await keep(brand.service, { memberId, lines, codes: ["NOTHING"] });
  const before = await decisionOf(decisionId);
  const gold = await brand.operator(
    `mutation ($input: CreateTierInput!) { createTier(input: $input) { ... on CreateTierPayload { tier { id } } ... on Refusal { message } } }`,
    {
      input: { name: [{ locale: "en", text: "Gold" }], color: "#ffcc00", rank: 2, requiredGrowthValue: 900 },
    },
  );
  await changed(brand, "reviseOffer", {
    offerId,
    title: [{ locale: "en", text: "Less" }],
    terms: { amountOffMinor: 1 },
  });
  await changed(brand, "pauseOffer", { offerId });
  await changed(brand, "setStackingRules", { mostCoupons: 5, groups: [] });
  await changed(brand, "updateBenefit", { benefitId, terms: { rateBasisPoints: 9_000 } });
  await changed(brand, "grantTier", {
    ...{ memberId, tierId: outcomeOf(gold).tier.id, reason: "a test", idempotencyKey: "gold" },
  });
  await setRules(brand, { points: { points: 7, perAmountMinor: 100 } });
  const after = await decisionOf(decisionId);
  expect(after).toEqual(before);
  expect(after.replay.isSame).toBe(true);
  // The same cart is another one now.
  const now = await keep(brand.service, { memberId, lines });
  expect(now.decision.evaluation.discountMinor).not.toBe(before.evaluation.discountMinor);
});

test("an outcome that was tampered with is found out", async () => {
  const { decisionId } = await keep(brand.service, { memberId, lines });
  const kept = await database().query.decisions.findFirst({
    where: { brandId: brand.brandId, id: decisionId },
  });
  if (!kept) throw new Error("No decision");
  const evaluation = JSON.parse(kept.outcome);
  const id = newId("Decision", Date.now());
  const outcome = JSON.stringify({ ...evaluation, payableMinor: evaluation.payableMinor - 1 });
  await database()
    .insert(decisions)
    .values({ ...kept, id, outcome });
  const is = await decisionOf(id);
  expect(is.replay.isSame).toBe(false);
  expect(is.replay.evaluation.payableMinor).toBe(is.evaluation.payableMinor + 1);
});

test("nothing personal is kept, a birthday only as days from it", async () => {
  const { decisionId } = await keep(brand.service, { memberId, lines });
  const kept = await database().query.decisions.findFirst({
    where: { brandId: brand.brandId, id: decisionId },
  });
  const facts = kept?.facts as { buyer: { daysFromBirthday: number } };
  expect(Number.isInteger(facts.buyer.daysFromBirthday)).toBe(true);
  expect(JSON.stringify(kept)).not.toMatch(/1990|Anna/);
});

describe("decisions are read by whom they are for", () => {
  test("by the brand's own systems, and no member, partner or other brand", async () => {
    const { decisionId: id } = await keep(brand.service, { memberId });
    const other = await newBrand();
    expect(await decisionOf(id, other.service)).toBeNull();
    for (const caller of [member, brand.till, brand.storefront]) {
      expect((await caller(DECISION, { id })).errors?.[0]?.extensions.code).toBe("FORBIDDEN");
    }
    expect((await anonymous(DECISION, { id })).errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
    const partner = await callerOfKind("PARTNER", { brandId: brand.brandId, allianceId: "aln_none" });
    expect((await partner("query ($id: ID!) { node(id: $id) { id } }", { id })).data.node).toBeNull();
  });

  test("kept by who takes orders, also for a guest; a stranger's member is not found", async () => {
    const kept = await brand.till(
      `mutation ($input: KeepEvaluationInput!) { keepEvaluation(input: $input) { ... on KeepEvaluationPayload { decisionId } } }`,
      { input: { cart: aCart, idempotencyKey: "guest" } },
    );
    const { decisionId } = outcomeOf(kept);
    expect(await decisionOf(decisionId)).toMatchObject({ member: null, evaluation: { discountMinor: 0 } });
    const other = await newBrand();
    expect(await keep(other.service, { memberId })).toMatchObject({ code: "NOT_FOUND" });
    expect(
      (await member(KEEP, { input: { cart: aCart, idempotencyKey: "x" } })).errors?.[0]?.extensions.code,
    ).toBe("FORBIDDEN");
  });
});
