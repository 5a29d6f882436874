import { and, eq, type InferSelectModel, isNull, sql } from "drizzle-orm";
import { jobs as jobTable } from "../../schema/tables/jobs.ts";
import type { Database } from "../database/client.ts";
import type { Environment } from "../environment.ts";
import { type Job, jobs } from "./jobs.ts";
import { logFailure } from "./platform.ts";

export interface Budget {
  /** The most chunks of a job. */
  chunks: number;
  /** For all jobs together; each has an equal share of what those before it left. */
  ms: number;
  /** Asked before each chunk, for what a platform limits besides. */
  isSpent?: () => boolean;
}

export interface RunOptions {
  /** The moment that runs which begin now decide by; one that was begun before keeps its own. */
  asOf: number;
  budget: Budget;
  /** This job alone, also when its next run may wait. */
  only?: string | undefined;
}

export interface JobReport {
  name: string;
  asOf: number;
  /** What this call did. */
  done: number;
  failed: number;
  /**
   * `STOPPED`: the budget is spent, the next call goes on. `ELSEWHERE`: another call is at it, and this one
   * left it alone. `FAILED`: the chunk failed as a whole; the next call tries it again.
   */
  state: "OVER" | "STOPPED" | "ELSEWHERE" | "FAILED";
}

export type Run = InferSelectModel<typeof jobTable>;

/**
 * Does what is due because time has passed: each job in chunks, a run as of one moment, going on where an
 * earlier call stopped. Ended anywhere, called again or twice at once, it changes nothing twice: every
 * effect is guarded, and the place is moved on only from where it was read.
 */
export async function runJobs(
  database: Database,
  environment: Environment,
  { asOf, budget, only }: RunOptions,
): Promise<JobReport[]> {
  const endsAt = Date.now() + budget.ms;
  const runs = await database.select().from(jobTable);
  const chosen = jobs
    .map((job) => ({ job, was: runs.find(({ name }) => name === job.name) }))
    .filter(({ job, was }) => (only ? job.name === only : mayBegin(job, was)));
  const reports: JobReport[] = [];
  for (const [position, { job, was }] of chosen.entries()) {
    const until = Date.now() + (endsAt - Date.now()) / (chosen.length - position);
    const isSpent = (chunks: number) =>
      chunks >= budget.chunks || Date.now() >= until || (budget.isSpent?.() ?? false);
    reports.push(await runJob(database, environment, { job, was, asOf, isSpent }));
  }
  return reports;
}

const mayBegin = ({ everyMs }: Job, was: Run | undefined): boolean =>
  !was || was.finishedAt === null || Date.now() - was.startedAt >= everyMs;

interface Part {
  job: Job;
  /** The job's last run, as it was read. */
  was: Run | undefined;
  asOf: number;
  isSpent: (chunks: number) => boolean;
}

async function runJob(
  database: Database,
  environment: Environment,
  { job, was, asOf, isSpent }: Part,
): Promise<JobReport> {
  let known = was;
  let run = was?.finishedAt === null ? was : newRun(job.name, asOf, was);
  const report = { name: job.name, asOf: run.asOf, done: 0, failed: 0 };
  for (let chunks = 0; !isSpent(chunks); chunks += 1) {
    try {
      const answer = await job.work(database, environment, run.asOf, job.limit, run.place as never);
      const [done, failed] = [job.done(answer as never), answer.failed ?? 0];
      report.done += done;
      report.failed += failed;
      run = after(run, { done, failed, next: answer.next as Run["place"] });
    } catch (error) {
      logFailure({ job: job.name }, error);
      report.failed += 1;
      // What is wrong may be the database: then this cannot be noted either.
      await moveOn(database, known, { ...run, failedCount: run.failedCount + 1 }).catch(() => false);
      return { ...report, state: "FAILED" };
    }
    if (!(await moveOn(database, known, run))) return { ...report, state: "ELSEWHERE" };
    if (run.finishedAt !== null) return { ...report, state: "OVER" };
    known = run;
  }
  return { ...report, state: "STOPPED" };
}

const newRun = (name: string, asOf: number, was: Run | undefined): Run => ({
  ...{ name, asOf, place: null, startedAt: Date.now(), finishedAt: null, doneCount: 0, failedCount: 0 },
  lastFinishedAt: was?.lastFinishedAt ?? null,
});

/** A run after a chunk of it; over, when there is no place to go on from. */
function after(run: Run, chunk: { done: number; failed: number; next: Run["place"] }): Run {
  const finishedAt = chunk.next ? null : Date.now();
  return {
    ...run,
    ...{ place: chunk.next, finishedAt, lastFinishedAt: finishedAt ?? run.lastFinishedAt },
    doneCount: run.doneCount + chunk.done,
    failedCount: run.failedCount + chunk.failed,
  };
}

/**
 * Writes how far a job has come, if it is still where it was read: otherwise another call has moved it,
 * and its place is not this one's to set.
 *
 * @returns whether it was written.
 */
export async function moveOn(database: Database, was: Run | undefined, is: Run): Promise<boolean> {
  if (!was) {
    const { rowsAffected } = await database.insert(jobTable).values(is).onConflictDoNothing();
    return rowsAffected === 1;
  }
  const place = was.place && JSON.stringify(was.place);
  const { rowsAffected } = await database
    .update(jobTable)
    .set(is)
    .where(
      and(
        eq(jobTable.name, was.name),
        eq(jobTable.startedAt, was.startedAt),
        was.finishedAt === null ? isNull(jobTable.finishedAt) : eq(jobTable.finishedAt, was.finishedAt),
        sql`${jobTable.place} is ${place}`,
      ),
    );
  return rowsAffected === 1;
}
