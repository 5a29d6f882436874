import { expect, test } from "vitest";
import { type ActorKind, scopesFor } from "../../src/access/scopes.ts";
import { claimBenefit } from "../../src/benefits/claim-benefit.ts";
import { useBenefit } from "../../src/benefits/use-benefit.ts";
import { scanCard } from "../../src/cards/scan-card.ts";
import { type Context, createContext } from "../../src/context.ts";
import { claimCoupon } from "../../src/coupons/claim-coupon.ts";
import { issueCoupons } from "../../src/coupons/issue-coupons.ts";
import { redeemCoupon } from "../../src/coupons/redeem-coupon.ts";
import type { Database } from "../../src/database/client.ts";
import { adjustBalance } from "../../src/points/adjust-balance.ts";
import { captureHold } from "../../src/points/capture-hold.ts";
import { holdPoints } from "../../src/points/hold-points.ts";
import { reverseSpend } from "../../src/points/reverse-spend.ts";
import { spendPoints } from "../../src/points/spend-points.ts";
import { newBenefit } from "../benefits/support.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { database, environment } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { newCoupon, newOffer } from "../support/offer.ts";
import { newPoints } from "../support/points.ts";

const CLOSE = `mutation ($input: CloseMemberInput!) { closeMember(input: $input) { ... on CloseMemberPayload { member { state } } ... on Refusal { code } } }`;
const key = () => crypto.randomUUID();
const close = ({ service }: TestBrand, memberId: string) =>
  service(CLOSE, { input: { memberId, reason: "asked for it", idempotencyKey: key() } });

/** A context in which something else happens after the facts were read and before the commit. */
async function contextWith(
  brandId: string,
  kind: ActorKind,
  meanwhile: () => Promise<unknown>,
): Promise<Context> {
  let batches = 0;
  const interrupted = new Proxy(database(), {
    get(target, name, receiver) {
      if (name !== "batch") return Reflect.get(target, name, receiver);
      return async (statements: never) => {
        batches += 1;
        const results = await target.batch(statements);
        if (batches === 1) await meanwhile();
        return results;
      };
    },
  }) as Database;
  const now = Date.now();
  return createContext({
    environment: await environment(),
    database: interrupted,
    actor: { kind, brandId, clientId: "cli_test", scopes: new Set(scopesFor(kind)) },
    ...{ now, deadline: now + 10_000, locales: [] },
  });
}

interface Given {
  memberId: string;
  offerId: string;
  benefitId: string;
  unclaimed: string;
  held: string;
  cardNumber: string;
  holdId: string;
  transferId: string;
}

const nothing = () => database().query.members.findFirst({ columns: { id: true } });
const order = { orderReference: "A-1", orderAmountMinor: 5_000, currency: "CNY" };

const acts: Record<string, (context: Context, given: Given) => Promise<unknown>> = {
  adjustBalance: (context, { memberId }) =>
    adjustBalance(
      context,
      { memberId, unit: "POINTS", amount: 5, reason: "x", idempotencyKey: key() },
      nothing,
    ),
  spendPoints: (context, { memberId }) =>
    spendPoints(context, { memberId, points: 5, ...order, idempotencyKey: key() }, nothing),
  holdPoints: (context, { memberId }) =>
    holdPoints(context, { memberId, points: 5, ...order, idempotencyKey: key() }, nothing),
  captureHold: (context, { holdId }) => captureHold(context, { holdId, idempotencyKey: key() }, nothing),
  reverseSpend: (context, { transferId }) =>
    reverseSpend(context, { transferId, reason: "x", idempotencyKey: key() }, nothing),
  issueCoupons: (context, { memberId, offerId }) =>
    issueCoupons(context, { offerId, memberIds: [memberId], idempotencyKey: key() }, nothing),
  claimCoupon: (context, { memberId, unclaimed }) =>
    claimCoupon(context, { code: unclaimed, memberId, idempotencyKey: key() }, nothing),
  useBenefit: (context, { memberId, benefitId }) =>
    useBenefit(context, { memberId, benefitId, idempotencyKey: key() }, nothing),
  claimBenefit: (context, { memberId, benefitId }) =>
    claimBenefit(context, { memberId, benefitId, idempotencyKey: key() }, nothing),
  scanCard: (context, { cardNumber }) => scanCard(context, { payload: cardNumber }, nothing),
  redeemCoupon: (context, { held }) =>
    redeemCoupon(context, { code: held, ...order, idempotencyKey: key() }, nothing),
};

test.each(Object.entries(acts))(
  "%s does not land on a membership that was closed meanwhile",
  async (name, act) => {
    const brand = await newBrand();
    const { memberId } = await newMember(brand);
    const offerId = await newOffer(brand);
    const benefit = await brand.operator(
      `mutation ($input: CreateBenefitInput!) { createBenefit(input: $input) { ... on CreateBenefitPayload { benefit { id } } } }`,
      { input: { kind: "GIFT", name: [{ locale: "en", text: "Gift" }], tierIds: [brand.firstTierId] } },
    );
    const codes = await brand.operator(
      `mutation ($input: CreateCouponCodesInput!) { createCouponCodes(input: $input) { ... on CreateCouponCodesPayload { codes } } }`,
      { input: { offerId, count: 1, idempotencyKey: key() } },
    );
    const row = await database().query.members.findFirst({ where: { id: memberId } });
    const given = {
      ...{ memberId, offerId, benefitId: outcomeOf(benefit).benefit.id },
      unclaimed: outcomeOf(codes).codes[0],
      held: (await newCoupon(brand, offerId, memberId)).code,
      cardNumber: row?.cardNumber ?? "",
      ...(await newPoints(brand, memberId)),
    };
    const kind = name === "scanCard" ? "TILL" : "SERVICE";
    const context = await contextWith(brand.brandId, kind, () => close(brand, memberId));
    const refusal = { refusal: "MemberClosed" };
    const refused =
      name === "issueCoupons" ? { outcome: { couponIds: [], refused: [{ refusal }] } } : refusal;
    expect(await act(context, given)).toMatchObject(refused);
    // Left alone, the same lands.
    const { memberId: other } = await newMember(brand);
    const again = await database().query.members.findFirst({ where: { id: other } });
    const free = {
      ...{ ...given, memberId: other, cardNumber: again?.cardNumber ?? "" },
      held: (await newCoupon(brand, offerId, other)).code,
      ...(await newPoints(brand, other)),
    };
    // Its clock must not be behind that of what it was given.
    const alone = await contextWith(brand.brandId, kind, async () => undefined);
    expect(await act(alone, free)).toHaveProperty("outcome");
  },
);

test("a closed member is shown to the brand with nothing to use: no code, no benefit, no earning", async () => {
  const brand = await newBrand();
  const { memberId } = await newMember(brand);
  await newBenefit(brand);
  const read = () =>
    brand.storefront(
      `query ($id: ID!, $lines: [CartLineInput!]!) {
        member(by: { id: $id }) { card { number qr { payload } } entitlements { usable left } }
        previewEarning(memberId: $id, lines: $lines) { __typename ... on MemberClosed { memberId closedAt } }
        evaluateCart(input: { memberId: $id, lines: $lines }) { __typename } }`,
      { id: memberId, lines: [{ sku: "TEA", amountMinor: 1_000 }] },
    );
  const active = (await read()).data;
  expect(active.member.card.qr.payload).toBeTruthy();
  expect(active.member.entitlements).toEqual([{ usable: true, left: 1 }]);
  expect(active.previewEarning.__typename).toBe("EarningPreview");
  await close(brand, memberId);
  const { data, errors } = await read();
  expect(errors).toBeUndefined();
  expect(data.member).toEqual({
    card: { number: active.member.card.number, qr: null },
    entitlements: [{ usable: false, left: 1 }],
  });
  expect(data.previewEarning).toEqual({
    ...{ __typename: "MemberClosed", memberId, closedAt: expect.any(String) },
  });
  expect(data.evaluateCart.__typename).toBe("MemberClosed");
});

test("a closed member's own token reads nothing of it any more, and its external id may be enrolled again", async () => {
  const brand = await newBrand();
  const { memberId, member } = await newMember(brand, { externalId: "c-1" });
  const { code } = await newCoupon(brand, await newOffer(brand), memberId);
  await close(brand, memberId);
  const answer = await member(`query ($code: String!) { me { id } coupon(code: $code) { id } }`, { code });
  expect(answer.data).toEqual({ me: null, coupon: null });
  const { memberId: returned } = await newMember(brand, { externalId: "c-1" });
  expect(returned).not.toBe(memberId);
  const found = await brand.service(`{ member(by: { externalId: "c-1" }) { id } }`);
  expect(found.data.member.id).toBe(returned);
});
