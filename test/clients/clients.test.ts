import { eq } from "drizzle-orm";
import { exportJWK, generateKeyPair } from "jose";
import { describe, expect, test } from "vitest";
import { clients } from "../../schema/tables/clients.ts";
import { audit, idempotency, outbox } from "../../schema/tables/commits.ts";
import { scopesFor } from "../../src/access/scopes.ts";
import {
  askToken,
  clientCredentials,
  createClient,
  newClient,
  newSigner,
  revoke,
  rotate,
} from "../access/support.ts";
import { newBrand } from "../support/brand.ts";
import { callerOfKind, callerWith, database } from "../support/caller.ts";

const rowOf = async (clientId: string) => {
  const row = await database().query.clients.findFirst({ where: { id: clientId } });
  if (!row) throw new Error(`No client ${clientId}`);
  return row;
};

describe("creating a client", () => {
  test("shows its secret once and stores it nowhere in clear", async () => {
    const { operator, brandId } = await newBrand();
    const { client, clientSecret } = await createClient(operator, { name: "Orders" });
    expect(client).toMatchObject({
      kind: "SERVICE",
      name: "Orders",
      scopes: ["members:read"],
      revokedAt: null,
    });
    expect(clientSecret).toMatch(/^tss_[\w-]{43}$/);
    const row = await rowOf(client.id);
    expect(row.secrets).toHaveLength(1);
    const audits = await database().select().from(audit).where(eq(audit.brandId, brandId));
    const events = await database().select().from(outbox).where(eq(outbox.brandId, brandId));
    const answers = await database().select().from(idempotency).where(eq(idempotency.brandId, brandId));
    expect(audits).toMatchObject([{ operation: "createClient", subjectId: client.id }]);
    const told = JSON.stringify([audits, events, answers]);
    for (const text of [JSON.stringify(row), told]) expect(text).not.toContain(clientSecret.slice(4));
    expect(told).not.toContain(row.secrets[0]?.hash);
  });

  test("takes two database requests", async () => {
    const { operator } = await newBrand();
    await operator("{ brand { id } }");
    const { databaseRequests } = await operator(
      `mutation { createClient(input: { kind: TILL, name: "Till 1", scopes: ["cards:scan"] }) { ... on CreateClientPayload { client { id } } } }`,
    );
    expect(databaseRequests).toBe(2);
  });

  test.each(["STOREFRONT", "TILL", "OPERATOR", "SERVICE"] as const)(
    "gives a %s what its kind can have, and the token carries it",
    async (kind) => {
      const brand = await newBrand();
      const client = await newClient(brand, { kind, scopes: scopesFor(kind) });
      expect((await askToken(clientCredentials, client)).body.scope).toBe(scopesFor(kind).join(" "));
    },
  );

  test.each([
    ["another kind's scope", { kind: "TILL", scopes: ["members:write"] }, "scopes"],
    ["a member's scope", { kind: "STOREFRONT", scopes: ["member:self"] }, "scopes"],
    ["an unknown scope", { scopes: ["constructor"] }, "scopes"],
    ["no scope", { scopes: [] }, "scopes"],
    ["an alliance for a client that is no partner", { allianceId: "aln_x" }, "allianceId"],
    ["a partner without an alliance", { kind: "PARTNER", scopes: ["joint:issue"] }, "allianceId"],
    [
      "an identity provider for a client that is no storefront",
      { identityProvider: { issuer: "https://id.example.com", audience: "shop", jwks: "{}" } },
      "identityProvider",
    ],
    [
      "an identity provider without keys",
      {
        ...{ kind: "STOREFRONT", scopes: ["members:token"] },
        identityProvider: { issuer: "https://id.example.com", audience: "shop", jwks: '{"keys":[]}' },
      },
      "identityProvider.jwks",
    ],
  ])("refuses %s", async (_what, input, field) => {
    const { operator } = await newBrand();
    expect(await createClient(operator, input)).toMatchObject({ code: "INVALID_VALUE", field });
  });

  test("needs the scope clients:manage", async () => {
    const { brandId, service } = await newBrand();
    const scopes = new Set(scopesFor("OPERATOR").filter((scope) => scope !== "clients:manage"));
    for (const caller of [service, await callerOfKind("OPERATOR", { brandId, scopes })]) {
      const answer = await caller(
        `mutation { createClient(input: { kind: TILL, name: "T", scopes: ["cards:scan"] }) { __typename } }`,
      );
      expect(answer.errors?.[0]?.extensions.code).toBe("FORBIDDEN");
      expect((await caller("{ clients { edges { node { id } } } }")).errors?.[0]?.extensions.code).toBe(
        "FORBIDDEN",
      );
    }
  });

  test("an operator hands out, or takes over, no scope that it lacks itself", async () => {
    const brand = await newBrand();
    const strong = await newClient(brand, { kind: "OPERATOR", scopes: ["program:write", "clients:manage"] });
    const weak = await callerOfKind("OPERATOR", {
      brandId: brand.brandId,
      scopes: new Set(["clients:manage", "members:read"]),
    });
    const refused = { code: "SCOPE_NOT_HELD", scope: "program:write" };
    expect(await createClient(weak, { kind: "OPERATOR", scopes: ["program:write"] })).toMatchObject(refused);
    expect(await rotate(weak, strong.clientId)).toMatchObject({ code: refused.code });
    expect(await createClient(weak, { kind: "SERVICE", scopes: ["members:read"] })).toHaveProperty("client");
    expect(await createClient(weak, { kind: "TILL", scopes: ["cards:scan"] })).toHaveProperty("client");
  });
});

describe("public keys instead of a secret", () => {
  test("are kept without anything else that the set held", async () => {
    const { operator } = await newBrand();
    const { publicKey } = await newSigner();
    const publicKeys = JSON.stringify({ keys: [{ ...publicKey, note: "mine" }], owner: "me" });
    const { client, clientSecret } = await createClient(operator, { publicKeys });
    expect(clientSecret).toBeNull();
    expect(client.hasPublicKeys).toBe(true);
    expect(await rowOf(client.id)).toMatchObject({ secrets: [], publicKeys: { keys: [publicKey] } });
    expect(JSON.stringify((await rowOf(client.id)).publicKeys)).not.toMatch(/mine|owner/);
    expect(await rotate(operator, client.id)).toMatchObject({ code: "INVALID_VALUE", field: "clientId" });
  });

  const sets: Record<string, () => Promise<unknown>> = {
    "that are private": async () => {
      const { privateKey } = await generateKeyPair("ES256", { extractable: true });
      return { keys: [await exportJWK(privateKey)] };
    },
    "that are symmetric": async () => ({
      keys: [{ kty: "oct", k: "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0" }],
    }),
    "for encryption": async () => ({ keys: [{ ...(await newSigner()).publicKey, use: "enc" }] }),
    "for an HMAC": async () => ({ keys: [{ ...(await newSigner()).publicKey, alg: "HS256" }] }),
    "that are on no curve": async () => ({ keys: [{ kty: "EC", crv: "P-256", x: "AA", y: "AA" }] }),
    "that are too short": async () => {
      const { publicKey } = (await crypto.subtle.generateKey(
        {
          name: "RSASSA-PKCS1-v1_5",
          modulusLength: 1024,
          publicExponent: new Uint8Array([1, 0, 1]),
          hash: "SHA-256",
        },
        true,
        ["sign", "verify"],
      )) as CryptoKeyPair;
      return { keys: [await crypto.subtle.exportKey("jwk", publicKey)] };
    },
    "that cannot be told apart": async () => {
      const keys = [(await newSigner()).publicKey, (await newSigner()).publicKey];
      return { keys: keys.map((key) => ({ ...key, kid: "same" })) };
    },
    "that are none": async () => ({ keys: [] }),
    "that are no set": async () => "nonsense",
  };

  test.each(Object.keys(sets))("are refused %s", async (name) => {
    const { operator } = await newBrand();
    const publicKeys = JSON.stringify(await (sets[name] as () => Promise<unknown>)());
    expect(await createClient(operator, { publicKeys })).toMatchObject({
      code: "INVALID_VALUE",
      field: "publicKeys",
    });
  });

  test("are refused when they are no JSON", async () => {
    const { operator } = await newBrand();
    expect(await createClient(operator, { publicKeys: "{" })).toMatchObject({ field: "publicKeys" });
  });
});

describe("rotating a secret", () => {
  test("lets the old one live for the overlap, and no longer", async () => {
    const brand = await newBrand();
    const old = await newClient(brand);
    const { clientSecret } = await rotate(brand.operator, old.clientId, 2);
    expect(clientSecret).not.toBe(old.clientSecret);
    expect((await askToken(clientCredentials, { ...old, clientSecret })).status).toBe(200);
    expect((await askToken(clientCredentials, old)).status).toBe(200);
    const { secrets } = await rowOf(old.clientId);
    const [, second] = secrets;
    expect((second?.expiresAt ?? 0) - Date.now()).toBeGreaterThan(2 * 3_600_000 - 60_000);
    const past = secrets.map((secret) =>
      secret.expiresAt ? { ...secret, expiresAt: Date.now() - 1 } : secret,
    );
    await database().update(clients).set({ secrets: past }).where(eq(clients.id, old.clientId));
    expect((await askToken(clientCredentials, old)).status).toBe(401);
    expect((await askToken(clientCredentials, { ...old, clientSecret })).status).toBe(200);
  });

  test("ends the old one at once with an overlap of nothing", async () => {
    const brand = await newBrand();
    const old = await newClient(brand);
    const { clientSecret } = await rotate(brand.operator, old.clientId, 0);
    expect((await askToken(clientCredentials, old)).status).toBe(401);
    expect((await askToken(clientCredentials, { ...old, clientSecret })).status).toBe(200);
    expect((await rowOf(old.clientId)).secrets).toHaveLength(1);
  });

  test("never makes an old one live longer, and bounds how many live", async () => {
    const brand = await newBrand();
    const { clientId } = await newClient(brand);
    await rotate(brand.operator, clientId, 1);
    await rotate(brand.operator, clientId, 168);
    const oldest = (await rowOf(clientId)).secrets.at(-1);
    expect((oldest?.expiresAt ?? 0) - Date.now()).toBeLessThanOrEqual(3_600_000);
    await rotate(brand.operator, clientId);
    await rotate(brand.operator, clientId);
    expect(await rotate(brand.operator, clientId)).toMatchObject({
      code: "INVALID_VALUE",
      field: "overlapHours",
    });
    expect(await rotate(brand.operator, clientId, 0)).toHaveProperty("clientSecret");
  });

  test("twice at the same moment gives two secrets that both work", async () => {
    const brand = await newBrand();
    const { clientId } = await newClient(brand);
    const rotated = await Promise.all([rotate(brand.operator, clientId), rotate(brand.operator, clientId)]);
    for (const { clientSecret } of rotated) {
      expect((await askToken(clientCredentials, { clientId, clientSecret })).status).toBe(200);
    }
  });

  test("the naive way, to write what was read, loses one of two: so the test above can fail", async () => {
    const brand = await newBrand();
    const { clientId } = await newClient(brand);
    const read = await Promise.all([rowOf(clientId), rowOf(clientId)]);
    for (const [position, { secrets }] of read.entries()) {
      const added = { hash: `hash ${position}`, expiresAt: null };
      await database()
        .update(clients)
        .set({ secrets: [added, ...secrets] })
        .where(eq(clients.id, clientId));
    }
    expect((await rowOf(clientId)).secrets.map(({ hash }) => hash)).not.toContain("hash 0");
  });

  test.each([-1, 169])("refuses an overlap of %i hours", async (overlapHours) => {
    const brand = await newBrand();
    const { clientId } = await newClient(brand);
    expect(await rotate(brand.operator, clientId, overlapHours)).toMatchObject({ field: "overlapHours" });
  });

  test("does not bring a revoked client back", async () => {
    const brand = await newBrand();
    const { clientId } = await newClient(brand);
    const first = await revoke(brand.operator, clientId);
    expect(await rotate(brand.operator, clientId)).toMatchObject({ code: "NOT_FOUND" });
    expect(await revoke(brand.operator, clientId)).toEqual(first);
  });
});

describe("another brand's operator", () => {
  test("sees, rotates and revokes no client that is not its own", async () => {
    const [brand, other] = [await newBrand(), await newBrand()];
    const client = await newClient(brand);
    const { clientId } = client;
    expect(await rotate(other.operator, clientId)).toMatchObject({ code: "NOT_FOUND" });
    expect(await revoke(other.operator, clientId)).toMatchObject({ code: "NOT_FOUND" });
    const query = `query ($id: ID!) { node(id: $id) { id ... on Client { name } } clients { edges { node { id } } } }`;
    expect((await other.operator(query, { id: clientId })).data).toEqual({
      node: null,
      clients: { edges: [] },
    });
    const own = await brand.operator(query, { id: clientId });
    expect(own.data).toEqual({
      node: { id: clientId, name: "Orders" },
      clients: { edges: [{ node: { id: clientId } }] },
    });
    expect((await askToken(clientCredentials, client)).status).toBe(200);
  });

  test("and a caller without the scope finds no client by its id", async () => {
    const brand = await newBrand();
    const { clientId } = await newClient(brand);
    for (const caller of [brand.service, brand.storefront, callerWith(undefined)]) {
      const { data } = await caller("query ($id: ID!) { node(id: $id) { id } }", { id: clientId });
      expect(data.node).toBeNull();
    }
  });
});

test("clients are listed in pages, oldest first, in one database request", async () => {
  const brand = await newBrand();
  const made: string[] = [];
  for (const name of ["A", "B", "C"]) made.push((await newClient(brand, { name })).clientId);
  const query = `query ($after: String) { clients(first: 2, after: $after) {
    edges { node { id kind createdAt } } pageInfo { hasNextPage endCursor } } }`;
  const first = await brand.operator(query);
  expect(first.databaseRequests).toBe(1);
  const { edges, pageInfo } = first.data.clients;
  expect(pageInfo.hasNextPage).toBe(true);
  const second = await brand.operator(query, { after: pageInfo.endCursor });
  const listed = [...edges, ...second.data.clients.edges].map(
    ({ node }: { node: { id: string } }) => node.id,
  );
  expect(listed.sort()).toEqual(made.sort());
});

test.each([
  ["STOREFRONT", "members:token", "members:read"],
  ["TILL", "cards:scan", "members:read"],
])(
  "an operator cannot make a %s with %s to read what its own token may not",
  async (kind, scope, missing) => {
    const { brandId } = await newBrand();
    const narrow = await callerOfKind("OPERATOR", { brandId, scopes: new Set(["clients:manage"]) });
    const answer = await narrow(
      `mutation ($input: CreateClientInput!) { createClient(input: $input) { ... on ScopeNotHeld { scope } } }`,
      { input: { kind, name: "x", scopes: [scope] } },
    );
    expect(answer.data.createClient).toEqual({ scope: missing });
  },
);
