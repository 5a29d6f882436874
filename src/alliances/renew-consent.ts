import { and, eq, isNull } from "drizzle-orm";
import { jointMemberships, type SharingConsent } from "../../schema/tables/alliances.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustChange, type Read } from "../database/commit.ts";
import { NotFound } from "../errors.ts";
import { MemberClosed } from "../members/refusals.ts";
import { faultOfConsent, normaliseConsent } from "./consent.ts";
import { ownLink } from "./own-link.ts";
import { LinkEnded } from "./refusals.ts";

export interface RenewConsentInput {
  jointMembershipId: string;
  consent: SharingConsent;
}

/**
 * Gives a consent in place of the one before, wider or narrower, also where that was withdrawn or has
 * expired. Refuses with NotFound, LinkEnded, MemberClosed, and with InvalidValue.
 */
export async function renewConsent<Row>(
  context: Context,
  input: RenewConsentInput,
  read: Read<{ jointMembershipId: string }, Row>,
) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const { jointMembershipId } = input;
  const consent = normaliseConsent(input.consent);
  return commit(context, {
    name: "renewConsent",
    input,
    load: () => [ownLink(context, jointMembershipId)],
    decide: ([link]) => {
      if (!link) return NotFound({ id: jointMembershipId });
      const { memberId, member, endedAt, partnerBrandId } = link;
      if (member.state === "CLOSED") return MemberClosed({ memberId, closedAt: member.closedAt });
      if (endedAt !== null) return LinkEnded({ jointMembershipId, endedAt });
      const fault = faultOfConsent(consent, now);
      if (fault) return fault;
      const { categories, purposes, expiresAt } = consent;
      return {
        outcome: { jointMembershipId },
        effects: [
          database
            .update(jointMemberships)
            .set({
              ...{ categories, purposes, consentGivenAt: now },
              ...{ consentExpiresAt: expiresAt, consentWithdrawnAt: null },
            })
            .where(
              and(
                eq(jointMemberships.brandId, brandId),
                eq(jointMemberships.id, jointMembershipId),
                isNull(jointMemberships.endedAt),
              ),
            ),
          mustChange(database),
        ],
        audit: [{ subjectId: memberId, detail: { jointMembershipId, partnerBrandId, consent } }],
        events: [
          { type: "consent.given", payload: { memberId, jointMembershipId, partnerBrandId, ...consent } },
        ],
      };
    },
    read,
  });
}
