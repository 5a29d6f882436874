import type { TestBrand } from "../support/brand.ts";
import type { Caller } from "../support/caller.ts";
import { outcomeOf } from "../support/member.ts";

export const SET_RULES = `mutation ($input: SetEarningRulesInput!) { setEarningRules(input: $input) {
  ... on SetEarningRulesPayload { ruleSet { id startsAt } } ... on Refusal { __typename code message } } }`;

/** A point for each yuan, since long ago; and what a test says. */
export const aRate = { points: 1, perAmountMinor: 100 };

export async function setRules({ operator }: TestBrand, input: Record<string, unknown> = {}) {
  const rules = { startsAt: "1990-01-01T00:00:00Z", points: aRate, ...input };
  return outcomeOf(await operator(SET_RULES, { input: rules }));
}

/** A member's points, growth value and awards, as the API shows them, newest award first. */
export async function earningsOf(caller: Caller, memberId: string) {
  const answer = await caller(
    `query ($id: ID!) { member(by: { id: $id }) { points pendingPoints growthValue
      awards(first: 100) { nodes { id points growthValue state earnedAt spendableAt steps { description amount } } }
      pointsHistory(first: 100) { nodes { points operation description } } } }`,
    { id: memberId },
  );
  if (!answer.data?.member) throw new Error(JSON.stringify(answer.errors));
  return answer.data.member;
}

/** An order of one thing, paid when it was placed. */
export const aPurchase = (memberId: string, amountMinor: number, paidAt: string, changes = {}) => ({
  ...{ source: "shop", externalId: crypto.randomUUID(), currency: "CNY", member: { id: memberId } },
  ...{ placedAt: paidAt, paidAt, totalMinor: amountMinor },
  lines: [{ lineId: "L1", sku: "TEA", categories: ["tea"], quantity: 1, amountMinor }],
  ...changes,
});
