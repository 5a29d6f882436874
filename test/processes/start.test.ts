import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { root } from "../../scripts/support/packages.ts";
import { freePort } from "../../scripts/support/sqld.ts";

let folder: string;
let port: number;
const running: Start[] = [];

interface Start {
  output: () => string;
  /** Its exit code, once it has ended. */
  ended: Promise<number>;
  send: (signal: NodeJS.Signals) => void;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tessera-start-"));
  port = await freePort();
});

afterEach(async () => {
  for (const start of running.splice(0)) {
    start.send("SIGTERM");
    await start.ended;
  }
  await rm(folder, { recursive: true, force: true });
});

/** `npm start` in the folder of this test, on its port. */
function start(environment: Record<string, string> = {}, ...options: string[]): Start {
  const script = join(root, "scripts/start.ts");
  const child = spawn(process.execPath, [script, "--folder", folder, "--port", String(port), ...options], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk;
    });
  }
  const ended = once(child, "exit").then(([code]) => code as number);
  const begun = { output: () => output, ended, send: (signal: NodeJS.Signals) => void child.kill(signal) };
  running.push(begun);
  return begun;
}

async function untilReady({ output, ended }: Start): Promise<void> {
  const failed = ended.then(() => {
    throw new Error(`It ended:\n${output()}`);
  });
  failed.catch(() => undefined);
  while (!output().includes("Tessera answers")) {
    await Promise.race([failed, new Promise((resolve) => setTimeout(resolve, 100))]);
  }
}

/** The processes that were started on this test's folder. */
const left = (): string[] =>
  execFileSync("ps", ["-A", "-o", "command="], { encoding: "utf8" })
    .split("\n")
    .filter((command) => command.includes(folder) && !command.startsWith("ps "));

const secrets = () => readFile(join(folder, "secrets.json"), "utf8");

test("it starts, prints what can be pasted, and the next start finds data and secrets as they were", async () => {
  const first = start();
  await untilReady(first);
  expect((await stat(join(folder, "secrets.json"))).mode & 0o777).toBe(0o600);
  expect((await stat(join(folder, "worker.env"))).mode & 0o777).toBe(0o600);
  const kept = await secrets();
  for (const command of commandsOf(first)) {
    const answer = JSON.parse(execFileSync("sh", ["-c", command], { encoding: "utf8" }));
    expect(answer).toEqual(expect.not.objectContaining({ errors: expect.anything() }));
    expect(answer).toEqual(expect.not.objectContaining({ error: expect.anything() }));
  }

  const beside = start({}, "--port", String(await freePort()));
  expect(await beside.ended).toBe(1);
  expect(beside.output()).toMatch(/in use by an earlier start: .* kill \d+/);

  first.send("SIGINT");
  expect(await first.ended).toBe(0);
  expect(left()).toEqual([]);

  const second = start();
  await untilReady(second);
  expect(await secrets()).toBe(kept);

  const parts = JSON.parse(await readFile(join(folder, "running.json"), "utf8")) as {
    pid: number;
    command: string;
  }[];
  process.kill(parts.find(({ command }) => command.includes("sqld"))?.pid as number, "SIGKILL");
  expect(await second.ended).toBe(1);
  expect(second.output()).toMatch(/libSQL ended by itself/);
  expect(left()).toEqual([]);
}, 120_000);

/** The commands that it prints, each as it would be pasted. */
function commandsOf({ output }: Start): string[] {
  const commands = [...output().matchAll(/^curl (?:.*\\\n)*.*$/gm)].map(([command]) => command);
  expect(commands.length).toBeGreaterThan(0);
  return commands;
}

test("ended while it starts, it leaves nothing running", async () => {
  const begun = start();
  while (!begun.output().includes("Starting the Worker"))
    await new Promise((resolve) => setTimeout(resolve, 20));
  begun.send("SIGTERM");
  expect(await begun.ended).toBe(0);
  expect(left()).toEqual([]);
});

test("a port that is taken is one sentence with the fix", async () => {
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  const begun = start();
  expect(await begun.ended).toBe(1);
  expect(begun.output().trim()).toBe(
    `Port ${port} is taken: end what listens there, or choose another with --port.`,
  );
  server.close();
});

test("a database that does not answer is one sentence with the fix", async () => {
  const begun = start({ DATABASE_URL: "http://127.0.0.1:9" });
  expect(await begun.ended).toBe(1);
  expect(begun.output().trim()).toMatch(/^The database at http:\/\/127\.0\.0\.1:9 does not answer: .+$/);
  expect(left()).toEqual([]);
});
