import { callerOf, callerWith, clientOf, outcomeOf, requestToken } from "./caller.ts";
import { type Guest, masked, type Tour, yuan } from "./tour.ts";

const OFFERS = `{ offers(first: 50, state: ACTIVE) { nodes { id title terms { minimumSpendMinor } } } }`;
const ISSUE = `mutation ($input: IssueCouponsInput!) { issueCoupons(input: $input) {
  ... on IssueCouponsPayload { coupons { id code status member { id } } refused { memberId refusal { code } } }
  ... on Refusal { code message } } }`;
const CODES = `mutation ($input: CreateCouponCodesInput!) { createCouponCodes(input: $input) {
  ... on CreateCouponCodesPayload { codes } ... on Refusal { code message } } }`;
const CLAIM = `mutation ($input: ClaimCouponInput!) { claimCoupon(input: $input) {
  ... on ClaimCouponPayload { coupon { status claimedAt expiresAt offer { title } } }
  ... on Refusal { code message } } }`;
const REDEEM = `mutation ($input: RedeemCouponInput!) { redeemCoupon(input: $input) {
  ... on RedeemCouponPayload { redemptionId discountMinor payableMinor coupon { status } }
  ... on Refusal { code message } ... on MinimumSpendNotMet { minimumSpendMinor missingMinor } } }`;
const ROLL_BACK = `mutation ($input: RollBackRedemptionInput!) { rollBackRedemption(input: $input) {
  ... on RollBackRedemptionPayload { coupon { status } } ... on Refusal { code message } } }`;

const BATCH = `mutation ($input: CreateCodeBatchInput!) { createCodeBatch(input: $input) {
  ... on CreateCodeBatchPayload { codeBatch { id count } } ... on Refusal { code message } } }`;

const HUNDRED = "¥30 off ¥100";
const DRINKS = "15 % off drinks";

/** The membership team gives out coupons; a member claims a code. Answers the issued coupon's code. */
export async function issueAndClaim({ url, report, run }: Tour, guest: Guest): Promise<string> {
  const { chapter, step, expect } = report;
  const { memberId, member } = guest;
  const operator = await callerOf(url, "coffee", "OPERATOR");
  chapter("The membership team gives out coupons");
  const offers = (await operator(OFFERS)).data.offers.nodes as { id: string; title: string }[];
  const offerIdOf = (sought: string) => offers.find(({ title }) => title === sought)?.id;
  const code = await step("operator", `issueCoupons, ${HUNDRED}`, async (say) => {
    const input = { offerId: offerIdOf(HUNDRED), memberIds: [memberId, "mbr_nobody"] };
    const answer = outcomeOf(await operator(ISSUE, { input: { ...input, idempotencyKey: `issue-${run}` } }));
    expect(answer.coupons, [{ status: "AVAILABLE", member: { id: memberId } }]);
    expect(answer.refused, [{ memberId: "mbr_nobody", refusal: { code: "NOT_FOUND" } }]);
    say(`${masked(answer.coupons[0].code)}; mbr_nobody: NOT_FOUND`);
    return answer.coupons[0].code as string;
  });
  const open = await step("operator", `createCouponCodes, ${DRINKS}`, async (say) => {
    const input = { offerId: offerIdOf(DRINKS), count: 1, idempotencyKey: `codes-${run}` };
    const { codes } = outcomeOf(await operator(CODES, { input }));
    expect([codes.length, /^([0-9A-Z]{4}-){3}[0-9A-Z]{4}$/.test(codes[0])], [1, true]);
    say(`${masked(codes[0])}, for anyone to claim`);
    return codes[0] as string;
  });
  await makeAMillion({ url, report, run }, offerIdOf(DRINKS) as string);
  await step("Tess", "claimCoupon, in lower case", async (say) => {
    const input = { code: open.toLowerCase(), memberId, idempotencyKey: `claim-${run}` };
    const { coupon } = outcomeOf(await member(CLAIM, { input }));
    expect(coupon, { status: "AVAILABLE", offer: { title: DRINKS } });
    // To the end of the fourteenth day after, on the brand's calendar.
    const days = (Date.parse(coupon.expiresAt) - Date.parse(coupon.claimedAt)) / 86_400_000;
    expect(days > 14 && days <= 15, true);
    say("hers, to the end of the 14th day from today");
  });
  await step("Lin", "claimCoupon, the same code", async (say) => {
    const subject = { type: "external-id", value: "coffee-lin" } as const;
    const { access_token } = await requestToken(url, clientOf("coffee", "STOREFRONT"), subject);
    const lin = callerWith(url, access_token);
    const { id } = (await lin("{ me { id } }")).data.me;
    const input = { code: open, memberId: id, idempotencyKey: `claim-${run}` };
    const refusal = outcomeOf(await lin(CLAIM, { input }));
    expect(refusal, { code: "COUPON_ALREADY_CLAIMED" });
    say(`refused: ${refusal.code}`);
  });
  return code;
}

/** Codes are computed and not stored, so that a million of them are one row; they stream when they are needed. */
async function makeAMillion({ url, report, run }: Tour, offerId: string): Promise<void> {
  const { step, expect } = report;
  const { access_token } = await requestToken(url, clientOf("coffee", "OPERATOR"));
  const operator = callerWith(url, access_token);
  const id = await step("operator", "createCodeBatch, a million codes", async (say) => {
    const input = { offerId, count: 1_000_000, prefix: "LATTE", idempotencyKey: `batch-${run}` };
    const answer = await operator(BATCH, { input });
    const { codeBatch } = outcomeOf(answer);
    expect([codeBatch.count, answer.databaseRequests], [1_000_000, 2]);
    say("made: one row, 2 database requests");
    return codeBatch.id as string;
  });
  await step("operator", "GET /code-batches/….csv", async (say) => {
    const response = await fetch(`${url}/code-batches/${id}.csv?from=999000&count=1000`, {
      headers: { authorization: `Bearer ${access_token}` },
    });
    const codes = (await response.text()).trim().split("\n");
    expect([response.status, new Set(codes).size], [200, 1_000]);
    say(`the last 1,000: ${masked(codes[0] as string)} …`);
  });
}

/** A till redeems the issued coupon, and takes it back. */
export async function redeemAtTheTill(
  { url, report, run }: Tour,
  { memberId }: Guest,
  code: string,
): Promise<void> {
  const { chapter, step, expect } = report;
  const till = await callerOf(url, "coffee", "TILL");
  const redeem = async (orderAmountMinor: number, key: string) => {
    const order = { orderReference: `TOUR-${run}`, orderAmountMinor, currency: "CNY" };
    const input = { code, memberId, ...order, idempotencyKey: `redeem-${run}-${key}` };
    return outcomeOf(await till(REDEEM, { input }));
  };
  chapter("A till redeems the coupon");
  await step("till", `redeemCoupon, an order of ${yuan(6_800)}`, async (say) => {
    const refusal = await redeem(6_800, "1");
    expect(refusal, { code: "MINIMUM_SPEND_NOT_MET", minimumSpendMinor: 10_000, missingMinor: 3_200 });
    say(`refused: ${refusal.code}, ${yuan(refusal.missingMinor)} missing`);
  });
  const redeemed = { discountMinor: 3_000, payableMinor: 9_800, coupon: { status: "REDEEMED" } };
  const redemptionId = await step("till", `redeemCoupon, an order of ${yuan(12_800)}`, async (say) => {
    const payload = await redeem(12_800, "2");
    expect(payload, redeemed);
    say(`${yuan(payload.discountMinor)} off, ${yuan(payload.payableMinor)} to pay`);
    return payload.redemptionId as string;
  });
  await step("till", "the same call, its answer lost", async (say) => {
    expect(await redeem(12_800, "2"), { redemptionId, ...redeemed });
    say("the same answer, redeemed once");
  });
  await step("till", "the same coupon on another order", async (say) => {
    const refusal = await redeem(15_000, "3");
    expect(refusal, { code: "COUPON_ALREADY_REDEEMED" });
    say(`refused: ${refusal.code}`);
  });
  await step("till", "rollBackRedemption", async (say) => {
    const input = { redemptionId, reason: "Returned", idempotencyKey: `undo-${run}` };
    const { coupon } = outcomeOf(await till(ROLL_BACK, { input }));
    expect(coupon, { status: "AVAILABLE" });
    say(`returned goods: the coupon is ${coupon.status} again`);
  });
}
