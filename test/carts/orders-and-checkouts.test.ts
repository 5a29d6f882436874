import { beforeEach, expect, test } from "vitest";
import { faultsOf, ledgerOf } from "../points/support.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { database } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { aCart, checkOut, complete, givePoints, key } from "./checkouts.ts";
import { faultsOfCheckouts } from "./invariants.ts";

const REFUND = `mutation ($input: RefundOrderInput!) { refundOrder(input: $input) {
  ... on RefundOrderPayload { amountMinor coupons { isWhole } returned { pointsGivenBack pointsTakenBack } }
  ... on Refusal { code message } } }`;

let brand: TestBrand;
let memberId: string;

beforeEach(async () => {
  brand = await newBrand();
  ({ memberId } = await newMember(brand));
});

const isSound = async () => {
  expect(await faultsOfCheckouts(brand.brandId)).toEqual([]);
  expect(faultsOf(await ledgerOf(brand.brandId))).toEqual([]);
};

/** Refunds all of an order with the usual cart. */
async function refundAll(orderReference: string, source = "shop") {
  const lines = aCart().lines.map(({ lineId, quantity }) => ({ lineId, quantity }));
  const input = { source, orderReference, lines, shipping: true, idempotencyKey: key() };
  return outcomeOf(await brand.service(REFUND, { input }));
}

async function pointsOf(id: string) {
  const account = await database().query.accounts.findFirst({
    where: { brandId: brand.brandId, memberId: id, unit: "POINTS", kind: "AVAILABLE" },
  });
  return account?.balance;
}

test("of two sources' orders with the same number, a refund gives back the points spent on its own", async () => {
  await givePoints(brand, memberId, 300);
  const cart = { pointsToSpend: 300 };
  const web = await checkOut(brand.till, memberId, { source: "web", orderReference: "1001", cart });
  await complete(brand.service, web.id);
  const till = await checkOut(brand.till, memberId, { source: "till", orderReference: "1001" });
  await complete(brand.service, till.id);
  expect(await refundAll("1001", "till")).toMatchObject({
    ...{ amountMinor: 11_000, returned: { pointsGivenBack: 0 } },
  });
  expect(await pointsOf(memberId)).toBe(0);
  expect(await refundAll("1001", "web")).toMatchObject({ returned: { pointsGivenBack: 300 } });
  await isSound();
});
