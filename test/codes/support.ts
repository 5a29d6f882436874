import type { TestBrand } from "../support/brand.ts";
import type { Caller } from "../support/caller.ts";
import { outcomeOf } from "../support/member.ts";

export const key = () => crypto.randomUUID();

const CREATE_BATCH = `mutation ($input: CreateCodeBatchInput!) { createCodeBatch(input: $input) {
  ... on CreateCodeBatchPayload { codeBatch { id count prefix alphabet length grouping offerVersion revokedAt } }
  ... on InvalidValue { field reason } ... on OfferExhausted { left } ... on Refusal { code message } } }`;
const CODES = `mutation ($input: CreateCouponCodesInput!) { createCouponCodes(input: $input) {
  ... on CreateCouponCodesPayload { codes codeBatchId } ... on Refusal { code message } } }`;
const CLAIM = `mutation ($input: ClaimCouponInput!) { claimCoupon(input: $input) {
  ... on ClaimCouponPayload { coupon { id code status expiresAt member { id } offer { id } } } ... on Refusal { code message } } }`;
const REVOKE_BATCH = `mutation ($input: RevokeCodeBatchInput!) { revokeCodeBatch(input: $input) {
  ... on RevokeCodeBatchPayload { codeBatch { revokedAt } } ... on Refusal { code message } } }`;
const SHARE = `mutation ($input: CreateSharedCodeInput!) { createSharedCode(input: $input) {
  ... on CreateSharedCodePayload { sharedCode { code claimLimit claimedCount offer { id } } }
  ... on Refusal { code message } } }`;
const IMPORT = `mutation ($input: ImportCouponCodesInput!) { importCouponCodes(input: $input) {
  ... on ImportCouponCodesPayload { importedCount refused { code refusal { code message } } } ... on Refusal { code message } } }`;

/** Makes a batch; answers the payload, or the refusal, with how many requests it took. */
export const createBatch = (brand: TestBrand, input: object) =>
  brand.operator(CREATE_BATCH, { input: { idempotencyKey: key(), ...input } });

/** Some codes of a new batch. */
export async function newCodes(brand: TestBrand, offerId: string, count: number) {
  const answer = await brand.operator(CODES, { input: { offerId, count, idempotencyKey: key() } });
  const { codes, codeBatchId } = outcomeOf(answer) as { codes?: string[]; codeBatchId: string };
  if (!codes) throw new Error(`No codes: ${JSON.stringify(answer)}`);
  return { codes, codeBatchId };
}

export const claim = (by: Caller, code: string, memberId: string) =>
  by(CLAIM, { input: { code, memberId, idempotencyKey: key() } });

export const revokeBatch = (by: Caller, codeBatchId: string) =>
  by(REVOKE_BATCH, { input: { codeBatchId, reason: "leaked", idempotencyKey: key() } });

export const share = (by: Caller, input: object) => by(SHARE, { input: { idempotencyKey: key(), ...input } });

export const importCodes = (by: Caller, offerId: string, codes: string[]) =>
  by(IMPORT, { input: { offerId, codes, idempotencyKey: key() } });
