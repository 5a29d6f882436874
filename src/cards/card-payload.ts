import { createLocalJWKSet, decodeProtectedHeader, errors, type JWTPayload, jwtVerify, SignJWT } from "jose";
import type { SigningKeys } from "../access/keys.ts";
import { CLOCK_TOLERANCE_SECONDS } from "../access/tokens.ts";

export const PAYLOAD_SECONDS = 60;

export interface CardPayload {
  /** The id by which a till accepts it once. */
  payloadId: string;
  brandId: string;
  memberId: string;
}

/** Why a text is no card payload of ours. */
export type PayloadFault = "MALFORMED" | "FOREIGN";

/**
 * Signs what the QR of a member card says: a compact JWS (ES256) that lives 60 seconds, names the
 * member by its opaque id only, and that a till verifies with `/.well-known/jwks.json` alone.
 *
 * @param now milliseconds since 1970.
 */
export async function signCardPayload(
  { sign }: SigningKeys,
  issuer: string,
  card: CardPayload,
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

/**
 * What a scanned payload says, and whether its minute is over, or why it is none of ours. It says nothing
 * of whether it was used.
 */
export async function verifyCardPayload(
  { jwks }: SigningKeys,
  issuer: string,
  payload: string,
  now: number,
): Promise<(CardPayload & { expired: boolean }) | PayloadFault> {
  try {
    if (decodeProtectedHeader(payload).typ !== "card+jwt") return "MALFORMED";
    const { payload: claims } = await jwtVerify(payload, createLocalJWKSet(jwks), {
      algorithms: ["ES256"],
      issuer,
      typ: "card+jwt",
      requiredClaims: ["sub", "jti", "iat", "exp", "brand"],
      maxTokenAge: PAYLOAD_SECONDS,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(now),
    });
    return { ...readClaims(claims), expired: false };
  } catch (error) {
    // Its signature was verified before its age.
    if (error instanceof errors.JWTExpired) return { ...readClaims(error.payload), expired: true };
    const foreign =
      error instanceof errors.JWKSNoMatchingKey ||
      error instanceof errors.JWSSignatureVerificationFailed ||
      (error instanceof errors.JWTClaimValidationFailed && error.claim === "iss");
    return foreign ? "FOREIGN" : "MALFORMED";
  }
}

const readClaims = ({ jti, brand, sub }: JWTPayload): CardPayload => ({
  payloadId: jti as string,
  brandId: brand as string,
  memberId: sub as string,
});
