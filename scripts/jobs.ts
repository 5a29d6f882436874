/**
 * `npm run jobs`: does at once what the platform does by itself as time passes: points that can be spent
 * or expire, tiers, benefits, reminders. In production the Worker does it, every five minutes.
 *
 * npm run jobs -- --date 2027-03-31 --job expirePoints
 *
 * --date DAY     all that is due when that day, YYYY-MM-DD, is over in the time zone of every brand; without
 *                it, all that is due now. A day to come is for databases on this machine only
 * --job NAME     this job alone
 * --folder PATH  where `npm start` keeps its data; .data
 *
 * Works on the server that `npm start` runs in another terminal; with DATABASE_URL, on that database, with
 * the Worker's other bindings from the environment: ISSUER, SIGNING_KEYS, ENCRYPTION_KEYS, and
 * DATABASE_AUTH_TOKEN where it needs one. Ended half way, or run again, it does nothing twice.
 */
import { join } from "node:path";
import { Temporal } from "temporal-polyfill";
import { brands } from "../schema/tables/brands.ts";
import { startOfDay } from "../src/calendar.ts";
import { type Database, openDatabase } from "../src/database/client.ts";
import { type Environment, readEnvironment } from "../src/environment.ts";
import { jobs } from "../src/jobs/jobs.ts";
import { type JobReport, runJobs } from "../src/jobs/run-jobs.ts";
import { readBindings } from "./support/bindings.ts";
import { readOptions } from "./support/options.ts";
import { root } from "./support/packages.ts";
import { isLoopback, reachDatabase } from "./support/reach.ts";
import { runScript } from "./support/run.ts";

/** A line of progress at least this often; a client for each, so that its deadline is never far. */
const ROUND_MS = 5_000;
const DEADLINE_MS = 60_000;
const PAUSE_MS = 1_000;

const options = readOptions({
  ...{ date: { type: "string" }, job: { type: "string" } },
  folder: { type: "string", default: join(root, ".data") },
});

await runScript(
  async () => {
    const chosen = chooseJobs();
    const day = options.date === undefined ? undefined : readDay(options.date);
    const environment = await readEnvironment(
      readBindings(process.env.DATABASE_URL ? undefined : options.folder, "unset DATABASE_URL"),
    );
    const remedy = "start it (npm start, in another terminal), or set DATABASE_URL to where it is.";
    const database = await reachDatabase(environment.database, remedy, DEADLINE_MS);
    const asOf = day ? await endOfDayEverywhere(database, day) : Date.now();
    refuseFuture(asOf, environment);
    console.log(`All that is due by ${new Date(asOf).toISOString()}:`);
    let failed = 0;
    for (const name of chosen) failed += await finish(environment, name, asOf);
    if (failed > 0) {
      throw new Error(
        `${failed} brands' chunks failed; the lines above say where. They stay due: run it again.`,
      );
    }
    console.log("Done. Members see it at once; /health shows when each job last finished.");
  },
  { again: "the same command goes on where this was." },
);

function chooseJobs(): string[] {
  const names = jobs.map(({ name }) => name);
  if (options.job !== undefined && !names.includes(options.job)) {
    throw new Error(`There is no job ${options.job}. There are: ${names.join(", ")}.`);
  }
  return options.job === undefined ? names : [options.job];
}

function readDay(text: string): Temporal.PlainDate {
  try {
    return Temporal.PlainDate.from(/^\d{4}-\d\d-\d\d$/.test(text) ? text : "");
  } catch {
    throw new Error(`--date takes a day such as 2027-03-31, not ${text}.`);
  }
}

/** The moment from which that day is over for each brand there is. */
async function endOfDayEverywhere(database: Database, day: Temporal.PlainDate): Promise<number> {
  const zones = await database.selectDistinct({ timeZone: brands.timeZone }).from(brands);
  if (zones.length === 0) throw new Error("The database holds no brand yet: there is nothing to do.");
  return Math.max(...zones.map(({ timeZone }) => startOfDay(day.add({ days: 1 }), timeZone)));
}

/** Doing today what a later day would bring takes points away that members still have. */
function refuseFuture(asOf: number, { database }: Environment): void {
  if (asOf > Date.now() && !isLoopback(database.url)) {
    throw new Error(
      "That day is not over yet: on a database that is not on this machine, choose an earlier --date.",
    );
  }
}

/** Runs a job to its end, as of that moment; answers how many chunks of it failed. */
async function finish(environment: Environment, name: string, asOf: number): Promise<number> {
  const startedAt = performance.now();
  let [done, failed] = [0, 0];
  for (;;) {
    const report = await runRound(environment, name, asOf);
    done += report.done;
    failed += report.failed;
    const seconds = (performance.now() - startedAt) / 1_000;
    const isOver = report.state === "OVER" && report.asOf === asOf;
    console.log(
      `  ${name.padEnd(22)} ${String(done).padStart(9)} in ${seconds.toFixed(1)} s, ` +
        `${Math.round(done / seconds)} a second${failed > 0 ? `, ${failed} failed` : ""}${isOver ? "" : " …"}`,
    );
    if (isOver) return failed;
    if (report.state === "FAILED")
      throw new Error(`${name} failed; the line above says where. Run it again.`);
    // The Worker is at the same job: let it come to its end.
    if (report.state === "ELSEWHERE") await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

async function runRound(environment: Environment, name: string, asOf: number): Promise<JobReport> {
  const deadline = Date.now() + DEADLINE_MS;
  const { database } = openDatabase({ ...environment.database, deadline, clock: Date.now });
  const budget = { chunks: Number.POSITIVE_INFINITY, ms: ROUND_MS };
  const [report] = await runJobs(database, environment, { asOf, budget, only: name });
  if (!report) throw new Error(`${name} did not run.`);
  return report;
}
