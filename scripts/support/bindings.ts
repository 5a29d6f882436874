import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { exportJWK, generateKeyPair } from "jose";
import type { Bindings } from "../../src/environment.ts";
import { root } from "./packages.ts";

const NEEDED = ["DATABASE_URL", "ISSUER", "SIGNING_KEYS", "ENCRYPTION_KEYS"] as const;

type Secrets = Pick<Bindings, "SIGNING_KEYS" | "ENCRYPTION_KEYS">;

/** New secrets for a Worker of this machine: one signing key and one key to wrap data keys with. */
export async function newSecrets(): Promise<Secrets> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const kid = `${new Date().toISOString().slice(0, 10)}-${randomBytes(2).toString("hex")}`;
  return {
    SIGNING_KEYS: JSON.stringify({ keys: [{ ...(await exportJWK(privateKey)), kid }] }),
    ENCRYPTION_KEYS: JSON.stringify({ [kid]: randomBytes(32).toString("base64") }),
  };
}

/** The secrets of a folder, made at the first call: what they encrypted must open after a restart. */
export async function keptSecrets(folder: string): Promise<Secrets> {
  const file = join(folder, "secrets.json");
  try {
    return JSON.parse(await readFile(file, "utf8")) as Secrets;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const secrets = await newSecrets();
  await writeFile(file, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  return secrets;
}

/** Writes the bindings for `wrangler dev --env-file`, readable by their owner only. */
export async function writeEnvFile(file: string, bindings: Bindings): Promise<void> {
  const lines = Object.entries(bindings).map(([name, value]) => `${name}='${value}'`);
  await writeFile(file, `${lines.join("\n")}\n`, { mode: 0o600 });
}

/**
 * The Worker's bindings, for a script that works on its database: of the server of `npm start` that keeps
 * its data in a folder, or those of the environment.
 *
 * @param instead what to do for the server of `npm start`, as the script takes it.
 * @throws Error with the fix, when there is no such server, or some are missing.
 */
export function readBindings(localFolder: string | undefined, instead = "add --local"): Bindings {
  const given = localFolder === undefined ? process.env : readLocal(localFolder);
  const missing = NEEDED.filter((name) => !given[name]);
  if (missing.length > 0) {
    throw new Error(
      `Missing: export ${missing.join(", ")}, as the Worker has them (\`npm run --silent secrets\` makes the keys ` +
        `of a new one), or ${instead} for the server of npm start.`,
    );
  }
  return { ...given } as unknown as Bindings;
}

function readLocal(folder: string): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync(join(folder, "worker.env"), "utf8"));
  } catch (cause) {
    const isUsual = folder === join(root, ".data");
    const start = `npm start${isUsual ? "" : ` -- --folder ${folder}`}`;
    throw new Error(
      `There is no server in ${isUsual ? ".data" : folder}: start it in another terminal, with: ${start}`,
      { cause },
    );
  }
}
