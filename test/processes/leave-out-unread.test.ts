import { type CountryCode, parsePhoneNumberFromString } from "libphonenumber-js/core";
import metadata from "libphonenumber-js/min/metadata";
import examples from "libphonenumber-js/mobile/examples";
import { expect, test } from "vitest";
import { withoutFormats, withoutUnread } from "../../scripts/support/leave-out-unread.ts";

const declarations = (code: string) => withoutUnread(code, "/tessera/src/points/graphql-policy.ts");

test("a declaration loses its description, however it is put together", () => {
  expect(
    declarations(`import { meanings } from "./meanings.ts";
      const texts = { months: "How many." };
      const a = t.int({ description: "« » 赠", required: true });
      const b = t.int({ description: \`Up to \${MOST}.\` });
      const c = t.int({ description: "One" + "two" });
      const d = t.int({ description: texts.months });
      const e = names.map((name) => t.int({ description: meanings[name] }));`),
  ).toBe(`import { meanings } from "./meanings.ts";
      const texts = { months: "How many." };
      const a = t.int({ description: undefined, required: true });
      const b = t.int({ description: undefined });
      const c = t.int({ description: undefined });
      const d = t.int({ description: undefined });
      const e = names.map((name) => t.int({ description: undefined }));`);
});

test("a description that is a field, a value or an answer stays", () => {
  const code = `
    const fields = { description: t.string({ nullable: true }) };
    const save = (input) => saved({ description: input.description, texts: { description } });
    const shown = t.field({ resolve: () => ({ description: "An answer." }) });
    const words = steps.map((step) => ({ ...step, description: stepWords(step) }));`;
  expect(declarations(code)).toBe(code);
});

test("a description outside of the declarations stays", () => {
  expect(withoutUnread('const offer = { description: "Half off." };', "/tessera/src/offers/offer.ts")).toBe(
    undefined,
  );
});

test("the schema is built without the scopes in its descriptions", () => {
  const built = "const built = describeNeededScopes(builder.toSchema({ sortSchema: false }));";
  expect(withoutUnread(built, "/tessera/src/graphql/schema.ts")).toBe(
    "const built = (builder.toSchema({ sortSchema: false }));",
  );
});

test("a refusal keeps its name, its words and its data", () => {
  expect(
    withoutUnread(
      `export const Gone = refusalType("Gone", "It is gone.", { en: "{id} is gone." }, { id: ["ID", "Which."] });`,
      "/tessera/src/offers/refusals.ts",
    ),
  ).toBe(`export const Gone = refusalType("Gone", "", { en: "{id} is gone." }, { id: ["ID", ""] });`);
});

test("a table keeps its columns and the keys that pages are ordered by", () => {
  expect(
    withoutUnread(
      `const t = table("t", { id: text() }, (t) => [primaryKey({ columns: [t.id] }), unique("u").on(t.id),
        index("i").on(t.id).where(sql\`1\`), check("c", sql\`2\`)]);`,
      "/tessera/schema/tables/t.ts",
    ),
  ).toBe(`const t = table("t", { id: text() }, (t) => [primaryKey({ columns: [t.id] }), unique("u").on(t.id),
        ...[], ...[]]);`);
});

test("phone numbers are judged and written as with the whole metadata", () => {
  const lean = withoutFormats(metadata);
  let valid = 0;
  for (const [country, national] of Object.entries(examples) as [CountryCode, string][]) {
    // As it is, with the prefix of calls within a country, one digit short, one too many, and another's.
    for (const text of [
      national,
      `0${national}`,
      `8${national}`,
      national.slice(1),
      `${national}1`,
      `+${national}`,
    ]) {
      const [expected, found] = [metadata, lean].map((judge) => {
        const number = parsePhoneNumberFromString(text, country, judge);
        return number && [number.number, number.country, number.isValid()];
      });
      expect(found).toEqual(expected);
      if (expected?.[2]) valid += 1;
    }
  }
  expect(valid).toBeGreaterThan(200);
});
