import { newBrand, type TestBrand } from "../support/brand.ts";
import { type Caller, database } from "../support/caller.ts";
import { outcomeOf } from "../support/member.ts";

export const key = (): string => crypto.randomUUID();

export interface Ladder {
  classic: string;
  silver: string;
  gold: string;
  black: string;
}

/** A brand with four tiers, of 0, 500, 2,000 and 6,000 growth value. */
export async function brandWithLadder(
  settings: Parameters<typeof newBrand>[0] = {},
): Promise<{ brand: TestBrand; ladder: Ladder }> {
  const brand = await newBrand(settings);
  const ladder = { classic: brand.firstTierId } as Ladder;
  const rungs = [
    ["silver", "Silver", 2, 500],
    ["gold", "Gold", 3, 2_000],
    ["black", "Black", 4, 6_000],
  ] as const;
  for (const [name, text, rank, requiredGrowthValue] of rungs) {
    const answer = await brand.operator(
      `mutation ($input: CreateTierInput!) { createTier(input: $input) {
        ... on CreateTierPayload { tier { id } } ... on Refusal { code message } } }`,
      {
        input: {
          ...{ rank, requiredGrowthValue, color: "#C9A227" },
          name: [
            { locale: "en", text },
            { locale: "zh-CN", text: { silver: "银卡", gold: "金卡", black: "黑卡" }[name] },
          ],
        },
      },
    );
    ladder[name] = outcomeOf(answer).tier.id;
  }
  return { brand, ladder };
}

const YEAR = { kind: "ROLLING_DAYS", days: 365 };

/** Rules in the API's words: the growth value of a year, a term of 12 months, back to what is earned. */
export const yearly = (ladder: Ladder, changes: Record<string, unknown> = {}) => ({
  tiers: (
    [
      [ladder.silver, 500],
      [ladder.gold, 2_000],
      [ladder.black, 6_000],
    ] as const
  ).map(([tierId, atLeast]) => ({
    tierId,
    reach: { conditions: [{ measure: "GROWTH_VALUE", atLeast, window: YEAR }] },
  })),
  ...{ term: { months: 12 }, downgrade: "TO_EARNED", ...changes },
});

export async function setRules(caller: Caller, rules: object, startsAt?: string) {
  return outcomeOf(
    await caller(
      `mutation ($input: SetTierRulesInput!) { setTierRules(input: $input) {
        ... on SetTierRulesPayload { ruleSet { id startsAt } }
        ... on InvalidValue { field } ... on Refusal { code message } } }`,
      { input: { rules, startsAt } },
    ),
  );
}

export async function adjustGrowthValue(caller: Caller, memberId: string, amount: number) {
  const answer = await caller(
    `mutation ($input: AdjustBalanceInput!) { adjustBalance(input: $input) {
      ... on AdjustBalancePayload { member { tier { id } growthValue } } ... on Refusal { code message } } }`,
    { input: { memberId, unit: "GROWTH_VALUE", amount, reason: "test", idempotencyKey: key() } },
  );
  return { ...outcomeOf(answer), databaseRequests: answer.databaseRequests };
}

/** A member's tier, standing, changes and grants, as they are stored. */
export async function storedTier(brandId: string, memberId: string) {
  const member = await database().query.members.findFirst({
    where: { brandId, id: memberId },
    with: { standing: true, tierGrants: true, tierChanges: { orderBy: { id: "asc" } } },
  });
  if (!member) throw new Error("no member");
  return member;
}
