import { createLocalJWKSet, jwtVerify, SignJWT } from "jose";
import type { Environment } from "../environment.ts";
import { CallerError } from "../errors.ts";
import type { Actor } from "./actor.ts";
import { type ActorKind, isScope } from "./scopes.ts";

export const ACCESS_TOKEN_SECONDS = 15 * 60;
/** How far the clocks of two Workers may differ. */
export const CLOCK_TOLERANCE_SECONDS = 10;
export const AUDIENCE = "tessera";

/** The tokens seen by this isolate, already verified; bounded, and cleared whole when full. */
const verified = new Map<string, { actor: Actor; expiresAt: number; issuer: string }>();
const MAX_VERIFIED = 5_000;

/**
 * Signs an access token (RFC 9068) for an actor; it lives for 15 minutes.
 *
 * @param now milliseconds since 1970.
 */
export async function issueAccessToken(environment: Environment, actor: Actor, now: number): Promise<string> {
  const { kid, key } = environment.signingKeys.sign;
  const seconds = Math.floor(now / 1_000);
  return new SignJWT({
    client_id: actor.clientId,
    brand: actor.brandId,
    kind: actor.kind,
    scope: [...actor.scopes].join(" "),
    ...(actor.allianceId ? { alliance: actor.allianceId } : {}),
    ...(actor.jointCampaignIds ? { campaigns: actor.jointCampaignIds } : {}),
  })
    .setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid })
    .setIssuer(environment.issuer)
    .setAudience(AUDIENCE)
    .setSubject(actor.memberId ?? actor.clientId)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + ACCESS_TOKEN_SECONDS)
    .setJti(crypto.randomUUID())
    .sign(key);
}

/**
 * The actor of an access token. A token is verified once for each isolate, then remembered until it
 * expires; whether its client was revoked since is asked separately.
 *
 * @throws CallerError UNAUTHENTICATED, without saying which check failed.
 */
export async function verifyAccessToken(
  environment: Environment,
  token: string,
  now: number,
): Promise<Actor> {
  const known = verified.get(token);
  if (known && known.issuer === environment.issuer && now < known.expiresAt) return known.actor;
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet(environment.signingKeys.jwks), {
      algorithms: ["ES256"],
      issuer: environment.issuer,
      audience: AUDIENCE,
      typ: "at+jwt",
      requiredClaims: ["sub", "exp", "iat", "jti", "client_id", "brand", "kind", "scope"],
      maxTokenAge: ACCESS_TOKEN_SECONDS,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(now),
    });
    const kind = payload.kind as ActorKind;
    const actor: Actor = {
      kind,
      brandId: payload.brand as string,
      clientId: payload.client_id as string,
      scopes: new Set((payload.scope as string).split(" ").filter(isScope)),
      memberId: kind === "MEMBER" ? payload.sub : undefined,
      allianceId: payload.alliance as string | undefined,
      jointCampaignIds: payload.campaigns as string[] | undefined,
    };
    if (verified.size >= MAX_VERIFIED) verified.clear();
    verified.set(token, { actor, expiresAt: (payload.exp as number) * 1_000, issuer: environment.issuer });
    return actor;
  } catch (cause) {
    throw new CallerError(
      "UNAUTHENTICATED",
      "The access token is not valid or has expired. Obtain a new one from /oauth/token.",
      { cause },
    );
  }
}
