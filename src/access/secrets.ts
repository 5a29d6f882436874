import { timingSafeEqual } from "node:crypto";
import { base64url } from "jose";
import type { ClientSecret } from "../../schema/tables/clients.ts";

/** What no secret hashes to, so that a client that is not there costs the same work as one that is. */
const NOBODYS: ClientSecret = { hash: base64url.encode(new Uint8Array(32)), expiresAt: 0 };

/** A new client secret: 256 random bits behind a prefix that secret scanners can find. */
export const newSecret = (): string => `tss_${base64url.encode(crypto.getRandomValues(new Uint8Array(32)))}`;

/**
 * What is stored of a secret. A plain SHA-256 is enough: nobody can search 256 random bits, so the slow
 * hash that people's passwords need would only cost every token request its time.
 */
export const hashSecret = async (secret: string): Promise<string> => base64url.encode(await digest(secret));

/**
 * Whether a secret is one of a client's, compared in constant time; one that has expired is not.
 *
 * @param now milliseconds since 1970.
 */
export async function isSecretOf(
  presented: string,
  secrets: readonly ClientSecret[],
  now: number,
): Promise<boolean> {
  const presentedHash = await digest(presented);
  let found = false;
  for (const { hash, expiresAt } of secrets.length > 0 ? secrets : [NOBODYS]) {
    const same = timingSafeEqual(presentedHash, base64url.decode(hash));
    if (same && (expiresAt === null || now < expiresAt)) found = true;
  }
  return found;
}

const digest = async (secret: string): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret)));
