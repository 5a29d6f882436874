import { eq, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { brands } from "../../schema/tables/brands.ts";
import { app } from "../../src/app.ts";
import { keepProgramAnswer, keptProgramAnswer, noteProgramChange } from "../../src/brands/kept-programs.ts";
import { newBrand } from "../support/brand.ts";
import { anonymous, bindings, database } from "../support/caller.ts";

const PROGRAM = "query ($brand: String!) { program(brand: $brand) { name currency tiers { name } } }";

const rename = (name: string) =>
  `mutation { updateBrand(input: { name: [{ locale: "en", text: "${name}" }, { locale: "zh-CN", text: "新名" }] }) { __typename } }`;

const ask = async (brand: string, query = PROGRAM, headers = { "accept-language": "en" }) => {
  const { data, databaseRequests } = await anonymous(query, { brand }, headers);
  return { program: data.program, databaseRequests };
};

test("the program is answered from memory when it was asked for before, and no word of it changes", async () => {
  const { slug } = await newBrand();
  const first = await ask(slug);
  expect(first.databaseRequests).toBe(1);
  expect(await ask(slug)).toEqual({ ...first, databaseRequests: 0 });
  expect((await ask(slug, PROGRAM, { "accept-language": "zh-CN" })).databaseRequests).toBe(1);
  expect((await ask("nobody-has-this")).program).toBeNull();
  expect(await ask("nobody-has-this")).toEqual({ program: null, databaseRequests: 1 });
});

test("the next request after a change shows it: of the brand's settings, and of its tiers", async () => {
  const { slug, operator } = await newBrand();
  await ask(slug);
  await operator(rename("Renamed"));
  expect((await ask(slug)).program.name).toBe("Renamed");
  await operator(
    `mutation { createTier(input: { rank: 2, name: [{ locale: "en", text: "Gold" }], color: "#C9A227", requiredGrowthValue: 9 }) { __typename } }`,
  );
  expect((await ask(slug)).program.tiers).toHaveLength(2);
});

test("while a change may be on its way, the database is asked for the version each time", async () => {
  const { slug, brandId } = await newBrand();
  await ask(slug);
  noteProgramChange(brandId);
  expect((await ask(slug)).databaseRequests).toBe(1);
  await database()
    .update(brands)
    .set({ currency: "EUR", programVersion: sql`program_version + 1` })
    .where(eq(brands.id, brandId));
  expect((await ask(slug)).program.currency).toBe("EUR");
});

test("a change that another isolate made shows a second later", async () => {
  const { slug, brandId } = await newBrand();
  await ask(slug);
  await database()
    .update(brands)
    .set({ currency: "EUR", programVersion: sql`program_version + 1` })
    .where(eq(brands.id, brandId));
  await new Promise((resolve) => setTimeout(resolve, 1_010));
  expect((await ask(slug)).program.currency).toBe("EUR");
});

test("where the database does not answer, the answer has the form that it always has", async () => {
  const { slug } = await newBrand();
  const request = (to: Partial<typeof bindings>) =>
    app.request(
      "/graphql",
      {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/graphql-response+json" },
        body: JSON.stringify({ query: PROGRAM, variables: { brand: slug } }),
      },
      { ...bindings, ...to },
    );
  await (await request({})).body?.cancel();
  await new Promise((resolve) => setTimeout(resolve, 1_010));
  const response = await request({ DATABASE_URL: "http://127.0.0.1:9" });
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "UNAVAILABLE" } }] });
});

test("however many programs change at once, none is shown as it was before", async () => {
  const { slug, brandId } = await newBrand();
  await ask(slug);
  noteProgramChange(brandId);
  for (let n = 0; n < 600; n += 1) noteProgramChange(`brd_other_${n}`);
  expect((await ask(slug)).databaseRequests).toBe(1);
});

test("while one looks whether a program has changed the others need not, but for no more than the second", async () => {
  keepProgramAnswer("much asked", "{}", new Map([["acme", { brandId: "brd_acme", version: 1 }]]), 0);
  const seen = Promise.withResolvers<void>();
  let looks = 0;
  const ask = (now: number) =>
    keptProgramAnswer("much asked", now, async () => {
      looks += 1;
      await seen.promise;
      return [{ slug: "acme", version: 1 }];
    });
  const early = [700, 900, 900, 900, 999].map(ask);
  expect(looks).toBe(1);
  const late = [1_000, 1_001].map(ask);
  expect(looks).toBe(3);
  seen.resolve();
  expect(new Set(await Promise.all([...early, ...late]))).toEqual(new Set(["{}"]));
  expect([await ask(1_700), looks]).toEqual(["{}", 3]);
});

test("what is kept has a bound, also where those who ask make it large", async () => {
  const programs = new Map([["acme", { brandId: "brd_acme", version: 1 }]]);
  const isKept = async (asked: string) => (await keptProgramAnswer(asked, 0, async () => [])) !== undefined;
  const large = (n: number) => `${n}`.padEnd(49_000, "x");
  for (let n = 0; n < 200; n += 1) keepProgramAnswer(large(n), "{}", programs, 0);
  expect(await isKept(large(199))).toBe(true);
  const kept = await Promise.all(Array.from({ length: 200 }, (_, n) => isKept(large(n))));
  expect(kept.filter(Boolean).length).toBeLessThan(100);
  keepProgramAnswer("y".repeat(250_000), "{}", programs, 0);
  expect(await isKept("y".repeat(250_000))).toBe(false);
  keepProgramAnswer("of nobody", "{}", new Map([["nobody", undefined]]), 0);
  expect(await isKept("of nobody")).toBe(false);
});

test("what depends on the time or on who asks is asked for each time", async () => {
  const { slug, operator } = await newBrand();
  const rules = "query ($brand: String!) { program(brand: $brand) { earningRules { id } } }";
  for (const _ of [1, 2]) expect((await ask(slug, rules)).databaseRequests).toBe(1);
  const both = `query ($brand: String!) { program(brand: $brand) { id } node(id: "brd_x") { id } }`;
  for (const _ of [1, 2]) expect((await ask(slug, both)).databaseRequests).toBe(1);
  await ask(slug);
  const known = await operator(PROGRAM, { brand: slug }, { "accept-language": "en" });
  expect(known.databaseRequests).toBe(1);
});
