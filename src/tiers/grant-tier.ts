import { sql } from "drizzle-orm";
import { actorOf, type Context } from "../context.ts";
import { commit, mustHold, type Read } from "../database/commit.ts";
import { InvalidValue, NotFound } from "../errors.ts";
import { isActiveMember } from "../members/conditions.ts";
import { MemberClosed } from "../members/refusals.ts";
import { reviewStandings, tierFacts } from "./review-standings.ts";
import { nextStandingVersions } from "./standing-version.ts";

export interface GrantTierInput {
  memberId: string;
  tierId: string;
  reason: string;
  /** Milliseconds since 1970; null until it is taken back. */
  endsAt?: number | null;
  idempotencyKey: string;
}

/** Gives a member at least a tier, by hand. What it earns by the rules goes on beneath. */
export async function grantTier<Row>(
  context: Context,
  input: GrantTierInput,
  read: Read<{ tierGrantId: string }, Row>,
) {
  const { database, newId, now } = context;
  const { brandId } = actorOf(context);
  const { memberId, tierId, reason, endsAt = null } = input;
  return commit(context, {
    name: "grantTier",
    input,
    load: () => [
      ...tierFacts(database, brandId, sql`(${memberId})`, now),
      database.query.members.findFirst({ where: { brandId, id: memberId }, columns: { closedAt: true } }),
    ],
    decide: ([program, [member], facts, life]) => {
      if (!member) return NotFound({ id: memberId });
      if (member.state === "CLOSED") return MemberClosed({ memberId, closedAt: life?.closedAt ?? null });
      if (!program?.tiers.some(({ id }) => id === tierId)) return NotFound({ id: tierId });
      if (endsAt !== null && endsAt <= now)
        return InvalidValue({ field: "endsAt", reason: "must be in the future" });
      const tierGrantId = newId("TierGrant");
      const grant = {
        ...{ brandId, id: tierGrantId, memberId, tierId, kind: "MANUAL" as const, reason },
        ...{ planId: null, orderId: null, startsAt: now, endsAt, endedAt: null, createdAt: now },
      };
      const tier = reviewStandings(context, [program, [member], facts], {
        memberIds: [memberId],
        granted: [grant],
      });
      return {
        outcome: { tierGrantId },
        effects: [
          mustHold(database, isActiveMember(brandId, memberId)),
          ...nextStandingVersions(database, brandId, tier.standings),
          ...tier.effects,
        ],
        audit: [{ subjectId: memberId, detail: { tierGrantId, tierId, reason, endsAt } }, ...tier.audit],
        events: tier.events,
      };
    },
    read,
  });
}
