import { decodeJwt } from "jose";
import { describe, expect, test } from "vitest";
import {
  allianceBrands,
  alliances,
  jointCampaignPartners,
  jointCampaigns,
} from "../../schema/tables/alliances.ts";
import { offers } from "../../schema/tables/offers.ts";
import { newId } from "../../src/ids.ts";
import { askToken, clientCredentials, createClient, newClient } from "../access/support.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { database } from "../support/caller.ts";

describe("a partner's client", () => {
  const ally = async (founder: TestBrand, partner: TestBrand, state: "ACTIVE" | "INVITED" | "LEFT") => {
    const now = Date.now();
    const allianceId = newId("Alliance", now);
    await database()
      .insert(alliances)
      .values({ id: allianceId, brandId: founder.brandId, name: { en: "A" }, createdAt: now });
    const part = { allianceId, tierLevels: {}, invitedAt: now, joinedAt: now };
    await database()
      .insert(allianceBrands)
      .values([
        { ...part, brandId: founder.brandId, state: "ACTIVE" },
        { ...part, brandId: partner.brandId, state },
      ]);
    return allianceId;
  };
  const newCampaign = async ({ brandId }: TestBrand, allianceId: string, partner?: TestBrand) => {
    const now = Date.now();
    const [offerId, id] = [newId("Offer", now), newId("JointCampaign", now)];
    const texts = { title: { en: "Offer" }, name: { en: "Campaign" }, createdAt: now };
    await database()
      .insert(offers)
      .values({ ...texts, brandId, id: offerId, state: "ACTIVE", terms: {} });
    await database()
      .insert(jointCampaigns)
      .values({ ...texts, brandId, id, allianceId, offerId, startsAt: now, endsAt: now + 1 });
    if (partner) {
      await database()
        .insert(jointCampaignPartners)
        .values({ brandId, campaignId: id, partnerBrandId: partner.brandId, quota: 1 });
    }
    return id;
  };
  const partner = (allianceId: string) => ({
    ...{ kind: "PARTNER", scopes: ["joint:recognise", "joint:issue"], allianceId },
  });

  test("is made by either brand of the alliance for itself, and its tokens are bound to it", async () => {
    const [founder, invited] = [await newBrand(), await newBrand()];
    const allianceId = await ally(founder, invited, "ACTIVE");
    for (const brand of [founder, invited]) {
      const client = await newClient(brand, partner(allianceId));
      const { body } = await askToken(clientCredentials, client);
      const claims = decodeJwt(body.access_token);
      expect(claims).toMatchObject({ kind: "PARTNER", brand: brand.brandId, alliance: allianceId });
    }
  });

  test("is bound to joint campaigns that the brand has part in, and to no other", async () => {
    const [founder, invited, stranger] = [await newBrand(), await newBrand(), await newBrand()];
    const allianceId = await ally(founder, invited, "ACTIVE");
    const own = await newCampaign(founder, allianceId);
    const shared = await newCampaign(founder, allianceId, invited);
    const elsewhere = await newCampaign(founder, await ally(founder, stranger, "ACTIVE"), stranger);
    const client = await newClient(invited, { ...partner(allianceId), jointCampaignIds: [shared, shared] });
    const { body } = await askToken(clientCredentials, client);
    expect(decodeJwt(body.access_token).campaigns).toEqual([shared]);
    for (const unknown of [own, elsewhere, "cmp_nothing"]) {
      const input = { ...partner(allianceId), jointCampaignIds: [shared, unknown] };
      expect(await createClient(invited.operator, input)).toMatchObject({ code: "NOT_FOUND", id: unknown });
    }
    expect(
      await createClient(founder.operator, { ...partner(allianceId), jointCampaignIds: [own] }),
    ).toHaveProperty("client");
  });

  test("is not made for an alliance that the brand is not active in", async () => {
    const [founder, invited, stranger] = [await newBrand(), await newBrand(), await newBrand()];
    const pending = await ally(founder, invited, "INVITED");
    const left = await ally(founder, invited, "LEFT");
    const attempts = [
      [invited, pending],
      [invited, left],
      [stranger, pending],
      [founder, "aln_nothing"],
    ] as const;
    for (const [{ operator }, allianceId] of attempts) {
      expect(await createClient(operator, partner(allianceId))).toMatchObject({
        code: "NOT_FOUND",
        id: allianceId,
      });
    }
  });
});
