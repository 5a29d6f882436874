import { type SQL, sql } from "drizzle-orm";

/**
 * A condition, with a hint that few rows meet it. For want of statistics, SQLite would else go through all that
 * the brand has by the ids, which are the order, rather than find the few and sort them.
 */
export const seldom = (condition: SQL): SQL => sql`unlikely(${condition})`;
