import { and, eq, sql } from "drizzle-orm";
import { jointCampaignPartners, jointCampaigns } from "../../schema/tables/alliances.ts";
import type { LocalizedText } from "../../schema/tables/columns.ts";
import { offers } from "../../schema/tables/offers.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustHold, type Read } from "../database/commit.ts";
import { InvalidValue, NotFound } from "../errors.ts";
import { whyNotIssuable } from "../offers/issuing.ts";
import { isActiveIn } from "./conditions.ts";
import { faultOfCampaign } from "./joint-campaign.ts";

export interface CreateJointCampaignInput {
  allianceId: string;
  offerId: string;
  name: LocalizedText;
  startsAt: number;
  endsAt: number;
  /** By their slugs. */
  partners: { brand: string; quota: number }[];
}

/**
 * Offers partners to issue coupons of one of the brand's own offers, each up to its quota. It runs once
 * all of them approve. Refuses with NotFound for an alliance, offer or partner that is not there for the
 * brand, with OfferEnded, and with InvalidValue.
 */
export async function createJointCampaign<Row>(
  context: Context,
  input: CreateJointCampaignInput,
  read: Read<{ jointCampaignId: string }, Row>,
) {
  const { database, newId, now } = context;
  const { brandId } = actorOf(context);
  const { partners, ...terms } = input;
  const { allianceId, offerId } = terms;
  return commit(context, {
    name: "createJointCampaign",
    input,
    load: () => [
      database.query.allianceBrands.findMany({
        columns: { brandId: true },
        where: { allianceId, state: "ACTIVE" },
        with: { brand: { columns: { slug: true } } },
      }),
      database
        .select()
        .from(offers)
        .where(and(eq(offers.brandId, brandId), eq(offers.id, offerId))),
    ],
    decide: ([parts, [offer]]) => {
      if (!parts.some((part) => part.brandId === brandId)) return NotFound({ id: allianceId });
      if (!offer) return NotFound({ id: offerId });
      const fault = whyNotIssuable(offer, now) ?? faultOfCampaign(input, now);
      if (fault) return fault;
      const named = partners.map(({ brand, quota }) => ({
        ...{ brand, quota },
        partnerBrandId: parts.find((part) => part.brand.slug === brand)?.brandId,
      }));
      const unknown = named.find(({ partnerBrandId }) => partnerBrandId === undefined);
      if (unknown) return NotFound({ id: unknown.brand });
      if (named.some(({ partnerBrandId }) => partnerBrandId === brandId)) {
        return InvalidValue({
          field: "partners",
          reason: "must be other brands; your own needs no campaign",
        });
      }
      const jointCampaignId = newId("JointCampaign");
      const rows = named.map(({ partnerBrandId, quota }) => ({
        ...{ brandId, campaignId: jointCampaignId, quota },
        partnerBrandId: partnerBrandId as string,
      }));
      const stillIn = [brandId, ...rows.map(({ partnerBrandId }) => partnerBrandId)].map((each) =>
        isActiveIn(allianceId, each),
      );
      return {
        outcome: { jointCampaignId },
        effects: [
          database.insert(jointCampaigns).values({ ...terms, brandId, id: jointCampaignId, createdAt: now }),
          database.insert(jointCampaignPartners).values(rows),
          mustHold(database, sql.join(stillIn, sql` and `)),
        ],
        audit: [
          { subjectId: jointCampaignId, detail: { allianceId, offerId } },
          ...rows.map(({ partnerBrandId, quota }) => ({
            ...{ brandId: partnerBrandId, subjectId: jointCampaignId },
            detail: { ownerBrandId: brandId, quota },
          })),
        ],
        events: rows.map(({ partnerBrandId, quota }) => ({
          brandId: partnerBrandId,
          type: "joint_campaign.proposed",
          payload: { jointCampaignId, allianceId, ownerBrandId: brandId, quota },
        })),
      };
    },
    read,
  });
}
