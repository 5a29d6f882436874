import { acceptAllianceInvitation } from "../../src/alliances/accept-alliance-invitation.ts";
import { approveJointCampaign } from "../../src/alliances/approve-joint-campaign.ts";
import { createAlliance } from "../../src/alliances/create-alliance.ts";
import { createJointCampaign } from "../../src/alliances/create-joint-campaign.ts";
import { createLinkCode } from "../../src/alliances/create-link-code.ts";
import { inviteBrand } from "../../src/alliances/invite-brand.ts";
import { issueJointCoupons } from "../../src/alliances/issue-joint-coupons.ts";
import { linkMembership } from "../../src/alliances/link-membership.ts";
import { withdrawConsent } from "../../src/alliances/withdraw-consent.ts";
import { isRefusal } from "../../src/errors.ts";
import { alliance, type DemoCampaign, type DemoLink } from "./alliance.ts";
import type { BrandKey } from "./content.ts";
import {
  asClient,
  asMember,
  asPartner,
  DAY_MS,
  type Demo,
  done,
  type LoadedBrand,
  memberIdOf,
  readNothing,
} from "./demo.ts";
import type { PersonKey } from "./people.ts";

type Brands = Record<BrandKey, LoadedBrand>;

/** Founds the alliance, links memberships in it, and runs its joint campaigns; answers its id. */
export async function loadAlliance(demo: Demo, brands: Brands): Promise<string> {
  const allianceId = await loadParts(demo, brands);
  for (const link of alliance.links) await loadLink(demo, brands, allianceId, link);
  for (const campaign of alliance.campaigns) await loadCampaign(demo, brands, allianceId, campaign);
  for (const link of alliance.links as readonly DemoLink[]) await withdrawIfSaid(demo, brands, link);
  return allianceId;
}

async function loadParts(demo: Demo, brands: Brands): Promise<string> {
  const { database } = demo;
  const founder = brands[alliance.founder];
  const { madeDaysAgo, name } = alliance;
  const read = readNothing(demo);
  const levelsOf = (brand: LoadedBrand) =>
    brand.tierIds.map((tierId, position) => ({
      tierId,
      level: alliance.tierLevels[brand.content.key][position] as number,
    }));
  const known = await database.query.alliances.findFirst({ where: { brandId: founder.brandId } });
  const founding = asClient(demo, founder, "OPERATOR", madeDaysAgo);
  const allianceId =
    known?.id ??
    (await done(createAlliance(founding, { name, tierLevels: levelsOf(founder) }, read))).allianceId;

  for (const brand of Object.values(brands)) {
    if (brand === founder) continue;
    const where = { allianceId, brandId: brand.brandId };
    const part = await database.query.allianceBrands.findFirst({ where });
    if (!part) await done(inviteBrand(founding, { allianceId, brand: brand.content.slug }, read));
    if (part?.state === "ACTIVE") continue;
    const joining = asClient(demo, brand, "OPERATOR", madeDaysAgo - 1);
    await done(acceptAllianceInvitation(joining, { allianceId, tierLevels: levelsOf(brand) }, read));
  }
  return allianceId;
}

async function loadLink(demo: Demo, brands: Brands, allianceId: string, link: DemoLink): Promise<void> {
  const { person, daysAgo, consent, consentBack = consent } = link;
  const [shownBy, enteredIn] = [brands[link.shownBy], brands[link.enteredIn]];
  if (await findLink(demo, shownBy, enteredIn, person)) return;
  const given = ({ days, ...rest }: DemoLink["consent"]) => ({
    ...rest,
    expiresAt: demo.now + (days - daysAgo) * DAY_MS,
  });
  const showing = asMember(demo, shownBy, person, daysAgo);
  const shown = await createLinkCode(showing, { allianceId, consent: given(consent) });
  if (isRefusal(shown)) throw new Error(`No link code: ${JSON.stringify(shown)}`);
  const entered = { code: shown.code, consent: given(consentBack) };
  await done(linkMembership(asMember(demo, enteredIn, person, daysAgo), entered, readNothing(demo)));
}

/** The direction of a link that says what `brand` lets `partner` see. */
const findLink = ({ database }: Demo, brand: LoadedBrand, partner: LoadedBrand, person: PersonKey) =>
  database.query.jointMemberships.findFirst({
    columns: { id: true },
    where: {
      ...{ brandId: brand.brandId, memberId: memberIdOf(brand, person) },
      partnerBrandId: partner.brandId,
    },
  });

async function withdrawIfSaid(demo: Demo, brands: Brands, link: DemoLink): Promise<void> {
  const { person, shownBy, enteredIn, withdrawnDaysAgo } = link;
  if (withdrawnDaysAgo === undefined) return;
  const found = await findLink(demo, brands[shownBy], brands[enteredIn], person);
  const input = { jointMembershipId: found?.id ?? "" };
  await done(
    withdrawConsent(asMember(demo, brands[shownBy], person, withdrawnDaysAgo), input, readNothing(demo)),
  );
}

async function loadCampaign(
  demo: Demo,
  brands: Brands,
  allianceId: string,
  campaign: DemoCampaign,
): Promise<void> {
  const read = readNothing(demo);
  const owner = brands[campaign.owner];
  const offerId = owner.offerIds[campaign.offer] as string;
  const known = await demo.database.query.jointCampaigns.findFirst({
    columns: { id: true },
    where: { brandId: owner.brandId, offerId },
  });
  const input = {
    ...{ allianceId, offerId, name: campaign.name },
    startsAt: demo.now + campaign.fromDay * DAY_MS,
    endsAt: demo.now + campaign.untilDay * DAY_MS,
    partners: Object.entries(campaign.quotas).map(([key, quota]) => ({
      brand: brands[key as BrandKey].content.slug,
      quota,
    })),
  };
  const making = asClient(demo, owner, "OPERATOR", campaign.madeDaysAgo);
  const jointCampaignId = known?.id ?? (await done(createJointCampaign(making, input, read))).jointCampaignId;
  for (const key of campaign.approvedBy) {
    const approving = asClient(demo, brands[key], "OPERATOR", campaign.madeDaysAgo - 1);
    await done(approveJointCampaign(approving, { jointCampaignId }, read));
  }
  for (const { by, daysAgo, to } of campaign.issued) {
    const partner = brands[by];
    const found = await Promise.all(to.map((person) => findLink(demo, owner, partner, person)));
    const jointMemberIds = found.map((link) => link?.id ?? "");
    const issue = { jointCampaignId, jointMemberIds, idempotencyKey: `demo-joint-${campaign.offer}-${by}` };
    const { refused } = await done(
      issueJointCoupons(asPartner(demo, partner, allianceId, daysAgo), issue, read),
    );
    if (refused.length > 0) throw new Error(`Not issued: ${JSON.stringify(refused)}`);
  }
}
