import { DrizzleQueryError } from "drizzle-orm";
import { DatabaseError, type Failure, failureOf } from "../../src/database/failures.ts";
import { closeStreams } from "../../src/database/streams.ts";

interface Manner {
  /** What to do once a database answers that went away half way. */
  again?: string;
  /** It ends by itself once it is asked to: what it has begun must come to its end. */
  endsItself?: boolean;
}

/**
 * Does the work of a script that uses the database, and ends the process with a sentence where it fails.
 * However it ends, its streams are given back: the server keeps a lost one for 10 seconds, and has few.
 */
export async function runScript(
  work: (asked: AbortSignal) => Promise<void>,
  { again = "run the same command again.", endsItself = false }: Manner = {},
): Promise<void> {
  const asked = askedToEnd();
  let isOver = false;
  const cut = new Promise<void>((resolve) => {
    if (!endsItself) asked.addEventListener("abort", () => resolve());
  });
  try {
    await Promise.race([work(asked).then(() => (isOver = true)), cut]);
  } catch (error) {
    // Whoever read it has seen enough.
    if (!isReaderGone(error) && (endsItself || !asked.aborted)) {
      console.error(sentenceOf(error, again));
      process.exitCode = 1;
    }
  }
  if (asked.aborted && asked.reason !== "EPIPE") process.exitCode = 130;
  await closeStreams(!isOver);
  if (!isOver) process.exit();
}

/** Aborted when a signal asks the process to end, or nobody reads any more what it writes: reason `EPIPE`. */
export function askedToEnd(): AbortSignal {
  const asked = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => asked.abort(signal));
  }
  for (const output of [process.stdout, process.stderr]) {
    output.on("error", (error) => {
      // Of another fault a pipeline tells itself, which hands it to its output too.
      if (isReaderGone(error)) asked.abort("EPIPE");
    });
  }
  return asked.signal;
}

const isReaderGone = (error: unknown): boolean => (error as NodeJS.ErrnoException | null)?.code === "EPIPE";

const ofDatabase: Record<Failure, (again: string) => string> = {
  unknown: (again) => `The database does not answer any more: once it does, ${again}`,
  busy: (again) => `The database is busy with others: ${again}`,
  constraint: () => "The database refused it: what it holds stands against it.",
  excessive: () => "The database refused it: it is more than it can do at once.",
  fault: () =>
    "The database did not take what it was asked: it may lack migrations. Run npm run migrate, with the same DATABASE_URL.",
};

/** What failed, and the fix; of what was sent to the database, nothing. */
export function sentenceOf(error: unknown, again = "run the same command again."): string {
  if (isOfDatabase(error)) return ofDatabase[failureOf(error)](again);
  return error instanceof Error ? error.message : String(error);
}

/** Whether an error comes from the database as it is: its message is for no one to read. */
export const isOfDatabase = (error: unknown): boolean =>
  error instanceof DrizzleQueryError || error instanceof DatabaseError;
