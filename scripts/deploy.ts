/**
 * `npm run deploy`: migrates the production database, at DATABASE_URL with DATABASE_AUTH_TOKEN, then
 * deploys the Worker. `--dry-run` only builds it into `dist/` and says how large it is. Every other
 * option is handed to `wrangler deploy`.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { bundleWorker } from "./support/bundle.ts";
import { migrateDatabase } from "./support/migrations.ts";
import { endWith, endWithHelp } from "./support/options.ts";
import { root, scriptOf } from "./support/packages.ts";

endWithHelp();
const dryRun = process.argv.includes("--dry-run");
const options = process.argv.slice(2).filter((option) => option !== "--dry-run");
const kibibytes = (bytes: number) => `${(bytes / 1_024).toFixed(1)} KiB`;

try {
  const { bytes, gzipBytes } = bundleWorker(join(root, "dist"), options);
  console.log(`dist/worker.js: ${kibibytes(bytes)}, ${kibibytes(gzipBytes)} compressed.`);
  if (!dryRun) await deploy();
} catch (error) {
  endWith(error);
}

/** The schema first: migrations only add, so that the Worker in service goes on with the new one. */
async function deploy(): Promise<void> {
  const { DATABASE_URL: url, DATABASE_AUTH_TOKEN: authToken } = process.env;
  if (!url) throw new Error("Set DATABASE_URL, and DATABASE_AUTH_TOKEN, to the production database's.");
  await migrateDatabase({ url, authToken });
  try {
    execFileSync(process.execPath, ["--no-warnings", scriptOf("wrangler"), "deploy", ...options], {
      cwd: root,
      stdio: "inherit",
    });
  } catch {
    throw new Error(
      "The Worker was not deployed: what wrangler says above is why; deploy again once it is mended.",
    );
  }
}
