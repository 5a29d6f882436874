import { expect, test } from "vitest";
import { newBrand } from "../support/brand.ts";
import { newMember, outcomeOf } from "../support/member.ts";

const VIEW = `{ me {
  id externalId displayName profile { name phone birthday }
  tier { name rank benefits { name } } points growthValue
  tierProgress { growthValue missing next { name rank color } }
  entitlements { usable used left renewsAt usableFrom usableUntil benefit { kind name quota tierIds } }
} }`;

test("a member sees its tier, progress and entitlements in one database request", async () => {
  const brand = await newBrand();
  const { operator, firstTierId } = brand;
  await operator(
    `mutation { createTier(input: { rank: 2, name: [{ locale: "en", text: "Gold" }], color: "#C9A227", requiredGrowthValue: 1000 }) { __typename } }`,
  );
  const created = await operator(
    `mutation ($input: CreateBenefitInput!) { createBenefit(input: $input) { ... on CreateBenefitPayload { benefit { id name tierIds } } ... on Refusal { message } } }`,
    {
      input: {
        kind: "FREE_SHIPPING",
        name: [{ locale: "zh-CN", text: "每周免邮" }],
        tierIds: [firstTierId],
        quota: 1,
        quotaPeriod: "WEEK",
      },
    },
  );
  const benefitId = outcomeOf(created).benefit.id;
  const { member, memberId } = await newMember(brand, {
    name: "李小龙",
    phone: "138 1234 5678",
    birthday: "1990-02-28",
  });
  const view = await member(VIEW);
  expect(view.errors).toBeUndefined();
  expect(view.databaseRequests).toBe(1);
  expect(view.data.me).toMatchObject({
    displayName: "李*",
    profile: { name: "李小龙", phone: "+8613812345678", birthday: "1990-02-28" },
    tier: { name: "普通", rank: 1, benefits: [{ name: "每周免邮" }] },
    tierProgress: { growthValue: 0, missing: 1000, next: { name: "Gold", rank: 2, color: "#C9A227" } },
    entitlements: [
      {
        usable: true,
        used: 0,
        left: 1,
        benefit: { kind: "FREE_SHIPPING", quota: 1, tierIds: [firstTierId] },
      },
    ],
  });

  const use = { input: { memberId, benefitId, idempotencyKey: "use-1" } };
  const USE = `mutation ($input: UseBenefitInput!) { useBenefit(input: $input) {
    ... on UseBenefitPayload { member { entitlements { left used usable } } } ... on Refusal { code message } ... on BenefitUsedUp { renewsAt } } }`;
  const used = await brand.till(USE, use);
  expect(outcomeOf(used)).toMatchObject({ member: { entitlements: [{ left: 0, used: 1, usable: false }] } });
  expect(used.databaseRequests).toBe(2);
  expect(outcomeOf(await brand.till(USE, use))).toEqual(outcomeOf(used));
  const more = await brand.till(USE, { input: { ...use.input, idempotencyKey: "use-2" } });
  expect(outcomeOf(more)).toMatchObject({ code: "BENEFIT_USED_UP" });
  const other = await brand.till(USE, { input: { ...use.input, reference: "other" } });
  expect(outcomeOf(other)).toMatchObject({ code: "IDEMPOTENCY_KEY_REUSED" });
});

test("growth value lifts a member at once", async () => {
  const brand = await newBrand();
  await brand.operator(
    `mutation { createTier(input: { rank: 2, name: [{ locale: "en", text: "Gold" }], color: "#C9A227", requiredGrowthValue: 1000 }) { __typename } }`,
  );
  const { memberId } = await newMember(brand);
  const add = (amount: number, idempotencyKey: string) =>
    brand.service(
      `mutation ($input: AdjustBalanceInput!) { adjustBalance(input: $input) {
        ... on AdjustBalancePayload { member { growthValue tier { rank } } } ... on Refusal { code message } } }`,
      { input: { memberId, unit: "GROWTH_VALUE", amount, reason: "test", idempotencyKey } },
    );
  expect(outcomeOf(await add(999, "a"))).toMatchObject({ member: { growthValue: 999, tier: { rank: 1 } } });
  const both = await Promise.all([add(1, "b"), add(1, "c")]);
  expect(both.map(outcomeOf).map(({ member }) => member?.tier.rank)).toEqual([2, 2]);
  expect(outcomeOf(await add(-2000, "d"))).toMatchObject({ code: "BALANCE_TOO_LOW" });
});
