import { createLocalJWKSet, jwtVerify } from "jose";
import { expect, test } from "vitest";
import { cardScans } from "../../schema/tables/cards.ts";
import { newSecrets } from "../../scripts/support/bindings.ts";
import { importSigningKeys } from "../../src/access/keys.ts";
import { app } from "../../src/app.ts";
import { signCardPayload } from "../../src/cards/card-payload.ts";
import { barrier } from "../support/barrier.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { bindings, database, environment } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";

const CARD = `{ me { card { number displayName tier { name color } brand { slug } qr { payload svg expiresAt } } } }`;
const SCAN = `mutation ($input: ScanCardInput!) { scanCard(input: $input) {
  ... on ScanCardPayload { offline member { id displayName tier { name } availableCoupons { nodes { code } } } }
  ... on Refusal { code message } ... on CardAlreadyScanned { scannedAt } } }`;

const scan = async ({ till }: TestBrand, payload: string, idempotencyKey?: string) =>
  outcomeOf(await till(SCAN, { input: { payload, idempotencyKey } }));

async function memberWithCard() {
  const brand = await newBrand();
  const holder = await newMember(brand, { name: "Anna Karenina", phone: "13800138000" });
  const answer = await holder.member(CARD);
  return { brand, ...holder, answer, card: answer.data.me.card };
}

test("a member fetches its card in one database request", async () => {
  const { answer, card, brand } = await memberWithCard();
  expect(answer.databaseRequests).toBe(1);
  expect(card).toMatchObject({ displayName: "Anna K.", tier: { name: "普通" }, brand: { slug: brand.slug } });
  expect(card.number).toMatch(/^8\d{3}( \d{4}){3}$/);
  expect(card.qr.svg).toMatch(/^<svg/);
});

test("a till verifies the payload with the published keys alone, and finds no personal data in it", async () => {
  const { card, memberId } = await memberWithCard();
  const jwks = await (await app.request("/.well-known/jwks.json", {}, bindings)).json();
  const { payload } = await jwtVerify(card.qr.payload, createLocalJWKSet(jwks as never), { typ: "card+jwt" });
  expect(Object.keys(payload).sort()).toEqual(["brand", "exp", "iat", "iss", "jti", "sub"]);
  expect(payload.sub).toBe(memberId);
  expect((payload.exp as number) - (payload.iat as number)).toBe(60);
  expect(JSON.stringify(jwks)).not.toContain('"d"');
});

test("a till scans a payload once; a scan whose answer was lost may be repeated with its key", async () => {
  const { brand, card, memberId } = await memberWithCard();
  const first = await scan(brand, card.qr.payload, "scan-1");
  expect(first).toMatchObject({
    offline: false,
    member: { id: memberId, displayName: "Anna K.", availableCoupons: { nodes: [] } },
  });
  expect(await scan(brand, card.qr.payload, "scan-1")).toEqual(first);
  // Also when its minute is over by then.
  const { signingKeys, issuer } = await environment();
  const old = { brandId: brand.brandId, memberId, payloadId: crypto.randomUUID() };
  const { payload } = await signCardPayload(signingKeys, issuer, old, Date.now() - 65_000);
  const late = await scan(brand, payload, "scan-late");
  expect(late).toMatchObject({ member: { id: memberId } });
  await new Promise((resolve) => setTimeout(resolve, 6_500));
  expect(await scan(brand, payload, "scan-late")).toEqual(late);
  expect(await scan(brand, payload)).toMatchObject({ code: "CARD_ALREADY_SCANNED" });
  expect(await scan(brand, card.qr.payload, "scan-2")).toMatchObject({ code: "CARD_ALREADY_SCANNED" });
  expect(await scan(brand, card.qr.payload)).toMatchObject({ code: "CARD_ALREADY_SCANNED" });
});

test("the static number is accepted when the phone is offline", async () => {
  const { brand, card, memberId } = await memberWithCard();
  expect(await scan(brand, card.number)).toMatchObject({ offline: true, member: { id: memberId } });
  const mistyped = card.number.replace(/.$/, (digit: string) => String((Number(digit) + 1) % 10));
  expect(await scan(brand, mistyped)).toMatchObject({ code: "CARD_MALFORMED" });
});

test("what is expired, foreign, forged or no card is refused with its reason", async () => {
  const { brand, memberId, card } = await memberWithCard();
  const { signingKeys, issuer } = await environment();
  const forged = await importSigningKeys(JSON.parse((await newSecrets()).SIGNING_KEYS));
  const sign = (options: { keys?: typeof signingKeys; issuer?: string; brandId?: string; now?: number }) =>
    signCardPayload(
      options.keys ?? signingKeys,
      options.issuer ?? issuer,
      { brandId: options.brandId ?? brand.brandId, memberId, payloadId: crypto.randomUUID() },
      options.now ?? Date.now(),
    ).then(({ payload }) => payload);
  const other = await newBrand();
  const [header, claims, signature] = card.qr.payload.split(".");
  const cases: [what: string, payload: string, code: string][] = [
    ["a minute old", await sign({ now: Date.now() - 71_000 }), "CARD_EXPIRED"],
    ["from the future, and so too long", await sign({ now: Date.now() + 600_000 }), "CARD_MALFORMED"],
    ["of another brand", await sign({ brandId: other.brandId }), "CARD_FOREIGN"],
    ["signed by another key", await sign({ keys: forged }), "CARD_FOREIGN"],
    ["of another issuer", await sign({ issuer: "https://elsewhere.example.com" }), "CARD_FOREIGN"],
    ["with a changed signature", `${header}.${claims}.${signature?.slice(0, -4)}AAAA`, "CARD_FOREIGN"],
    [
      "unsigned",
      `${btoa('{"alg":"none","typ":"card+jwt"}').replaceAll("=", "")}.${claims}.`,
      "CARD_MALFORMED",
    ],
    ["a text", "hello", "CARD_MALFORMED"],
    ["a link", "https://example.com/?member=1", "CARD_MALFORMED"],
  ];
  for (const [what, payload, code] of cases) {
    expect.soft(await scan(brand, payload), what).toMatchObject({ code });
  }
  expect(await scan(other, card.qr.payload)).toMatchObject({ code: "CARD_FOREIGN" });
  expect(await scan(brand, card.qr.payload)).toMatchObject({ member: { id: memberId } });
});

test("of 50 tills that scan one payload at once, one accepts it", async () => {
  const { brand, card } = await memberWithCard();
  const answers = await Promise.all(Array.from({ length: 50 }, () => scan(brand, card.qr.payload)));
  expect(answers.filter(({ member }) => member)).toHaveLength(1);
  expect(answers.filter(({ code }) => code === "CARD_ALREADY_SCANNED")).toHaveLength(49);
});

test("a till that looks before it writes, without the key, lets a payload in more than once", async () => {
  const { brand, memberId } = await memberWithCard();
  const payloadId = crypto.randomUUID();
  const allLooked = barrier(50);
  const lookThenWrite = async (till: number) => {
    const client = database();
    const known = await client.query.cardScans.findFirst({ where: { brandId: brand.brandId, payloadId } });
    await allLooked();
    if (known) return false;
    // Its own id for each till takes the place of a table without the unique key.
    await client.insert(cardScans).values({
      ...{ brandId: brand.brandId, memberId },
      payloadId: `${payloadId}-${till}`,
      scannedAt: Date.now(),
      scannedBy: "broken twin",
    });
    return true;
  };
  const answers = await Promise.all(Array.from({ length: 50 }, (_, till) => lookThenWrite(till)));
  expect(answers.filter(Boolean).length).toBeGreaterThan(1);
});

test("only the member's own app and the storefront get a code to show", async () => {
  const { brand, memberId } = await memberWithCard();
  const ask = `query ($id: ID!) { member(by: { id: $id }) { card { number qr { payload } } } }`;
  expect((await brand.storefront(ask, { id: memberId })).data.member.card.qr.payload).toBeTruthy();
  const service = await brand.service(ask, { id: memberId });
  expect(service.data.member.card.qr).toBeNull();
  expect(service.errors?.[0]?.extensions.code).toBe("FORBIDDEN");
});
