import { type SQL, type SQLWrapper, sql } from "drizzle-orm";
import {
  allianceBrands,
  type ConsentPurpose,
  jointCampaignPartners,
  jointCampaigns,
  type jointMemberships,
} from "../../schema/tables/alliances.ts";
import { isActiveMember } from "../members/conditions.ts";

/** A condition: the brand takes part in the alliance. */
export const isActiveIn = (allianceId: SQLWrapper | string, brandId: SQLWrapper | string): SQL =>
  sql`exists (select 1 from ${allianceBrands} where ${allianceBrands.allianceId} = ${allianceId}
    and ${allianceBrands.brandId} = ${brandId} and ${allianceBrands.state} = 'ACTIVE')`;

/**
 * A condition on a row of `joint_memberships`, the one door between tenants: the partner may see the
 * member for a purpose now. The consent counts (as `isConsentActive` says) and names the purpose, both
 * memberships live, and both brands are in the alliance.
 *
 * @param link the table, or its alias in a relational query.
 */
export const isVisibleFor = (link: typeof jointMemberships, purpose: ConsentPurpose, now: number): SQL =>
  sql`${link.endedAt} is null and ${link.consentWithdrawnAt} is null and ${link.consentExpiresAt} > ${now}
    and exists (select 1 from json_each(${link.purposes}) where value = ${purpose})
    and ${isActiveMember(link.brandId, link.memberId)}
    and ${isActiveMember(link.partnerBrandId, link.partnerMemberId)}
    and ${isActiveIn(link.allianceId, link.brandId)} and ${isActiveIn(link.allianceId, link.partnerBrandId)}`;

/** A condition: a joint campaign is ACTIVE, as `stateOf` says. */
export const isRunning = (brandId: string, jointCampaignId: string, now: number): SQL =>
  sql`exists (select 1 from ${jointCampaigns} where ${jointCampaigns.brandId} = ${brandId}
    and ${jointCampaigns.id} = ${jointCampaignId} and ${jointCampaigns.endedAt} is null
    and ${jointCampaigns.startsAt} <= ${now} and ${jointCampaigns.endsAt} > ${now}
    and ${isActiveIn(jointCampaigns.allianceId, jointCampaigns.brandId)}
    and not exists (select 1 from ${jointCampaignPartners}
      where ${jointCampaignPartners.brandId} = ${jointCampaigns.brandId}
      and ${jointCampaignPartners.campaignId} = ${jointCampaigns.id}
      and (${jointCampaignPartners.approvedAt} is null
        or not ${isActiveIn(jointCampaigns.allianceId, jointCampaignPartners.partnerBrandId)})))`;
