import type { Environment } from "../environment.ts";

type Keys = Environment["encryptionKeys"];

/** Imported keys by their bytes, for this isolate. */
const imported = new WeakMap<Uint8Array, CryptoKey>();

/**
 * A keyed hash of an operation's input, the same whatever the order of its fields: `keyId.hash`. Inputs
 * hold phone numbers, which a plain hash of them would give away.
 */
export async function hashInput(keys: Keys, input: object): Promise<string> {
  const [newest] = keys;
  if (!newest) throw new Error("There is no key to hash inputs with.");
  return hashWith(newest, input);
}

/** Whether a hash is of this input; also after the platform's keys were rotated. */
export async function isHashOf(keys: Keys, hash: string, input: object): Promise<boolean> {
  const key = keys.find(({ id }) => hash.startsWith(`${id}.`));
  return key !== undefined && hash === (await hashWith(key, input));
}

async function hashWith({ id, secret }: Keys[number], input: object): Promise<string> {
  const sorted = (_: string, value: unknown) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  const text = new TextEncoder().encode(JSON.stringify(input, sorted));
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", await keyOf(secret), text));
  return `${id}.${btoa(String.fromCharCode(...mac))}`;
}

async function keyOf(secret: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const known = imported.get(secret);
  if (known) return known;
  // Derived, so that no key serves two purposes.
  const root = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const info = new TextEncoder().encode("idempotency");
  const key = await crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info },
    root,
    { name: "HMAC", hash: "SHA-256", length: 256 },
    false,
    ["sign"],
  );
  imported.set(secret, key);
  return key;
}
