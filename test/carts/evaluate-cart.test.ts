import { beforeAll, describe, expect, test } from "vitest";
import { coupons } from "../../schema/tables/coupons.ts";
import { offers } from "../../schema/tables/offers.ts";
import { newCode } from "../../src/codes/code.ts";
import { openBook } from "../../src/codes/code-book.ts";
import { insertRows } from "../../src/database/bulk.ts";
import { newId } from "../../src/ids.ts";
import { setRules } from "../earning/support.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { anonymous, type Caller, callerOfKind, database, environment } from "../support/caller.ts";
import { newMember } from "../support/member.ts";
import { newCoupon, newOffer } from "../support/offer.ts";
import { aCart, changed, EVALUATE, evaluated, offerIn } from "./support.ts";

const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();

let brand: TestBrand;
let memberId: string;
let member: Caller;
/** ¥20 off ¥200, held by the member. */
let offerId: string;
let coupon: { id: string; code: string };
/** ¥5 off, by itself. */
let automaticId: string;

beforeAll(async () => {
  brand = await newBrand();
  ({ memberId, member } = await newMember(brand));
  offerId = await newOffer(brand, {
    title: [
      { locale: "en", text: "¥20 off ¥200" },
      { locale: "zh-CN", text: "满200减20" },
    ],
    terms: { amountOffMinor: 2_000, minimumSpendMinor: 20_000 },
  });
  coupon = await newCoupon(brand, offerId, memberId);
  automaticId = await newOffer(brand, { isAutomatic: true, terms: { amountOffMinor: 500 } });
  await changed(brand, "createSharedCode", { offerId, code: "WELCOME10", idempotencyKey: "w" });
  await setRules(brand);
});

describe("a cart that lacks ¥32.00", () => {
  test("says so, in English and in Chinese", async () => {
    const english = await evaluated(brand.storefront, { memberId });
    expect(offerIn(english, offerId)).toMatchObject({
      ...{ title: "¥20 off ¥200", couponId: coupon.id, code: coupon.code, source: "COUPON" },
      ...{ state: "NOT_USABLE", discountMinor: 0 },
      reasons: [
        { code: "MINIMUM_SPEND", missingMinor: 3_200, message: "¥32.00 more to use it.", limit: null },
      ],
    });
    expect(english).toMatchObject({ subtotalMinor: 16_800, discountMinor: 500, payableMinor: 17_500 });
    const chinese = await evaluated(brand.storefront, { memberId }, "zh-CN");
    expect(offerIn(chinese, offerId)).toMatchObject({
      title: "满200减20",
      reasons: [{ message: "再买 ¥32.00 可用。" }],
    });
  });

  test("and one that does not, costs ¥20 less", async () => {
    const lines = [...aCart.lines, { lineId: "L2", sku: "CUP", amountMinor: 3_200 }];
    const is = await evaluated(brand.storefront, { memberId, lines });
    expect(offerIn(is, offerId)).toMatchObject({ state: "USED", discountMinor: 2_000, reasons: [] });
    expect(is).toMatchObject({
      ...{ subtotalMinor: 20_000, shippingMinor: 1_200, discountMinor: 2_000, payableMinor: 19_200 },
      ...{ currency: "CNY", isBest: true, earning: { points: 180 } },
      steps: [{ kind: "COUPON", couponId: coupon.id, discountMinor: 2_000, name: "¥20 off ¥200" }],
      lines: [{ discountMinor: 1_680 }, { discountMinor: 320 }],
    });
    expect(offerIn(is, automaticId)).toMatchObject({ state: "USABLE", source: "AUTOMATIC", couponId: null });
  });
});

describe("each caller is answered as far as it may see", () => {
  test("a storefront, a till, a service and the member see the same", async () => {
    const [at, cart] = [inDays(0), { memberId }];
    const own = await evaluated(member, { at });
    for (const caller of [brand.storefront, brand.till, brand.service, member]) {
      expect(await evaluated(caller, { ...cart, at })).toEqual(own);
    }
    const scopes = new Set(["cards:scan"] as const);
    const scanner = await callerOfKind("TILL", { brandId: brand.brandId, scopes });
    expect(await evaluated(scanner, { ...cart, at })).toEqual(own);
  });

  test("a guest is priced, and told to sign in", async () => {
    const is = await evaluated(brand.storefront, { codes: ["welcome-10"], pointsToSpend: 10 });
    expect(is).toMatchObject({ discountMinor: 0, payableMinor: 18_000, earning: { points: 168 } });
    expect(offerIn(is, offerId)).toMatchObject({
      source: "CODE",
      code: "welcome-10",
      reasons: [{ code: "MEMBER_NEEDED" }],
    });
    expect(offerIn(is, automaticId)).toMatchObject({ state: "NOT_USABLE" });
    expect(is.points).toMatchObject({ spent: 0, reason: { code: "MEMBER_NEEDED" } });
  });

  test("who may not see members evaluates guests' carts only", async () => {
    const scopes = new Set(["program:read"] as const);
    const caller = await callerOfKind("TILL", { brandId: brand.brandId, scopes });
    expect((await evaluated(caller)).__typename).toBe("CartEvaluation");
    expect(await evaluated(caller, { memberId })).toMatchObject({ code: "NOT_FOUND" });
    expect((await anonymous(EVALUATE, { input: aCart })).errors?.[0]?.extensions.code).toBe(
      "UNAUTHENTICATED",
    );
    const claims = new Set(["coupons:claim"] as const);
    const claimer = await callerOfKind("SERVICE", { brandId: brand.brandId, scopes: claims });
    expect((await claimer(EVALUATE, { input: aCart })).errors?.[0]?.extensions.code).toBe("FORBIDDEN");
  });

  test("a member is itself, says no segments, and learns nothing of others' coupons but that they are others'", async () => {
    const neighbour = await newMember(brand);
    expect(await evaluated(neighbour.member, { memberId })).toMatchObject({ code: "NOT_FOUND" });
    expect(await evaluated(member, { segments: ["VIP"] })).toMatchObject({ code: "INVALID_VALUE" });
    const asked = { couponIds: [coupon.id], codes: [coupon.code] };
    const is = await evaluated(neighbour.member, asked);
    expect(is.offers.find((one: { source: string }) => one.source === "COUPON")).toBeUndefined();
    expect(offerIn(is, offerId)).toMatchObject({ source: "CODE", reasons: [{ code: "OF_ANOTHER_MEMBER" }] });
    const byId = await evaluated(neighbour.member, { couponIds: [coupon.id] });
    expect(offerIn(byId, null)).toMatchObject({ couponId: coupon.id, reasons: [{ code: "NOT_FOUND" }] });
    const atTheTill = await evaluated(brand.till, { memberId: neighbour.memberId, couponIds: [coupon.id] });
    expect(offerIn(atTheTill, offerId)).toMatchObject({
      code: null,
      reasons: [{ code: "OF_ANOTHER_MEMBER" }],
    });
  });

  test("a closed membership is refused", async () => {
    const { memberId: id } = await newMember(brand);
    await changed(brand, "closeMember", { memberId: id, reason: "asked for it", idempotencyKey: "close" });
    expect(await evaluated(brand.service, { memberId: id })).toMatchObject({ code: "MEMBER_CLOSED" });
  });
});

test("another brand's members, coupons, codes and offers are not there", async () => {
  const other = await newBrand();
  expect(await evaluated(other.service, { memberId })).toMatchObject({ code: "NOT_FOUND" });
  const { memberId: id } = await newMember(other);
  const asked = { memberId: id, couponIds: [coupon.id], codes: [coupon.code, "WELCOME10"] };
  const is = await evaluated(other.service, asked);
  expect(is.offers).toHaveLength(3);
  for (const offer of is.offers) {
    expect(offer).toMatchObject({ offerId: null, title: null, reasons: [{ code: "NOT_FOUND" }] });
  }
});

describe("codes", () => {
  test("of a draft are as good as none to who may not read what is planned", async () => {
    const draftId = await newOffer(brand, { isDraft: true });
    await changed(brand, "createSharedCode", { offerId: draftId, code: "NEXTYEAR", idempotencyKey: "n" });
    const [known] = (await evaluated(brand.storefront, { codes: ["NEXTYEAR"] })).offers;
    expect(known).toMatchObject({ offerId: draftId, reasons: [{ code: "NOT_ACTIVE" }] });
    const [hidden] = (await evaluated(member, { codes: ["NEXTYEAR"] })).offers.filter(
      ({ source }: { source: string }) => source === "CODE",
    );
    expect(hidden).toMatchObject({ offerId: null, title: null, reasons: [{ code: "NOT_FOUND" }] });
  });

  test("one for everybody stands for the coupon that the member has of it", async () => {
    const is = await evaluated(member, { codes: ["Welcome10"] });
    expect(is.offers.filter((one: { offerId: string }) => one.offerId === offerId)).toEqual([
      expect.objectContaining({ couponId: coupon.id, source: "CODE", code: "Welcome10" }),
    ]);
  });

  test("is a new coupon to who has none, once however often it is typed", async () => {
    const { member: another } = await newMember(brand);
    const lines = [{ lineId: "L1", sku: "TEA", amountMinor: 30_000 }];
    const is = await evaluated(another, { lines, codes: ["welcome10", "WELCOME-10"] });
    const found = is.offers.filter((one: { offerId: string }) => one.offerId === offerId);
    expect(found).toEqual([expect.objectContaining({ couponId: null, state: "USED", source: "CODE" })]);
  });

  test("of a batch that nobody has touched, in one request once this isolate knows the brand's codes", async () => {
    const batchOffer = await newOffer(brand, { terms: { amountOffMinor: 700 } });
    const batch = { offerId: batchOffer, prefix: "TEA", length: 10, count: 5, idempotencyKey: "batch" };
    await changed(brand, "createCodeBatch", batch);
    const row = await database().query.codeBatches.findFirst({
      where: { brandId: brand.brandId, offerId: batchOffer },
      with: { offer: { with: { brand: true } } },
    });
    if (!row) throw new Error("No batch");
    const key = row.offer.brand.wrappedDataKey;
    const book = await openBook({ environment: await environment() }, brand.brandId, key);
    const [code] = book.codecOf(row).codesOf(row.firstSerial, 1);
    const is = await evaluated(member, { codes: [code] });
    expect(offerIn(is, batchOffer)).toMatchObject({ state: "USED", discountMinor: 700, couponId: null });
  });

  test("mistyped ones are not found, and the others still count", async () => {
    const is = await evaluated(member, { codes: ["NO SUCH CODE", ""].filter(Boolean) });
    expect(offerIn(is, null)).toMatchObject({ code: "NO SUCH CODE", reasons: [{ code: "NOT_FOUND" }] });
    expect(is.discountMinor).toBe(500);
  });
});

describe("what cannot be used says why", () => {
  test("in the words of the brand's clock, tiers and shops", async () => {
    const at = "2027-03-01T02:00:00Z"; // 10:00 in Shanghai
    const hours = await newOffer(brand, {
      isAutomatic: true,
      terms: { amountOffMinor: 100, windows: [{ fromMinute: 660, untilMinute: 1_080 }] },
    });
    const gold = await brand.operator(
      `mutation ($input: CreateTierInput!) { createTier(input: $input) { ... on CreateTierPayload { tier { id } } ... on Refusal { message } } }`,
      {
        input: {
          name: [
            { locale: "en", text: "Gold" },
            { locale: "zh-CN", text: "金卡" },
          ],
          color: "#ffcc00",
          rank: 2,
          requiredGrowthValue: 1_000,
        },
      },
    );
    const tierId = gold.data?.createTier?.tier?.id;
    expect(tierId, JSON.stringify(gold)).toBeTruthy();
    const forGold = await newOffer(brand, {
      isAutomatic: true,
      terms: { amountOffMinor: 100, tierIds: [tierId] },
    });
    const inStores = await newOffer(brand, {
      isAutomatic: true,
      terms: { amountOffMinor: 100, stores: ["Bund", "Jing'an"] },
    });
    const english = await evaluated(brand.storefront, { memberId, at });
    const messageOf = (is: object, id: string) => offerIn(is, id).reasons[0].message;
    expect([hours, forGold, inStores].map((id) => messageOf(english, id))).toEqual([
      ...["Can be used from 11:00.", "For Gold members.", "Only in Bund or Jing'an."],
    ]);
    const chinese = await evaluated(brand.storefront, { memberId, at }, "zh-CN");
    expect([hours, forGold, inStores].map((id) => messageOf(chinese, id))).toEqual([
      ...["11:00 起可用。", "仅限金卡会员。", "仅限以下门店使用:Bund或Jing'an。"],
    ]);
    for (const offer of [hours, forGold, inStores]) await changed(brand, "endOffer", { offerId: offer });
  });

  test("a budget's rest and the names of segments are for who may read the program", async () => {
    const id = await newOffer(brand, {
      isAutomatic: true,
      terms: { amountOffMinor: 900, limits: [{ per: "OFFER", period: "DAY", discountMinor: 300 }] },
    });
    const vip = await newOffer(brand, {
      isAutomatic: true,
      terms: { amountOffMinor: 900, segments: ["VIP"] },
    });
    const known = await evaluated(brand.service, { memberId });
    expect(offerIn(known, id).reasons).toMatchObject([{ code: "BUDGET", leftMinor: 300 }]);
    expect(offerIn(known, vip).reasons).toMatchObject([{ code: "SEGMENT", oneOf: ["VIP"] }]);
    const own = await evaluated(member);
    expect(offerIn(own, id).reasons).toMatchObject([{ code: "BUDGET", leftMinor: null }]);
    expect(offerIn(own, vip).reasons).toMatchObject([{ code: "SEGMENT", oneOf: null }]);
    for (const offer of [id, vip]) await changed(brand, "endOffer", { offerId: offer });
  });
});

test("a coupon says that it is held, was used or has expired, and is free when a checkout's time is over", async () => {
  const { memberId: id, member: self } = await newMember(brand);
  const free = await newOffer(brand, { terms: { amountOffMinor: 800 } });
  const now = Date.now();
  const lives = [
    { state: "HELD" as const, heldUntil: now + DAY_MS, expiresAt: null },
    { state: "HELD" as const, heldUntil: now - 1, expiresAt: now + DAY_MS },
    { state: "AVAILABLE" as const, heldUntil: null, expiresAt: now - 1 },
    { state: "AVAILABLE" as const, heldUntil: null, expiresAt: now - 31 * DAY_MS },
    { state: "REDEEMED" as const, heldUntil: null, expiresAt: null },
  ].map((life) => ({
    ...{ brandId: brand.brandId, id: newId("Coupon", now), offerId: free, memberId: id, code: newCode() },
    ...{ issuedAt: 0, claimedAt: 0, startsAt: null, jointCampaignId: null },
    ...{ issuedByBrandId: brand.brandId, offerVersion: 1, ...life },
  }));
  const client = database();
  for (const statement of insertRows(client, coupons, lives)) await client.batch([statement]);
  const is = await evaluated(self, { couponIds: [lives[4]?.id] });
  const told = (place: number) => {
    const offer = is.offers.find((one: { couponId: string }) => one.couponId === lives[place]?.id);
    return offer && (offer.reasons[0]?.code ?? offer.state);
  };
  expect([0, 1, 2, 3, 4].map(told)).toEqual(["HELD", "USED", "EXPIRED", undefined, "REDEEMED"]);
});

test("what is planned is seen with program:read, and not by members", async () => {
  const own = await newBrand();
  const { memberId: id, member: self } = await newMember(own);
  const planned = await newOffer(own, {
    isAutomatic: true,
    terms: { amountOffMinor: 900, startsAt: inDays(1) },
  });
  await setRules(own, { startsAt: inDays(1) });
  const at = inDays(2);
  const known = await evaluated(own.service, { memberId: id, at });
  expect(offerIn(known, planned).state).toBe("USED");
  expect(known.earning.points).toBe(159);
  const seen = await evaluated(self, { at });
  expect(seen).toMatchObject({ offers: [], earning: null });
});

test("benefits and points count, and the till is told how many points could be spent", async () => {
  const own = await newBrand();
  const { memberId: id } = await newMember(own);
  await changed(own, "createBenefit", {
    ...{ kind: "MEMBER_PRICE", name: [{ locale: "en", text: "Member price" }], tierIds: [own.firstTierId] },
    terms: { rateBasisPoints: 1_000 },
  });
  await changed(own, "createBenefit", {
    ...{ kind: "FREE_SHIPPING", name: [{ locale: "en", text: "Free shipping" }], tierIds: [own.firstTierId] },
    ...{ terms: {}, quota: 1, quotaPeriod: "MONTH" },
  });
  const is = await evaluated(own.till, { memberId: id, pointsToSpend: 100 });
  expect(is).toMatchObject({ discountMinor: 2_880, shippingDiscountMinor: 1_200, payableMinor: 15_120 });
  expect(is.steps.map(({ name }: { name: string }) => name)).toEqual(["Member price", "Free shipping"]);
  expect(is.points).toMatchObject({ spent: 0, reason: { code: "BALANCE_TOO_LOW", mostPoints: 0 } });
});

test("200 coupons of 200 offers are one request", async () => {
  const own = await newBrand();
  const { memberId: id, member: self } = await newMember(own);
  const [now, base] = [Date.now(), { brandId: own.brandId }];
  const many = Array.from({ length: 200 }, (_, place) => ({
    ...{
      ...base,
      id: newId("Offer", now),
      title: { en: `Offer ${place}` },
      description: null,
      state: "ACTIVE" as const,
    },
    terms: { amountOffMinor: place + 1, minimumSpendMinor: place === 199 ? 999_999 : 0 },
    ...{
      issueLimit: null,
      perMemberLimit: null,
      issuedCount: 1,
      createdAt: now,
      version: 1,
      isAutomatic: false,
    },
  }));
  const held = many.map((offer) => ({
    ...{ ...base, id: newId("Coupon", now), offerId: offer.id, memberId: id, code: newCode() },
    ...{ state: "AVAILABLE" as const, issuedAt: now, claimedAt: now, startsAt: null, expiresAt: null },
    ...{ jointCampaignId: null, issuedByBrandId: own.brandId, offerVersion: 1, heldUntil: null },
  }));
  const client = database();
  const [first, ...rest] = [...insertRows(client, offers, many), ...insertRows(client, coupons, held)];
  if (first) await client.batch([first, ...rest]);
  const is = await evaluated(self);
  expect(is.offers).toHaveLength(200);
  expect(is.steps).toMatchObject([{ offerId: many[198]?.id, discountMinor: 199 }]);
});

test("carts that nobody could buy are refused", async () => {
  const line = { sku: "TEA", amountMinor: 1 };
  const fieldOf = async (input: object) => {
    const is = await evaluated(brand.storefront, input);
    return is.message.split(":")[0];
  };
  expect(await fieldOf({ lines: [{ ...line, amountMinor: -1 }] })).toBe("lines.1.amountMinor");
  expect(await fieldOf({ lines: [{ ...line, quantity: 0 }] })).toBe("lines.1.quantity");
  expect(await fieldOf({ lines: [{ ...line, lineId: "2" }, line] })).toBe("lines.2");
  expect(await fieldOf({ shippingMinor: -1 })).toBe("shippingMinor");
  expect(await fieldOf({ pointsToSpend: -1 })).toBe("pointsToSpend");
  const many = (length: number) => Array.from({ length }, () => line);
  const tooLong = await brand.storefront(EVALUATE, { input: { lines: many(201) } });
  expect(tooLong.errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
});

test("many carts in one operation are too many", async () => {
  const ask = (carts: number) => {
    const all = Array.from(
      { length: carts },
      (_, one) => `c${one}: evaluateCart(input: $input) { __typename }`,
    );
    return member(`query ($input: CartInput!) { ${all.join(" ")} }`, { input: aCart });
  };
  expect((await ask(5)).errors).toBeUndefined();
  expect((await ask(6)).errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
});
