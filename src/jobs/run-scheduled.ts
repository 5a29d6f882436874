import { openDatabase } from "../database/client.ts";
import { type Bindings, readEnvironment } from "../environment.ts";
import { runJobs } from "./run-jobs.ts";

/** Well below the five minutes between two, and the thousand requests that a Worker may make in one. */
const BUDGET = { chunks: 200, ms: 60_000, requests: 600 };
const DEADLINE_MS = 90_000;

/** What the platform does every few minutes. @param asOf the moment that it was due at. */
export async function runScheduled(bindings: Bindings, asOf: number): Promise<void> {
  const environment = await readEnvironment(bindings);
  const { database, requestCount } = openDatabase({
    ...environment.database,
    deadline: Date.now() + DEADLINE_MS,
    clock: Date.now,
  });
  const isSpent = () => requestCount() >= BUDGET.requests;
  const reports = await runJobs(database, environment, { asOf, budget: { ...BUDGET, isSpent } });
  for (const report of reports) {
    if (report.done + report.failed > 0) console.log(JSON.stringify({ level: "info", job: report }));
  }
}
