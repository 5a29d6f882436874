import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, test } from "vitest";
import { offers, offerVersions } from "../../schema/tables/offers.ts";
import { share } from "../codes/support.ts";
import { barrier } from "../support/barrier.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { type Caller, callerOfKind, database } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { ISSUE, newCoupon, newOffer } from "../support/offer.ts";

const TERMS = `percentageBasisPoints amountOffMinor amountSteps { minimumSpendMinor amountOffMinor } fixedPriceMinor freeShipping
  gift { sku name(locale: "en") quantity } points
  buyGet { buyQuantity getQuantity percentageBasisPoints priceMinor mostTimes getGoods { skus } } maximumDiscountMinor
  goods { skus categories brands exceptSkus exceptCategories exceptBrands reducedItems } minimumSpendMinor minimumQuantity
  channels stores paymentMethods tierIds segments firstOrder newMemberDays birthday { daysBefore daysAfter }
  windows { weekdays fromMinute untilMinute fromDate untilDate } startsAt endsAt validDaysAfterClaim exclusive group
  priority percentageOf pricePoints claimableFrom claimableUntil giftable`;
const INTERNAL = "expression limits { per period uses discountMinor }";
const OFFER = `id state version title terms { ${TERMS} ${INTERNAL} } issueLimit perMemberLimit isAutomatic`;
const CREATE = `mutation ($input: CreateOfferInput!) { createOffer(input: $input) {
  ... on CreateOfferPayload { offer { ${OFFER} } } ... on Refusal { code message } ... on InvalidValue { field reason } ... on NotFound { id } } }`;
const REVISE = `mutation ($input: ReviseOfferInput!) { reviseOffer(input: $input) {
  ... on ReviseOfferPayload { offer { ${OFFER} versions { version title terms { amountOffMinor } issueLimit } } }
  ... on Refusal { code } ... on InvalidValue { field reason } } }`;
const change = (name: string) =>
  `mutation ($input: ${name.charAt(0).toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) {
    ... on ${name.charAt(0).toUpperCase()}${name.slice(1)}Payload { offer { state } } ... on Refusal { code } } }`;

const text = (words: string) => [{ locale: "en", text: words }];
const key = () => crypto.randomUUID();
let brand: TestBrand;
beforeAll(async () => {
  brand = await newBrand();
});

const all = () => ({
  ...{ maximumDiscountMinor: 5_000, minimumSpendMinor: 20_000, minimumQuantity: 2 },
  goods: {
    ...{ skus: ["TEA"], categories: ["tea"], brands: ["Leaf"], reducedItems: "EXCLUDED" },
    ...{ exceptSkus: ["POT"], exceptCategories: ["cups"], exceptBrands: ["Root"] },
  },
  ...{ channels: ["app"], stores: ["SH-01"], paymentMethods: ["wallet"], tierIds: [brand.firstTierId] },
  ...{ segments: ["students"], firstOrder: true, newMemberDays: 30 },
  birthday: { daysBefore: 7, daysAfter: 7 },
  windows: [
    { weekdays: [5, 6], fromMinute: 1_320, untilMinute: 120, fromDate: null, untilDate: null },
    { weekdays: null, fromMinute: null, untilMinute: null, fromDate: "2026-11-11", untilDate: "2026-11-12" },
  ],
  expression: 'cart.quantity >= 3 && member.tierRank > 0 && time.hour != 4 && "TEA" in cart.skus',
  ...{ startsAt: "2026-11-01T00:00:00.000Z", endsAt: "2099-12-01T00:00:00.000Z", validDaysAfterClaim: 30 },
  ...{ exclusive: false, group: "weekend", priority: 5, percentageOf: "ORIGINAL" },
  limits: [
    { per: "OFFER", period: "LIFETIME", uses: null, discountMinor: 1_000_000 },
    { per: "MEMBER", period: "MONTH", uses: 2, discountMinor: null },
  ],
  ...{ pricePoints: 300, giftable: true },
  ...{ claimableFrom: "2026-11-01T00:00:00.000Z", claimableUntil: "2026-12-01T00:00:00.000Z" },
});

describe("an offer's terms", () => {
  test.each([
    ["a share", { percentageBasisPoints: 1_000 }],
    ["满200减20", { amountSteps: [{ minimumSpendMinor: 20_000, amountOffMinor: 2_000 }] }],
    ["a price", { fixedPriceMinor: 990 }],
    ["shipping", { freeShipping: true }],
    ["points", { points: 100 }],
    [
      "the second at half price",
      {
        buyGet: {
          buyQuantity: 1,
          getQuantity: 1,
          percentageBasisPoints: 5_000,
          priceMinor: null,
          mostTimes: 2,
          getGoods: { skus: ["CUP"] },
        },
      },
    ],
  ])("are answered as they were sent, all of them: %s", async (_what, gives) => {
    const terms = { ...gives, ...all() };
    const answer = await brand.operator(CREATE, { input: { title: text("Offer"), terms } });
    expect(outcomeOf(answer).offer).toMatchObject({ terms, state: "ACTIVE", version: 1, isAutomatic: false });
    expect(answer.databaseRequests).toBe(2);
  });

  test("a gift is named in the reader's language", async () => {
    const gift = { sku: "CUP", name: [{ locale: "zh-CN", text: "茶杯" }, ...text("A cup")], quantity: 1 };
    const answer = await brand.operator(CREATE, { input: { title: text("Gift"), terms: { gift } } });
    expect(outcomeOf(answer).offer.terms.gift).toEqual({ sku: "CUP", name: "A cup", quantity: 1 });
  });

  test("that cannot stand are refused, by the field", async () => {
    const create = async (terms: object) =>
      outcomeOf(await brand.operator(CREATE, { input: { title: text("Offer"), terms } }));
    expect(await create({ points: 1, freeShipping: true })).toMatchObject({ field: "terms" });
    expect(await create({ points: 1, windows: [{ weekdays: [8] }] })).toMatchObject({
      field: "terms.windows.0.weekdays",
    });
    expect(
      await create({ points: 1, expression: 'cart.quantity > 1 && cart.chanel == "app"' }),
    ).toMatchObject({
      code: "INVALID_VALUE",
      field: "terms.expression",
      reason: expect.stringContaining("at character 27: No such key: chanel"),
    });
    const other = await newBrand();
    expect(await create({ points: 1, tierIds: [other.firstTierId] })).toMatchObject({
      ...{ code: "NOT_FOUND", id: other.firstTierId },
    });
  });

  test("members read them, but not the condition and the budget", async () => {
    const offerId = await newOffer(brand, { terms: { amountOffMinor: 500, ...all() } });
    const { member } = await newMember(brand);
    const ask = (fields: string) =>
      member(`query ($id: ID!) { node(id: $id) { ... on Offer { terms { ${fields} } } } }`, { id: offerId });
    expect((await ask(TERMS)).data.node.terms).toMatchObject({ group: "weekend", minimumQuantity: 2 });
    const internal = await ask(INTERNAL);
    expect(internal.data.node.terms).toEqual({ expression: null, limits: null });
    expect(internal.errors?.map(({ extensions }) => extensions.code)).toEqual(["FORBIDDEN", "FORBIDDEN"]);
    const versions = await member(
      `query ($id: ID!) { node(id: $id) { ... on Offer { version versions { version } } } }`,
      { id: offerId },
    );
    expect(versions.data.node).toEqual({ version: 1, versions: null });
  });
});

describe("an offer's life", () => {
  const make = async (input: object = {}) => newOffer(brand, input as Record<string, unknown>);
  const does = async (name: string, offerId: string, caller: Caller = brand.operator) => {
    const { offer, code } = outcomeOf(await caller(change(name), { input: { offerId } }));
    return offer?.state ?? code;
  };

  test.each([
    ["DRAFT", ["ACTIVE", "OFFER_STATE_CONFLICT", "ENDED"]],
    ["ACTIVE", ["OFFER_STATE_CONFLICT", "PAUSED", "ENDED"]],
    ["PAUSED", ["ACTIVE", "OFFER_STATE_CONFLICT", "ENDED"]],
    ["ENDED", ["OFFER_ENDED", "OFFER_ENDED", "OFFER_ENDED"]],
  ])("from %s it is activated, paused and ended, or not", async (state, [activated, paused, ended]) => {
    const arrived = async () => {
      const offerId = await make({ isDraft: state === "DRAFT" });
      if (state === "PAUSED") await does("pauseOffer", offerId);
      if (state === "ENDED") await does("endOffer", offerId);
      return offerId;
    };
    expect(await does("activateOffer", await arrived())).toBe(activated);
    expect(await does("pauseOffer", await arrived())).toBe(paused);
    expect(await does("endOffer", await arrived())).toBe(ended);
  });

  test("a draft is found by its id by who may read what is planned, and by nobody else until it is active", async () => {
    const offerId = await make({ isDraft: true });
    const { memberId, member } = await newMember(brand);
    const scopes = new Set(["coupons:redeem"] as const);
    const others = [member, await callerOfKind("TILL", { brandId: brand.brandId, scopes })];
    const see = async (caller: Caller) => {
      const answer = await caller(`query ($id: ID!) { node(id: $id) { ... on Offer { title state } } }`, {
        id: offerId,
      });
      expect(answer.databaseRequests).toBe(1);
      return answer.data.node?.state ?? null;
    };
    for (const caller of others) expect(await see(caller)).toBeNull();
    const ways = { claimOffer: { offerId }, convertPoints: { offerId }, claimCoupon: { code: "SOON-2030" } };
    await share(brand.operator, { offerId, code: "SOON-2030" });
    for (const [name, input] of Object.entries(ways)) {
      const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
      const answer = await member(
        `mutation ($input: ${type}!) { ${name}(input: $input) { ... on Refusal { code } } }`,
        { input: { ...input, memberId, idempotencyKey: key() } },
      );
      expect(outcomeOf(answer), name).toEqual({ code: "NOT_FOUND" });
    }
    expect([await see(brand.operator), await see(brand.storefront)]).toEqual(["DRAFT", "DRAFT"]);
    await does("activateOffer", offerId);
    for (const caller of others) expect(await see(caller)).toBe("ACTIVE");
  });

  test("coupons are given out while it is active alone", async () => {
    const offerId = await make({ isDraft: true });
    const { memberId } = await newMember(brand);
    const issue = async () => {
      const input = { offerId, memberIds: [memberId], idempotencyKey: key() };
      const { coupons, code } = outcomeOf(await brand.service(ISSUE, { input }));
      return coupons?.length ?? code;
    };
    expect(await issue()).toBe("OFFER_NOT_ACTIVE");
    await does("activateOffer", offerId);
    expect(await issue()).toBe(1);
    await does("pauseOffer", offerId);
    expect(await issue()).toBe("OFFER_NOT_ACTIVE");
    await does("endOffer", offerId);
    expect(await issue()).toBe("OFFER_ENDED");
  });

  test("another brand's offer is not found, whatever is done with it", async () => {
    const offerId = await make();
    const other = await newBrand();
    for (const name of ["activateOffer", "pauseOffer", "endOffer"]) {
      expect(await does(name, offerId, other.operator)).toBe("NOT_FOUND");
    }
    const revised = await other.operator(REVISE, { input: { offerId, title: text("Mine") } });
    expect(outcomeOf(revised)).toEqual({ code: "NOT_FOUND" });
    const reader = await callerOfKind("OPERATOR", {
      brandId: brand.brandId,
      scopes: new Set(["program:read"]),
    });
    const answer = await reader(change("pauseOffer"), { input: { offerId } });
    expect(answer.errors?.[0]?.extensions.code).toBe("FORBIDDEN");
  });
});

describe("a revision", () => {
  const revise = async (input: object) => {
    const answer = await brand.operator(REVISE, { input });
    expect(answer.databaseRequests).toBeLessThanOrEqual(2);
    return outcomeOf(answer);
  };

  test("changes what is said of it, keeps the rest, and what it said before stays on record", async () => {
    const offerId = await newOffer(brand, { title: text("¥20 off"), issueLimit: 10, perMemberLimit: 1 });
    const first = await revise({ offerId, terms: { amountOffMinor: 3_000 }, title: text("¥30 off") });
    expect(first.offer).toMatchObject({
      ...{ version: 2, title: "¥30 off", issueLimit: 10, perMemberLimit: 1 },
      terms: { amountOffMinor: 3_000 },
    });
    const second = await revise({ offerId, issueLimit: null });
    expect(second.offer).toMatchObject({ version: 3, issueLimit: null, terms: { amountOffMinor: 3_000 } });
    expect(second.offer.versions).toEqual([
      { version: 3, title: "¥30 off", terms: { amountOffMinor: 3_000 }, issueLimit: null },
      { version: 2, title: "¥30 off", terms: { amountOffMinor: 3_000 }, issueLimit: 10 },
      { version: 1, title: "¥20 off", terms: { amountOffMinor: 2_000 }, issueLimit: 10 },
    ]);
  });

  test("a coupon that is out keeps its version; the next has the new one", async () => {
    const offerId = await newOffer(brand);
    const { memberId } = await newMember(brand);
    const before = await newCoupon(brand, offerId, memberId);
    await revise({ offerId, terms: { amountOffMinor: 3_000 } });
    const after = await newCoupon(brand, offerId, memberId);
    const rows = await database().query.coupons.findMany({
      columns: { id: true },
      with: { version: { columns: { version: true, terms: true } } },
      where: { brandId: brand.brandId, offerId },
      orderBy: { id: "asc" },
    });
    expect(rows).toEqual([
      { id: before.id, version: { version: 1, terms: { amountOffMinor: 2_000 } } },
      { id: after.id, version: { version: 2, terms: { amountOffMinor: 3_000 } } },
    ]);
  });

  test("cannot give out fewer than are out, say nothing that stands, or wake what has ended", async () => {
    const offerId = await newOffer(brand);
    const { memberId } = await newMember(brand);
    await newCoupon(brand, offerId, memberId);
    await newCoupon(brand, offerId, memberId);
    expect(await revise({ offerId, issueLimit: 1 })).toMatchObject({
      code: "INVALID_VALUE",
      field: "issueLimit",
    });
    expect((await revise({ offerId, issueLimit: 2 })).offer).toMatchObject({ version: 2, issueLimit: 2 });
    expect(await revise({ offerId, terms: { points: 0 } })).toMatchObject({ field: "terms.points" });
    await brand.operator(change("endOffer"), { input: { offerId } });
    expect(await revise({ offerId, issueLimit: 5 })).toEqual({ code: "OFFER_ENDED" });
  });

  test("of five at once all are made, each upon the one before", async () => {
    const offerId = await newOffer(brand);
    const answers = await Promise.all(
      [1, 2, 3, 4, 5].map(async (perMemberLimit) =>
        outcomeOf(await brand.operator(REVISE, { input: { offerId, perMemberLimit } })),
      ),
    );
    expect(answers.map(({ offer }) => offer.version).sort()).toEqual([2, 3, 4, 5, 6]);
    const rows = await database().query.offerVersions.findMany({
      where: { offerId },
      orderBy: { version: "asc" },
    });
    expect(rows).toHaveLength(6);
    const now = await database().query.offers.findFirst({ where: { id: offerId } });
    expect(rows.at(-1)).toMatchObject({ version: now?.version, perMemberLimit: now?.perMemberLimit });
  });

  test("of two that look first and write after, unguarded, one is refused by the database itself", async () => {
    const offerId = await newOffer(brand);
    const bothLooked = barrier(2);
    const lookThenWrite = async (perMemberLimit: number) => {
      const client = database();
      const offer = await client.query.offers.findFirst({ where: { id: offerId } });
      await bothLooked();
      if (!offer) return;
      const { title, description, terms, issueLimit } = offer;
      const revised = { title, description, terms, issueLimit, perMemberLimit, version: offer.version + 1 };
      await client
        .insert(offerVersions)
        .values({ ...revised, brandId: brand.brandId, offerId, createdAt: 1 });
      await client.update(offers).set(revised).where(eq(offers.id, offerId));
    };
    const ends = await Promise.allSettled([lookThenWrite(1), lookThenWrite(2)]);
    expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });
});
