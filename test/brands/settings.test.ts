import { expect, test } from "vitest";
import { newBrand } from "../support/brand.ts";
import { outcomeOf } from "../support/member.ts";

const UPDATE = `mutation ($input: UpdateBrandInput!) { updateBrand(input: $input) { ... on UpdateBrandPayload { brand { id } } ... on InvalidValue { field } } }`;
const TIER = `mutation ($input: UpdateTierInput!) { updateTier(input: $input) {
  ... on UpdateTierPayload { tier { name color requirement { growthValue } } } ... on InvalidValue { field } } }`;
const text = (en: string) => [{ locale: "en", text: en }];

test.each([
  ["an empty time zone", { timeZone: "" }],
  ["no time zone of this world", { timeZone: "Mars/Olympus" }],
  ["an offset, which is no time zone", { timeZone: "+08:00" }],
  ["an empty currency", { currency: "" }],
  ["a currency that is none", { currency: "ZZZ" }],
  ["a locale that is none", { locale: "aa-bb-cc" }],
  ["no name at all", { name: [] }],
])("a brand's settings cannot become what breaks it: %s", async (_what, input) => {
  const { operator } = await newBrand();
  const answer = await operator(UPDATE, { input });
  const refusedAs = answer.data ? outcomeOf(answer).field : answer.errors?.[0]?.extensions.code;
  expect(refusedAs).toMatch(/^(timeZone|currency|BAD_USER_INPUT)$/);
});

test("a brand's currency may be one that came after what Intl knows", async () => {
  const { operator } = await newBrand();
  for (const currency of ["SLE", "JPY"])
    expect(outcomeOf(await operator(UPDATE, { input: { currency } }))).toHaveProperty("brand");
});

test("changes of the program at once lose nothing of each other, and the ladder keeps rising", async () => {
  const { operator } = await newBrand();
  const create = (rank: number, requiredGrowthValue: number) =>
    operator(
      `mutation ($input: CreateTierInput!) { createTier(input: $input) { ... on CreateTierPayload { tier { id } } } }`,
      { input: { rank, name: text("Tier"), color: "#112233", requiredGrowthValue } },
    );
  const [two, three] = [outcomeOf(await create(2, 100)).tier.id, outcomeOf(await create(3, 200)).tier.id];
  await Promise.all([
    operator(TIER, { input: { tierId: two, name: text("Silver") } }),
    operator(TIER, { input: { tierId: two, color: "#C0C0C0" } }),
  ]);
  const both = await Promise.all([
    operator(TIER, { input: { tierId: two, requiredGrowthValue: 190 } }),
    operator(TIER, { input: { tierId: three, requiredGrowthValue: 150 } }),
  ]);
  const outcomes = both.map(outcomeOf);
  expect(outcomes.filter(({ tier }) => tier)).toHaveLength(1);
  expect(outcomes.filter(({ field }) => field === "requiredGrowthValue")).toHaveLength(1);
  const kept = await operator(TIER, { input: { tierId: two } });
  expect(outcomeOf(kept).tier).toMatchObject({ name: "Silver", color: "#C0C0C0" });
});
