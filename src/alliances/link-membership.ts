import { and, eq, isNull, sql } from "drizzle-orm";
import { jointMemberships, linkCodes, type SharingConsent } from "../../schema/tables/alliances.ts";
import { hashSecret } from "../access/secrets.ts";
import { parseCode } from "../codes/code.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustChange, mustHold, type Read } from "../database/commit.ts";
import { NotFound } from "../errors.ts";
import { isActiveMember } from "../members/conditions.ts";
import { MemberClosed } from "../members/refusals.ts";
import { isActiveIn } from "./conditions.ts";
import { faultOfConsent, normaliseConsent } from "./consent.ts";
import { endLink } from "./end-link.ts";
import { AlreadyLinked, LinkCodeNotValid } from "./refusals.ts";

export interface LinkMembershipInput {
  code: string;
  consent: SharingConsent;
  idempotencyKey?: string | null;
}

/**
 * Links the member with its membership at the brand whose app showed the code: one row for each
 * direction, each under the consent that was given at its own brand. A code links once, however many
 * use it at the same time.
 *
 * Refuses with LinkCodeNotValid without saying why, with AlreadyLinked, with MemberClosed, and with
 * InvalidValue for a consent that cannot be given.
 */
export async function linkMembership<Row>(
  context: Context,
  input: LinkMembershipInput,
  read: Read<{ jointMembershipId: string }, Row>,
) {
  const { database, newId, now } = context;
  const { brandId, memberId = "" } = actorOf(context);
  const consent = normaliseConsent(input.consent);
  const codeHash = await hashSecret(parseCode(input.code) ?? "");
  return commit(context, {
    name: "linkMembership",
    input,
    load: () => [
      database.query.members.findFirst({
        columns: { state: true, closedAt: true },
        where: { brandId, id: memberId },
        with: { jointMemberships: liveLinks },
      }),
      database.query.linkCodes.findFirst({
        where: { codeHash, usedAt: { isNull: true }, expiresAt: { gt: now } },
        with: {
          member: { columns: { state: true } },
          allianceBrands: { columns: { brandId: true }, where: { state: "ACTIVE" } },
          links: { ...liveLinks, where: { ...liveLinks.where, partnerBrandId: brandId } },
        },
      }),
    ],
    decide: ([member, code]) => {
      if (!member) return NotFound({ id: memberId });
      if (member.state === "CLOSED") return MemberClosed({ memberId, closedAt: member.closedAt });
      const fault = faultOfConsent(consent, now);
      if (fault) return fault;
      const active = new Set(code?.allianceBrands.map((part) => part.brandId));
      const isOfAnAlly = code && code.brandId !== brandId && active.has(brandId) && active.has(code.brandId);
      if (!code || !isOfAnAlly || code.member.state === "CLOSED") return LinkCodeNotValid({});

      const { allianceId } = code;
      const own = member.jointMemberships.filter(
        (link) => link.allianceId === allianceId && link.partnerBrandId === code.brandId,
      );
      const links = [...own, ...code.links];
      const linked = links.find(({ partnerMember }) => partnerMember.state === "ACTIVE");
      if (linked) {
        return AlreadyLinked({ jointMembershipId: linked.brandId === brandId ? linked.id : null });
      }
      const [ownId, theirId] = [newId("JointMembership"), newId("JointMembership")];
      const here = { brandId, memberId, id: ownId, consent };
      const there = { brandId: code.brandId, memberId: code.memberId, id: theirId, consent: code.consent };
      const direction = (from: typeof here, to: typeof here) => ({
        ...{ brandId: from.brandId, id: from.id, memberId: from.memberId, allianceId },
        ...{ partnerBrandId: to.brandId, partnerMemberId: to.memberId },
        ...{ categories: from.consent.categories, purposes: from.consent.purposes },
        ...{ linkedAt: now, consentGivenAt: now, consentExpiresAt: from.consent.expiresAt },
      });
      return {
        outcome: { jointMembershipId: ownId },
        effects: [
          database
            .update(linkCodes)
            .set({ usedAt: now })
            .where(
              and(eq(linkCodes.brandId, code.brandId), eq(linkCodes.id, code.id), isNull(linkCodes.usedAt)),
            ),
          mustChange(database),
          // Links with a membership that was closed give way.
          ...links.map((link) => endLink(database, link, now)),
          database.insert(jointMemberships).values([direction(here, there), direction(there, here)]),
          mustHold(
            database,
            sql`${isActiveIn(allianceId, here.brandId)} and ${isActiveIn(allianceId, there.brandId)}
              and ${isActiveMember(here.brandId, here.memberId)} and ${isActiveMember(there.brandId, there.memberId)}`,
          ),
        ],
        // Each brand's record names the other's member by pseudonym only.
        audit: [
          {
            subjectId: memberId,
            detail: { jointMembershipId: ownId, partnerBrandId: code.brandId, consent },
          },
          {
            ...{ brandId: code.brandId, caller: ownId, subjectId: code.memberId },
            detail: { jointMembershipId: theirId, partnerBrandId: brandId, consent: code.consent },
          },
        ],
        events: [linkedEvent(here, there, allianceId), linkedEvent(there, here, allianceId)],
      };
    },
    read,
  });
}

const liveLinks = {
  where: { endedAt: { isNull: true } },
  with: { partnerMember: { columns: { state: true } } },
} as const;

interface End {
  brandId: string;
  memberId: string;
  id: string;
}

const linkedEvent = (own: End, partner: End, allianceId: string) => ({
  brandId: own.brandId,
  type: "membership.linked",
  payload: {
    ...{ memberId: own.memberId, jointMembershipId: own.id, allianceId },
    ...{ partnerBrandId: partner.brandId },
  },
});
