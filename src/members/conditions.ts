import { type SQL, type SQLWrapper, sql } from "drizzle-orm";
import { members } from "../../schema/tables/members.ts";
import { eachOf } from "../database/bulk.ts";

/** A condition: the membership is not closed. What is given to a member is given under it. */
export const isActiveMember = (brandId: SQLWrapper | string, memberId: SQLWrapper | string): SQL =>
  sql`exists (select 1 from ${members} where ${members.brandId} = ${brandId}
    and ${members.id} = ${memberId} and ${members.state} = 'ACTIVE')`;

/**
 * A condition: the membership is not closed, and has this name or contact. Of alternatives each says both, as the
 * index that answers it holds the active ones alone.
 */
export const isActiveWith = (column: SQLWrapper, value: string): SQL =>
  sql`(${members.state} = 'ACTIVE' and ${column} = ${value})`;

/** A condition: none of these memberships is closed. */
export const areActiveMembers = (brandId: string, memberIds: readonly string[]): SQL =>
  sql`not exists (select 1 from ${members} where ${members.brandId} = ${brandId}
    and ${members.id} in (${eachOf(memberIds)}) and ${members.state} <> 'ACTIVE')`;
