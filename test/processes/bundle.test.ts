import { glob, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ASTNode,
  buildClientSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
  lexicographicSortSchema,
  parse,
  print,
  printSchema,
  visit,
} from "graphql";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newSecrets } from "../../scripts/support/bindings.ts";
import { type Bundle, bundleWorker } from "../../scripts/support/bundle.ts";
import { applyMigrations } from "../../scripts/support/migrations.ts";
import { type RunningSqld, startSqld } from "../../scripts/support/sqld.ts";
import { type RunningWorkerd, startWorkerd } from "../../scripts/support/workerd.ts";
import { scopesFor } from "../../src/access/scopes.ts";
import { issueAccessToken } from "../../src/access/tokens.ts";
import { foundBrand } from "../../src/brands/found-brand.ts";
import { openDatabase } from "../../src/database/client.ts";
import { type Bindings, readEnvironment } from "../../src/environment.ts";
import type { RefusalType } from "../../src/errors.ts";

let folder: string;
let sqld: RunningSqld;
let bundle: Bundle;
let bindings: Bindings;
let operatorToken: string;
const workers: RunningWorkerd[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tessera-bundle-"));
  bundle = await bundleWorker(join(folder, "dist"));
  sqld = await startSqld(join(folder, "database"));
  await applyMigrations(sqld.url);
  const issuer = "https://loyalty.example.com";
  bindings = { ...(await newSecrets()), DATABASE_URL: sqld.url, ISSUER: issuer };
  const environment = await readEnvironment(bindings);
  const { database } = openDatabase({ url: sqld.url, deadline: Date.now() + 10_000, clock: Date.now });
  const { brandId } = await foundBrand(
    database,
    environment.encryptionKeys,
    {
      ...{ slug: "acme", locale: "en", timeZone: "Europe/Paris", currency: "EUR" },
      ...{ name: { en: "Acme" }, pointsName: { en: "Points" } },
      firstTier: { name: { en: "Classic" }, color: "#888888" },
    },
    Date.now(),
  );
  operatorToken = await issueAccessToken(
    environment,
    { kind: "OPERATOR", brandId, clientId: "cli_bundle", scopes: new Set(scopesFor("OPERATOR")) },
    Date.now(),
  );
});

afterAll(async () => {
  for (const worker of workers) await worker.stop();
  await sqld?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function start(overrides: Partial<Bindings> = {}): Promise<RunningWorkerd> {
  const worker = await startWorkerd(bundle.file, { ...bindings, ...overrides });
  workers.push(worker);
  return worker;
}

async function ask(url: string, query: string, token?: string) {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/graphql-response+json",
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    body: JSON.stringify({ query }),
  });
  return {
    status: response.status,
    body: (await response.json()) as { data?: unknown; errors?: unknown[] },
    headers: response.headers,
  };
}

const inBrowser = (url: string) => fetch(`${url}/graphql`, { headers: { accept: "text/html" } });

test("the compressed bundle stays below 385 KiB", () => {
  console.log(
    `${(bundle.bytes / 1_024).toFixed(1)} KiB, compressed ${(bundle.gzipBytes / 1_024).toFixed(1)} KiB`,
  );
  expect(bundle.gzipBytes).toBeLessThan(385 * 1_024);
});

test("the bundle runs where no code can be made from text", async () => {
  const { url, output } = await start();
  expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ status: "ok" });
  const { status, body } = await ask(url, '{ program(brand: "acme") { name tiers { name rank } } }');
  expect({ status, body }).toEqual({
    status: 200,
    body: { data: { program: { name: "Acme", tiers: [{ name: "Classic", rank: 1 }] } } },
  });
  // What is most likely to make code from text: a validated input, and a seal opened and closed.
  const enrolled = await ask(
    url,
    `mutation { enrolMember(input: { idempotencyKey: "1", externalId: "c-1", phone: "+33612345678" }) {
      ... on EnrolMemberPayload { member { externalId profile { phone } tier { name } } } ... on Refusal { code message } } }`,
    operatorToken,
  );
  expect(enrolled.body).toEqual({
    data: {
      enrolMember: {
        member: { externalId: "c-1", profile: { phone: "+33612345678" }, tier: { name: "Classic" } },
      },
    },
  });
  // Names of classes do not outlive the bundling: whatever goes by them shows here.
  const refused = await ask(
    url,
    'mutation { enrolMember(input: { idempotencyKey: "", externalId: "c-2" }) { __typename } }',
    operatorToken,
  );
  expect(refused.body.errors).toMatchObject([
    { message: expect.stringContaining("idempotencyKey"), extensions: { code: "BAD_USER_INPUT" } },
  ]);
  expect(output()).toBe("");
});

test("in production nobody can look around, and answers carry no timings", async () => {
  const { url } = await start();
  const { status, body, headers } = await ask(url, "{ __schema { queryType { name } } }");
  expect({ status, data: body.data }).toEqual({ status: 400, data: undefined });
  expect(headers.get("server-timing")).toBeNull();
  expect(await (await inBrowser(url)).text()).not.toContain("graphiql");
});

test("the bundle has the schema of the contract, and only its descriptions are gone", async () => {
  const { url } = await start({ ENVIRONMENT: "development" });
  const { body } = await ask(
    url,
    getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true, oneOf: true }),
  );
  const shown = lexicographicSortSchema(buildClientSchema(body.data as IntrospectionQuery));
  const contract = parse(await readFile("schema/api.graphql", "utf8"));
  const described = (node: ASTNode) =>
    "description" in node ? { ...node, description: undefined } : undefined;
  expect(print(visit(parse(printSchema(shown)), { enter: described }))).toBe(
    print(visit(contract, { enter: described })),
  );
});

test("every word of a refusal is in the bundle", async () => {
  const content = (await readFile(bundle.file, "utf8")).replaceAll("\\", "");
  let count = 0;
  for await (const file of glob("src/{errors,*/refusals,*/client-terms}.ts")) {
    for (const type of Object.values(await import(/* @vite-ignore */ `../../${file}`))) {
      for (const text of Object.values((type as Partial<RefusalType>).texts ?? {})) {
        expect(content).toContain(text);
        count += 1;
      }
    }
  }
  expect(count).toBeGreaterThan(140);
});

test("in development the schema and GraphiQL are there", async () => {
  const { url } = await start({ ENVIRONMENT: "development" });
  const { body, headers } = await ask(url, "{ __schema { queryType { name } } }");
  expect(body).toEqual({ data: { __schema: { queryType: { name: "Query" } } } });
  expect(headers.get("server-timing")).toMatch(/requests/);
  expect(await (await inBrowser(url)).text()).toContain("graphiql");
});

test("what is missing in the bindings is logged by name, and told to nobody", async () => {
  const { url, output } = await start({ SIGNING_KEYS: "{}" });
  const answer = await fetch(`${url}/health`);
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain("SIGNING_KEYS");
  expect(output()).toContain("SIGNING_KEYS");
});

test("a database that hangs is not waited for beyond the deadline", async () => {
  const { url } = await start();
  sqld.process.kill("SIGSTOP");
  try {
    const startedAt = performance.now();
    const { status, body } = await ask(url, '{ program(brand: "acme") { name } }');
    expect(performance.now() - startedAt).toBeLessThan(11_500);
    expect(status).toBe(503);
    expect(body.errors).toMatchObject([{ extensions: { code: "UNAVAILABLE" } }]);
  } finally {
    sqld.process.kill("SIGCONT");
  }
  const again = await ask(url, '{ program(brand: "acme") { name } }');
  expect(again.body).toEqual({ data: { program: { name: "Acme" } } });
});
