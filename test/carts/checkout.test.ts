import { beforeEach, describe, expect, test } from "vitest";
import { faultsOf, ledgerOf } from "../points/support.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { type Caller, callerOfKind, database } from "../support/caller.ts";
import { newMember } from "../support/member.ts";
import { newCoupon, newOffer } from "../support/offer.ts";
import { cancel, checkOut, complete, givePoints, key } from "./checkouts.ts";
import { faultsOfCheckouts } from "./invariants.ts";

let brand: TestBrand;
let memberId: string;
let member: Caller;

beforeEach(async () => {
  brand = await newBrand();
  ({ memberId, member } = await newMember(brand));
});

const isSound = async () => {
  expect(await faultsOfCheckouts(brand.brandId)).toEqual([]);
  expect(faultsOf(await ledgerOf(brand.brandId))).toEqual([]);
};
const couponState = async (id: string) =>
  (await database().query.coupons.findFirst({ where: { brandId: brand.brandId, id } }))?.state;

describe("a checkout", () => {
  test("is told to who may only check out, and to who reads facts as far as that goes", async () => {
    await newCoupon(brand, await newOffer(brand), memberId);
    const desk = await callerOfKind("SERVICE", {
      brandId: brand.brandId,
      scopes: new Set(["checkouts:write"]),
    });
    const opened = await checkOut(desk, memberId);
    expect(opened).toMatchObject({ state: "OPEN", coupons: [{ coupon: { status: "HELD" } }] });
    const ASK = `query ($id: ID!) { node(id: $id) { ... on Checkout { state evaluation { payableMinor } coupons { discountMinor coupon { id } } } } }`;
    const books = await callerOfKind("SERVICE", { brandId: brand.brandId, scopes: new Set(["facts:read"]) });
    const { data } = await books(ASK, { id: opened.id });
    expect(data?.node).toEqual({
      ...{ state: "OPEN", evaluation: null },
      coupons: [{ discountMinor: 2_000, coupon: null }],
    });
  });

  test("holds a coupon and points, is completed with its order, each in two requests, and once for a key", async () => {
    const coupon = await newCoupon(brand, await newOffer(brand), memberId);
    await givePoints(brand, memberId, 500);
    const idempotencyKey = key();
    const asked = { cart: { pointsToSpend: 300 }, orderReference: "A-1", idempotencyKey };
    const opened = await checkOut(brand.till, memberId, asked);
    expect(opened).toMatchObject({
      ...{ state: "OPEN", discountMinor: 2_300, payableMinor: 8_700, databaseRequests: 2, order: null },
      coupons: [{ discountMinor: 2_000, coupon: { id: coupon.id, status: "HELD" } }],
    });
    const again = await checkOut(brand.till, memberId, asked);
    expect(again).toMatchObject({ id: opened.id });
    await isSound();
    const done = await complete(brand.service, opened.id);
    expect(done).toMatchObject({
      ...{ state: "COMPLETED", databaseRequests: 2 },
      coupons: [{ coupon: { status: "REDEEMED" } }],
      order: { state: "PAID", totalMinor: 8_700 },
    });
    const { members, redemptions } = await stored();
    expect(members[0]?.accounts).toMatchObject([{ balance: 200 }]);
    expect(redemptions).toMatchObject([
      { orderReference: "A-1", orderAmountMinor: 11_000, discountMinor: 2_000, rolledBackMinor: 0 },
    ]);
    expect(await complete(brand.service, opened.id)).toMatchObject({ code: "CHECKOUT_ALREADY_SETTLED" });
    await isSound();
  });

  test("is cancelled, and all is free again", async () => {
    const coupon = await newCoupon(brand, await newOffer(brand), memberId);
    await givePoints(brand, memberId, 500);
    const opened = await checkOut(brand.till, memberId, { cart: { pointsToSpend: 300 } });
    expect(await couponState(coupon.id)).toBe("HELD");
    expect(await cancel(brand.till, opened.id)).toMatchObject({ state: "CANCELLED" });
    expect(await couponState(coupon.id)).toBe("AVAILABLE");
    const { members } = await stored();
    expect(members[0]?.accounts).toMatchObject([{ balance: 500 }]);
    expect(await complete(brand.service, opened.id)).toMatchObject({ code: "CHECKOUT_ALREADY_SETTLED" });
    const next = await checkOut(brand.till, memberId, { orderReference: opened.orderReference });
    expect(next).toMatchObject({ state: "OPEN" });
    await isSound();
  });

  test("holds nothing at another price than was shown, and nothing less than was asked for", async () => {
    const offerId = await newOffer(brand, { terms: { amountOffMinor: 2_000, minimumSpendMinor: 20_000 } });
    const coupon = await newCoupon(brand, offerId, memberId);
    const shown = await checkOut(brand.till, memberId, { expectedPayableMinor: 9_000 });
    expect(shown).toMatchObject({ code: "PRICE_CHANGED", payableMinor: 11_000 });
    const asked = { choice: "ASKED", couponIds: [coupon.id] };
    expect(await checkOut(brand.till, memberId, { cart: asked })).toMatchObject({
      ...{ code: "COUPON_NOT_USABLE", key: coupon.id, reason: "MINIMUM_SPEND" },
    });
    const points = { choice: "ASKED", pointsToSpend: 5 };
    expect(await checkOut(brand.till, memberId, { cart: points })).toMatchObject({
      ...{ code: "POINTS_NOT_USABLE", pointsReason: "BALANCE_TOO_LOW", mostPoints: 0 },
    });
    expect((await stored()).checkouts).toEqual([]);
    const opened = await checkOut(brand.till, memberId, {
      expectedPayableMinor: 11_000,
      orderReference: "A",
    });
    expect(opened).toMatchObject({ state: "OPEN", coupons: [] });
    const second = await checkOut(brand.till, memberId, { orderReference: "A" });
    expect(second).toMatchObject({ code: "CHECKOUT_EXISTS", checkoutId: opened.id });
    const minutes = await checkOut(brand.till, memberId, { minutes: 1_441 });
    expect(minutes).toMatchObject({ code: "INVALID_VALUE" });
  });

  test("is refused where its cart names another buyer or moment", async () => {
    const { memberId: other } = await newMember(brand);
    const outcome = async (cart: object) => await checkOut(brand.till, memberId, { cart });
    expect(await outcome({ memberId: other })).toMatchObject({
      message: expect.stringContaining("cart.memberId"),
    });
    for (const at of ["2020-01-01T00:00:00Z", new Date().toISOString()])
      expect(await outcome({ at })).toMatchObject({ message: expect.stringContaining("cart.at") });
    expect((await stored()).checkouts).toEqual([]);
    expect(await outcome({ memberId, at: null })).toMatchObject({ state: "OPEN" });
  });

  test("an automatic offer gives its coupon when it is used, within its limits", async () => {
    const limits = [{ per: "MEMBER", period: "LIFETIME", uses: 1 }];
    await newOffer(brand, { isAutomatic: true, terms: { percentageBasisPoints: 1_000, limits } });
    const first = await checkOut(brand.till, memberId);
    expect(first).toMatchObject({ discountMinor: 1_000, coupons: [{ coupon: { status: "HELD" } }] });
    expect(await checkOut(brand.till, memberId)).toMatchObject({ discountMinor: 0, coupons: [] });
    await cancel(brand.till, first.id);
    const next = await checkOut(brand.till, memberId);
    expect(next).toMatchObject({ discountMinor: 1_000 });
    await complete(brand.service, next.id);
    await isSound();
  });

  test("of a shared code gives each member a coupon", async () => {
    const offerId = await newOffer(brand);
    await database()
      .insert((await import("../../schema/tables/codes.ts")).sharedCodes)
      .values({
        brandId: brand.brandId,
        code: "WELCOME10",
        offerId,
        claimLimit: 1,
        claimedCount: 0,
        createdAt: 1,
      });
    const opened = await checkOut(brand.till, memberId, { cart: { codes: ["welcome-10"], choice: "ASKED" } });
    expect(opened).toMatchObject({ discountMinor: 2_000, coupons: [{ coupon: { status: "HELD" } }] });
    const other = await newMember(brand);
    const late = await checkOut(brand.till, other.memberId, {
      cart: { codes: ["WELCOME10"], choice: "ASKED" },
    });
    expect(late).toMatchObject({ code: "COUPON_NOT_USABLE" });
    await isSound();
  });

  test("coupons that give points give them when it is completed, once", async () => {
    await newCoupon(brand, await newOffer(brand, { terms: { points: 150 } }), memberId);
    const opened = await checkOut(brand.till, memberId);
    expect(opened.coupons).toHaveLength(1);
    await complete(brand.service, opened.id);
    const { members } = await stored();
    expect(members[0]?.accounts).toMatchObject([{ balance: 150 }]);
    await isSound();
  });

  test("is seen by its member, by its id, and by nobody else", async () => {
    const opened = await checkOut(brand.till, memberId);
    const QUERY = `query ($id: ID!) { node(id: $id) { ... on Checkout { state evaluation { payableMinor } decisionId } } }`;
    const own = await member(QUERY, { id: opened.id });
    expect(own).toMatchObject({
      databaseRequests: 1,
      data: { node: { evaluation: { payableMinor: 11_000 } } },
    });
    const listed = await member("{ me { checkouts(first: 5) { nodes { id coupons { discountMinor } } } } }");
    expect(listed).toMatchObject({
      databaseRequests: 1,
      data: { me: { checkouts: { nodes: [{ id: opened.id }] } } },
    });
    const other = await newMember(brand);
    expect((await other.member(QUERY, { id: opened.id })).data.node).toBeNull();
    const foreign = await newBrand();
    expect((await foreign.service(QUERY, { id: opened.id })).data.node).toBeNull();
    expect(await cancel(foreign.service, opened.id)).toMatchObject({ code: "NOT_FOUND" });
    expect(await complete(foreign.service, opened.id)).toMatchObject({ code: "NOT_FOUND" });
    const refused = await member(
      `mutation ($input: CancelCheckoutInput!) { cancelCheckout(input: $input) { __typename } }`,
      { input: { checkoutId: opened.id, idempotencyKey: key() } },
    );
    expect(refused.errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
  });

  test("its order is recorded only by who may record orders", async () => {
    const opened = await checkOut(brand.till, memberId);
    const answer = await brand.till(
      `mutation ($input: CompleteCheckoutInput!) { completeCheckout(input: $input) { __typename } }`,
      { input: { checkoutId: opened.id, recordOrder: true, idempotencyKey: key() } },
    );
    expect(answer.errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
    const done = await complete(brand.till, opened.id, { recordOrder: false });
    expect(done).toMatchObject({ state: "COMPLETED", order: null });
  });
});

async function stored() {
  const client = database();
  const where = { brandId: brand.brandId };
  const available = { where: { unit: "POINTS", kind: "AVAILABLE" } } as const;
  const [members, redemptions, checkouts] = await Promise.all([
    client.query.members.findMany({ where, with: { accounts: available } }),
    client.query.redemptions.findMany({ where }),
    client.query.checkouts.findMany({ where }),
  ]);
  return { members, redemptions, checkouts };
}
