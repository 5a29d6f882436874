import { integer, snakeCase, text } from "drizzle-orm/sqlite-core";
import { json, moment } from "./columns.ts";

/** How far each job has come; the platform's own. A run is over all brands, as of one moment. */
export const jobs = snakeCase.table("jobs", {
  name: text().primaryKey(),
  /** The moment that the run decides by. */
  asOf: moment().notNull(),
  /** Where the next chunk goes on; null when the run is over. */
  place: json<Record<string, string | number>>(),
  startedAt: moment().notNull(),
  finishedAt: moment(),
  /** When a run was last over, whatever is running now. */
  lastFinishedAt: moment(),
  /** What the run has done so far, and how many chunks failed. */
  doneCount: integer().notNull(),
  failedCount: integer().notNull(),
});
