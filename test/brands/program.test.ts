import { expect, test } from "vitest";
import { newBrand } from "../support/brand.ts";
import { anonymous } from "../support/caller.ts";

test("the program is there for everyone, in one database request", async () => {
  const { slug } = await newBrand();
  const answer = await anonymous(
    `query ($brand: String!) { program(brand: $brand) { id slug name en: name(locale: "en") pointsName timeZone tiers { id name rank requirement { growthValue } benefits { id } } } }`,
    { brand: slug },
  );
  expect(answer).toMatchObject({
    databaseRequests: 1,
    data: { program: { slug, name: "测试品牌", en: "Test brand", tiers: [{ name: "普通", rank: 1 }] } },
  });
});

test("an operator changes settings and tiers, each in two database requests", async () => {
  const { operator, firstTierId } = await newBrand();
  const brand = await operator(
    `mutation { updateBrand(input: { currency: "USD", name: [{ locale: "en", text: "New name" }] }) {
      ... on UpdateBrandPayload { brand { name currency tiers { id } } } ... on Refusal { code message } } }`,
  );
  expect(brand).toMatchObject({
    data: { updateBrand: { brand: { name: "New name", currency: "USD", tiers: [{ id: firstTierId }] } } },
  });
  expect(brand.databaseRequests).toBeLessThanOrEqual(2);
  const tier = await operator(
    `mutation { createTier(input: { rank: 2, name: [{ locale: "en", text: "Gold" }], color: "#C9A227", requiredGrowthValue: 1000 }) {
      ... on CreateTierPayload { tier { id name rank } } ... on Refusal { code message } } }`,
  );
  expect(tier).toMatchObject({ data: { createTier: { tier: { name: "Gold", rank: 2 } } } });
  expect(tier.databaseRequests).toBe(2);
  const again = await operator(
    `mutation { createTier(input: { rank: 2, name: [{ locale: "en", text: "Gold" }], color: "#C9A227", requiredGrowthValue: 1000 }) {
      ... on CreateTierPayload { tier { id } } ... on InvalidValue { code field message } } }`,
  );
  expect(again.data.createTier).toMatchObject({ code: "INVALID_VALUE", field: "rank" });
});
