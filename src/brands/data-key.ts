import type { Environment } from "../environment.ts";

/** What one brand's key can do; its personal data opens with no other. */
export interface DataKey {
  /** AES-256-GCM under a fresh nonce; `place` binds the ciphertext to its row. */
  encrypt: (text: string, place: string) => Promise<string>;
  /** @throws when the text was changed, or moved to another place. */
  decrypt: (text: string, place: string) => Promise<string>;
  /** A keyed hash (HMAC-SHA-256), to find a row by a value that is not stored. */
  hash: (value: string, kind: string) => Promise<string>;
  /** 32 bytes for one purpose alone, always the same. */
  secretFor: (purpose: string) => Promise<Uint8Array<ArrayBuffer>>;
}

type Secrets = Environment["encryptionKeys"];

/** Imported keys by their wrapped form, for this isolate. */
const opened = new Map<string, DataKey>();

/** A new random data key, wrapped by the platform's newest secret: `id.nonce.ciphertext`. */
export async function createDataKey(secrets: Secrets): Promise<string> {
  const [newest] = secrets;
  if (!newest) throw new Error("There is no key to wrap data keys with.");
  const dataKey = crypto.getRandomValues(new Uint8Array(32));
  const wrapping = await aesKey(newest.secret);
  return `${newest.id}.${await seal(wrapping, dataKey, "data-key")}`;
}

/**
 * Opens a brand's wrapped data key.
 *
 * @throws when it was wrapped by a secret that ENCRYPTION_KEYS no longer holds, or holds another one for.
 */
export async function openDataKey(secrets: Secrets, wrapped: string): Promise<DataKey> {
  const known = opened.get(wrapped);
  if (known) return known;
  const [id, ...sealed] = wrapped.split(".");
  const secret = secrets.find((candidate) => candidate.id === id);
  if (!secret) throw new Error(`ENCRYPTION_KEYS lacks the key ${id}, which wraps a brand's data key.`);
  const wrapping = await aesKey(secret.secret);
  const bytes = await unseal(wrapping, sealed.join("."), "data-key").catch((cause) => {
    throw new Error(
      `ENCRYPTION_KEYS' key ${id} does not open the brand's data key: set it to the secret that it had when the brand was founded.`,
      { cause },
    );
  });
  const root = await crypto.subtle.importKey("raw", bytes, "HKDF", false, ["deriveKey", "deriveBits"]);
  const hkdf = (info: string) => ({
    ...{ name: "HKDF", hash: "SHA-256", salt: new Uint8Array() },
    info: new TextEncoder().encode(info),
  });
  const derive = (
    info: string,
    algorithm: AesDerivedKeyParams | HmacImportParams,
    usages: ("encrypt" | "decrypt" | "sign")[],
  ) => crypto.subtle.deriveKey(hkdf(info), root, algorithm, false, usages);
  const encryption = await derive("profile", { name: "AES-GCM", length: 256 }, ["encrypt", "decrypt"]);
  const lookup = await derive("lookup", { name: "HMAC", hash: "SHA-256", length: 256 }, ["sign"]);
  const key: DataKey = {
    encrypt: (text, place) => seal(encryption, new TextEncoder().encode(text), place),
    decrypt: async (text, place) => new TextDecoder().decode(await unseal(encryption, text, place)),
    hash: async (value, kind) =>
      toBase64(
        new Uint8Array(
          await crypto.subtle.sign("HMAC", lookup, new TextEncoder().encode(`${kind}:${value}`)),
        ),
      ),
    secretFor: async (purpose) => new Uint8Array(await crypto.subtle.deriveBits(hkdf(purpose), root, 256)),
  };
  opened.set(wrapped, key);
  return key;
}

const aesKey = (secret: Uint8Array<ArrayBuffer>): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", secret, "AES-GCM", false, ["encrypt", "decrypt"]);

async function seal(key: CryptoKey, plain: Uint8Array<ArrayBuffer>, place: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const additionalData = new TextEncoder().encode(place);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, plain);
  return `${toBase64(iv)}.${toBase64(new Uint8Array(sealed))}`;
}

async function unseal(key: CryptoKey, text: string, place: string): Promise<ArrayBuffer> {
  const [iv, sealed] = text.split(".").map(fromBase64);
  if (!iv || !sealed) throw new Error("Not a sealed text.");
  const additionalData = new TextEncoder().encode(place);
  return crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, key, sealed);
}

const toBase64 = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const fromBase64 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
