import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { root } from "../../scripts/support/packages.ts";
import { freePort } from "../../scripts/support/sqld.ts";

export interface RunningPeer {
  url: string;
  pid: number;
  stop: () => Promise<void>;
}

/** Some write all their rows before they listen. */
const READY_MS = 600_000;

/**
 * Starts a program of `bench/peers` in a process of its own, and waits until it answers over HTTP.
 *
 * @param given what it needs to know, besides the port to listen on.
 * @throws Error with its own words when it does not answer.
 */
export async function startPeer(
  script: string,
  given: Record<string, string>,
  node = process.execPath,
): Promise<RunningPeer> {
  const port = await freePort();
  const child = spawn(node, ["--no-warnings", join(root, "bench/peers", script)], {
    cwd: join(root, "bench"),
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_ENV: "production", ...given, PORT: String(port) },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-3_000);
    });
  }
  const ended = once(child, "exit");
  const stop = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  const url = `http://127.0.0.1:${port}`;
  for (const giveUpAt = Date.now() + READY_MS; child.exitCode === null && Date.now() < giveUpAt; ) {
    const answered = await fetch(url).then(
      (response) => response.arrayBuffer(),
      () => undefined,
    );
    if (answered) return { url, pid: child.pid as number, stop };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop();
  throw new Error(`${script} did not answer: ${output.trim().split("\n").slice(0, 12).join("\n")}`);
}
