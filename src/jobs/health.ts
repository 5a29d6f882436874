import { jobs as jobTable } from "../../schema/tables/jobs.ts";
import type { Database } from "../database/client.ts";
import { jobs } from "./jobs.ts";
import type { Run } from "./run-jobs.ts";

/** Three calls in a row that did not end a job's run are more than chance. */
const LATE_MS = 15 * 60_000;

/** How a job is doing, for whoever watches over the platform; nothing of what it worked on. */
interface JobHealth {
  name: string;
  lastFinishedAt: string | null;
  running: boolean;
  /** Its last run ended too long ago, or none did. */
  behind: boolean;
  /** Of the run that is going on, or of the last: what failed and will be tried again. */
  failed: number;
}

/** The jobs' state, read in one request. */
export async function readJobHealth(database: Database, now: number): Promise<JobHealth[]> {
  const runs = await database.select().from(jobTable);
  return jobs.map(({ name, everyMs }) =>
    healthOf(
      name,
      everyMs,
      runs.find((run) => run.name === name),
      now,
    ),
  );
}

function healthOf(name: string, everyMs: number, run: Run | undefined, now: number): JobHealth {
  const last = run?.lastFinishedAt ?? null;
  return {
    name,
    lastFinishedAt: last === null ? null : new Date(last).toISOString(),
    running: run !== undefined && run.finishedAt === null,
    behind: last === null || now - last > everyMs + LATE_MS,
    failed: run?.failedCount ?? 0,
  };
}
