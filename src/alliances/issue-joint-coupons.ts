import { and, count, eq, inArray, isNotNull, ne, sql } from "drizzle-orm";
import { jointCampaignPartners, jointCampaigns, jointMemberships } from "../../schema/tables/alliances.ts";
import { coupons } from "../../schema/tables/coupons.ts";
import type { Actor } from "../access/actor.ts";
import { actorOf, type Context } from "../context.ts";
import { MOST_AT_ONCE } from "../coupons/issue-coupons.ts";
import { newCoupons } from "../coupons/new-coupons.ts";
import { MemberLimitReached, OfferExhausted } from "../coupons/refusals.ts";
import { whyNotIssuable } from "../coupons/terms.ts";
import { commit, mustChange, mustHold, type Read } from "../database/commit.ts";
import { InvalidValue, NotFound, type Refusal } from "../errors.ts";
import { isRunning, isVisibleFor } from "./conditions.ts";
import { stateOf } from "./joint-campaign.ts";
import { JointCampaignNotActive, QuotaExhausted } from "./refusals.ts";

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

/** Whether a partner's token is for a joint campaign; one that names none is for all of its alliance. */
export const isFor = ({ jointCampaignIds }: Actor, jointCampaignId: string): boolean =>
  jointCampaignIds?.includes(jointCampaignId) ?? true;

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
  const { database, now } = context;
  const actor = actorOf(context);
  const { brandId, allianceId = "" } = actor;
  const { jointCampaignId } = input;
  const ids = [...new Set(input.jointMemberIds)];
  const isVisible = and(
    eq(jointMemberships.partnerBrandId, brandId),
    eq(jointMemberships.allianceId, allianceId),
    inArray(jointMemberships.id, sql`(select value from json_each(${JSON.stringify(ids)}))`),
    isVisibleFor(jointMemberships, "JOINT_OFFERS", now),
  );
  return commit(context, {
    name: "issueJointCoupons",
    input,
    load: () => [
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
        .select({
          id: jointMemberships.id,
          brandId: jointMemberships.brandId,
          memberId: jointMemberships.memberId,
        })
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
          and(eq(jointMemberships.brandId, coupons.brandId), eq(jointMemberships.memberId, coupons.memberId)),
        )
        .where(and(eq(jointCampaigns.id, jointCampaignId), ne(coupons.state, "REVOKED"), isVisible))
        .groupBy(coupons.memberId),
    ],
    decide: ([campaign, visible, holdings]) => {
      const own = campaign?.partners.find(({ partnerBrandId }) => partnerBrandId === brandId);
      if (!campaign || !own || !isFor(actor, jointCampaignId)) return NotFound({ id: jointCampaignId });
      if (ids.length === 0 || input.jointMemberIds.length > MOST_AT_ONCE) {
        return InvalidValue({
          field: "jointMemberIds",
          reason: `must name 1 to ${MOST_AT_ONCE} joint members`,
        });
      }
      const state = stateOf(campaign, now);
      if (state !== "ACTIVE") {
        return JointCampaignNotActive({
          state,
          startsAt: now < campaign.startsAt ? campaign.startsAt : null,
        });
      }
      const { offer } = campaign;
      const fault = whyNotIssuable(offer, now);
      if (fault) return fault;

      const reachable = visible.filter((link) => link.brandId === campaign.brandId);
      const judged = ids.map((jointMemberId) => {
        const link = reachable.find(({ id }) => id === jointMemberId);
        const held = holdings.find(({ memberId }) => memberId === link?.memberId)?.held ?? 0;
        const limit = offer.perMemberLimit;
        const refusal = !link
          ? NotFound({ id: jointMemberId })
          : limit !== null && held >= limit
            ? MemberLimitReached({ memberId: jointMemberId, limit })
            : undefined;
        return { jointMemberId, memberId: link?.memberId ?? "", refusal };
      });
      const refused = judged.flatMap(({ jointMemberId, refusal }) =>
        refusal ? [{ jointMemberId, refusal }] : [],
      );
      const holders = judged.filter(({ refusal }) => !refusal);
      const quotaLeft = own.quota - own.issuedCount;
      if (holders.length > quotaLeft) return QuotaExhausted({ left: quotaLeft });
      const left =
        offer.issueLimit === null ? Number.POSITIVE_INFINITY : offer.issueLimit - offer.issuedCount;
      if (holders.length > left) return OfferExhausted({ offerId: offer.id, left });
      if (holders.length === 0) {
        return {
          outcome: { jointCampaignId, issued: [], refused },
          effects: [],
          audit: [{ subjectId: jointCampaignId, detail: { issued: [] } }],
        };
      }
      const { rows, effects } = newCoupons(
        context,
        offer,
        campaign.brand.timeZone,
        holders.map(({ memberId }) => memberId),
        { issuedByBrandId: brandId, jointCampaignId },
      );
      const issued = holders.map(({ jointMemberId }, position) => ({
        jointMemberId,
        couponId: rows[position]?.id ?? "",
        expiresAt: rows[position]?.expiresAt ?? null,
      }));
      const couponIds = issued.map(({ couponId }) => couponId);
      const stillVisible = and(
        eq(jointMemberships.partnerBrandId, brandId),
        eq(jointMemberships.brandId, campaign.brandId),
        inArray(
          jointMemberships.id,
          sql`(select value from json_each(${JSON.stringify(holders.map(({ jointMemberId }) => jointMemberId))}))`,
        ),
        isVisibleFor(jointMemberships, "JOINT_OFFERS", now),
      );
      return {
        outcome: { jointCampaignId, issued, refused },
        effects: [
          // The table's check refuses a count above the quota.
          database
            .update(jointCampaignPartners)
            .set({ issuedCount: sql`${jointCampaignPartners.issuedCount} + ${holders.length}` })
            .where(
              and(
                eq(jointCampaignPartners.brandId, campaign.brandId),
                eq(jointCampaignPartners.campaignId, jointCampaignId),
                eq(jointCampaignPartners.partnerBrandId, brandId),
                isNotNull(jointCampaignPartners.approvedAt),
              ),
            ),
          mustChange(database),
          ...effects,
          mustHold(database, isRunning(campaign.brandId, jointCampaignId, now)),
          mustHold(
            database,
            sql`${holders.length} = (select count(*) from ${jointMemberships} where ${stillVisible})`,
          ),
        ],
        // The partner's record names the members by pseudonym only.
        audit: [
          { subjectId: jointCampaignId, detail: { issued } },
          {
            brandId: campaign.brandId,
            subjectId: jointCampaignId,
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
