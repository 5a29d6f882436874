import { and, eq, inArray, or, sql } from "drizzle-orm";
import { members } from "../../schema/tables/members.ts";
import type { Database } from "../database/client.ts";
import { NotFound, type Refusal } from "../errors.ts";
import { MemberClosed } from "./refusals.ts";

/** How a brand's system names a member: one of the two. */
export interface MemberName {
  id?: string | null;
  /** The customer's id in the brand's own systems; finds open memberships only. */
  externalId?: string | null;
}

export interface NamedMember {
  id: string;
  externalId: string;
  state: "ACTIVE" | "CLOSED";
  closedAt: number | null;
}

/** Reads the members of a brand that are named, in one statement however many they are. */
export function membersNamed(database: Database, brandId: string, names: readonly MemberName[]) {
  const among = (texts: (string | null | undefined)[]) =>
    sql`(select value from json_each(${JSON.stringify(texts.filter((text) => text != null))}))`;
  return database
    .select({
      id: members.id,
      externalId: members.externalId,
      state: members.state,
      closedAt: members.closedAt,
    })
    .from(members)
    .where(
      and(
        eq(members.brandId, brandId),
        or(
          inArray(members.id, among(names.map(({ id }) => id))),
          and(
            inArray(members.externalId, among(names.map(({ externalId }) => externalId))),
            // Its customer may have come back: the same condition as the unique index.
            sql`${members.state} = 'ACTIVE'`,
          ),
        ),
      ),
    );
}

/** The member that a name finds, or why it cannot be given anything. */
export function memberNamed(
  found: readonly NamedMember[],
  { id, externalId }: MemberName,
): NamedMember | Refusal {
  const member = found.find((one) =>
    id == null ? one.state === "ACTIVE" && one.externalId === externalId : one.id === id,
  );
  if (!member) return NotFound({ id: id ?? externalId ?? "" });
  return member.state === "CLOSED"
    ? MemberClosed({ memberId: member.id, closedAt: member.closedAt })
    : member;
}
