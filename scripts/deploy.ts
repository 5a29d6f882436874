/**
 * `npm run deploy`: migrates the production database, at DATABASE_URL with DATABASE_AUTH_TOKEN, then
 * deploys the Worker. `--dry-run` only builds it into `dist/` and says how large it is. Every other
 * option is handed to `wrangler deploy`.
 */
import { execFileSync, type StdioOptions } from "node:child_process";
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
  const { file, bytes, gzipBytes } = await bundleWorker(join(root, "dist"));
  rehearse(file);
  console.log(`dist/worker.js: ${kibibytes(bytes)}, ${kibibytes(gzipBytes)} compressed.`);
  if (!dryRun) await deploy(file);
} catch (error) {
  endWith(error);
}

/** Has wrangler do all but the upload of what was bundled, so that nothing is migrated for what it would refuse. */
function rehearse(file: string): void {
  try {
    wrangler([file, "--dry-run"], ["ignore", "pipe", "pipe"]);
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: Buffer; stderr?: Buffer };
    const [, unknown] = /Unknown arguments?: ([\w-]+)/.exec(`${stderr}${stdout}`) ?? [];
    if (unknown) {
      throw new Error(`Unknown option '--${unknown}': npx wrangler deploy --help says which there are.`);
    }
    throw new Error(`Wrangler would not deploy the Worker:\n${stdout ?? ""}${stderr ?? error}`);
  }
}

/** The schema first: migrations only add, so that the Worker in service goes on with the new one. */
async function deploy(file: string): Promise<void> {
  const { DATABASE_URL: url, DATABASE_AUTH_TOKEN: authToken } = process.env;
  if (!url) throw new Error("Set DATABASE_URL, and DATABASE_AUTH_TOKEN, to the production database's.");
  await migrateDatabase({ url, authToken });
  try {
    wrangler([file], "inherit");
  } catch {
    throw new Error(
      "The Worker was not deployed: what wrangler says above is why; deploy again once it is mended.",
    );
  }
}

/** `wrangler deploy` of what is bundled and minified already. */
function wrangler(more: readonly string[], stdio: StdioOptions): void {
  const command = [scriptOf("wrangler"), "deploy", "--no-bundle", ...more, ...options];
  execFileSync(process.execPath, ["--no-warnings", ...command], {
    ...{ cwd: root, stdio },
    env: {
      ...process.env,
      WRANGLER_SEND_METRICS: "false",
      ...(stdio === "inherit" ? {} : { NO_COLOR: "1" }),
    },
  });
}
