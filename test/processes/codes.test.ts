import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../../scripts/support/packages.ts";
import { type RunningServer, startServer } from "../../scripts/support/server.ts";
import { scopesFor } from "../../src/access/scopes.ts";
import { issueAccessToken } from "../../src/access/tokens.ts";
import { foundBrand } from "../../src/brands/found-brand.ts";

const MILLION = 1_000_000;

let folder: string;
let server: RunningServer;
let token: string;
let offerId: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tessera-codes-"));
  server = await startServer({ folder });
  const { brandId } = await server.withDatabase((database) =>
    foundBrand(
      database,
      server.environment.encryptionKeys,
      {
        ...{ slug: "acme", locale: "zh-CN", timeZone: "Asia/Shanghai", currency: "CNY" },
        ...{ name: { en: "Acme" }, pointsName: { en: "Points" } },
        firstTier: { name: { en: "Classic" }, color: "#888888" },
      },
      Date.now(),
    ),
  );
  token = await issueAccessToken(
    server.environment,
    { kind: "OPERATOR", brandId, clientId: "cli_test", scopes: new Set(scopesFor("OPERATOR")) },
    Date.now(),
  );
  const { offer } = await ask(
    `mutation { createOffer(input: { title: [{ locale: "en", text: "Spring" }], terms: { amountOffMinor: 500 } }) {
      ... on CreateOfferPayload { offer { id } } ... on Refusal { code message } } }`,
  );
  offerId = offer.id;
}, 90_000);

afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

// biome-ignore lint/suspicious/noExplicitAny: as deep as the operation that the test wrote
async function ask(query: string, variables: object = {}): Promise<any> {
  const response = await fetch(`${server.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data?: Record<string, unknown>; errors?: unknown };
  if (!data) throw new Error(JSON.stringify(errors));
  return Object.values(data)[0];
}

/** What a script writes and says, on a server of its own folder, and how it ends. */
async function run(script: string, ...options: string[]) {
  const { DATABASE_URL, ISSUER, SIGNING_KEYS, ENCRYPTION_KEYS } = server.bindings;
  const child = spawn(process.execPath, [join(root, "scripts", script), ...options], {
    env: { PATH: process.env.PATH, DATABASE_URL, ISSUER, SIGNING_KEYS, ENCRYPTION_KEYS },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [written, said] = [[] as Buffer[], [] as Buffer[]];
  child.stdout.on("data", (chunk: Buffer) => written.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
  const [code] = await once(child, "close");
  return {
    code: code as number,
    output: Buffer.concat(written).toString(),
    said: Buffer.concat(said).toString(),
  };
}

test("a million codes are made and written from a terminal, streamed by the Worker alike, and good", async () => {
  const made = await run("codes.ts", "--brand", "acme", "--offer", offerId, "--count", String(MILLION));
  console.log(made.said);
  expect(made.code).toBe(0);
  const [, batchId] = /Made (bat_\w+): 1,000,000 codes\./.exec(made.said) ?? [];
  expect(made.said).toMatch(/1,000,000 codes in .* a second\.\nDone\. .* --batch bat_/);
  const [header, ...codes] = made.output.trimEnd().split("\n");
  expect(header).toBe("code");
  expect(codes).toHaveLength(MILLION);
  expect(new Set(codes).size).toBe(MILLION);

  const startedAt = Date.now();
  const response = await fetch(`${server.url}/code-batches/${batchId}.csv?from=900000`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(response.status).toBe(200);
  expect(await response.text()).toBe(`${codes.slice(900_000).join("\n")}\n`);
  console.log(`The Worker: ${Math.round((100_000 * 1_000) / (Date.now() - startedAt))} codes a second.`);
  const part = await run("codes.ts", "--brand", "acme", "--batch", batchId ?? "", "--from", "999990");
  expect(part.output).toBe(`${codes.slice(999_990).join("\n")}\n`);

  const { member } = await ask(
    `mutation { enrolMember(input: { externalId: "c-1", idempotencyKey: "c-1" }) { ... on EnrolMemberPayload { member { id } } } }`,
  );
  const CLAIM = `mutation ($code: String!, $memberId: ID!) { claimCoupon(input: { code: $code, memberId: $memberId, idempotencyKey: $code }) {
    ... on ClaimCouponPayload { coupon { code } } ... on Refusal { code message } } }`;
  // Everywhere in the batch, and never twice.
  const chosen = Array.from({ length: 50 }, (_, n) => codes[n * 20_000 + Math.floor(Math.random() * 20_000)]);
  for (let from = 0; from < chosen.length; from += 10) {
    const together = chosen.slice(from, from + 10);
    const answers = await Promise.all(together.map((code) => ask(CLAIM, { code, memberId: member.id })));
    expect(answers.map(({ coupon }) => coupon.code)).toEqual(together);
  }
  const stored = await server.withDatabase((database) =>
    database.query.coupons.findMany({ where: { offerId } }),
  );
  expect(stored).toHaveLength(50);
}, 240_000);

test("codes from elsewhere are imported from a file, and no code twice", async () => {
  const file = join(folder, "old.csv");
  const rows = Array.from({ length: 6_000 }, (_, n) => `OLD-${String(n).padStart(6, "0")}`);
  await writeFile(file, ["code", ...rows, "x", "OLD000001"].join("\n"));
  const options = ["codes", file, "--brand", "acme", "--offer", offerId];
  const dry = await run("import.ts", ...options, "--dry-run");
  expect(dry.output).toMatch(/codes \(dry run: nothing was written\): 6,001 imported, 1 refused\./);
  const first = await run("import.ts", ...options);
  expect([first.code, first.said]).toEqual([0, ""]);
  expect(first.output).toMatch(/^old\.csv, codes: 6,000 imported, 1 refused, 1 coupons already\./);
  expect(await readFile(join(folder, "old.refused.csv"), "utf8")).toMatch(/6002,"?codes: must be 4 to 40/);
  const again = await run("import.ts", ...options);
  expect(again.output).toMatch(/6,001 coupons already, 1 refused/);
}, 120_000);

test("what is missing or wrong is one sentence with the fix", async () => {
  const said = await Promise.all([
    run("codes.ts", "--brand", "acme"),
    run("codes.ts", "--brand", "acme", "--offer", offerId, "--count", "many"),
    run("codes.ts", "--brand", "acme", "--offer", offerId, "--count", "1000000", "--length", "9"),
    run("codes.ts", "--brand", "acme", "--batch", "bat_none"),
    run("import.ts", "codes", "file.csv", "--brand", "acme"),
  ]);
  expect(said.map(({ code }) => code)).toEqual([1, 1, 1, 1, 1]);
  expect(said.map(({ said: text }) => text.trim())).toEqual([
    "Say which codes: --offer ID --count N makes some, --batch ID writes those of a batch.",
    "--count takes a whole number, not many.",
    "length: must be at least 12 for so many codes",
    "Nothing was found for bat_none.",
    "Codes are of an offer: npm run import -- codes FILE.csv --brand SLUG --offer ID",
  ]);
}, 120_000);
