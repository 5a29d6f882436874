import { and, eq, inArray, isNull, or } from "drizzle-orm";
import {
  allianceBrands,
  jointCampaignPartners,
  jointCampaigns,
  jointMemberships,
  linkCodes,
} from "../../schema/tables/alliances.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustChange } from "../database/commit.ts";
import { NotFound } from "../errors.ts";

/**
 * Leaves an alliance, or declines an invitation to it. What hangs on the brand's part ends in the same commit:
 * its joint memberships in both directions, its members' link codes, and the joint campaigns that it owns or is
 * named in, so that none of them comes back to life if it joins again. Coupons that were issued stay valid.
 */
export async function leaveAlliance(context: Context, input: { allianceId: string }) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const { allianceId } = input;
  const named = database
    .select({ id: jointCampaignPartners.campaignId })
    .from(jointCampaignPartners)
    .where(eq(jointCampaignPartners.partnerBrandId, brandId));
  const hasPart = or(eq(jointCampaigns.brandId, brandId), inArray(jointCampaigns.id, named));
  return commit(context, {
    name: "leaveAlliance",
    input,
    load: () => [
      database.query.allianceBrands.findMany({
        columns: { brandId: true, state: true },
        where: { allianceId, state: { in: ["INVITED", "ACTIVE"] } },
      }),
      database.query.jointCampaigns.findMany({
        columns: { id: true },
        where: {
          allianceId,
          endedAt: { isNull: true },
          endsAt: { gt: now },
          OR: [{ brandId }, { partners: { partnerBrandId: brandId } }],
        },
      }),
    ],
    decide: ([parts, campaigns]) => {
      const part = parts.find((candidate) => candidate.brandId === brandId);
      if (!part) return NotFound({ id: allianceId });
      const endedJointCampaignIds = campaigns.map(({ id }) => id);
      const others = parts.filter((other) => other.brandId !== brandId && other.state === "ACTIVE");
      return {
        outcome: { allianceId, endedJointCampaignIds },
        effects: [
          database
            .update(allianceBrands)
            .set({ state: "LEFT" })
            .where(
              and(
                eq(allianceBrands.allianceId, allianceId),
                eq(allianceBrands.brandId, brandId),
                eq(allianceBrands.state, part.state),
              ),
            ),
          mustChange(database),
          database
            .update(jointMemberships)
            .set({ endedAt: now })
            .where(
              and(
                eq(jointMemberships.allianceId, allianceId),
                or(eq(jointMemberships.brandId, brandId), eq(jointMemberships.partnerBrandId, brandId)),
                isNull(jointMemberships.endedAt),
              ),
            ),
          database
            .delete(linkCodes)
            .where(
              and(
                eq(linkCodes.brandId, brandId),
                eq(linkCodes.allianceId, allianceId),
                isNull(linkCodes.usedAt),
              ),
            ),
          database
            .update(jointCampaigns)
            .set({ endedAt: now })
            .where(and(eq(jointCampaigns.allianceId, allianceId), hasPart, isNull(jointCampaigns.endedAt))),
        ],
        audit: [{ subjectId: allianceId, detail: { from: part.state, endedJointCampaignIds } }],
        events: others.map((other) => ({
          brandId: other.brandId,
          type: "alliance.left",
          payload: { allianceId, brandId },
        })),
      };
    },
  });
}
