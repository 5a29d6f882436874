import { and, eq, isNull } from "drizzle-orm";
import { linkCodes, type SharingConsent } from "../../schema/tables/alliances.ts";
import { members } from "../../schema/tables/members.ts";
import { hashSecret } from "../access/secrets.ts";
import { newCode } from "../codes/code.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustHold } from "../database/commit.ts";
import { isRefusal, NotFound } from "../errors.ts";
import { MemberClosed } from "../members/refusals.ts";
import { isActiveIn } from "./conditions.ts";
import { faultOfConsent, normaliseConsent } from "./consent.ts";

const LIFE_MS = 10 * 60_000;

export interface CreateLinkCodeInput {
  allianceId: string;
  consent: SharingConsent;
}

/**
 * A code with which the member, signed in at a partner's app, links the two memberships: good once, for
 * ten minutes. Only its hash is kept, and it ends the code before it, so a lost answer costs nothing.
 *
 * Refuses with NotFound for an alliance that the member's brand takes no part in, with MemberClosed, and
 * with InvalidValue for a consent that cannot be given.
 */
export async function createLinkCode(context: Context, input: CreateLinkCodeInput) {
  const { database, newId, now } = context;
  const { brandId, memberId = "" } = actorOf(context);
  const { allianceId } = input;
  const consent = normaliseConsent(input.consent);
  const code = newCode();
  const codeHash = await hashSecret(code);
  const committed = await commit(context, {
    name: "createLinkCode",
    input,
    load: () => [
      database
        .select({ state: members.state, closedAt: members.closedAt })
        .from(members)
        .where(and(eq(members.brandId, brandId), eq(members.id, memberId))),
      database.query.allianceBrands.findFirst({
        columns: { brandId: true },
        where: { allianceId, brandId, state: "ACTIVE" },
      }),
    ],
    decide: ([[member], part]) => {
      if (!member || !part) return NotFound({ id: allianceId });
      if (member.state === "CLOSED") return MemberClosed({ memberId, closedAt: member.closedAt });
      const fault = faultOfConsent(consent, now);
      if (fault) return fault;
      const expiresAt = now + LIFE_MS;
      return {
        outcome: { expiresAt },
        effects: [
          database
            .delete(linkCodes)
            .where(
              and(
                eq(linkCodes.brandId, brandId),
                eq(linkCodes.memberId, memberId),
                eq(linkCodes.allianceId, allianceId),
                isNull(linkCodes.usedAt),
              ),
            ),
          database.insert(linkCodes).values({
            ...{ brandId, id: newId("LinkCode"), memberId, allianceId, codeHash, consent, expiresAt },
          }),
          mustHold(database, isActiveIn(allianceId, brandId)),
        ],
        audit: [{ subjectId: memberId, detail: { allianceId, consent } }],
      };
    },
  });
  return isRefusal(committed) ? committed : { code, expiresAt: committed.outcome.expiresAt };
}
