import { expect, test } from "vitest";
import { type ActorKind, scopesFor } from "../../src/access/scopes.ts";
import { issueAccessToken } from "../../src/access/tokens.ts";
import { app } from "../../src/app.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { bindings, environment } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { newOffer } from "../support/offer.ts";
import { claim, createBatch } from "./support.ts";

const execution = { waitUntil: () => undefined, passThroughOnException: () => undefined, props: {} };

async function get(path: string, as?: { brandId: string; kind: ActorKind; scopes?: "none" }) {
  const clientId = "cli_export";
  const token =
    as &&
    (await issueAccessToken(
      await environment(),
      { ...as, clientId, scopes: new Set(as.scopes ? [] : scopesFor(as.kind)) },
      Date.now(),
    ));
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  return app.request(path, { headers }, bindings, execution);
}

async function newBatch(brand: TestBrand, count: number, look: object = {}) {
  const answer = await createBatch(brand, { offerId: await newOffer(brand), count, ...look });
  return outcomeOf(answer).codeBatch.id as string;
}

const operatorOf = ({ brandId }: TestBrand) => ({ brandId, kind: "OPERATOR" as const });

test("a batch is streamed a few hundred codes at a time, each of them good, and on record", async () => {
  const brand = await newBrand();
  const id = await newBatch(brand, 5_200);
  const response = await get(`/code-batches/${id}.csv`, operatorOf(brand));
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toMatch(/^text\/csv/);
  const chunks: string[] = [];
  const body = response.body?.pipeThrough(new TextDecoderStream());
  for await (const chunk of body as unknown as AsyncIterable<string>) chunks.push(chunk);
  expect(chunks).toHaveLength(1 + 11);
  expect(Math.max(...chunks.map((chunk) => chunk.length))).toBe(500 * 20);
  const [header, ...codes] = chunks.join("").trimEnd().split("\n");
  expect(header).toBe("code");
  expect(new Set(codes).size).toBe(5_200);
  const { memberId } = await newMember(brand);
  for (const code of [codes[0], codes[2_600], codes[5_199]])
    expect(outcomeOf(await claim(brand.service, code ?? "", memberId)).coupon.code).toBe(code);
  const audit = await brand.operator(
    `query ($id: ID!) { audit(subjectId: $id) { nodes { operation caller detail } } }`,
    { id },
  );
  expect(audit.data.audit.nodes[0]).toEqual({
    ...{ operation: "exportCodeBatch", caller: "cli_export", detail: '{"from":0,"count":5200}' },
  });
});

test("an export goes on where it broke: the parts are the whole", async () => {
  const brand = await newBrand();
  const id = await newBatch(brand, 1_234, {
    prefix: "SALE",
    alphabet: "0123456789",
    length: 18,
    grouping: 0,
  });
  const text = async (query: string) =>
    (await get(`/code-batches/${id}.csv${query}`, operatorOf(brand))).text();
  const whole = await text("");
  expect(whole).toMatch(/^code\n(SALE\d{19}\n){1234}$/);
  expect((await text("?from=0&count=700")) + (await text("?from=700"))).toBe(whole);
  expect(await text("?from=1233&count=500")).toBe(whole.slice(-24));
});

test("of a hundred million codes, only those that are taken are computed", async () => {
  const brand = await newBrand();
  const id = await newBatch(brand, 100_000_000);
  const startedAt = Date.now();
  const response = await get(`/code-batches/${id}.csv?from=99999000`, operatorOf(brand));
  expect((await response.text()).split("\n")).toHaveLength(1_001);
  const all = await get(`/code-batches/${id}.csv`, operatorOf(brand));
  const reader = (all.body as ReadableStream<Uint8Array>).getReader();
  for (let chunk = 0; chunk < 5; chunk += 1) expect((await reader.read()).done).toBe(false);
  await reader.cancel();
  expect(Date.now() - startedAt).toBeLessThan(5_000);
});

test("nobody exports codes without the right token, and no other brand's", async () => {
  const [brand, other] = [await newBrand(), await newBrand()];
  const { brandId } = brand;
  const id = await newBatch(brand, 10);
  const statusOf = async (...asked: Parameters<typeof get>) => {
    const response = await get(...asked);
    return [response.status, ((await response.json()) as { code: string }).code];
  };
  const path = `/code-batches/${id}.csv`;
  expect(await statusOf(path)).toEqual([401, "UNAUTHENTICATED"]);
  for (const kind of ["STOREFRONT", "TILL", "MEMBER", "PARTNER"] as const)
    expect(await statusOf(path, { brandId, kind })).toEqual([403, "FORBIDDEN"]);
  expect(await statusOf(path, { ...operatorOf(brand), scopes: "none" })).toEqual([403, "FORBIDDEN"]);
  expect(await statusOf(path, operatorOf(other))).toEqual([404, "NOT_FOUND"]);
  expect(await statusOf("/code-batches/bat_none.csv", operatorOf(brand))).toEqual([404, "NOT_FOUND"]);
  for (const query of ["?from=-1", "?from=x", "?count=0", "?count=1.5"])
    expect(await statusOf(path + query, operatorOf(brand))).toEqual([400, "BAD_USER_INPUT"]);
  expect(await statusOf(`${path}?from=10`, operatorOf(brand))).toEqual([400, "INVALID_VALUE"]);
  expect((await get(path, { brandId, kind: "SERVICE" })).status).toBe(200);
});
