import { exportJWK, generateKeyPair, importJWK, type JWK, type JWTPayload, SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import { issueAccessToken } from "../../src/access/tokens.ts";
import { app } from "../../src/app.ts";
import { readEnvironment } from "../../src/environment.ts";
import { newBrand } from "../support/brand.ts";
import { bindings, callerWith } from "../support/caller.ts";
import {
  askToken,
  clientCredentials,
  ISSUER,
  newClient,
  newSigner,
  seconds,
  unsigned,
  without,
} from "./support.ts";

const [ours] = (JSON.parse(bindings.SIGNING_KEYS) as { keys: JWK[] }).keys as [JWK];

const claims = (): JWTPayload => ({
  ...{ iss: ISSUER, aud: "tessera", sub: "cli_test", jti: crypto.randomUUID() },
  ...{ iat: seconds(), exp: seconds() + 900 },
  ...{ client_id: "cli_test", brand: "brd_test", kind: "OPERATOR", scope: "program:read" },
});

const sign = async (payload: JWTPayload, header: object = {}) =>
  new SignJWT(payload)
    .setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: ours.kid as string, ...header })
    .sign(await importJWK(ours, "ES256"));

const codeWith = async (token: string) =>
  (await callerWith(token)("{ brand { id } }")).errors?.[0]?.extensions.code;

test("a token of ours is taken", async () => {
  expect(await codeWith(await sign(claims()))).toBeUndefined();
});

describe("an access token is refused", () => {
  const cases: Record<string, () => Promise<string> | string> = {
    "that has expired": () => sign({ ...claims(), iat: seconds() - 911, exp: seconds() - 11 }),
    "that never expires": () => sign(without(claims(), "exp")),
    "that does not say when it was made": () => sign(without(claims(), "iat")),
    "that lives longer than ours do": () =>
      sign({ ...claims(), iat: seconds() - 1_000, exp: seconds() + 9_000 }),
    "that is not valid yet": () => sign({ ...claims(), nbf: seconds() + 60 }),
    "without an id": () => sign(without(claims(), "jti")),
    "without a brand": () => sign(without(claims(), "brand")),
    "without a client": () => sign(without(claims(), "client_id")),
    "for another audience": () => sign({ ...claims(), aud: "another" }),
    "by another issuer": () => sign({ ...claims(), iss: "https://loyalty.evil.example.com" }),
    "that is an ID token": () => sign(claims(), { typ: "JWT" }),
    "without a type": () => sign(claims(), { typ: undefined }),
    "signed by a key that is not ours": async () =>
      (await newSigner()).sign(claims(), { typ: "at+jwt", kid: ours.kid as string }),
    "of a key that does not exist": async () => (await newSigner()).sign(claims(), { typ: "at+jwt" }),
    "without a signature (alg none)": () => unsigned(claims()),
    "signed HS256 with our public key as the secret": () =>
      new SignJWT(claims())
        .setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid: ours.kid as string })
        .sign(
          new TextEncoder().encode(JSON.stringify({ kty: ours.kty, crv: ours.crv, x: ours.x, y: ours.y })),
        ),
    "that brings its own key": async () => {
      const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
      return new SignJWT(claims())
        .setProtectedHeader({
          alg: "ES256",
          typ: "at+jwt",
          kid: ours.kid as string,
          jwk: await exportJWK(publicKey),
        })
        .sign(privateKey);
    },
    "that was changed": async () => {
      const [header, , signature] = (await sign(claims())).split(".");
      const [, payload] = unsigned({ ...claims(), scope: "program:read clients:manage" }).split(".");
      return `${header}.${payload}.${signature}`;
    },
    "that is no JWT": () => "nonsense",
  };

  test.each(Object.keys(cases))("%s", async (name) => {
    expect(await codeWith(await (cases[name] as () => Promise<string>)())).toBe("UNAUTHENTICATED");
  });

  test("in any other header than a bearer's", async () => {
    const client = await newClient(await newBrand());
    const { body } = await askToken(clientCredentials, client);
    for (const authorization of [body.access_token, `Basic ${body.access_token}`, "Bearer", "Bearer a b"]) {
      const answer = await callerWith(undefined)("{ brand { id } }", {}, { authorization });
      expect(answer).toMatchObject({ status: 401, errors: [{ extensions: { code: "UNAUTHENTICATED" } }] });
    }
  });
});

describe("when the signing keys rotate", () => {
  const askWith = async (keys: JWK[], token: string) => {
    const response = await app.request(
      "/graphql",
      {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
        body: JSON.stringify({ query: "{ brand { id } }" }),
      },
      { ...bindings, SIGNING_KEYS: JSON.stringify({ keys }) },
    );
    return ((await response.json()) as { errors?: { extensions: { code: string } }[] }).errors?.[0]
      ?.extensions.code;
  };
  const newKey = async (kid: string): Promise<JWK> => {
    const { privateKey } = await generateKeyPair("ES256", { extractable: true });
    return { ...(await exportJWK(privateKey)), kid };
  };
  const issueWith = async (key: JWK) => {
    const environment = await readEnvironment({ ...bindings, SIGNING_KEYS: JSON.stringify({ keys: [key] }) });
    const actor = { kind: "OPERATOR", brandId: "brd_test", clientId: "cli_test" } as const;
    return issueAccessToken(environment, { ...actor, scopes: new Set(["program:read"]) }, Date.now());
  };

  test("a token that the old key signed is still taken while that key is listed second", async () => {
    const [oldKey, newer] = [await newKey("old"), await newKey("new")];
    expect(await askWith([newer, oldKey], await issueWith(oldKey))).toBeUndefined();
    expect(await askWith([newer, oldKey], await issueWith(newer))).toBeUndefined();
  });

  test("a token of a key that is listed no longer is refused, also under the name of one that is", async () => {
    const [oldKey, newer] = [await newKey("old"), await newKey("new")];
    expect(await askWith([newer], await issueWith(oldKey))).toBe("UNAUTHENTICATED");
    expect(await askWith([newer], await issueWith({ ...oldKey, kid: "new" }))).toBe("UNAUTHENTICATED");
  });
});
