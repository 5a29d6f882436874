import { beforeEach, expect, test } from "vitest";
import { importCodes, newCodes, share } from "../codes/support.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { database } from "../support/caller.ts";
import { newMember } from "../support/member.ts";
import { newCoupon, newOffer } from "../support/offer.ts";
import { checkOut, complete } from "./checkouts.ts";
import { faultsOfCheckouts } from "./invariants.ts";
import { changed, evaluated } from "./support.ts";

let brand: TestBrand;
let memberId: string;

beforeEach(async () => {
  brand = await newBrand();
  ({ memberId } = await newMember(brand));
  await changed(brand, "setStackingRules", { mostCoupons: 5, groups: [] });
});

test("of several codes of an offer a cart uses as many as the member can have, and says so of the others", async () => {
  const offerId = await newOffer(brand, { perMemberLimit: 2 });
  await importCodes(brand.operator, offerId, ["AAAA1", "BBBB2"]);
  const { codes } = await newCodes(brand, offerId, 2);
  const cart = { codes: ["AAAA1", "BBBB2", ...codes] };
  const { offers } = await evaluated(brand.till, { memberId, ...cart });
  expect(offers.map(({ state }: { state: string }) => state).sort()).toEqual([
    ...["NOT_USABLE", "NOT_USABLE", "USED", "USED"],
  ]);
  const opened = await checkOut(brand.till, memberId, { cart });
  expect(opened).toMatchObject({ state: "OPEN", discountMinor: 4_000 });
  const all = await checkOut(brand.till, memberId, { cart: { ...cart, choice: "ASKED" } });
  expect(all).toMatchObject({ code: "COUPON_NOT_USABLE" });
  await complete(brand.service, opened.id);
  expect(await faultsOfCheckouts(brand.brandId)).toEqual([]);
});

test("a code that is entered twice in different spellings is used once", async () => {
  const offerId = await newOffer(brand, { perMemberLimit: 1 });
  await share(brand.operator, { offerId, code: "WELCOME10" });
  const { codes } = await newCodes(brand, await newOffer(brand, { perMemberLimit: 1 }), 1);
  const code = codes[0] as string;
  const cart = {
    choice: "ASKED",
    codes: ["WELCOME10", "welcome-10", code, code.toLowerCase().replaceAll("-", " ")],
  };
  expect(await checkOut(brand.till, memberId, { cart })).toMatchObject({ discountMinor: 4_000 });
});

test("of two coupons of an offer each gives the points that its own version says", async () => {
  const offerId = await newOffer(brand, { terms: { points: 100 } });
  const { codes } = await newCodes(brand, offerId, 1);
  await changed(brand, "reviseOffer", { offerId, terms: { points: 500 } });
  await newCoupon(brand, offerId, memberId);
  const opened = await checkOut(brand.till, memberId, { cart: { codes } });
  expect(opened.coupons).toHaveLength(2);
  await complete(brand.service, opened.id);
  const account = await database().query.accounts.findFirst({
    where: { brandId: brand.brandId, memberId, unit: "POINTS", kind: "AVAILABLE" },
  });
  expect(account?.balance).toBe(600);
});
