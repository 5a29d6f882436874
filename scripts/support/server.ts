import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Database, openDatabase } from "../../src/database/client.ts";
import { closeStreams } from "../../src/database/streams.ts";
import { type Bindings, type Environment, readEnvironment } from "../../src/environment.ts";
import { keptSecrets, writeEnvFile } from "./bindings.ts";
import { claimFolder } from "./claim.ts";
import { applyMigrations } from "./migrations.ts";
import { root, scriptOf } from "./packages.ts";
import { freePort, startSqld } from "./sqld.ts";

export interface ServerOptions {
  /** Keeps the database and the secrets; made where it is missing. */
  folder: string;
  /** Empties the folder first, once it is known that nothing else uses it. */
  fresh?: boolean;
  /** A free one by default. */
  port?: number;
  /** A libSQL server that runs elsewhere, in place of an own sqld. */
  elsewhere?: { url: string; authToken?: string | undefined };
  /** Aborted, it ends what was started, also half way. */
  signal?: AbortSignal;
  /** Told before each step that takes a while. */
  onStep?: (step: string) => void;
  /** Told each line that the Worker writes. */
  onLine?: (line: string) => void;
}

export interface RunningServer {
  /** `http://127.0.0.1:8787` */
  url: string;
  bindings: Bindings;
  environment: Environment;
  /** Works on the server's database, for what no token allows, and gives its streams back. */
  withDatabase: <Result>(work: (database: Database) => Promise<Result>) => Promise<Result>;
  /** Settles with what happened when a part of it ends that nobody asked to. */
  failed: Promise<string>;
  /** Ends every process that was started, and waits until they have ended. */
  stop: () => Promise<void>;
}

const READY_MS = 60_000;

/**
 * Starts the whole platform on this machine: libSQL, migrations, and the Worker in workerd.
 *
 * @throws Error whose message is one sentence with the fix; nothing is left running.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { folder, elsewhere, signal, onStep = () => {}, onLine = () => {} } = options;
  const port = options.port ?? (await freePort());
  const parts: { stop: () => Promise<void> }[] = [];
  let stopped = Promise.resolve();
  const stop = () => {
    stopped = stopped.then(async () => {
      for (let part = parts.pop(); part; part = parts.pop()) await part.stop();
    });
    return stopped;
  };
  signal?.addEventListener("abort", stop);
  try {
    const claim = await claimFolder(folder);
    parts.push({ stop: claim.release });
    // After the claim: what an earlier start left behind, which may hold the port too, is named there.
    await refuseTakenPort(port);
    if (options.fresh) await claim.empty();
    // Before anything else is kept: they are what the folder is known by.
    const secrets = await keptSecrets(folder);
    let failed: Promise<string>[] = [];
    let database = elsewhere;
    if (!database) {
      onStep("Starting libSQL");
      const sqld = await startSqld(join(folder, "database"));
      parts.push(sqld);
      signal?.throwIfAborted();
      await claim.add(sqld.process.pid as number);
      failed = [once(sqld.process, "exit").then(([code]) => `libSQL ended by itself, with code ${code}.`)];
      database = { url: sqld.url };
    }
    const bindings: Bindings = {
      ...secrets,
      DATABASE_URL: database.url,
      ...(database.authToken ? { DATABASE_AUTH_TOKEN: database.authToken } : {}),
      ISSUER: `http://127.0.0.1:${port}`,
      ENVIRONMENT: "development",
    };
    const environment = await readEnvironment(bindings);

    onStep("Starting the Worker");
    const worker = await startWorker(folder, port, bindings, onLine);
    parts.push(worker);
    await claim.add(worker.process.pid as number);
    onStep("Applying the migrations");
    await Promise.all([applyMigrations(database.url, database.authToken), worker.ready]);
    signal?.throwIfAborted();
    return {
      url: bindings.ISSUER,
      bindings,
      environment,
      withDatabase: (work) => work(openFor(environment)).finally(closeStreams),
      failed: Promise.race([...failed, worker.failed]),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function openFor({ database: { url, authToken } }: Environment): Database {
  const deadline = Date.now() + 10 * 60_000;
  return openDatabase({ url, authToken, deadline, clock: Date.now }).database;
}

async function refuseTakenPort(port: number): Promise<void> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  } catch (cause) {
    const fault =
      (cause as NodeJS.ErrnoException).code === "EACCES"
        ? `This user may not listen on port ${port}: choose one from 1024 on with --port.`
        : `Port ${port} is taken: end what listens there, or choose another with --port.`;
    throw new Error(fault, { cause });
  } finally {
    server.close();
  }
}

interface Worker {
  process: ChildProcess;
  ready: Promise<void>;
  failed: Promise<string>;
  stop: () => Promise<void>;
}

/** Runs the Worker from its sources, in a process group of its own so that all of it can be ended. */
async function startWorker(
  folder: string,
  port: number,
  bindings: Bindings,
  onLine: (line: string) => void,
): Promise<Worker> {
  const envFile = join(folder, "worker.env");
  await writeEnvFile(envFile, bindings);
  const child = spawn(
    process.execPath,
    [
      ...[
        "--no-warnings",
        scriptOf("wrangler"),
        "dev",
        "--local",
        "--ip",
        "127.0.0.1",
        "--port",
        String(port),
      ],
      ...["--inspector-port", String(await freePort()), "--persist-to", join(folder, "worker")],
      // What the clock calls can be called by hand: GET /cdn-cgi/handler/scheduled?time=MILLISECONDS
      "--test-scheduled",
      ...["--env-file", envFile, "--show-interactive-dev-session=false", "--log-level", "warn"],
    ],
    {
      cwd: root,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1", WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true" },
    },
  );
  const ended = once(child, "exit").then(([code]) => `The Worker ended by itself, with code ${code}.`);
  const fault = listen(child, onLine);
  const ready = untilHealthy(`http://127.0.0.1:${port}/health`, Promise.race([ended, fault]));
  const stop = async () => {
    signalGroup(child, "SIGTERM");
    const timer = setTimeout(() => signalGroup(child, "SIGKILL"), 3_000);
    await ended;
    clearTimeout(timer);
    // What wrangler started may outlive it.
    signalGroup(child, "SIGKILL");
  };
  return { process: child, ready, failed: ended, stop };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-(child.pid as number), signal);
  } catch {
    // The group has ended.
  }
}

/** Passes on what the Worker writes; settles with what looks like the fault of a build that cannot start. */
function listen(child: ChildProcess, onLine: (line: string) => void): Promise<string> {
  return new Promise((resolve) => {
    const noise = /Request\.cf|getaddrinfo|GetAddrInfoReqWrap|Logs were written to/;
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on("line", (line) => {
        if (line.trim() === "" || noise.test(line)) return;
        onLine(line);
        if (/Build failed|ERROR.*(Could not|resolve|Expected)/.test(line)) {
          resolve(`The Worker could not be built: ${line.trim()}`);
        }
      });
    }
  });
}

async function untilHealthy(address: string, failed: Promise<string>): Promise<void> {
  let fault: string | undefined;
  failed.then((reason) => {
    fault = reason;
  });
  const giveUpAt = Date.now() + READY_MS;
  while (fault === undefined && Date.now() < giveUpAt) {
    const healthy = await fetch(address, { signal: AbortSignal.timeout(5_000) }).then(
      async (response) => {
        await response.body?.cancel();
        return response.ok;
      },
      () => false,
    );
    if (healthy) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(fault ?? `The Worker did not answer at ${address} within ${READY_MS / 1_000} seconds.`);
}
