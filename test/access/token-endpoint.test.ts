import { decodeJwt, decodeProtectedHeader } from "jose";
import { describe, expect, test } from "vitest";
import { app } from "../../src/app.ts";
import { newBrand } from "../support/brand.ts";
import { bindings, callerWith } from "../support/caller.ts";
import { askToken, basic, clientCredentials, ISSUER, newClient, revoke, TOKEN_ENDPOINT } from "./support.ts";

describe("a client obtains a token with its secret", () => {
  test("in one database request, and the API takes it", async () => {
    const brand = await newBrand();
    const client = await newClient(brand, { scopes: ["program:read", "members:read"] });
    const { status, headers, body, databaseRequests } = await askToken(clientCredentials, client);
    expect({ status, databaseRequests }).toEqual({ status: 200, databaseRequests: 1 });
    expect(headers.get("cache-control")).toBe("no-store");
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: "Bearer",
      expires_in: 900,
      scope: "program:read members:read",
    });
    expect(decodeProtectedHeader(body.access_token)).toMatchObject({ alg: "ES256", typ: "at+jwt" });
    expect(decodeJwt(body.access_token)).toMatchObject({
      iss: ISSUER,
      sub: client.clientId,
      client_id: client.clientId,
      brand: brand.brandId,
      kind: "SERVICE",
    });
    const answer = await callerWith(body.access_token)("{ brand { id } }");
    expect(answer.data).toEqual({ brand: { id: brand.brandId } });
  });

  test("also when every character of its credentials is percent-encoded", async () => {
    const { clientId, clientSecret } = await newClient(await newBrand());
    const encode = (text: string) => text.replace(/./g, (letter) => `%${letter.charCodeAt(0).toString(16)}`);
    const authorization = `basic ${btoa(`${encode(clientId)}:${encode(clientSecret)}`)}`;
    expect((await askToken(clientCredentials, undefined, { authorization })).status).toBe(200);
  });

  test("and a scope parameter narrows it", async () => {
    const client = await newClient(await newBrand(), { scopes: ["program:read", "members:read"] });
    const { body } = await askToken({ ...clientCredentials, scope: "members:read" }, client);
    expect(body.scope).toBe("members:read");
    const answer = await callerWith(body.access_token)("{ brand { id } }");
    expect(answer.errors?.[0]?.extensions.code).toBe("FORBIDDEN");
  });

  test("a storefront exchanges nothing for members without an exchange", async () => {
    const client = await newClient(await newBrand(), { kind: "STOREFRONT", scopes: ["members:token"] });
    const { body } = await askToken({ ...clientCredentials, scope: "member:self" }, client);
    expect(body.error).toBe("invalid_scope");
  });
});

describe("the token endpoint refuses", () => {
  test("unknown, wrong and revoked credentials, all alike", async () => {
    const brand = await newBrand();
    const client = await newClient(brand);
    const other = await newClient(brand);
    const revoked = await newClient(brand);
    await revoke(brand.operator, revoked.clientId);
    const { clientId, clientSecret } = client;
    const attempts = {
      "a wrong secret": askToken(clientCredentials, { clientId, clientSecret: `${clientSecret}x` }),
      "another client's secret": askToken(clientCredentials, { ...other, clientId }),
      "an unknown client": askToken(clientCredentials, { clientId: "cli_nobody", clientSecret }),
      "a revoked client": askToken(clientCredentials, revoked),
      "the hash of nothing": askToken(clientCredentials, { clientId: "cli_nobody", clientSecret: "x" }),
      "no credentials": askToken(clientCredentials),
      "a bearer token": askToken(clientCredentials, undefined, { authorization: "Bearer abc.def.ghi" }),
      "credentials that are no base64": askToken(clientCredentials, undefined, {
        authorization: "Basic %%%",
      }),
      "credentials without a colon": askToken(clientCredentials, undefined, {
        authorization: `Basic ${btoa(clientId)}`,
      }),
      "a broken percent escape": askToken(clientCredentials, undefined, {
        authorization: `Basic ${btoa(`${clientId}:%zz`)}`,
      }),
      "a secret in the body": askToken({
        ...clientCredentials,
        client_id: clientId,
        client_secret: clientSecret,
      }),
      "another client_id in the body": askToken({ ...clientCredentials, client_id: other.clientId }, client),
    };
    const bodies = new Set<string>();
    for (const [attempt, asked] of Object.entries(attempts)) {
      const { status, headers, body } = await asked;
      expect({ attempt, status, error: body.error }).toEqual({
        attempt,
        status: 401,
        error: "invalid_client",
      });
      expect(headers.get("www-authenticate")).toMatch(/^Basic /);
      expect(headers.get("cache-control")).toBe("no-store");
      bodies.add(JSON.stringify(body));
    }
    expect(bodies.size).toBe(1);
  });

  test.each([
    ["a scope the client was not given", { ...clientCredentials, scope: "members:write" }, "invalid_scope"],
    ["a scope that does not exist", { ...clientCredentials, scope: "members:read root" }, "invalid_scope"],
    ["another kind's scope", { ...clientCredentials, scope: "clients:manage" }, "invalid_scope"],
    ["another grant", { grant_type: "password", username: "a", password: "b" }, "unsupported_grant_type"],
    ["an inherited name as a grant", { grant_type: "constructor" }, "unsupported_grant_type"],
    ["no grant", { scope: "members:read" }, "invalid_request"],
    ["a grant without a value", { grant_type: "" }, "invalid_request"],
    [
      "a parameter given twice",
      "grant_type=client_credentials&grant_type=client_credentials",
      "invalid_request",
    ],
    ["two ways to authenticate", { ...clientCredentials, client_assertion: "a.b.c" }, "invalid_request"],
  ])("%s", async (_what, form, error) => {
    const client = await newClient(await newBrand());
    const { status, body } = await askToken(form as Record<string, string> | string, client);
    expect({ status, error: body.error }).toEqual({ status: 400, error });
  });

  test("a body that is JSON, too large, or asked for with GET", async () => {
    const client = await newClient(await newBrand());
    const json = await askToken(JSON.stringify(clientCredentials), client, {
      "content-type": "application/json",
    });
    expect(json).toMatchObject({ status: 400, body: { error: "invalid_request" } });
    const large = await askToken({ ...clientCredentials, scope: "x".repeat(20_000) }, client);
    expect(large).toMatchObject({ status: 413, body: { error: "invalid_request" } });
    const got = await app.request("/oauth/token", { headers: { authorization: basic(client) } }, bindings);
    expect(got.status).toBe(405);
  });

  test("and says so in time, in its own words, when the database does not answer", async () => {
    const response = await app.request(
      "/oauth/token",
      {
        method: "POST",
        headers: {
          "content-type": "application/x-www-form-urlencoded",
          authorization: basic({ clientId: "cli_x", clientSecret: "y" }),
        },
        body: "grant_type=client_credentials",
      },
      { ...bindings, DATABASE_URL: "http://127.0.0.1:9" },
    );
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: "temporarily_unavailable" });
  });
});

test("the metadata tells client libraries where and how to ask", async () => {
  const response = await app.request("/.well-known/oauth-authorization-server", {}, bindings);
  const metadata = (await response.json()) as Record<string, unknown>;
  expect(metadata).toMatchObject({
    issuer: ISSUER,
    token_endpoint: TOKEN_ENDPOINT,
    jwks_uri: `${ISSUER}/.well-known/jwks.json`,
    grant_types_supported: ["client_credentials", "urn:ietf:params:oauth:grant-type:token-exchange"],
    token_endpoint_auth_methods_supported: ["client_secret_basic", "private_key_jwt"],
    response_types_supported: [],
  });
  expect(metadata.scopes_supported).toContain("member:self");
  expect(metadata.token_endpoint_auth_signing_alg_values_supported).not.toContain("HS256");
  const jwks = (await (await app.request("/.well-known/jwks.json", {}, bindings)).json()) as {
    keys: Record<string, string>[];
  };
  expect(jwks.keys.every((key) => key.kid && !("d" in key))).toBe(true);
});
