import { createLocalJWKSet, decodeProtectedHeader, errors, jwtVerify, SignJWT } from "jose";
import type { SigningKeys } from "../access/keys.ts";

export const PAYLOAD_SECONDS = 60;

export interface CardPayload {
  /** The id by which a till accepts it once. */
  payloadId: string;
  brandId: string;
  memberId: string;
  expiresAt: number;
}

/** Why a text is no card payload that can be accepted. */
export type PayloadFault = "MALFORMED" | "EXPIRED" | "FOREIGN";

/**
 * Signs what the QR of a member card says: a compact JWS (ES256) that lives 60 seconds, names the
 * member by its opaque id only, and that a till verifies with `/.well-known/jwks.json` alone.
 *
 * @param now milliseconds since 1970.
 */
export async function signCardPayload(
  { sign }: SigningKeys,
  issuer: string,
  card: Omit<CardPayload, "expiresAt">,
  now: number,
): Promise<{ payload: string; expiresAt: number }> {
  const seconds = Math.floor(now / 1_000);
  const payload = await new SignJWT({ brand: card.brandId })
    .setProtectedHeader({ alg: "ES256", typ: "card+jwt", kid: sign.kid })
    .setIssuer(issuer)
    .setSubject(card.memberId)
    .setJti(card.payloadId)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + PAYLOAD_SECONDS)
    .sign(sign.key);
  return { payload, expiresAt: (seconds + PAYLOAD_SECONDS) * 1_000 };
}

/** What a scanned payload says, or why it cannot be accepted. It says nothing of whether it was used. */
export async function verifyCardPayload(
  { jwks }: SigningKeys,
  issuer: string,
  payload: string,
  now: number,
): Promise<CardPayload | PayloadFault> {
  try {
    if (decodeProtectedHeader(payload).typ !== "card+jwt") return "MALFORMED";
    const { payload: claims } = await jwtVerify(payload, createLocalJWKSet(jwks), {
      algorithms: ["ES256"],
      issuer,
      typ: "card+jwt",
      requiredClaims: ["sub", "jti", "iat", "exp", "brand"],
      maxTokenAge: PAYLOAD_SECONDS,
      currentDate: new Date(now),
    });
    return {
      payloadId: claims.jti as string,
      brandId: claims.brand as string,
      memberId: claims.sub as string,
      expiresAt: (claims.exp as number) * 1_000,
    };
  } catch (error) {
    if (error instanceof errors.JWTExpired) return "EXPIRED";
    const foreign =
      error instanceof errors.JWKSNoMatchingKey ||
      error instanceof errors.JWSSignatureVerificationFailed ||
      (error instanceof errors.JWTClaimValidationFailed && error.claim === "iss");
    return foreign ? "FOREIGN" : "MALFORMED";
  }
}
