import { expect, test } from "vitest";
import { newBrand } from "../support/brand.ts";
import { outcomeOf } from "../support/member.ts";

const UPDATE = `mutation ($input: UpdateBrandInput!, $locale: String) { updateBrand(input: $input) {
  ... on UpdateBrandPayload { brand { name(locale: $locale) } } } }`;

test.each([
  [["en", "zh-CN", "EN"], "input.name: must have one text a language: EN is there twice"],
  [["en", "zh_CN"], "input.name.1.locale: must be a BCP 47 language tag such as zh-CN"],
  [["aa-bb-cc"], "input.name.0.locale: must be a BCP 47 language tag such as zh-CN"],
])("texts are one a language, each a tag, or it is said once what is wrong: %j", async (locales, said) => {
  const { operator } = await newBrand();
  const name = locales.map((locale) => ({ locale, text: "A name" }));
  const answer = await operator(UPDATE, { input: { name } });
  expect(answer.errors).toMatchObject([
    { message: `Validation error: ${said}`, extensions: { code: "BAD_USER_INPUT" } },
  ]);
});

test("a language is any tag of BCP 47, with its extensions and private parts", async () => {
  const { operator } = await newBrand();
  const tags = ["zh-CN", "en-u-ca-buddhist", "en-US-x-foo"];
  const name = tags.map((locale) => ({ locale, text: locale }));
  for (const locale of tags)
    expect(outcomeOf(await operator(UPDATE, { input: { name }, locale }))).toEqual({
      brand: { name: locale },
    });
});
