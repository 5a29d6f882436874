import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { newSecrets } from "../../scripts/support/bindings.ts";
import { applyMigrations } from "../../scripts/support/migrations.ts";
import { root } from "../../scripts/support/packages.ts";
import { freePort, startSqld } from "../../scripts/support/sqld.ts";
import { createDataKey, openDataKey } from "../../src/brands/data-key.ts";
import { type Bindings, readEnvironment } from "../../src/environment.ts";

let folder: string;
let port: number;
const running: Start[] = [];

interface Start {
  output: () => string;
  /** Its exit code, once it has ended. */
  ended: Promise<number>;
  send: (signal: NodeJS.Signals) => void;
  /** Reads on no more. */
  leave: () => void;
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
  const begun = {
    ...{ output: () => output, ended },
    send: (signal: NodeJS.Signals) => void child.kill(signal),
    leave: () => void child.stdout.destroy(),
  };
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
  const claim = await readFile(join(folder, "running.json"), "utf8");
  const inPlace = start({}, "--fresh");
  expect(await inPlace.ended).toBe(1);
  expect(inPlace.output()).toMatch(/in use by an earlier start: .* kill \d+/);
  expect(await readFile(join(folder, "running.json"), "utf8")).toBe(claim);
  expect(await secrets()).toBe(kept);

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

test("when nobody reads it any more, it ends quietly and leaves nothing running", async () => {
  const begun = start();
  while (!begun.output().includes("Starting the Worker"))
    await new Promise((resolve) => setTimeout(resolve, 20));
  begun.leave();
  expect(await begun.ended).toBe(0);
  expect(begun.output()).not.toMatch(/EPIPE|Error/);
  expect(left()).toEqual([]);
}, 60_000);

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

test("what a killed start left behind is named, also when it holds the port", async () => {
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  const command = execFileSync("ps", ["-o", "command=", "-p", String(process.pid)], { encoding: "utf8" });
  const claim = JSON.stringify([{ pid: process.pid, command: command.trim() }]);
  await writeFile(join(folder, "running.json"), claim);
  const begun = start({}, "--fresh");
  expect(await begun.ended).toBe(1);
  expect(begun.output().trim()).toBe(
    `${folder} is in use by an earlier start: end it first, with: kill ${process.pid}`,
  );
  expect(await readFile(join(folder, "running.json"), "utf8")).toBe(claim);
  server.close();
});

test("a folder that holds something else is left as it is", async () => {
  await mkdir(join(folder, "database"));
  await writeFile(join(folder, "notes.txt"), "mine");
  const begun = start({}, "--fresh");
  expect(await begun.ended).toBe(1);
  expect(begun.output().trim()).toBe(
    `${folder} holds something else than the data of npm start: choose an empty folder with --folder.`,
  );
  expect(await readdir(folder)).toEqual(["database", "notes.txt"]);
});

test("--fresh waits for the port, and removes only what a start keeps", async () => {
  await writeFile(join(folder, "secrets.json"), JSON.stringify(await newSecrets()));
  await mkdir(join(folder, "database"));
  await writeFile(join(folder, "notes.txt"), "mine");
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  const early = start({}, "--fresh");
  expect(await early.ended).toBe(1);
  expect(early.output()).toMatch(/^\nPort \d+ is taken/);
  expect(await readdir(folder)).toEqual(["database", "notes.txt", "secrets.json"]);
  await new Promise((resolve) => server.close(resolve));

  const kept = await secrets();
  const begun = start({}, "--fresh");
  while (!begun.output().includes("Starting libSQL")) await new Promise((resolve) => setTimeout(resolve, 20));
  begun.send("SIGTERM");
  expect(await begun.ended).toBe(0);
  expect(await secrets()).not.toBe(kept);
  expect(await readdir(folder)).toContain("notes.txt");
});

test("the demo is put into no database that is elsewhere, or that holds other brands", async () => {
  const formless = start({ DATABASE_URL: "localhost:8080" });
  expect(await formless.ended).toBe(1);
  expect(formless.output().trim()).toMatch(/^DATABASE_URL must be an address that begins with .+$/);
  const elsewhere = start({ DATABASE_URL: "https://loyalty.example.com" });
  expect(await elsewhere.ended).toBe(1);
  expect(elsewhere.output().trim()).toMatch(/^DATABASE_URL is on loyalty\.example\.com, .+ add --demo .+$/);

  const sqld = await startSqld(join(folder, "other"));
  try {
    const bindings = { ...(await newSecrets()), DATABASE_URL: sqld.url, ISSUER: "http://127.0.0.1:1" };
    const brand = ["--slug", "acme", "--name", "Acme", "--locale", "en", "--time-zone", "Europe/Paris"];
    const create = ["create-brand", ...brand, "--currency", "EUR"] as const;
    expect(await run(bindings, ...create)).toMatch(/^The database has no tables yet: /);
    await applyMigrations(sqld.url);
    expect(await run(bindings, ...create)).toMatch(/^Brand {5}brd_\w+ {2}acme\n/);
    expect(await run(bindings, ...create)).toBe("There is a brand acme already: choose another --slug.");

    const begun = start({ DATABASE_URL: sqld.url }, "--demo");
    expect(await begun.ended).toBe(1);
    expect(begun.output().trim()).toMatch(/^The database at DATABASE_URL holds the brand acme, .+$/);
  } finally {
    await sqld.stop();
  }
});

/** What a script says, whether it succeeds or fails. */
async function run(environment: Record<string, string>, script: string, ...options: string[]) {
  const child = spawn(process.execPath, [join(root, "scripts", `${script}.ts`), ...options], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk;
    });
  }
  await once(child, "close");
  return output.trim();
}

test("a script says in a sentence what it was not given, and what it does not know", async () => {
  const nowhere = { DATABASE_URL: "http://127.0.0.1:9" };
  const silent =
    "The database at http://127.0.0.1:9 does not answer: start it, or set DATABASE_URL to where it is.";
  const brand = ["--slug", "acme", "--name", "Acme", "--locale", "en", "--time-zone", "Europe/Paris"];
  const said = await Promise.all([
    run({}, "verify", "--nope"),
    run({}, "migrate", "--help"),
    run(nowhere, "migrate"),
    run({}, "tour", "--url", "localhost:9451"),
    run({}, "create-brand", "--slug", "acme", "--currency", "EUR"),
    run({}, "create-brand", ...brand, "--currency", "XQQ"),
    run({}, "create-brand", ...brand, "--currency", "EUR", "--time-zone", "+02:00"),
    run({ ISSUER: "http://127.0.0.1:1" }, "create-brand", ...brand, "--currency", "EUR"),
    run(
      { ...nowhere, ISSUER: "http://127.0.0.1:1", ...(await newSecrets()) },
      "create-brand",
      ...brand,
      "--currency",
      "EUR",
    ),
  ]);
  expect(said).toEqual([
    "Unknown option '--nope': --help says which options there are.",
    "`npm run migrate`: brings the database at DATABASE_URL to the newest of `migrations/`.",
    silent,
    expect.stringMatching(/^--url takes an address that begins with http:.+, not localhost:9451\.$/),
    expect.stringMatching(
      /^Missing: --name, --locale, --time-zone\. Such as:\n\n {2}npm run create-brand -- .+$/,
    ),
    "--currency takes an ISO 4217 code, such as CNY, not XQQ.",
    "--time-zone takes an IANA name, such as Asia/Shanghai, not +02:00.",
    expect.stringMatching(/^Missing: export DATABASE_URL, SIGNING_KEYS, ENCRYPTION_KEYS, .+$/),
    silent,
  ]);
});

test("each binding that is missing or wrong is named, with what it must be", async () => {
  const bindings = { ...(await newSecrets()), ISSUER: "http://127.0.0.1:1" };
  const ENCRYPTION_KEYS = JSON.stringify({ "2026.11": btoa("k".repeat(32)), short: "%" });
  await expect(readEnvironment({ ...bindings, ENCRYPTION_KEYS } as Bindings)).rejects.toThrow(
    [
      "The Worker's bindings are not complete:",
      "DATABASE_URL: is missing",
      "ENCRYPTION_KEYS.2026.11: must be an id such as 2026-11: letters, digits, - and _",
      "ENCRYPTION_KEYS.short: must be 32 bytes in base64",
    ].join("\n  "),
  );
});

test("a key that is none is named by its id, without its values", async () => {
  const secrets = await newSecrets();
  const { keys } = JSON.parse(secrets.SIGNING_KEYS);
  const [key] = keys;
  const broken = { ...key, kid: "second", d: key.x };
  const bindings = { ...secrets, ISSUER: "http://127.0.0.1:1", DATABASE_URL: "http://127.0.0.1:9" };
  const reading = readEnvironment({ ...bindings, SIGNING_KEYS: JSON.stringify({ keys: [key, broken] }) });
  await expect(reading).rejects.toThrow(/^SIGNING_KEYS: second is no P-256 key/);
  await expect(reading).rejects.not.toThrow(key.x);
});

test("a wrapping key that does not open a data key is named by its id", async () => {
  const wrapped = await createDataKey([{ id: "a", secret: new Uint8Array(32) }]);
  const other = [{ id: "a", secret: new Uint8Array(32).fill(1) }];
  await expect(openDataKey(other, wrapped)).rejects.toThrow(/^ENCRYPTION_KEYS' key a does not open/);
});
