import { and, eq, sql } from "drizzle-orm";
import { brands } from "../../schema/tables/brands.ts";
import type { Database } from "../database/client.ts";
import { mustChange, type Statement } from "../database/commit.ts";

/** Reads the version of a brand's program that a change is decided on. */
export const programVersion = (database: Database, brandId: string) =>
  database.select({ version: brands.programVersion }).from(brands).where(eq(brands.id, brandId));

/** Moves the version on, or aborts the commit when another change of the program came first. */
export const nextProgramVersion = (database: Database, brandId: string, version: number): Statement[] => [
  database
    .update(brands)
    .set({ programVersion: sql`${brands.programVersion} + 1` })
    .where(and(eq(brands.id, brandId), eq(brands.programVersion, version))),
  mustChange(database),
];
