import {
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from "jose";
import { members } from "../../schema/tables/members.ts";
import { app } from "../../src/app.ts";
import { newId } from "../../src/ids.ts";
import type { TestBrand } from "../support/brand.ts";
import { bindings, type Caller, database } from "../support/caller.ts";

export const ISSUER = bindings.ISSUER;
export const TOKEN_ENDPOINT = `${ISSUER}/oauth/token`;
export const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";

export interface TokenAnswer {
  status: number;
  headers: Headers;
  databaseRequests: number;
  body: {
    access_token: string;
    token_type: string;
    expires_in: number;
    scope: string;
    issued_token_type?: string;
    error?: string;
    error_description?: string;
  };
}

export interface Credentials {
  clientId: string;
  clientSecret: string;
}

/** Asks the real token endpoint, with client_secret_basic if credentials are given. */
export async function askToken(
  form: Record<string, string> | string,
  credentials?: Credentials,
  headers: Record<string, string> = {},
): Promise<TokenAnswer> {
  const response = await app.request(
    "/oauth/token",
    {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        ...(credentials ? { authorization: basic(credentials) } : {}),
        ...headers,
      },
      body: typeof form === "string" ? form : new URLSearchParams(form).toString(),
    },
    bindings,
  );
  const counted = /(\d+) requests/.exec(response.headers.get("server-timing") ?? "")?.[1];
  return {
    status: response.status,
    headers: response.headers,
    databaseRequests: Number(counted),
    body: (await response.json()) as TokenAnswer["body"],
  };
}

export const basic = ({ clientId, clientSecret }: Credentials): string =>
  `Basic ${btoa(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`)}`;

export const clientCredentials = { grant_type: "client_credentials" };

/** What createClient answers, as it is. */
export async function createClient(operator: Caller, input: Record<string, unknown>) {
  const answer = await operator(
    `mutation ($input: CreateClientInput!) { createClient(input: $input) {
      __typename ... on CreateClientPayload { clientSecret client { id kind name scopes hasPublicKeys allianceId jointCampaignIds revokedAt identityProvider { issuer } } }
      ... on Refusal { code message } ... on InvalidValue { field } ... on NotFound { id } ... on ScopeNotHeld { scope } } }`,
    { input: { kind: "SERVICE", name: "Orders", scopes: ["members:read"], ...input } },
  );
  if (!answer.data) throw new Error(JSON.stringify(answer.errors));
  return answer.data.createClient;
}

/** A new client of a brand, ready to authenticate. */
export async function newClient(
  { operator }: Pick<TestBrand, "operator">,
  input: Record<string, unknown> = {},
): Promise<Credentials> {
  const { client, clientSecret, ...refusal } = await createClient(operator, input);
  if (!client) throw new Error(JSON.stringify(refusal));
  return { clientId: client.id, clientSecret };
}

export async function rotate(operator: Caller, clientId: string, overlapHours?: number) {
  const answer = await operator(
    `mutation ($input: RotateClientSecretInput!) { rotateClientSecret(input: $input) {
      ... on RotateClientSecretPayload { clientSecret client { id } } ... on Refusal { code } ... on InvalidValue { field } } }`,
    { input: { clientId, ...(overlapHours === undefined ? {} : { overlapHours }) } },
  );
  return answer.data.rotateClientSecret;
}

export async function revoke(operator: Caller, clientId: string) {
  const answer = await operator(
    `mutation ($input: RevokeClientInput!) { revokeClient(input: $input) {
      ... on RevokeClientPayload { client { id revokedAt } } ... on Refusal { code } } }`,
    { input: { clientId } },
  );
  return answer.data.revokeClient;
}

/** A member as it is stored, for tests that need no more of it. */
export async function insertMember(
  { brandId, firstTierId }: TestBrand,
  state: "ACTIVE" | "CLOSED" = "ACTIVE",
): Promise<{ memberId: string; externalId: string }> {
  const now = Date.now();
  const memberId = newId("Member", now);
  const externalId = `customer-${crypto.randomUUID()}`;
  await database()
    .insert(members)
    .values({
      ...{ brandId, id: memberId, externalId, state, tierId: firstTierId },
      ...{ cardNumber: memberId, consents: {}, profile: "x" },
      ...{ tierSince: now, enrolledAt: now, updatedAt: now },
    });
  return { memberId, externalId };
}

export interface Signer {
  publicKey: JWK;
  /** The JSON text of a JWK set with the public key. */
  jwks: string;
  sign: (claims: JWTPayload, header?: Partial<JWTHeaderParameters>) => Promise<string>;
}

/** A key pair of a test's own. */
export async function newSigner(algorithm = "ES256"): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  const exported = { ...(await exportJWK(publicKey)), kid: crypto.randomUUID() };
  return {
    publicKey: exported,
    jwks: JSON.stringify({ keys: [exported] }),
    sign: (claims, header = {}) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: algorithm, kid: exported.kid, ...header })
        .sign(privateKey),
  };
}

/** The claims with some left out. */
export const without = (claims: JWTPayload, ...names: string[]): JWTPayload =>
  Object.fromEntries(Object.entries(claims).filter(([name]) => !names.includes(name)));

/** A JWT without a signature. */
export const unsigned = (claims: JWTPayload): string =>
  `${encodePart({ alg: "none" })}.${encodePart(claims)}.`;

const encodePart = (part: object): string =>
  btoa(JSON.stringify(part)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

export const seconds = (): number => Math.floor(Date.now() / 1_000);
