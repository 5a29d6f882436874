import { importJWK, type JWK } from "jose";
import * as z from "zod/mini";
import { InvalidValue, type Refusal } from "../errors.ts";

/** How others may sign for us. Asymmetric only: a public key must never pass for an HMAC secret. */
export const SIGNING_ALGORITHMS = ["ES256", "ES384", "RS256", "PS256", "EdDSA", "Ed25519"];

const MAX_KEYS = 10;
const MIN_RSA_BITS = 2_048;
const ALGORITHM_OF: Record<string, string> = {
  "P-256": "ES256",
  "P-384": "ES384",
  Ed25519: "EdDSA",
  RSA: "RS256",
};
const PRIVATE_PARTS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

const text = z.optional(z.string().check(z.maxLength(2_000)));
const keyShape = z.object({
  kty: z.enum(["EC", "RSA", "OKP"]),
  ...{
    crv: text,
    x: text,
    y: text,
    n: text,
    e: text,
    kid: z.optional(z.string().check(z.minLength(1), z.maxLength(200))),
  },
  alg: z.optional(z.enum(SIGNING_ALGORITHMS)),
  use: z.optional(z.literal("sig")),
});
const setShape = z.object({ keys: z.array(z.looseObject({})).check(z.minLength(1), z.maxLength(MAX_KEYS)) });

interface PublicKeySet {
  keys: Record<string, unknown>[];
}

/**
 * The public signature keys of a JSON Web Key Set (RFC 7517), each tried, with nothing else kept.
 *
 * @param field names the input in the refusal, InvalidValue.
 */
export async function readPublicKeys(json: string, field: string): Promise<PublicKeySet | Refusal> {
  const refuse = (reason: string) => InvalidValue({ field, reason });
  const { data } = setShape.safeParse(parse(json));
  if (!data) return refuse(`must be the JSON text of a JWK set with 1 to ${MAX_KEYS} keys: {"keys": [...]}`);
  if (data.keys.some((key) => PRIVATE_PARTS.some((part) => part in key))) {
    return refuse("holds a private or secret key. Keep it, replace it, and send public keys only");
  }
  const { data: keys } = z.array(keyShape).safeParse(data.keys);
  if (!keys || !(await Promise.all(keys.map(isUsable))).every(Boolean)) {
    return refuse(
      `must hold public signature keys only, for ${SIGNING_ALGORITHMS.join(", ")}; RSA with 2048 bits or more`,
    );
  }
  if (keys.length > 1 && new Set(keys.map(({ kid }) => kid ?? "")).size < keys.length) {
    return refuse("must give each of several keys a kid of its own");
  }
  return { keys };
}

async function isUsable({ alg, ...key }: z.infer<typeof keyShape>): Promise<boolean> {
  const algorithm = alg ?? ALGORITHM_OF[key.kty === "RSA" ? "RSA" : (key.crv ?? "")];
  if (!algorithm) return false;
  try {
    const imported = (await importJWK(key as JWK, algorithm)) as CryptoKey;
    const { modulusLength } = imported.algorithm as { modulusLength?: number };
    return imported.type === "public" && (modulusLength === undefined || modulusLength >= MIN_RSA_BITS);
  } catch {
    return false;
  }
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
