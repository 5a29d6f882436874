import type { Environment } from "../environment.ts";
import { CallerError } from "../errors.ts";
import type { Actor } from "./actor.ts";
import { type RevocationSource, refuseRevoked } from "./revocations.ts";
import { verifyAccessToken } from "./tokens.ts";

/**
 * Who sent a request, by its `Authorization` header; undefined without one.
 *
 * @throws CallerError UNAUTHENTICATED for a token that is malformed, expired, foreign or revoked.
 */
export async function authenticate(
  environment: Environment,
  header: string | undefined,
  revocations: RevocationSource,
  now: number,
): Promise<Actor | undefined> {
  if (header === undefined) return undefined;
  const [, token] = /^bearer +([\w.-]+)$/i.exec(header.trim()) ?? [];
  if (!token) {
    throw new CallerError("UNAUTHENTICATED", "The Authorization header must be: Bearer ACCESS_TOKEN.");
  }
  const actor = await verifyAccessToken(environment, token, now);
  await refuseRevoked(actor, revocations, now);
  return actor;
}
