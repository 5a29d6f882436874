import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, openDatabase } from "../../src/database/client.ts";
import { closeStreams } from "../../src/database/streams.ts";
import { type Bindings, type Environment, readEnvironment } from "../../src/environment.ts";
import { newSecrets } from "../support/bindings.ts";
import { bundleWorker } from "../support/bundle.ts";
import { applyMigrations } from "../support/migrations.ts";
import { freePort, type RunningSqld, startSqld } from "../support/sqld.ts";
import { type RunningWorkerd, startWorkerd } from "../support/workerd.ts";
import { type FaultyProxy, startProxy } from "./proxy.ts";

/** The platform as in production, with a hand on everything that can break. */
export interface World {
  folder: string;
  /** Where the Worker answers. */
  url: string;
  /** What scripts are given that work on the same database, through the proxy as the Worker does. */
  bindings: Bindings;
  /** Around the proxy: how the account asks what is in the database. */
  environment: () => Promise<Environment>;
  proxy: FaultyProxy;
  worker: RunningWorkerd;
  sqld: () => RunningSqld;
  /** Ends the database as a power cut does. */
  kill: () => Promise<void>;
  /** Starts it again, where it was or on another port. */
  restart: (elsewhere?: boolean) => Promise<void>;
  /** Works on the database around the proxy, and gives its streams back: the server has few. */
  withDatabase: <Result>(work: (database: Database) => Promise<Result>) => Promise<Result>;
  stop: () => Promise<void>;
}

const WORK_MS = 120_000;

/** Starts the database, the proxy before it, and the Worker's production bundle in plain workerd. */
export async function startWorld(onStep: (step: string) => void): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "tessera-faults-"));
  const parts: { stop: () => Promise<unknown> }[] = [
    { stop: () => rm(folder, { recursive: true, force: true }) },
  ];
  const stop = async () => {
    for (let part = parts.pop(); part; part = parts.pop()) await part.stop();
  };
  try {
    onStep("Starting libSQL");
    let port = await freePort();
    let sqld = await startSqld(join(folder, "database"), port);
    parts.push({ stop: () => closeStreams().then(() => sqld.stop()) });
    await applyMigrations(sqld.url);
    const proxy = await startProxy(port);
    parts.push(proxy);
    const bindings: Bindings = {
      ...(await newSecrets()),
      ...{ DATABASE_URL: proxy.url, ISSUER: "https://loyalty.example.com" },
    };
    onStep("Bundling the Worker and starting it in workerd");
    const bundle = await bundleWorker(join(folder, "dist"));
    const worker = await startWorkerd(bundle.file, bindings);
    parts.push(worker);
    const environment = () => readEnvironment({ ...bindings, DATABASE_URL: sqld.url });
    return {
      ...{ folder, url: worker.url, bindings, environment, proxy, worker, stop },
      sqld: () => sqld,
      kill: async () => {
        sqld.process.kill("SIGKILL");
        await sqld.stop();
      },
      restart: async (elsewhere = false) => {
        if (elsewhere) port = await freePort();
        sqld = await startSqld(join(folder, "database"), port);
        proxy.target(port);
      },
      withDatabase: (work) => {
        const deadline = Date.now() + WORK_MS;
        const { database } = openDatabase({ url: sqld.url, deadline, clock: Date.now });
        return work(database).finally(closeStreams);
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
