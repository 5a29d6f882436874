import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { leaveOutUnread } from "./leave-out-unread.ts";
import { root } from "./packages.ts";

export interface Bundle {
  /** The Worker as Cloudflare would be given it: one ES module. */
  file: string;
  bytes: number;
  gzipBytes: number;
}

export interface BundleOptions {
  /** What is bundled: the Worker, unless another is named. */
  entry?: string;
  /** False keeps names and lines, so that functions can be told apart. */
  minify?: boolean;
}

/**
 * Bundles a Worker for production into `worker.js` of a folder.
 *
 * @throws Error with the bundler's own words when it cannot be built.
 */
export async function bundleWorker(folder: string, options: BundleOptions = {}): Promise<Bundle> {
  const { entry = "src/worker.ts", minify = true } = options;
  const file = join(folder, "worker.js");
  try {
    const build = await rolldown({
      ...{ cwd: root, input: entry, platform: "browser", external: /^(node|cloudflare):/ },
      resolve: { conditionNames: ["workerd", "worker", "browser", "import", "module", "default"] },
      transform: { target: "es2024", define: { "process.env.NODE_ENV": '"production"' } },
      plugins: [leaveOutUnread],
      onLog: (level, log, handle) => handle(level === "warn" ? "error" : level, log),
    });
    try {
      await build.write({ file, format: "esm", minify, codeSplitting: false });
    } finally {
      await build.close();
    }
  } catch (error) {
    throw new Error(`The Worker could not be built:\n${(error as Error).message}`);
  }
  const content = readFileSync(file);
  return { file, bytes: content.length, gzipBytes: gzipSync(content).length };
}
