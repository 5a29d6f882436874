import { importJWK, type JWK } from "jose";

/** The platform's signing keys: the first signs, all of them verify, so that keys can rotate. */
export interface SigningKeys {
  sign: { kid: string; key: CryptoKey };
  /** What `/.well-known/jwks.json` says: the public halves. */
  jwks: { keys: JWK[] };
}

/**
 * Imports the keys once for each isolate.
 *
 * @param privateKeys a JWK set of private P-256 keys, each with a `kid`.
 * @throws Error that names the key which is none, without its values.
 */
export async function importSigningKeys(privateKeys: { keys: JWK[] }): Promise<SigningKeys> {
  const [first] = privateKeys.keys;
  if (!first?.kid) throw new Error("The first of SIGNING_KEYS has no kid.");
  const [key] = await Promise.all(privateKeys.keys.map(importKey));
  const jwks = {
    keys: privateKeys.keys.map(({ kty, crv, x, y, kid }) => ({
      ...{ kty, crv, x, y, kid },
      alg: "ES256",
      use: "sig",
    })) as JWK[],
  };
  return { sign: { kid: first.kid, key: key as CryptoKey }, jwks };
}

async function importKey(key: JWK): Promise<CryptoKey> {
  try {
    return (await importJWK(key, "ES256")) as CryptoKey;
  } catch (cause) {
    throw new Error(
      `SIGNING_KEYS: ${key.kid} is no P-256 key, its d, x and y do not fit: copy it again whole, or make one with npm run --silent secrets.`,
      { cause },
    );
  }
}
