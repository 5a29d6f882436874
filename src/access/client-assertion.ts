import { and, eq, lt } from "drizzle-orm";
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from "jose";
import { idempotency } from "../../schema/tables/commits.ts";
import { failureOf } from "../database/failures.ts";
import { OAuthError } from "./oauth-error.ts";
import { SIGNING_ALGORITHMS } from "./public-keys.ts";
import { addressOf, type ClientRow, type TokenRequest } from "./token-request.ts";
import { CLOCK_TOLERANCE_SECONDS } from "./tokens.ts";

const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const MAX_AGE_SECONDS = 5 * 60;
/** How far a client's clock may be off. */
/** Longer than an assertion can be good for, however early it was used. */
const REMEMBERED_MS = 2 * MAX_AGE_SECONDS * 1_000;
const TYPES = [undefined, "jwt", "client-authentication+jwt"];

/** An assertion as it was sent: nothing in it is proven yet. */
interface SentAssertion {
  clientId: string;
  text: string;
}

/**
 * The assertion in a token request (RFC 7523 §2.2), if it has one.
 *
 * @throws OAuthError invalid_request for another type of assertion.
 */
export function readAssertion(form: TokenRequest["form"]): SentAssertion | undefined {
  const text = form.get("client_assertion");
  if (text === undefined) return undefined;
  if (form.get("client_assertion_type") !== ASSERTION_TYPE) {
    throw new OAuthError("invalid_request", `client_assertion_type must be ${ASSERTION_TYPE}.`);
  }
  try {
    return { clientId: String(decodeJwt(text).sub ?? ""), text };
  } catch {
    return { clientId: "", text };
  }
}

/**
 * The `jti` of an assertion that a client signed for us within the last five minutes (RFC 7523 §3);
 * undefined for any other.
 */
export async function verifyAssertion(
  { environment: { issuer }, now }: TokenRequest,
  { id, publicKeys }: ClientRow,
  text: string,
): Promise<string | undefined> {
  try {
    const keys = createLocalJWKSet((publicKeys ?? { keys: [] }) as JSONWebKeySet);
    const { payload, protectedHeader } = await jwtVerify(text, keys, {
      algorithms: SIGNING_ALGORITHMS,
      issuer: id,
      subject: id,
      audience: [issuer, addressOf(issuer, "/oauth/token")],
      requiredClaims: ["exp", "iat", "jti"],
      maxTokenAge: MAX_AGE_SECONDS,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(now),
    });
    // Made for several audiences, it could be carried here by one of the others.
    if ([payload.aud].flat().length !== 1) return undefined;
    if (!TYPES.includes(protectedHeader.typ?.toLowerCase())) return undefined;
    const { jti } = payload;
    return typeof jti === "string" && jti.length > 0 && jti.length <= 200 ? jti : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether an assertion is used for the first time. Its `jti` becomes a row like an idempotency key's,
 * and the client's rows that no longer matter go in the same request, so that few are ever kept.
 * There is no actor yet and nothing to audit, so this is no `commit`.
 */
export async function useAssertionOnce(
  { database, now }: TokenRequest,
  { brandId, id: caller }: ClientRow,
  key: string,
): Promise<boolean> {
  const operation = "client_assertion";
  try {
    await database.batch([
      database
        .delete(idempotency)
        .where(
          and(
            eq(idempotency.brandId, brandId),
            eq(idempotency.caller, caller),
            eq(idempotency.operation, operation),
            lt(idempotency.createdAt, now - REMEMBERED_MS),
          ),
        ),
      database
        .insert(idempotency)
        .values({ brandId, caller, operation, key, inputHash: "", outcome: {}, createdAt: now }),
    ]);
    return true;
  } catch (error) {
    if (failureOf(error) === "constraint") return false;
    throw error;
  }
}
