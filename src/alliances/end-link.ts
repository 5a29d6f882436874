import { and, eq, isNull, or } from "drizzle-orm";
import { jointMemberships } from "../../schema/tables/alliances.ts";
import type { Database } from "../database/client.ts";
import type { Statement } from "../database/commit.ts";

/** The two ends of a link, as either of its rows names them. */
export type Link = Pick<
  typeof jointMemberships.$inferSelect,
  "allianceId" | "brandId" | "memberId" | "partnerBrandId" | "partnerMemberId"
>;

/** Ends a link in both directions; changes two rows, or none when it had ended. */
export function endLink(database: Database, link: Link, now: number): Statement {
  const { allianceId, brandId, memberId, partnerBrandId, partnerMemberId } = link;
  const between = (own: [brandId: string, memberId: string], other: [brandId: string, memberId: string]) =>
    and(
      eq(jointMemberships.brandId, own[0]),
      eq(jointMemberships.memberId, own[1]),
      eq(jointMemberships.partnerBrandId, other[0]),
      eq(jointMemberships.partnerMemberId, other[1]),
    );
  const one = [brandId, memberId] as [string, string];
  const other = [partnerBrandId, partnerMemberId] as [string, string];
  return database
    .update(jointMemberships)
    .set({ endedAt: now })
    .where(
      and(
        eq(jointMemberships.allianceId, allianceId),
        isNull(jointMemberships.endedAt),
        or(between(one, other), between(other, one)),
      ),
    );
}

/** Ends every link of a membership, in both directions. */
export function endLinksOf(
  database: Database,
  { brandId, memberId }: { brandId: string; memberId: string },
  now: number,
): Statement {
  const own = and(eq(jointMemberships.brandId, brandId), eq(jointMemberships.memberId, memberId));
  const others = and(
    eq(jointMemberships.partnerBrandId, brandId),
    eq(jointMemberships.partnerMemberId, memberId),
  );
  return database
    .update(jointMemberships)
    .set({ endedAt: now })
    .where(and(isNull(jointMemberships.endedAt), or(own, others)));
}
