import { and, eq } from "drizzle-orm";
import { members } from "../../schema/tables/members.ts";
import { type GrantPlace, grantBenefits } from "../../src/benefits/grant-benefits.ts";
import type { TestBrand } from "../support/brand.ts";
import { database, environment } from "../support/caller.ts";
import { outcomeOf } from "../support/member.ts";

export const key = (): string => crypto.randomUUID();

export const CREATE = `mutation ($input: CreateBenefitInput!) { createBenefit(input: $input) {
  ... on CreateBenefitPayload { benefit { id offerId granted quota } } ... on Refusal { code message } } }`;
export const UPDATE = `mutation ($input: UpdateBenefitInput!) { updateBenefit(input: $input) {
  ... on UpdateBenefitPayload { benefit { id offerId granted terms { daysAfter } } } ... on Refusal { code message } } }`;
export const CLAIM = `mutation ($input: ClaimBenefitInput!) { claimBenefit(input: $input) {
  ... on ClaimBenefitPayload { usage { id kind reference at benefit { id } member { id } coupon { id code status } } }
  ... on Refusal { code message } } }`;
export const USE = `mutation ($input: UseBenefitInput!) { useBenefit(input: $input) {
  ... on UseBenefitPayload { member { id entitlements { benefit { id } left usable renewsAt } } } ... on Refusal { code message } } }`;

/** A benefit of the first tier; a gift once a month unless the input says otherwise. Answers its id. */
export async function newBenefit(
  { operator, firstTierId }: TestBrand,
  input: Record<string, unknown> = {},
): Promise<string> {
  const answer = await operator(CREATE, {
    input: {
      ...{ kind: "GIFT", name: [{ locale: "en", text: "Gift" }], tierIds: [firstTierId] },
      ...{ quota: 1, quotaPeriod: "MONTH" },
      ...input,
    },
  });
  const benefitId = outcomeOf(answer).benefit?.id;
  if (!benefitId) throw new Error(`No benefit: ${JSON.stringify(answer)}`);
  return benefitId;
}

/** A tier above the first. Answers its id. */
export async function newTier({ operator }: TestBrand, rank = 2): Promise<string> {
  const answer = await operator(
    `mutation ($input: CreateTierInput!) { createTier(input: $input) {
      ... on CreateTierPayload { tier { id } } ... on Refusal { code message } } }`,
    {
      input: {
        rank,
        name: [{ locale: "en", text: "Gold" }],
        color: "#C9A227",
        requiredGrowthValue: rank * 100,
      },
    },
  );
  return outcomeOf(answer).tier.id;
}

/** Puts a member into a tier, as reviews of tiers do. */
export const moveTo = ({ brandId }: TestBrand, memberId: string, tierId: string) =>
  database()
    .update(members)
    .set({ tierId })
    .where(and(eq(members.brandId, brandId), eq(members.id, memberId)));

/** Everything of a brand's benefits that is on record. */
export async function takenOf({ brandId }: TestBrand) {
  const client = database();
  const where = { brandId };
  const [usages, uses, coupons] = await Promise.all([
    client.query.benefitUsages.findMany({ where, orderBy: { id: "asc" } }),
    client.query.benefitUses.findMany({ where }),
    client.query.coupons.findMany({ where }),
  ]);
  return { usages, uses, coupons };
}

/** Grants everything that is due at a moment, in chunks of so many. */
export async function grantAll(now: number, limit = 500): Promise<void> {
  for (let place: GrantPlace | null | undefined; place !== null; ) {
    const { next } = await grantBenefits(database(), await environment(), now, limit, place);
    place = next;
  }
}
