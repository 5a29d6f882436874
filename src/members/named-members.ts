import { and, eq, inArray, is, SQL, sql } from "drizzle-orm";
import { members } from "../../schema/tables/members.ts";
import { eachOf } from "../database/bulk.ts";
import type { Database } from "../database/client.ts";
import { NotFound, type Refusal } from "../errors.ts";
import { MemberClosed } from "./refusals.ts";

/** How a brand's system names a member: one of the two. */
export interface MemberName {
  id?: string | null;
  /** The customer's id in the brand's own systems; finds open memberships only. */
  externalId?: string | null;
}

/** Names of members, or a query of their ids. */
export type MemberNames = SQL | readonly MemberName[];

export interface NamedMember {
  id: string;
  externalId: string;
  state: "ACTIVE" | "CLOSED";
  closedAt: number | null;
}

/**
 * A list of the ids of a brand's members that are named. As a union, of which each part has its index: with
 * an `or` all members of the brand would be looked at.
 */
export function idsNamed(brandId: string, names: MemberNames): SQL {
  if (is(names, SQL)) return sql`(${names})`;
  // A customer may have come back, so an external id names the open membership.
  return sql`(${eachOf(names.map(({ id }) => id))} union all
    select ${members.id} from ${members} where ${members.brandId} = ${brandId}
      and ${members.externalId} in (${eachOf(names.map(({ externalId }) => externalId))})
      and ${members.state} = 'ACTIVE')`;
}

/** Reads the members of a brand that are named, in one statement however many they are. */
export function membersNamed(database: Database, brandId: string, names: MemberNames) {
  return database
    .select({
      id: members.id,
      externalId: members.externalId,
      state: members.state,
      closedAt: members.closedAt,
    })
    .from(members)
    .where(and(eq(members.brandId, brandId), inArray(members.id, idsNamed(brandId, names))));
}

/** Finds the members that names mean, each in one look, or says why they cannot be given anything. */
export function memberFinder(found: readonly NamedMember[]): (name: MemberName) => NamedMember | Refusal {
  const byId = new Map(found.map((member) => [member.id, member]));
  const byExternalId = new Map(
    found.filter(({ state }) => state === "ACTIVE").map((member) => [member.externalId, member]),
  );
  return ({ id, externalId }) => {
    const member = id == null ? byExternalId.get(externalId ?? "") : byId.get(id);
    if (!member) return NotFound({ id: id ?? externalId ?? "" });
    return member.state === "CLOSED"
      ? MemberClosed({ memberId: member.id, closedAt: member.closedAt })
      : member;
  };
}
