import { and, eq } from "drizzle-orm";
import { brands } from "../../schema/tables/brands.ts";
import { members } from "../../schema/tables/members.ts";
import { endLinksOf } from "../alliances/end-link.ts";
import { openDataKey } from "../brands/data-key.ts";
import { actorOf, type Context, mayActFor } from "../context.ts";
import { commit, mustChange, type Read } from "../database/commit.ts";
import { NotFound } from "../errors.ts";
import { sealProfile } from "./profile.ts";
import { MemberClosed } from "./refusals.ts";

export interface CloseMemberInput {
  memberId: string;
  reason: string;
  idempotencyKey: string;
}

/**
 * Ends a membership: personal data is erased, contacts and the external id become free, its tokens show
 * nothing any more, and its links end. What happened stays on record under the member's id.
 */
export async function closeMember<Row>(
  context: Context,
  input: CloseMemberInput,
  read: Read<{ memberId: string }, Row>,
) {
  const { database, environment, now } = context;
  const { brandId } = actorOf(context);
  const { memberId, reason } = input;
  const isTheMember = and(eq(members.brandId, brandId), eq(members.id, memberId));
  return commit(context, {
    name: "closeMember",
    input,
    load: () => [
      database.select().from(brands).where(eq(brands.id, brandId)),
      database.select({ state: members.state, closedAt: members.closedAt }).from(members).where(isTheMember),
    ],
    decide: async ([[brand], [member]]) => {
      if (!brand || !member || !mayActFor(context, memberId)) return NotFound({ id: memberId });
      if (member.state === "CLOSED") return MemberClosed({ memberId, closedAt: member.closedAt });
      const key = await openDataKey(environment.encryptionKeys, brand.wrappedDataKey);
      const erased = await sealProfile({}, key, memberId);
      return {
        outcome: { memberId },
        effects: [
          database
            .update(members)
            .set({ state: "CLOSED", closedAt: now, updatedAt: now, consents: {}, ...erased })
            .where(and(isTheMember, eq(members.state, "ACTIVE"))),
          mustChange(database),
          endLinksOf(database, { brandId, memberId }, now),
        ],
        audit: [{ subjectId: memberId, detail: { reason } }],
        events: [{ type: "member.closed", payload: { memberId } }],
      };
    },
    read,
  });
}
