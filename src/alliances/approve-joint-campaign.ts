import { and, eq, isNotNull, isNull, sql } from "drizzle-orm";
import { jointCampaignPartners, jointCampaigns } from "../../schema/tables/alliances.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustChange, mustHold, type Read } from "../database/commit.ts";
import { NotFound } from "../errors.ts";
import { isActiveIn } from "./conditions.ts";
import { stateOf } from "./joint-campaign.ts";
import { JointCampaignEnded } from "./refusals.ts";

interface CampaignInput {
  jointCampaignId: string;
}

/** Says that the brand takes its part in a joint campaign that names it; one that it approved stays so. */
export const approveJointCampaign = <Row>(
  context: Context,
  input: CampaignInput,
  read: Read<CampaignInput, Row>,
) => decideOn(context, "approveJointCampaign", input, read);

/**
 * Takes the brand's approval back: from now on nobody issues coupons of the campaign, until it approves
 * again. Coupons that were issued stay valid, and count against their quotas.
 */
export const withdrawJointCampaignApproval = <Row>(
  context: Context,
  input: CampaignInput,
  read: Read<CampaignInput, Row>,
) => decideOn(context, "withdrawJointCampaignApproval", input, read);

/** Refuses with NotFound unless the campaign names the brand as a partner, and with JointCampaignEnded. */
async function decideOn<Row>(
  context: Context,
  operation: "approveJointCampaign" | "withdrawJointCampaignApproval",
  input: CampaignInput,
  read: Read<CampaignInput, Row>,
) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const { jointCampaignId } = input;
  const approves = operation === "approveJointCampaign";
  return commit(context, {
    name: operation,
    input,
    load: () => [
      database.query.jointCampaigns.findFirst({
        where: { id: jointCampaignId, partners: { partnerBrandId: brandId } },
        with: { partners: true, allianceBrands: { columns: { brandId: true, state: true } } },
      }),
    ],
    decide: ([campaign]) => {
      const own = campaign?.partners.find(({ partnerBrandId }) => partnerBrandId === brandId);
      if (!campaign || !own) return NotFound({ id: jointCampaignId });
      if (stateOf(campaign, now) === "ENDED") return JointCampaignEnded({ jointCampaignId });
      const outcome = { jointCampaignId };
      if ((own.approvedAt !== null) === approves) return { outcome, effects: [], audit: [] };
      const { approvedAt } = jointCampaignPartners;
      return {
        outcome,
        effects: [
          database
            .update(jointCampaignPartners)
            .set({ approvedAt: approves ? now : null })
            .where(
              and(
                eq(jointCampaignPartners.brandId, campaign.brandId),
                eq(jointCampaignPartners.campaignId, jointCampaignId),
                eq(jointCampaignPartners.partnerBrandId, brandId),
                approves ? isNull(approvedAt) : isNotNull(approvedAt),
              ),
            ),
          mustChange(database),
          mustHold(
            database,
            sql`${isActiveIn(campaign.allianceId, brandId)} and exists (select 1 from ${jointCampaigns}
              where ${jointCampaigns.brandId} = ${campaign.brandId} and ${jointCampaigns.id} = ${jointCampaignId}
              and ${jointCampaigns.endedAt} is null)`,
          ),
        ],
        audit: [
          { subjectId: jointCampaignId },
          { brandId: campaign.brandId, subjectId: jointCampaignId, detail: { partnerBrandId: brandId } },
        ],
        events: [
          {
            brandId: campaign.brandId,
            type: approves ? "joint_campaign.approved" : "joint_campaign.approval_withdrawn",
            payload: { jointCampaignId, partnerBrandId: brandId },
          },
        ],
      };
    },
    read,
  });
}
