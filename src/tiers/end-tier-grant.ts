import { and, eq, sql } from "drizzle-orm";
import { tierGrants } from "../../schema/tables/standings.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, type Read } from "../database/commit.ts";
import { NotFound } from "../errors.ts";
import { TierGrantEnded } from "./refusals.ts";
import { reviewStandings, tierFacts } from "./review-standings.ts";
import { nextStandingVersions } from "./standing-version.ts";

export interface EndTierGrantInput {
  tierGrantId: string;
  reason: string;
  idempotencyKey: string;
}

/** Takes a grant back, also one that was bought. The member keeps what it earned, or has of other grants. */
export async function endTierGrant<Row>(
  context: Context,
  input: EndTierGrantInput,
  read: Read<{ tierGrantId: string }, Row>,
) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const { tierGrantId, reason } = input;
  const holder = sql`select g.member_id from ${tierGrants} g where g.brand_id = ${brandId} and g.id = ${tierGrantId}`;
  return commit(context, {
    name: "endTierGrant",
    input,
    load: () => [
      ...tierFacts(database, brandId, holder, now),
      database
        .select({ memberId: tierGrants.memberId, endedAt: tierGrants.endedAt, endsAt: tierGrants.endsAt })
        .from(tierGrants)
        .where(and(eq(tierGrants.brandId, brandId), eq(tierGrants.id, tierGrantId))),
    ],
    decide: ([program, found, facts, [grant]]) => {
      if (!grant) return NotFound({ id: tierGrantId });
      const { memberId, endsAt } = grant;
      const endedAt = grant.endedAt ?? (endsAt !== null && endsAt <= now ? endsAt : null);
      if (endedAt !== null) return TierGrantEnded({ endedAt });
      const tier = reviewStandings(context, [program, found, facts], {
        memberIds: [memberId],
        endedGrantIds: [tierGrantId],
      });
      return {
        outcome: { tierGrantId },
        effects: [...nextStandingVersions(database, brandId, tier.standings), ...tier.effects],
        audit: [{ subjectId: memberId, detail: { tierGrantId, reason } }, ...tier.audit],
        events: tier.events,
      };
    },
    read,
  });
}
