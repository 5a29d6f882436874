import { sql } from "drizzle-orm";
import { standings } from "../../schema/tables/standings.ts";
import { changesOf } from "../database/bulk.ts";
import type { Database } from "../database/client.ts";
import { mustChange, type Statement } from "../database/commit.ts";

/** A member's standing as a decision was made on it. */
export interface StandingRead {
  memberId: string;
  version: number;
}

/**
 * Moves the versions of members' standings on, or aborts the commit when another that decides on the same
 * facts, caps and limits of one of them came first. A commit calls it once, for all that it decided on.
 */
export function nextStandingVersions(
  database: Database,
  brandId: string,
  read: readonly StandingRead[],
): Statement[] {
  if (read.length === 0) return [];
  const standingsRead = [...new Map(read.map((standing) => [standing.memberId, standing])).values()];
  return [
    database.run(sql`
      update ${standings} set version = version + 1
      from ${changesOf(brandId, standingsRead)}
      where ${standings.brandId} = f.value ->> '$.brandId' and ${standings.memberId} = f.value ->> '$.memberId'
        and ${standings.version} = f.value ->> '$.version'`),
    mustChange(database, standingsRead.length),
  ];
}
