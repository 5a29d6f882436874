import type { JWK } from "jose";
import * as z from "zod/mini";
import { importSigningKeys, type SigningKeys } from "./access/keys.ts";
import "./words-of-zod.ts";

/** What the Worker is given: variables and secrets, as texts. */
export interface Bindings {
  DATABASE_URL: string;
  DATABASE_AUTH_TOKEN?: string;
  /** The public address, `https://loyalty.example.com`: the issuer of every token. */
  ISSUER: string;
  /** A JWK set of private P-256 keys, each with a `kid`; the first signs. */
  SIGNING_KEYS: string;
  /** JSON, key id → 32 bytes in base64; the first wraps the brands' data keys. */
  ENCRYPTION_KEYS: string;
  /** `development` turns on introspection, GraphiQL and timing headers. */
  ENVIRONMENT?: string;
  /** How many requests an isolate answers at the same time; what comes on top is told to come again. */
  MOST_AT_ONCE?: string;
}

export interface Environment {
  database: { url: string; authToken: string | undefined };
  issuer: string;
  signingKeys: SigningKeys;
  encryptionKeys: { id: string; secret: Uint8Array<ArrayBuffer> }[];
  development: boolean;
  mostAtOnce: number;
}

/**
 * Whoever is admitted waits for as long as it takes to answer 64 at most. Where the database is far away,
 * more of them are only waiting for it, and there is room for more.
 */
const MOST_AT_ONCE = "64";

const json = z.pipe(
  z.string(),
  z.transform((text: string, { issues }) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      issues.push({ code: "custom", message: "is not JSON", input: text });
      return z.NEVER;
    }
  }),
);

const privateKey = z.object({
  kty: z.literal("EC"),
  crv: z.literal("P-256"),
  kid: z.string(),
  ...{ x: z.string(), y: z.string(), d: z.string() },
});

const bindingsShape = z.object({
  DATABASE_URL: z
    .string()
    .check(z.regex(/^(libsql|https?):\/\//, "must begin with libsql://, https:// or http://")),
  DATABASE_AUTH_TOKEN: z.optional(z.string()),
  ISSUER: z.url(),
  SIGNING_KEYS: z.pipe(json, z.object({ keys: z.array(privateKey).check(z.minLength(1)) })),
  ENCRYPTION_KEYS: z.pipe(
    json,
    z
      .record(
        // JSON keeps the order of keys that are no numbers, and a dot ends the id where it is stored.
        z
          .string()
          .check(z.regex(/^(?!\d+$)[\w-]+$/, "must be an id such as 2026-11: letters, digits, - and _")),
        z
          .base64({ error: "must be 32 bytes in base64", abort: true })
          .check(z.refine((text) => atob(text).length === 32, "must be 32 bytes in base64")),
      )
      .check(z.refine((keys) => Object.keys(keys).length > 0, "must hold a key")),
  ),
  ENVIRONMENT: z._default(z.enum(["development", "production"]), "production"),
  MOST_AT_ONCE: z._default(
    z.string().check(z.regex(/^[1-9]\d{0,4}$/, "must be a number from 1 to 99999")),
    MOST_AT_ONCE,
  ),
});

/** Values, not promises: a Worker's request may not wait for what another one settles. */
const parsed = new WeakMap<object, Environment>();

/**
 * The environment, parsed once for each isolate.
 *
 * @throws Error that names each binding that is missing or wrong, without its value.
 */
export async function readEnvironment(bindings: Bindings): Promise<Environment> {
  const known = parsed.get(bindings);
  if (known) return known;
  const environment = await parse(bindings);
  parsed.set(bindings, environment);
  return environment;
}

async function parse(bindings: Bindings): Promise<Environment> {
  const { success, data, error } = bindingsShape.safeParse(bindings);
  if (!success) {
    const faults = error.issues.map((issue) => `${issue.path.join(".")}: ${faultOf(issue)}`);
    throw new Error(`The Worker's bindings are not complete:\n  ${faults.join("\n  ")}`);
  }
  return {
    database: { url: data.DATABASE_URL, authToken: data.DATABASE_AUTH_TOKEN },
    issuer: data.ISSUER,
    signingKeys: await importSigningKeys(data.SIGNING_KEYS as { keys: JWK[] }),
    encryptionKeys: Object.entries(data.ENCRYPTION_KEYS).map(([id, secret]) => ({
      id,
      secret: Uint8Array.from(atob(secret), (letter) => letter.charCodeAt(0)),
    })),
    development: data.ENVIRONMENT === "development",
    mostAtOnce: Number(data.MOST_AT_ONCE),
  };
}

/** What is wrong, in words for whoever set it: a key's own fault, and "is missing" for what is not there. */
function faultOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_key") return issue.issues[0]?.message ?? issue.message;
  return issue.code === "invalid_type" && /received undefined$/.test(issue.message)
    ? "is missing"
    : issue.message;
}
