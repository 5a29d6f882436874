import { randomBytes } from "node:crypto";
import { exportJWK, generateKeyPair } from "jose";
import type { Bindings } from "../../src/environment.ts";

/** New secrets for a Worker of this machine: one signing key and one key to wrap data keys with. */
export async function newSecrets(): Promise<Pick<Bindings, "SIGNING_KEYS" | "ENCRYPTION_KEYS">> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const kid = new Date().toISOString().slice(0, 10);
  return {
    SIGNING_KEYS: JSON.stringify({ keys: [{ ...(await exportJWK(privateKey)), kid }] }),
    ENCRYPTION_KEYS: JSON.stringify({ [kid]: randomBytes(32).toString("base64") }),
  };
}
