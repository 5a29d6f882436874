import { actorOf, type Context } from "../context.ts";
import { commit, mustChange, type Read } from "../database/commit.ts";
import { NotFound } from "../errors.ts";
import { endLink } from "./end-link.ts";
import { ownLink } from "./own-link.ts";

/** Ends a link, in both directions at once; one that had ended stays as it is. */
export async function unlinkMembership<Row>(
  context: Context,
  input: { jointMembershipId: string },
  read: Read<{ jointMembershipId: string }, Row>,
) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const { jointMembershipId } = input;
  return commit(context, {
    name: "unlinkMembership",
    input,
    load: () => [ownLink(context, jointMembershipId)],
    decide: ([link]) => {
      if (!link) return NotFound({ id: jointMembershipId });
      const outcome = { jointMembershipId };
      if (link.endedAt !== null) return { outcome, effects: [], audit: [] };
      const { memberId, partnerBrandId, partnerMemberId, reverse } = link;
      const here = { jointMembershipId, partnerBrandId };
      const there = { jointMembershipId: reverse.id, partnerBrandId: brandId };
      return {
        outcome,
        effects: [endLink(database, link, now), mustChange(database, 2)],
        // Each brand's record names the other's member by pseudonym only.
        audit: [
          { subjectId: memberId, detail: here },
          { brandId: partnerBrandId, caller: link.id, subjectId: partnerMemberId, detail: there },
        ],
        events: [
          { type: "membership.unlinked", payload: { memberId, ...here } },
          {
            ...{ brandId: partnerBrandId, type: "membership.unlinked" },
            payload: { memberId: partnerMemberId, ...there },
          },
        ],
      };
    },
    read,
  });
}
