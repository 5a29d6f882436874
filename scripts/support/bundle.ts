import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { root, scriptOf } from "./packages.ts";

export interface Bundle {
  /** The Worker as Cloudflare would be given it: one ES module. */
  file: string;
  bytes: number;
  gzipBytes: number;
}

/**
 * Bundles the Worker for production into a folder, without uploading it.
 *
 * @param options further options of `wrangler deploy`.
 * @throws Error with wrangler's own words when it cannot be built, and with the name of an option that it
 * does not know.
 */
export function bundleWorker(folder: string, options: readonly string[] = []): Bundle {
  const command = [scriptOf("wrangler"), "deploy", "--dry-run", "--outdir", folder, ...options];
  try {
    execFileSync(process.execPath, ["--no-warnings", ...command], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1", WRANGLER_SEND_METRICS: "false" },
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: Buffer; stderr?: Buffer };
    const [, unknown] = /Unknown arguments?: ([\w-]+)/.exec(`${stderr}${stdout}`) ?? [];
    if (unknown) {
      throw new Error(`Unknown option '--${unknown}': npx wrangler deploy --help says which there are.`);
    }
    throw new Error(`The Worker could not be built:\n${stdout ?? ""}${stderr ?? error}`);
  }
  const file = join(folder, "worker.js");
  const content = readFileSync(file);
  return { file, bytes: content.length, gzipBytes: gzipSync(content).length };
}
