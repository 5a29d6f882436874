import { eq } from "drizzle-orm";
import { type JWTPayload, SignJWT } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { idempotency } from "../../schema/tables/commits.ts";
import { barrier } from "../support/barrier.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { database } from "../support/caller.ts";
import {
  askToken,
  type Credentials,
  clientCredentials,
  ISSUER,
  newClient,
  newSigner,
  revoke,
  type Signer,
  seconds,
  TOKEN_ENDPOINT,
  unsigned,
  without,
} from "./support.ts";

const withAssertion = (assertion: string): Record<string, string> => ({
  ...clientCredentials,
  client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
  client_assertion: assertion,
});

const claimsOf = ({ clientId }: Credentials): JWTPayload => ({
  iss: clientId,
  sub: clientId,
  aud: TOKEN_ENDPOINT,
  jti: crypto.randomUUID(),
  iat: seconds(),
  exp: seconds() + 60,
});

describe.each(["ES256", "RS256", "EdDSA"])("a client that signs with %s", (algorithm) => {
  test.each([TOKEN_ENDPOINT, ISSUER])("obtains a token by an assertion for %s", async (aud) => {
    const signer = await newSigner(algorithm);
    const client = await newClient(await newBrand(), { publicKeys: signer.jwks });
    expect(client.clientSecret).toBeNull();
    const assertion = await signer.sign({ ...claimsOf(client), aud }, { typ: "client-authentication+jwt" });
    const answer = await askToken(withAssertion(assertion));
    expect(answer).toMatchObject({ status: 200, databaseRequests: 2, body: { scope: "members:read" } });
  });
});

test("an assertion is good once, also when it is sent twice at the same moment", async () => {
  const signer = await newSigner();
  const client = await newClient(await newBrand(), { publicKeys: signer.jwks });
  const assertion = withAssertion(await signer.sign(claimsOf(client)));
  const answers = await Promise.all([1, 2, 3, 4].map(() => askToken(assertion)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
  expect((await askToken(assertion)).body.error).toBe("invalid_client");
  expect((await askToken(withAssertion(await signer.sign(claimsOf(client))))).status).toBe(200);
});

test("the naive way, to look first and to write after, takes it twice: so the test above can fail", async () => {
  const { brandId } = await newBrand();
  const row = { brandId, caller: "cli_naive", operation: "client_assertion", key: "once" };
  const bothLooked = barrier(2);
  const naive = async () => {
    const known = await database().query.idempotency.findFirst({ where: row });
    await bothLooked();
    await database()
      .insert(idempotency)
      .values({ ...row, inputHash: "", outcome: {}, createdAt: Date.now() })
      .onConflictDoNothing();
    return known === undefined;
  };
  expect(await Promise.all([naive(), naive()])).toEqual([true, true]);
});

test("what is kept of assertions goes when it no longer matters", async () => {
  const signer = await newSigner();
  const client = await newClient(await newBrand(), { publicKeys: signer.jwks });
  const kept = () => database().select().from(idempotency).where(eq(idempotency.caller, client.clientId));
  await askToken(withAssertion(await signer.sign(claimsOf(client))));
  const [first] = await kept();
  await database()
    .update(idempotency)
    .set({ createdAt: Date.now() - 11 * 60_000 })
    .where(eq(idempotency.caller, client.clientId));
  await askToken(withAssertion(await signer.sign(claimsOf(client))));
  const left = await kept();
  expect(left).toHaveLength(1);
  expect(left[0]?.key).not.toBe(first?.key);
});

test("two keys can be registered, so that a client can change from one to the other", async () => {
  const [first, second] = [await newSigner(), await newSigner()];
  const publicKeys = JSON.stringify({ keys: [first.publicKey, second.publicKey] });
  const client = await newClient(await newBrand(), { publicKeys });
  for (const signer of [first, second]) {
    expect((await askToken(withAssertion(await signer.sign(claimsOf(client))))).status).toBe(200);
  }
});

describe("an assertion is refused", () => {
  let brand: TestBrand;
  let signer: Signer;
  let client: Credentials;
  let claims: JWTPayload;

  beforeAll(async () => {
    brand = await newBrand();
    signer = await newSigner();
    client = await newClient(brand, { publicKeys: signer.jwks });
    claims = claimsOf(client);
  });

  const cases: Record<string, () => Promise<string> | string> = {
    "that has expired": () => signer.sign({ ...claims, iat: seconds() - 120, exp: seconds() - 60 }),
    "that never expires": () => signer.sign(without(claims, "exp")),
    "that does not say when it was made": () => signer.sign(without(claims, "iat")),
    "that was made six minutes ago": () =>
      signer.sign({ ...claims, iat: seconds() - 360, exp: seconds() + 60 }),
    "that was made in the future": () =>
      signer.sign({ ...claims, iat: seconds() + 360, exp: seconds() + 400 }),
    "that is not valid yet": () => signer.sign({ ...claims, nbf: seconds() + 120 }),
    "without an id": () => signer.sign(without(claims, "jti")),
    "with an empty id": () => signer.sign({ ...claims, jti: "" }),
    "for another audience": () =>
      signer.sign({ ...claims, aud: "https://elsewhere.example.com/oauth/token" }),
    "for another audience as well": () =>
      signer.sign({ ...claims, aud: [TOKEN_ENDPOINT, "https://elsewhere"] }),
    "without an audience": () => signer.sign(without(claims, "aud")),
    "by another issuer": () => signer.sign({ ...claims, iss: "cli_other" }),
    "for another subject": () => signer.sign({ ...claims, sub: "cli_other" }),
    "without a subject": () => signer.sign(without(claims, "sub")),
    "of another type": () => signer.sign(claims, { typ: "at+jwt" }),
    "signed by a key that is not registered": async () => (await newSigner()).sign(claims),
    "signed by another client's key": async () => {
      const foreign = await newSigner();
      await newClient(brand, { publicKeys: foreign.jwks });
      return foreign.sign(claims, { kid: signer.publicKey.kid as string });
    },
    "without a signature (alg none)": () => unsigned(claims),
    "signed HS256 with the public key as the secret": () =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: "HS256", kid: signer.publicKey.kid as string })
        .sign(new TextEncoder().encode(signer.jwks)),
    "that was changed": async () => {
      const [header, , signature] = (await signer.sign(claims)).split(".");
      const [, payload] = unsigned({ ...claims, jti: "another" }).split(".");
      return `${header}.${payload}.${signature}`;
    },
    "that is no JWT": () => "nonsense",
  };

  test.each(Object.keys(cases))("%s", async (name) => {
    const assertion = await (cases[name] as () => Promise<string>)();
    const { status, body } = await askToken(withAssertion(assertion));
    expect({ status, error: body.error }).toEqual({ status: 401, error: "invalid_client" });
  });

  test("that a client with a secret sends, and a secret of a client with keys", async () => {
    const secretive = await newClient(brand);
    const assertion = await signer.sign({ ...claimsOf(secretive) });
    expect((await askToken(withAssertion(assertion))).status).toBe(401);
    expect((await askToken(clientCredentials, { ...client, clientSecret: "x" })).status).toBe(401);
  });

  test("of a type that is not known", async () => {
    const form = { ...withAssertion(await signer.sign(claims)), client_assertion_type: "saml" };
    expect((await askToken(form)).body.error).toBe("invalid_request");
  });

  test("of a client that was revoked", async () => {
    const revoked = await newClient(brand, { publicKeys: signer.jwks });
    await revoke(brand.operator, revoked.clientId);
    expect((await askToken(withAssertion(await signer.sign(claimsOf(revoked))))).status).toBe(401);
  });
});
