import { eq } from "drizzle-orm";
import { coupons } from "../../schema/tables/coupons.ts";
import { importMembers } from "../../src/members/import-members.ts";
import { contextAt } from "../points/support.ts";
import type { TestBrand } from "../support/brand.ts";
import { type Answer, type Caller, database } from "../support/caller.ts";
import { outcomeOf } from "../support/member.ts";

export const key = (): string => crypto.randomUUID();

// biome-ignore lint/suspicious/noExplicitAny: as deep as the operations below ask
const told = (answer: Answer): Record<string, any> => ({
  ...outcomeOf(answer),
  databaseRequests: answer.databaseRequests,
});

const CLAIM_OFFER = `mutation ($input: ClaimOfferInput!) { claimOffer(input: $input) {
  ... on ClaimOfferPayload { coupon { id code status member { id } } } ... on Refusal { code message }
  ... on OfferNotClaimable { claimableFrom claimableUntil } } }`;
export const claimOffer = async (
  caller: Caller,
  offerId: string,
  memberId: string,
  idempotencyKey = key(),
) => {
  const answer = await caller(CLAIM_OFFER, { input: { offerId, memberId, idempotencyKey } });
  return told(answer);
};

const GIVE = `mutation ($input: GiveCouponInput!) { giveCoupon(input: $input) {
  ... on GiveCouponPayload { member { id } } ... on Refusal { code message } } }`;
export const giveCoupon = async (caller: Caller, couponId: string, receiver: Record<string, unknown>) => {
  const answer = await caller(GIVE, { input: { couponId, receiver, idempotencyKey: key() } });
  return told(answer);
};

const REDEEM = `mutation ($input: RedeemCouponInput!) { redeemCoupon(input: $input) {
  ... on RedeemCouponPayload { redemptionId discountMinor payableMinor coupon { id status } }
  ... on Refusal { code message }
  ... on MinimumSpendNotMet { minimumSpendMinor missingMinor }
  ... on CouponNotApplicable { reason missingQuantity from }
  ... on OfferLimitReached { limit } ... on BudgetExhausted { leftMinor } } }`;
export const redeem = async (caller: Caller, code: string, order: Record<string, unknown> = {}) => {
  const usual = { orderReference: "A-1", orderAmountMinor: 10_000, currency: "CNY", idempotencyKey: key() };
  const answer = await caller(REDEEM, { input: { ...usual, code, ...order } });
  return told(answer);
};

const ROLL_BACK = `mutation ($input: RollBackRedemptionInput!) { rollBackRedemption(input: $input) {
  ... on RollBackRedemptionPayload { discountMinor leftMinor coupon { status } } ... on Refusal { code message }
  ... on RollbackTooLarge { leftMinor } } }`;
export const rollBack = async (caller: Caller, redemptionId: string, discountMinor?: number) => {
  const input = { redemptionId, reason: "returned", discountMinor, idempotencyKey: key() };
  const answer = await caller(ROLL_BACK, { input });
  return told(answer);
};

/** Changes a coupon's row, as time or a checkout would. */
export const setCoupon = ({ brandId }: TestBrand, id: string, row: Partial<typeof coupons.$inferInsert>) =>
  database()
    .update(coupons)
    .set(row)
    .where(eq(coupons.id, id))
    .returning({ brandId: coupons.brandId })
    .then(([changed]) => {
      if (changed?.brandId !== brandId) throw new Error(`${id} is no coupon of the brand.`);
    });

/** Enrols so many members at once, and answers their ids. */
export async function enrolled({ brandId }: TestBrand, many: number): Promise<string[]> {
  const context = await contextAt(brandId, Date.now());
  await importMembers(
    context,
    Array.from({ length: many }, (_, number) => ({ externalId: `c-${number}` })),
  );
  const rows = await database().query.members.findMany({ columns: { id: true }, where: { brandId } });
  return rows.map(({ id }) => id);
}
