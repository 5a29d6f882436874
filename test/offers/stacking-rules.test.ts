import { beforeAll, describe, expect, test } from "vitest";
import type { StackingRules } from "../../schema/tables/rules.ts";
import { faultOfStacking } from "../../src/offers/stacking.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { callerOfKind } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";

const RULES = "mostCoupons groups { name mode mostCoupons }";
const SET = `mutation ($input: SetStackingRulesInput!) { setStackingRules(input: $input) {
  ... on SetStackingRulesPayload { ruleSet { id startsAt rules { ${RULES} } } }
  ... on Refusal { code } ... on InvalidValue { field } } }`;
const ASK = `{ brand { stackingRules { ${RULES} } stackingRuleSets(first: 5) { nodes { id rules { mostCoupons } } } earningRules { id } tierRules { graceDays } earningRuleSets { nodes { id } } tierRuleSets { nodes { id } } } }`;
const weekend = { name: "weekend", mode: "BEST", mostCoupons: null } as const;

test.each<[what: string, rules: StackingRules, field: string | undefined]>([
  ["as many as there are", { mostCoupons: null, groups: [] }, undefined],
  ["three, of a weekend's the best", { mostCoupons: 3, groups: [weekend] }, undefined],
  ["none at all", { mostCoupons: 0, groups: [] }, "mostCoupons"],
  ["a group of none", { mostCoupons: 3, groups: [{ ...weekend, mostCoupons: 0 }] }, "groups.0.mostCoupons"],
  ["two groups of one name", { mostCoupons: 3, groups: [weekend, weekend] }, "groups.1.name"],
  [
    "21 groups",
    { mostCoupons: 3, groups: Array.from({ length: 21 }, (_, place) => ({ ...weekend, name: `g${place}` })) },
    "groups",
  ],
])("rules that a brand can have, or not: %s", (_what, rules, field) => {
  expect(faultOfStacking(rules)?.data.field).toBe(field);
});

describe("stacking rules", () => {
  let brand: TestBrand;
  beforeAll(async () => {
    brand = await newBrand();
  });
  const set = async (input: object) => outcomeOf(await brand.operator(SET, { input }));
  const ask = async () => {
    const answer = await brand.operator(ASK);
    expect(answer.databaseRequests).toBe(1);
    return answer.data.brand;
  };

  test("are one coupon on a cart, until the brand says more, from when it says", async () => {
    expect((await ask()).stackingRules).toEqual({ mostCoupons: 1, groups: [] });
    const now = await set({ mostCoupons: 3, groups: [weekend, { name: "shipping" }] });
    const rules = { mostCoupons: 3, groups: [weekend, { name: "shipping", mode: "ALL", mostCoupons: null }] };
    expect(now.ruleSet.rules).toEqual(rules);
    const planned = await set({ mostCoupons: 9, startsAt: "2099-01-01T00:00:00Z" });
    const shown = await ask();
    expect(shown.stackingRules).toEqual(rules);
    expect(shown.stackingRuleSets.nodes.map(({ id }: { id: string }) => id)).toEqual([
      planned.ruleSet.id,
      now.ruleSet.id,
    ]);
    // They are nobody else's rules.
    expect(shown).toMatchObject({ earningRules: null, tierRules: null });
    expect([shown.earningRuleSets.nodes, shown.tierRuleSets.nodes]).toEqual([[], []]);
  });

  test("what cannot stand, or begins in the past, is refused", async () => {
    expect(await set({ mostCoupons: 0 })).toEqual({ code: "INVALID_VALUE", field: "mostCoupons" });
    expect(await set({ startsAt: "2020-01-01T00:00:00Z" })).toEqual({
      code: "INVALID_VALUE",
      field: "startsAt",
    });
  });

  test("everyone may read those in force; their history is for the program's readers", async () => {
    await set({ mostCoupons: 2 });
    const { member } = await newMember(brand);
    const answer = await member(ASK);
    expect(answer.data.brand).toMatchObject({ stackingRules: { mostCoupons: 2 }, stackingRuleSets: null });
    const reader = await callerOfKind("OPERATOR", {
      brandId: brand.brandId,
      scopes: new Set(["program:read"]),
    });
    const refused = await reader(SET, { input: { mostCoupons: 5 } });
    expect(refused.errors?.[0]?.extensions.code).toBe("FORBIDDEN");
  });

  test("do not stand in for tier rules when those are previewed", async () => {
    const own = await newBrand();
    await own.operator(SET, { input: { mostCoupons: 3 } });
    const answer = await own.operator(
      `query ($rules: TierRulesInput!) { previewTierRules(rules: $rules) { __typename ... on TierRulesPreview { memberCount } ... on Refusal { message } } }`,
      { rules: { tiers: [], term: null, downgrade: "NEVER" } },
    );
    expect(answer.errors).toBeUndefined();
    expect(answer.data.previewTierRules).toEqual({ __typename: "TierRulesPreview", memberCount: 0 });
  });
});
