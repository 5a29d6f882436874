import { and, eq, inArray, sql } from "drizzle-orm";
import { brands } from "../../schema/tables/brands.ts";
import type { Database } from "../database/client.ts";
import { mustChange, type Statement } from "../database/commit.ts";
import { noteProgramChange } from "./kept-programs.ts";

/** Reads the version of a brand's program that a change is decided on. */
export const programVersion = (database: Database, brandId: string) =>
  database.select({ version: brands.programVersion }).from(brands).where(eq(brands.id, brandId));

/** The versions that the programs of these brands have now, by slug. */
export const programVersions = (database: Database, slugs: readonly string[]) =>
  database
    .select({ slug: brands.slug, version: brands.programVersion })
    .from(brands)
    .where(inArray(brands.slug, [...slugs]));

/** Moves the version on, or aborts the commit when another change of the program came first. */
export const nextProgramVersion = (database: Database, brandId: string, version: number): Statement[] => [
  database
    .update(brands)
    .set(nextVersion(brandId))
    .where(and(eq(brands.id, brandId), eq(brands.programVersion, version))),
  mustChange(database),
];

/**
 * What an update of the brand's row sets to move the version on; without a guard where the order of changes does not
 * matter. From now on this isolate looks out for the change, so ask only for what is about to be committed.
 */
export function nextVersion(brandId: string) {
  noteProgramChange(brandId);
  return { programVersion: sql`${brands.programVersion} + 1` };
}
