import { decodeJwt, type JWTPayload, SignJWT } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { callerWith } from "../support/caller.ts";
import {
  askToken,
  type Credentials,
  clientCredentials,
  EXCHANGE,
  insertMember,
  newClient,
  newSigner,
  revoke,
  type Signer,
  seconds,
  unsigned,
  without,
} from "./support.ts";

const MEMBER_ID = "urn:tessera:token-type:member-id";
const EXTERNAL_ID = "urn:tessera:token-type:external-id";
const ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token";
const JWT = "urn:ietf:params:oauth:token-type:jwt";
const PROVIDER = "https://id.brand.example.com";

const exchange = (subjectTokenType: string, subjectToken: string): Record<string, string> => ({
  grant_type: EXCHANGE,
  subject_token: subjectToken,
  subject_token_type: subjectTokenType,
});

let brand: TestBrand;
let provider: Signer;
let storefront: Credentials;
let member: { memberId: string; externalId: string };

beforeAll(async () => {
  brand = await newBrand();
  provider = await newSigner("RS256");
  storefront = await newClient(brand, {
    kind: "STOREFRONT",
    scopes: ["members:read", "members:token"],
    identityProvider: {
      issuer: PROVIDER,
      audience: "shop",
      jwks: provider.jwks,
      externalIdClaim: "customer",
    },
  });
  member = await insertMember(brand);
});

const claims = (): JWTPayload => ({
  iss: PROVIDER,
  aud: "shop",
  sub: "someone",
  customer: member.externalId,
  iat: seconds(),
  exp: seconds() + 300,
});

describe("a storefront obtains a member's own token", () => {
  const subjects: Record<string, () => Promise<Record<string, string>>> = {
    "by the member's id": async () => exchange(MEMBER_ID, member.memberId),
    "by the customer's id in its own systems": async () => exchange(EXTERNAL_ID, member.externalId),
    "by an ID token of its identity provider": async () => exchange(ID_TOKEN, await provider.sign(claims())),
    "by a JWT of its identity provider": async () =>
      exchange(JWT, await provider.sign(claims(), { typ: "JWT" })),
  };

  test.each(Object.keys(subjects))("%s, in two database requests", async (name) => {
    const form = await (subjects[name] as () => Promise<Record<string, string>>)();
    const { status, headers, body, databaseRequests } = await askToken(form, storefront);
    expect(status, JSON.stringify(body)).toBe(200);
    expect(databaseRequests).toBeLessThanOrEqual(2);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(body).toMatchObject({
      token_type: "Bearer",
      expires_in: 900,
      scope: "member:self",
      issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
    });
    expect(decodeJwt(body.access_token)).toMatchObject({
      kind: "MEMBER",
      sub: member.memberId,
      brand: brand.brandId,
      client_id: storefront.clientId,
      scope: "member:self",
    });
    const answer = await callerWith(body.access_token)("{ brand { id } }");
    expect(answer.data).toEqual({ brand: { id: brand.brandId } });
  });

  test("by a client that signs assertions, as well", async () => {
    const signer = await newSigner();
    const { clientId } = await newClient(brand, {
      kind: "STOREFRONT",
      scopes: ["members:token"],
      publicKeys: signer.jwks,
    });
    const assertion = await signer.sign({
      ...{ iss: clientId, sub: clientId, aud: "https://loyalty.example.com", jti: "1" },
      ...{ iat: seconds(), exp: seconds() + 60 },
    });
    const { status } = await askToken({
      ...exchange(MEMBER_ID, member.memberId),
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: assertion,
    });
    expect(status).toBe(200);
  });
});

describe("no token is given for a subject token", () => {
  const cases: Record<string, () => Promise<string> | string> = {
    "that has expired": () => provider.sign({ ...claims(), exp: seconds() - 60 }),
    "that never expires": () => provider.sign(without(claims(), "exp")),
    "for another audience": () => provider.sign({ ...claims(), aud: "another-shop" }),
    "by another issuer": () => provider.sign({ ...claims(), iss: "https://id.evil.example.com" }),
    "without the claim of the external id": () => provider.sign(without(claims(), "customer")),
    "whose external id is no text": () => provider.sign({ ...claims(), customer: { $ne: "" } }),
    "whose external id nobody has": () => provider.sign({ ...claims(), customer: "nobody" }),
    "of a type that says nothing of who is signed in": () => provider.sign(claims(), { typ: "logout+jwt" }),
    "signed by another key": async () =>
      (await newSigner("RS256")).sign(claims(), { kid: provider.publicKey.kid as string }),
    "without a signature (alg none)": () => unsigned(claims()),
    "signed HS256 with the public key as the secret": () =>
      new SignJWT(claims())
        .setProtectedHeader({ alg: "HS256", kid: provider.publicKey.kid as string })
        .sign(new TextEncoder().encode(provider.jwks)),
    "that is no JWT": () => member.externalId,
  };

  test.each(Object.keys(cases))("%s", async (name) => {
    const token = await (cases[name] as () => Promise<string>)();
    const { status, body } = await askToken(exchange(ID_TOKEN, token), storefront);
    expect({ status, error: body.error }).toEqual({ status: 400, error: "invalid_request" });
  });
});

describe("no token is given", () => {
  test("for another brand's member, one that is closed, or nobody: all alike", async () => {
    const foreign = await insertMember(await newBrand());
    const closed = await insertMember(brand, "CLOSED");
    const answers = await Promise.all(
      [
        exchange(MEMBER_ID, foreign.memberId),
        exchange(EXTERNAL_ID, foreign.externalId),
        exchange(MEMBER_ID, closed.memberId),
        exchange(EXTERNAL_ID, closed.externalId),
        exchange(MEMBER_ID, "mbr_nobody"),
        // An id of one kind is not tried as the other.
        exchange(EXTERNAL_ID, member.memberId),
      ].map((form) => askToken(form, storefront)),
    );
    expect(new Set(answers.map(({ status, body }) => `${status} ${JSON.stringify(body)}`)).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 400, body: { error: "invalid_request" } });
  });

  test("to a storefront without the scope, or to another kind of client", async () => {
    const form = exchange(MEMBER_ID, member.memberId);
    const without = await newClient(brand, { kind: "STOREFRONT", scopes: ["members:read"] });
    const service = await newClient(brand, { kind: "SERVICE" });
    for (const client of [without, service]) {
      const { status, body } = await askToken(form, client);
      expect({ status, error: body.error }).toEqual({ status: 400, error: "unauthorized_client" });
    }
  });

  test("to anyone who does not authenticate", async () => {
    const { status, body } = await askToken(exchange(MEMBER_ID, member.memberId));
    expect({ status, error: body.error }).toEqual({ status: 401, error: "invalid_client" });
    const stolen = { ...storefront, clientSecret: "wrong" };
    expect((await askToken(exchange(MEMBER_ID, member.memberId), stolen)).status).toBe(401);
  });

  test("for an identity token to a storefront without an identity provider", async () => {
    const plain = await newClient(brand, { kind: "STOREFRONT", scopes: ["members:token"] });
    const { body } = await askToken(exchange(ID_TOKEN, await provider.sign(claims())), plain);
    expect(body.error).toBe("invalid_request");
  });

  test.each([
    ["more than the member's own scope", { scope: "member:self members:read" }, "invalid_scope"],
    ["another audience", { audience: "https://elsewhere.example.com" }, "invalid_target"],
    ["a resource", { resource: "https://elsewhere.example.com" }, "invalid_target"],
    [
      "a refresh token",
      { requested_token_type: "urn:ietf:params:oauth:token-type:refresh_token" },
      "invalid_request",
    ],
    ["an actor token", { actor_token: "x", actor_token_type: JWT }, "invalid_request"],
    ["an unknown type of subject", { subject_token_type: "urn:example:phone" }, "invalid_request"],
    ["no subject", { subject_token: "" }, "invalid_request"],
  ])("for %s", async (_what, changed, error) => {
    const form = { ...exchange(MEMBER_ID, member.memberId), ...changed } as Record<string, string>;
    const { status, body } = await askToken(form, storefront);
    expect({ status, error: body.error }).toEqual({ status: 400, error });
  });
});

test("a member's token ends with the storefront that obtained it", async () => {
  const client = await newClient(brand, { kind: "STOREFRONT", scopes: ["members:token"] });
  const { body } = await askToken(exchange(MEMBER_ID, member.memberId), client);
  const asMember = callerWith(body.access_token);
  expect((await asMember("{ brand { id } }")).errors).toBeUndefined();
  await revoke(brand.operator, client.clientId);
  expect((await asMember("{ brand { id } }")).errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
  expect((await askToken(clientCredentials, client)).status).toBe(401);
});
