import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import type { Bindings } from "../../src/environment.ts";
import { root } from "./packages.ts";

const NEEDED = ["DATABASE_URL", "ISSUER", "SIGNING_KEYS", "ENCRYPTION_KEYS"] as const;

/**
 * The Worker's bindings: those of the local one, or those of the environment.
 *
 * @throws Error with the fix, when some are missing.
 */
export function readBindings(local: boolean): Bindings {
  const given = local ? readLocal() : process.env;
  const missing = NEEDED.filter((name) => !given[name]);
  if (missing.length > 0) {
    throw new Error(
      `Missing: export ${missing.join(", ")}, as the Worker has them (\`npm run --silent secrets\` makes the keys ` +
        "of a new one), or add --local for the server of npm start.",
    );
  }
  return { ...given } as unknown as Bindings;
}

function readLocal(): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync(join(root, ".data/worker.env"), "utf8"));
  } catch (cause) {
    throw new Error("--local finds no server in .data: start it in another terminal, with: npm start", {
      cause,
    });
  }
}

/** What to do when the database of these bindings does not answer. */
export const startRemedy = (local: boolean): string =>
  local ? "start it in another terminal, with: npm start" : "start it, or set DATABASE_URL to where it is.";
