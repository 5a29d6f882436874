import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { type Grant, narrowScopes, scopesOf } from "./grant.ts";
import { OAuthError } from "./oauth-error.ts";
import { SIGNING_ALGORITHMS } from "./public-keys.ts";
import type { ClientRow, TokenRequest } from "./token-request.ts";
import { AUDIENCE, CLOCK_TOLERANCE_SECONDS } from "./tokens.ts";

const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";
const IDENTITY_TOKENS = ["urn:ietf:params:oauth:token-type:jwt", "urn:ietf:params:oauth:token-type:id_token"];
const MEMBER_ID = "urn:tessera:token-type:member-id";
const EXTERNAL_ID = "urn:tessera:token-type:external-id";

/** A provider also signs what says nothing of who is signed in, such as a `logout+jwt`. */
const IDENTITY_TOKEN_TYPES = [undefined, "jwt", "at+jwt"];

/**
 * RFC 8693: a storefront exchanges what it knows a member by for that member's own token. One database
 * request.
 *
 * @throws OAuthError unauthorized_client when the client may not; invalid_request for a subject token
 * that is not valid, and alike for a member that is unknown, closed or another brand's.
 */
export async function exchangeToken(request: TokenRequest, client: ClientRow): Promise<Grant> {
  const { database, form } = request;
  if (client.kind !== "STOREFRONT" || !scopesOf(client).includes("members:token")) {
    throw new OAuthError(
      "unauthorized_client",
      "Only a storefront with the scope members:token may do this.",
    );
  }
  refuseUnsupported(form);
  const scopes = narrowScopes(form.get("scope"), ["member:self"]);
  const sought = await readSubject(request, client);
  const member = await database.query.members.findFirst({
    columns: { id: true },
    where: { brandId: client.brandId, state: "ACTIVE", ...sought },
  });
  if (!member) throw new OAuthError("invalid_request", "The subject_token names no active member.");
  return {
    actor: {
      kind: "MEMBER",
      brandId: client.brandId,
      // A member's token names the client it came through, so that revoking the client ends it as well.
      clientId: client.id,
      memberId: member.id,
      scopes,
    },
    answer: { issued_token_type: ACCESS_TOKEN },
  };
}

function refuseUnsupported(form: TokenRequest["form"]): void {
  if ((form.get("requested_token_type") ?? ACCESS_TOKEN) !== ACCESS_TOKEN) {
    throw new OAuthError("invalid_request", `requested_token_type can only be ${ACCESS_TOKEN}.`);
  }
  if (form.has("actor_token")) {
    throw new OAuthError("invalid_request", "actor_token is not supported: the client is the actor.");
  }
  if (form.has("resource") || (form.get("audience") ?? AUDIENCE) !== AUDIENCE) {
    throw new OAuthError("invalid_target", `Tokens are for the audience ${AUDIENCE} only.`);
  }
}

/** By which id of the member a subject token asks. */
async function readSubject(
  request: TokenRequest,
  client: ClientRow,
): Promise<{ id: string } | { externalId: string }> {
  const token = request.form.get("subject_token");
  const type = request.form.get("subject_token_type");
  if (!token || !type) {
    throw new OAuthError("invalid_request", "subject_token and subject_token_type are required.");
  }
  if (type === MEMBER_ID) return { id: token };
  if (type === EXTERNAL_ID) return { externalId: token };
  if (IDENTITY_TOKENS.includes(type)) {
    return { externalId: await readIdentityToken(request, client, token) };
  }
  throw new OAuthError(
    "invalid_request",
    `subject_token_type must be one of ${[...IDENTITY_TOKENS, MEMBER_ID, EXTERNAL_ID].join(", ")}.`,
  );
}

/** The external id in a token of the storefront's own identity provider. */
async function readIdentityToken(
  { now }: TokenRequest,
  { identityProvider }: ClientRow,
  token: string,
): Promise<string> {
  if (!identityProvider) {
    throw new OAuthError("invalid_request", "This client has no identity provider whose tokens it may use.");
  }
  const { issuer, audience, jwks, externalIdClaim } = identityProvider;
  try {
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(jwks as JSONWebKeySet), {
      algorithms: SIGNING_ALGORITHMS,
      ...{ issuer, audience },
      requiredClaims: ["exp", externalIdClaim],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(now),
    });
    const externalId = payload[externalIdClaim];
    if (
      IDENTITY_TOKEN_TYPES.includes(protectedHeader.typ?.toLowerCase()) &&
      typeof externalId === "string" &&
      externalId !== ""
    ) {
      return externalId;
    }
  } catch {
    // What exactly is wrong with it is for its provider, not for whoever holds it.
  }
  throw new OAuthError("invalid_request", "The subject_token is not valid for this client, or has expired.");
}
