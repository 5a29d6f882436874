import type { LocalizedText } from "../../schema/tables/columns.ts";
import { createBenefit } from "../../src/benefits/save-benefit.ts";
import { foundBrand } from "../../src/brands/found-brand.ts";
import { endOfDayAfter } from "../../src/calendar.ts";
import { createOffer } from "../../src/offers/create-offer.ts";
import { createTier } from "../../src/tiers/create-tier.ts";
import { updateTier } from "../../src/tiers/update-tier.ts";
import type { DemoBrand, DemoOffer } from "./content.ts";
import { asClient, DAY_MS, type Demo, done, type LoadedBrand, readNothing } from "./demo.ts";

/** How old the brands are: older than anything that is said to have happened in them. */
export const BRAND_DAYS = 1_000;

export const locale = "zh-CN";
export const timeZone = "Asia/Shanghai";
export const currency = "CNY";

/** Founds a brand, unless it is there. */
export async function loadBrand(demo: Demo, content: DemoBrand): Promise<LoadedBrand> {
  const { database, environment, now } = demo;
  const { slug, name, description, pointsName, tiers } = content;
  const known = await database.query.brands.findFirst({ columns: { id: true }, where: { slug } });
  const [first] = tiers;
  if (!first) throw new Error(`${slug} has no tiers.`);
  const brandId =
    known?.id ??
    (
      await foundBrand(
        database,
        environment.encryptionKeys,
        {
          ...{ slug, name, description, pointsName, locale, timeZone, currency },
          firstTier: { name: first.name, color: first.color },
        },
        now - BRAND_DAYS * DAY_MS,
      )
    ).brandId;
  return { content, brandId, tierIds: [], benefitIds: {}, offerIds: {}, memberIds: {} };
}

/** Sets up tiers, benefits and offers; those that are there already are found by their rank or name. */
export async function loadProgram(demo: Demo, brand: LoadedBrand): Promise<void> {
  await loadTiers(demo, brand);
  await loadOffers(demo, brand);
  await loadBenefits(demo, brand);
}

async function loadTiers(demo: Demo, brand: LoadedBrand): Promise<void> {
  const { brandId, content } = brand;
  const context = asClient(demo, brand, "OPERATOR", BRAND_DAYS);
  const read = readNothing(demo);
  const known = await demo.database.query.tiers.findMany({ where: { brandId } });
  for (const [position, { growthValue, ...tier }] of content.tiers.entries()) {
    const rank = position + 1;
    const found = known.find((candidate) => candidate.rank === rank);
    // A brand is founded with a first tier that has a name only.
    if (found && !found.description) await done(updateTier(context, { tierId: found.id, ...tier }, read));
    brand.tierIds[position] =
      found?.id ??
      (await done(createTier(context, { ...tier, rank, requiredGrowthValue: growthValue }, read))).tierId;
  }
}

async function loadBenefits(demo: Demo, brand: LoadedBrand): Promise<void> {
  const { brandId, content, tierIds, benefitIds } = brand;
  const known = await demo.database.query.benefits.findMany({ where: { brandId } });
  for (const [key, { ranks, quota, terms = {}, offer, granted = false, ...benefit }] of Object.entries(
    content.benefits,
  )) {
    const context = asClient(demo, brand, "OPERATOR", BRAND_DAYS);
    const found = known.find(({ name }) => isSameText(name, benefit.name));
    const [count = null, quotaPeriod = null] = quota ?? [];
    const settings = { ...benefit, terms, quota: count, quotaPeriod, startsAt: null, endsAt: null };
    const tiers = ranks.map((rank) => tierIds[rank - 1] as string);
    const claim = offer ? { offerId: brand.offerIds[offer] as string, granted } : {};
    benefitIds[key] =
      found?.id ??
      (await done(createBenefit(context, { ...settings, ...claim, tierIds: tiers }, readNothing(demo))))
        .benefitId;
  }
}

async function loadOffers(demo: Demo, brand: LoadedBrand): Promise<void> {
  const { brandId, content, offerIds } = brand;
  const known = await demo.database.query.offers.findMany({ where: { brandId } });
  for (const [key, offer] of Object.entries(content.offers)) {
    const found = known.find(({ title }) => isSameText(title, offer.title));
    const { title, description, issueLimit = null, perMemberLimit = null, isAutomatic } = offer;
    const limits = { issueLimit, perMemberLimit };
    const input = { title, description, ...limits, isAutomatic, terms: termsOf(offer, demo.now) };
    const context = asClient(demo, brand, "OPERATOR", offer.madeDaysAgo);
    offerIds[key] = found?.id ?? (await done(createOffer(context, input, readNothing(demo)))).offerId;
  }
}

function termsOf({ terms, fromDay, untilDay, claimableFromDay }: DemoOffer, now: number) {
  // A day begins where the one before it ends.
  const begin = (day: number | undefined) =>
    day === undefined ? null : endOfDayAfter(now, day - 1, timeZone);
  const endsAt = untilDay === undefined ? null : endOfDayAfter(now, untilDay, timeZone);
  return { ...terms, startsAt: begin(fromDay), endsAt, claimableFrom: begin(claimableFromDay) };
}

const isSameText = (a: LocalizedText, b: LocalizedText): boolean => a.en === b.en;
