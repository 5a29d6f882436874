import { and, eq, isNull } from "drizzle-orm";
import { jointCampaigns } from "../../schema/tables/alliances.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustChange, type Read } from "../database/commit.ts";
import { NotFound } from "../errors.ts";
import { JointCampaignEnded } from "./refusals.ts";

/** Ends a joint campaign of the brand's own for good. Coupons that were issued stay valid. */
export async function endJointCampaign<Row>(
  context: Context,
  input: { jointCampaignId: string },
  read: Read<{ jointCampaignId: string }, Row>,
) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const { jointCampaignId } = input;
  return commit(context, {
    name: "endJointCampaign",
    input,
    load: () => [
      database.query.jointCampaigns.findFirst({
        where: { brandId, id: jointCampaignId },
        with: { partners: { columns: { partnerBrandId: true } } },
      }),
    ],
    decide: ([campaign]) => {
      if (!campaign) return NotFound({ id: jointCampaignId });
      if (campaign.endedAt !== null) return JointCampaignEnded({ jointCampaignId });
      return {
        outcome: { jointCampaignId },
        effects: [
          database
            .update(jointCampaigns)
            .set({ endedAt: now })
            .where(
              and(
                eq(jointCampaigns.brandId, brandId),
                eq(jointCampaigns.id, jointCampaignId),
                isNull(jointCampaigns.endedAt),
              ),
            ),
          mustChange(database),
        ],
        audit: [{ subjectId: jointCampaignId }],
        events: campaign.partners.map(({ partnerBrandId }) => ({
          brandId: partnerBrandId,
          type: "joint_campaign.ended",
          payload: { jointCampaignId, ownerBrandId: brandId },
        })),
      };
    },
    read,
  });
}
