import { beforeAll, describe, expect, test } from "vitest";
import { recordOrder } from "../orders/support.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { anonymous, type Caller, callerOfKind } from "../support/caller.ts";
import { newMember } from "../support/member.ts";
import { aPurchase, setRules } from "./support.ts";

const AT = "2026-11-03T04:00:00Z";
const PREVIEW = `query ($memberId: ID, $lines: [CartLineInput!]!, $discountMinor: SafeInt, $at: DateTime) {
  previewEarning(memberId: $memberId, lines: $lines, discountMinor: $discountMinor, at: $at) {
    ... on EarningPreview { points growthValue steps { description kind unit amount multiplierBasisPoints cap limit } lines { lineId points growthValue } }
    ... on Refusal { code message } } }`;
const cart = [
  { sku: "TEA", categories: ["tea"], quantity: 1, amountMinor: 10_000 },
  { sku: "CUP", quantity: 2, amountMinor: 10_000 },
];

let brand: TestBrand;
let memberId: string;
let member: Caller;

beforeAll(async () => {
  brand = await newBrand();
  ({ memberId, member } = await newMember(brand, { locale: "zh-CN" }));
  await brand.operator(
    `mutation ($input: CreateBenefitInput!) { createBenefit(input: $input) { ... on Refusal { message } } }`,
    {
      input: {
        ...{
          kind: "POINTS_MULTIPLIER",
          name: [{ locale: "en", text: "More" }],
          tierIds: [brand.firstTierId],
        },
        terms: { multiplierBasisPoints: 15_000 },
      },
    },
  );
  await setRules(brand, {
    growthValue: { points: 1, perAmountMinor: 1_000 },
    multipliers: [
      {
        name: [
          { locale: "en", text: "Tea Tuesdays" },
          { locale: "zh-CN", text: "周二喝茶" },
        ],
        ...{ multiplierBasisPoints: 20_000, unit: "BOTH", weekdays: [2], categories: ["tea"] },
      },
    ],
    pointsPerDay: 500,
  });
});

const preview = async (caller: Caller, variables: object = {}) => {
  const answer = await caller(PREVIEW, { lines: cart, at: AT, ...variables }, { "accept-language": "en" });
  expect(answer.errors).toBeUndefined();
  expect(answer.databaseRequests).toBe(1);
  return answer.data.previewEarning;
};

test("anyone's cart is as in the first tier, said in the request's language", async () => {
  const is = await preview(brand.storefront, { discountMinor: 2_000 });
  expect(is).toMatchObject({ points: 405, growthValue: 27 });
  expect(is.steps.map(({ description }: { description: string }) => description)).toEqual([
    ...["180 points for what was paid", "Tea Tuesdays 2×", "Classic 1.5×"],
    ...["18 growth value for what was paid", "Tea Tuesdays 2×"],
  ]);
  expect(is.lines).toEqual([
    { lineId: "1", points: 270, growthValue: 18 },
    { lineId: "2", points: 135, growthValue: 9 },
  ]);
});

describe("a member's", () => {
  test("is what its order then earns, with what is left under the cap, in its language", async () => {
    const before = await preview(member);
    expect(before).toMatchObject({ points: 450 });
    expect(await preview(brand.till, { memberId })).toEqual(before);
    const lines = cart.map((line, place) => ({ ...line, lineId: String(place + 1) }));
    const order = aPurchase(memberId, 20_000, AT, { lines, discountMinor: 0 });
    await recordOrder(brand.service, order);
    const shown = await brand.service(
      `query ($externalId: String!) { order(source: "shop", externalId: $externalId) {
        award { points growthValue state steps { description kind unit amount multiplierBasisPoints cap limit } lines { lineId points growthValue } } } }`,
      { externalId: order.externalId },
    );
    expect(shown.databaseRequests).toBe(1);
    expect(shown.data.order.award).toEqual({ ...before, state: "SPENDABLE" });
    const after = await preview(brand.service, { memberId });
    expect(after.points).toBe(50);
    expect(after.steps.map(({ description }: { description: string }) => description)).toContain(
      "每日最多 500",
    );
    expect((await preview(brand.service, { memberId, at: "2026-11-10T04:00:00Z" })).points).toBe(450);
  });

  test("is for who may see the member", async () => {
    const { member: neighbour } = await newMember(brand);
    const other = await newBrand();
    const noRules = await preview(other.service);
    expect(noRules).toMatchObject({ points: 0, growthValue: 0, steps: [], lines: [] });
    const ask = async (caller: Caller) =>
      (await caller(PREVIEW, { memberId, lines: cart })).data.previewEarning.code;
    expect([await ask(neighbour), await ask(other.service)]).toEqual(["NOT_FOUND", "NOT_FOUND"]);
    const scanning = new Set(["cards:scan"] as const);
    const scanner = await callerOfKind("TILL", { brandId: brand.brandId, scopes: scanning });
    expect(await preview(scanner, { memberId })).toEqual(await preview(brand.service, { memberId }));
    const scopes = new Set(["program:read"] as const);
    expect(await ask(await callerOfKind("TILL", { brandId: brand.brandId, scopes }))).toBe("NOT_FOUND");
    expect((await anonymous(PREVIEW, { lines: cart })).errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
  });
});

test("what is planned is seen with program:read, and not by members", async () => {
  const startsAt = new Date(Date.now() + 86_400_000).toISOString();
  await setRules(brand, { startsAt, points: { points: 9, perAmountMinor: 100 } });
  const at = new Date(Date.now() + 2 * 86_400_000).toISOString();
  const [planned, known] = [await preview(brand.service, { memberId, at }), await preview(member, { at })];
  expect(planned.points).toBe(2_700);
  expect(known.points).toBeGreaterThan(0);
  expect(known.points).toBeLessThanOrEqual(500);
});

test("many carts in one operation are too many", async () => {
  const ask = (carts: number) => {
    const all = Array.from(
      { length: carts },
      (_, one) => `p${one}: previewEarning(lines: $lines) { __typename }`,
    );
    return member(`query ($lines: [CartLineInput!]!) { ${all.join(" ")} }`, { lines: cart });
  };
  expect((await ask(5)).errors).toBeUndefined();
  expect((await ask(6)).errors?.[0]).toMatchObject({ extensions: { code: "BAD_USER_INPUT" } });
});

test("carts that no order could be are refused", async () => {
  const ask = async (variables: Record<string, unknown>) =>
    (await member(PREVIEW, variables)).data.previewEarning;
  expect(await ask({ lines: [{ sku: "TEA", amountMinor: -1 }] })).toMatchObject({ code: "INVALID_VALUE" });
  const twice = ["A", "A"].map((lineId) => ({ lineId, sku: "TEA", amountMinor: 1 }));
  expect((await ask({ lines: twice })).message).toBe("lines.A: must be there once");
});

test("the steps, growth value and points of one member's page are one request", async () => {
  const answer = await member(
    `{ me { points growthValue pendingPoints awards(first: 5) { nodes { points steps { description } lines { points } } }
       pointsHistory(first: 5) { nodes { description } } orders(first: 5) { nodes { award { points } } }
       brand { earningRules { multipliers { name } activities { kind } } } } }`,
  );
  expect(answer.errors).toBeUndefined();
  expect(answer.databaseRequests).toBe(1);
  expect(answer.data.me.pointsHistory.nodes[0].description).toMatch(
    /^订单 .*获得:周二喝茶 2 倍,普通 1.5 倍$/,
  );
});
