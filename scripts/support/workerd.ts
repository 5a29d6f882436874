import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Bindings } from "../../src/environment.ts";
import { root } from "./packages.ts";
import { freePort } from "./sqld.ts";

export interface RunningWorkerd {
  url: string;
  pid: number;
  /** What it has written so far. */
  output: () => string;
  stop: () => Promise<void>;
}

const READY_MS = 15_000;

/**
 * Runs a bundled Worker in workerd alone, as production does: nothing of wrangler's around it, and no
 * code made from text. The configuration is written beside the bundle.
 *
 * @throws Error with workerd's own words when it does not answer.
 */
export async function startWorkerd(bundle: string, bindings: Bindings): Promise<RunningWorkerd> {
  const port = await freePort();
  const folder = dirname(bundle);
  await writeFile(
    join(folder, "workerd.capnp"),
    configure(basename(bundle), port, bindings, await readFile(join(root, "wrangler.toml"), "utf8")),
    { mode: 0o600 },
  );
  // A program or a script that launches one, as its installation left it.
  const child = spawn(join(root, "node_modules/.bin/workerd"), ["serve", "workerd.capnp"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk;
    });
  }
  const ended = once(child, "exit");
  const stop = async () => {
    if (child.exitCode === null) process.kill(-(child.pid as number), "SIGKILL");
    await ended;
  };
  const url = `http://127.0.0.1:${port}`;
  for (const giveUpAt = Date.now() + READY_MS; child.exitCode === null && Date.now() < giveUpAt; ) {
    const answered = await fetch(`${url}/.well-known/jwks.json`).then(
      (response) => response.arrayBuffer(),
      () => undefined,
    );
    if (answered) return { url, pid: child.pid as number, output: () => output, stop };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await stop();
  throw new Error(`workerd did not answer on ${url}.\n${output}`);
}

/** @see https://github.com/cloudflare/workerd/blob/main/src/workerd/server/workerd.capnp */
function configure(bundle: string, port: number, bindings: Bindings, wranglerToml: string): string {
  const [, date] = /^compatibility_date = (".*")$/m.exec(wranglerToml) ?? [];
  const [, flags] = /^compatibility_flags = (\[.*\])$/m.exec(wranglerToml) ?? [];
  const texts = Object.entries(bindings).map(
    ([name, value]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(value)})`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "network", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [(name = "${bundle}", esModule = embed "${bundle}")],
  compatibilityDate = ${date},
  compatibilityFlags = ${flags},
  bindings = [${texts.join(", ")}],
  globalOutbound = "network",
);
`;
}
