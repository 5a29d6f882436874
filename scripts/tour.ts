/**
 * `npm run tour`: walks through the main job as each of its callers in turn, over HTTP, and checks every
 * answer. Ends with an error if one is not as it must be.
 *
 * It starts a server with the demo data in a temporary folder; with `--url http://127.0.0.1:8787` it
 * walks on one that runs already, such as that of `npm start`, and leaves a member and some coupons there. With
 * `--database http://127.0.0.1:8080` its server works on that libSQL server in place of one of its own.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeStreams } from "../src/database/streams.ts";
import { coffee } from "./demo/coffee.ts";
import { refuseOthersData } from "./demo/guard.ts";
import { loadDemo } from "./demo/load.ts";
import { readOptions } from "./support/options.ts";
import { reachDatabase } from "./support/reach.ts";
import { askedToEnd, isOfDatabase, sentenceOf } from "./support/run.ts";
import { type RunningServer, startServer } from "./support/server.ts";
import { callerWith } from "./tour/caller.ts";
import { walk } from "./tour/chapters.ts";
import { createReport } from "./tour/report.ts";

const asked = askedToEnd();

const options = readOptions({ url: { type: "string" }, database: { type: "string" } });

const seconds = (since: number) => `${((performance.now() - since) / 1_000).toFixed(1)} s`;
const print = (line: string) => console.log(line);

try {
  if (options.url !== undefined && options.database !== undefined)
    throw new Error("--database is of the tour's own server: give it, or --url, not both.");
  if (options.url === undefined) await tourOwnServer(asked, options.database);
  else {
    asked.addEventListener("abort", leave);
    await tourElsewhere(options.url.replace(/\/+$/, ""));
  }
} catch (error) {
  if (!asked.aborted) console.error(`\n${describe(error)}`);
  process.exitCode = 1;
}
// What a dependency still holds open must not keep the tour from ending.
leave();

/** Whoever read the tour may have seen enough: then it has not failed. */
function leave(): never {
  process.exit(asked.reason === "EPIPE" ? 0 : process.exitCode);
}

/** Starts a server of its own, and leaves nothing of it behind. @param database elsewhere, of nobody else. */
async function tourOwnServer(signal: AbortSignal, database: string | undefined): Promise<void> {
  const startedAt = performance.now();
  const folder = await mkdtemp(join(tmpdir(), "tessera-tour-"));
  const onStep = (step: string) => console.error(`${step} …`);
  let server: RunningServer | undefined;
  try {
    if (database !== undefined) {
      const remedy = "start it, or leave --database out.";
      await refuseOthersData(await reachDatabase({ url: database }, remedy)).finally(closeStreams);
    }
    const elsewhere = database === undefined ? {} : { elsewhere: { url: database } };
    server = await startServer({ folder, signal, onStep, ...elsewhere });
    onStep("Loading the demo data");
    const { environment } = server;
    await server.withDatabase((database) => loadDemo(database, environment));
    await tour(server.url, `; the server and its data were ready after ${seconds(startedAt)}`);
  } finally {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function tourElsewhere(url: string): Promise<void> {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new Error(
      `--url takes an address that begins with http:// or https://, such as http://127.0.0.1:8787, not ${url || "nothing"}.`,
    );
  }
  const answers = await fetch(`${url}/health`).then(
    (response) => response.ok,
    () => false,
  );
  if (!answers) throw new Error(`Nothing that is well answers at ${url}/health. Start it: npm start`);
  const { data } = await callerWith(url)(`{ program(brand: "${coffee.slug}") { name } }`);
  if (!data?.program) throw new Error(`${url} has no demo data, which this tour needs. Start it: npm start`);
  await tour(url);
}

async function tour(url: string, remark = ""): Promise<void> {
  const startedAt = performance.now();
  const report = createReport(print);
  print("A tour of Tessera: who asks what, and what comes back.");
  try {
    await walk({ url, report, run: Date.now().toString(36) });
    print(`\nAll ${report.checks()} checks passed, in ${seconds(startedAt)}${remark}.`);
  } catch (error) {
    print(
      `\nThe tour ends here, after ${report.checks()} checks that passed: an answer is not as it must be.`,
    );
    throw error;
  }
}

/** What happened, and what was behind it. */
function describe(error: unknown): string {
  if (!(error instanceof Error) || isOfDatabase(error)) return sentenceOf(error);
  return error.cause ? `${error.message}\n${describe(error.cause)}` : error.message;
}
