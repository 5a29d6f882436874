import { and, eq, isNull } from "drizzle-orm";
import { jointMemberships } from "../../schema/tables/alliances.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustChange, type Read } from "../database/commit.ts";
import { NotFound } from "../errors.ts";
import { ownLink } from "./own-link.ts";

/**
 * Withdraws the member's consent: from this commit on the partner sees nothing of it. What the member's
 * other membership lets this brand see is not touched. One that was withdrawn stays as it is.
 */
export async function withdrawConsent<Row>(
  context: Context,
  input: { jointMembershipId: string },
  read: Read<{ jointMembershipId: string }, Row>,
) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const { jointMembershipId } = input;
  return commit(context, {
    name: "withdrawConsent",
    input,
    load: () => [ownLink(context, jointMembershipId)],
    decide: ([link]) => {
      if (!link) return NotFound({ id: jointMembershipId });
      const outcome = { jointMembershipId };
      if (link.consentWithdrawnAt !== null) return { outcome, effects: [], audit: [] };
      const { memberId, partnerBrandId } = link;
      return {
        outcome,
        effects: [
          database
            .update(jointMemberships)
            .set({ consentWithdrawnAt: now })
            .where(
              and(
                eq(jointMemberships.brandId, brandId),
                eq(jointMemberships.id, jointMembershipId),
                isNull(jointMemberships.consentWithdrawnAt),
              ),
            ),
          mustChange(database),
        ],
        audit: [{ subjectId: memberId, detail: { jointMembershipId, partnerBrandId } }],
        events: [
          { type: "consent.withdrawn", payload: { memberId, jointMembershipId, partnerBrandId } },
          // The partner knows the member by the link's id alone, and must forget what it kept.
          {
            brandId: partnerBrandId,
            type: "joint_member.consent_withdrawn",
            payload: { jointMemberId: link.id },
          },
        ],
      };
    },
    read,
  });
}
