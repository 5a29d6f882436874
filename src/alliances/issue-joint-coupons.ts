import { and, count, eq, inArray, isNotNull, ne, type SQL, sql } from "drizzle-orm";
import { jointCampaignPartners, jointCampaigns, jointMemberships } from "../../schema/tables/alliances.ts";
import { coupons } from "../../schema/tables/coupons.ts";
import type { Actor } from "../access/actor.ts";
import { actorOf, type Context } from "../context.ts";
import { MOST_AT_ONCE } from "../coupons/issue-coupons.ts";
import { newCoupons } from "../coupons/new-coupons.ts";
import { eachOf } from "../database/bulk.ts";
import { commit, mustChange, mustHold, type Read, type Statement } from "../database/commit.ts";
import { InvalidValue, NotFound, type Refusal } from "../errors.ts";
import { couponsLeft, whyNotIssuable } from "../offers/issuing.ts";
import { OfferExhausted } from "../offers/refusals.ts";
import { isRunning, isVisibleFor } from "./conditions.ts";
import { stateOf } from "./joint-campaign.ts";
import { JointCampaignNotActive, QuotaExhausted } from "./refusals.ts";
import { type Shares, shareOut } from "./share-out.ts";

export interface IssueJointCouponsInput {
  jointCampaignId: string;
  jointMemberIds: string[];
  idempotencyKey: string;
}

export interface IssueJointCouponsOutcome {
  jointCampaignId: string;
  issued: { jointMemberId: string; couponId: string; expiresAt: number | null }[];
  /** The joint members who got none, and why; the others are not held up by them. */
  refused: { jointMemberId: string; refusal: Refusal }[];
}

/**
 * Gives each of up to 500 joint members a coupon of the campaign owner's offer, within the partner's
 * quota. Who cannot have one, or is not visible for joint offers, is left out and named; what concerns
 * the campaign refuses for all. Consent, campaign and quota hold at the commit, not only when decided.
 */
export async function issueJointCoupons<Row>(
  context: Context,
  input: IssueJointCouponsInput,
  read: Read<IssueJointCouponsOutcome, Row>,
) {
  const actor = actorOf(context);
  const { brandId } = actor;
  const { jointCampaignId, jointMemberIds } = input;
  return commit(context, {
    name: "issueJointCoupons",
    input,
    load: () => facts(context, input),
    decide: ([campaign, visible, holdings]) => {
      const part = campaign?.partners.find(({ partnerBrandId }) => partnerBrandId === brandId);
      if (!campaign || !part || !isFor(actor, jointCampaignId)) return NotFound({ id: jointCampaignId });
      const reachable = visible.filter((link) => link.brandId === campaign.brandId);
      const { offer } = campaign;
      const shares = shareOut(jointMemberIds, { ...offer, reachable, holdings });
      const fault = faultOf(context, campaign, part, jointMemberIds.length, shares.holders.length);
      if (fault) return fault;

      const { issued, effects } = give(context, campaign, shares);
      const couponIds = issued.map(({ couponId }) => couponId);
      return {
        outcome: { jointCampaignId, issued, refused: shares.refused },
        effects,
        // The partner's record names the members by pseudonym only.
        audit: [
          { subjectId: jointCampaignId, detail: { issued } },
          {
            ...{ brandId: campaign.brandId, subjectId: jointCampaignId },
            detail: { partnerBrandId: brandId, couponIds },
          },
        ],
        events: [
          { type: "joint_coupons.issued", payload: { jointCampaignId, issued } },
          {
            ...{ brandId: campaign.brandId, type: "coupons.issued" },
            payload: { offerId: offer.id, couponIds, jointCampaignId, issuedByBrandId: brandId },
          },
        ],
      };
    },
    read,
  });
}

/** Whether a partner's token is for a joint campaign; one that names none is for all of its alliance. */
const isFor = ({ jointCampaignIds }: Actor, jointCampaignId: string): boolean =>
  jointCampaignIds?.includes(jointCampaignId) ?? true;

/** The links among those named that the partner sees for joint offers now. */
const visibleAmong = ({ now, actor }: Context, jointMemberIds: readonly string[]): SQL | undefined =>
  and(
    eq(jointMemberships.partnerBrandId, actorOf({ actor }).brandId),
    eq(jointMemberships.allianceId, actorOf({ actor }).allianceId ?? ""),
    inArray(jointMemberships.id, sql`(${eachOf(jointMemberIds)})`),
    isVisibleFor(jointMemberships, "JOINT_OFFERS", now),
  );

function facts(context: Context, { jointCampaignId, jointMemberIds }: IssueJointCouponsInput) {
  const { database } = context;
  const { brandId, allianceId = "" } = actorOf(context);
  // More than may be named are refused, and none of them is looked up.
  const isVisible = visibleAmong(context, jointMemberIds.slice(0, MOST_AT_ONCE));
  const { id, memberId } = jointMemberships;
  return [
    database.query.jointCampaigns.findFirst({
      where: { id: jointCampaignId, allianceId, partners: { partnerBrandId: brandId } },
      with: {
        partners: true,
        allianceBrands: { columns: { brandId: true, state: true } },
        offer: true,
        brand: { columns: { timeZone: true } },
      },
    }),
    database
      .select({ id, brandId: jointMemberships.brandId, memberId })
      .from(jointMemberships)
      .where(isVisible),
    database
      .select({ memberId: coupons.memberId, held: count() })
      .from(jointCampaigns)
      .innerJoin(
        coupons,
        and(eq(coupons.brandId, jointCampaigns.brandId), eq(coupons.offerId, jointCampaigns.offerId)),
      )
      .innerJoin(
        jointMemberships,
        and(eq(jointMemberships.brandId, coupons.brandId), eq(memberId, coupons.memberId)),
      )
      .where(and(eq(jointCampaigns.id, jointCampaignId), ne(coupons.state, "REVOKED"), isVisible))
      .groupBy(coupons.memberId),
  ] as const;
}

type Campaign = NonNullable<Awaited<ReturnType<typeof facts>[0]>>;

/** Why nobody gets a coupon. */
function faultOf(
  { now }: Context,
  campaign: Campaign,
  part: { quota: number; issuedCount: number },
  named: number,
  holders: number,
): Refusal | undefined {
  if (named === 0 || named > MOST_AT_ONCE) {
    return InvalidValue({ field: "jointMemberIds", reason: `must name 1 to ${MOST_AT_ONCE} joint members` });
  }
  const state = stateOf(campaign, now);
  if (state !== "ACTIVE") {
    return JointCampaignNotActive({ state, startsAt: now < campaign.startsAt ? campaign.startsAt : null });
  }
  const { offer } = campaign;
  const fault = whyNotIssuable(offer, now);
  if (fault) return fault;
  const quotaLeft = part.quota - part.issuedCount;
  if (holders > quotaLeft) return QuotaExhausted({ left: quotaLeft });
  const left = couponsLeft(offer);
  return holders > left ? OfferExhausted({ offerId: offer.id, left }) : undefined;
}

/** The coupons, and what puts them there if campaign, quota and consents still hold. */
function give(
  context: Context,
  campaign: Campaign,
  { holders }: Shares,
): { issued: IssueJointCouponsOutcome["issued"]; effects: Statement[] } {
  if (holders.length === 0) return { issued: [], effects: [] };
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const { rows, effects } = newCoupons(
    context,
    campaign.offer,
    campaign.brand.timeZone,
    holders.map(({ memberId }) => memberId),
    { issuedByBrandId: brandId, jointCampaignId: campaign.id },
  );
  const stillVisible = visibleAmong(
    context,
    holders.map(({ jointMemberId }) => jointMemberId),
  );
  return {
    issued: rows.map((coupon, position) => ({
      jointMemberId: holders[position]?.jointMemberId ?? "",
      couponId: coupon.id,
      expiresAt: coupon.expiresAt ?? null,
    })),
    effects: [
      // The table's check refuses a count above the quota.
      database
        .update(jointCampaignPartners)
        .set({ issuedCount: sql`${jointCampaignPartners.issuedCount} + ${holders.length}` })
        .where(
          and(
            eq(jointCampaignPartners.brandId, campaign.brandId),
            eq(jointCampaignPartners.campaignId, campaign.id),
            eq(jointCampaignPartners.partnerBrandId, brandId),
            isNotNull(jointCampaignPartners.approvedAt),
          ),
        ),
      mustChange(database),
      ...effects,
      mustHold(database, isRunning(campaign.brandId, campaign.id, now)),
      mustHold(
        database,
        sql`${holders.length} = (select count(*) from ${jointMemberships} where ${stillVisible})`,
      ),
    ],
  };
}
