import { eq } from "drizzle-orm";
import { beforeAll, expect, test } from "vitest";
import { clients } from "../../schema/tables/clients.ts";
import { books } from "../../scripts/demo/books.ts";
import { cinema } from "../../scripts/demo/cinema.ts";
import { coffee } from "../../scripts/demo/coffee.ts";
import { clientIdOf } from "../../scripts/demo/demo.ts";
import { loadDemo, type Persona } from "../../scripts/demo/load.ts";
import { isConsentActive } from "../../src/alliances/consent.ts";
import { stateOf } from "../../src/alliances/joint-campaign.ts";
import { statusOf } from "../../src/coupons/redeemable.ts";
import { faultsOf, ledgerOf } from "../points/support.ts";
import { callerWith, database, environment } from "../support/caller.ts";

const slugs = [coffee.slug, books.slug, cinema.slug];
let personas: Persona[];

beforeAll(async () => {
  personas = await loadDemo(database(), await environment());
});

/** Everything of the demo's brands, as it is stored. */
async function readDemo() {
  const client = database();
  const brands = await client.query.brands.findMany({
    where: { slug: { in: slugs } },
    with: {
      tiers: { with: { benefits: true }, orderBy: { rank: "asc" } },
      benefits: true,
      offers: { with: { codeBatches: true } },
    },
  });
  const where = { brandId: { in: brands.map(({ id }) => id) } };
  const [members, coupons, redemptions, links, alliances, campaigns] = await Promise.all([
    client.query.members.findMany({ where, with: { accounts: true, tier: true } }),
    client.query.coupons.findMany({ where }),
    client.query.redemptions.findMany({ where }),
    client.query.jointMemberships.findMany({ where }),
    client.query.alliances.findMany({ where, with: { brands: true } }),
    client.query.jointCampaigns.findMany({ where, with: { partners: true, allianceBrands: true } }),
  ]);
  return { brands, members, coupons, redemptions, links, alliances, campaigns };
}

test("there are three brands, whose higher tiers give more, with eight benefits and six offers or more", async () => {
  const now = Date.now();
  const { brands } = await readDemo();
  expect(brands).toHaveLength(3);
  for (const { slug, tiers, benefits, offers } of brands) {
    expect
      .soft([tiers.length >= 3, benefits.length >= 8, offers.length >= 6], slug)
      .toEqual([true, true, true]);
    const given = tiers.map((tier) => tier.benefits.length);
    expect.soft(given, slug).toEqual([...new Set(given)].sort((a, b) => a - b));
    expect.soft(new Set(benefits.map(({ kind }) => kind)).size, slug).toBeGreaterThanOrEqual(7);
    const dates = offers.map(({ terms: { startsAt, endsAt } }) =>
      startsAt && now < startsAt ? "upcoming" : endsAt && endsAt <= now ? "ended" : "running",
    );
    expect.soft(new Set(dates), slug).toEqual(new Set(["upcoming", "ended", "running"]));
  }
});

test("there are sixty members, spread over all tiers, with what they have collected", async () => {
  const { brands, members } = await readDemo();
  expect(members).toHaveLength(60);
  const balances = members.flatMap(({ accounts }) => accounts.filter(({ balance }) => balance > 0));
  expect(balances.length).toBeGreaterThan(100);
  for (const { id, slug, tiers } of brands) {
    const own = members.filter(({ brandId }) => brandId === id);
    expect.soft(own, slug).toHaveLength(20);
    expect
      .soft(new Set(own.map(({ tier }) => tier.rank)), slug)
      .toEqual(new Set(tiers.map(({ rank }) => rank)));
    expect.soft(new Set(own.map(({ sourceChannel }) => sourceChannel)).size, slug).toBeGreaterThan(2);
  }
});

test("orders earned by each brand's rules, some pending and some taken back, and tiers have their terms", async () => {
  const client = database();
  const { brands } = await readDemo();
  for (const { id: brandId, slug } of brands) {
    const where = { brandId };
    const [awards, ruleSets, standings] = await Promise.all([
      client.query.awards.findMany({ where }),
      client.query.ruleSets.findMany({ where }),
      client.query.standings.findMany({ where }),
    ]);
    const stacking = slug === coffee.slug ? ["STACKING"] : [];
    expect.soft(ruleSets.map(({ kind }) => kind).sort(), slug).toEqual(["EARNING", ...stacking, "TIERS"]);
    expect.soft(awards.length, slug).toBeGreaterThanOrEqual(5);
    expect.soft(awards.filter(({ pointsBack }) => pointsBack > 0).length, slug).toBeGreaterThan(0);
    const hasTerms = slug !== cinema.slug;
    expect.soft(standings.some(({ until }) => until !== null) || !hasTerms, slug).toBe(true);
    expect.soft(faultsOf(await ledgerOf(brandId)), slug).toEqual([]);
  }
});

test("there are coupons in every state, rolled back and unclaimed ones among them, at each brand", async () => {
  const now = Date.now();
  const { brands, coupons, redemptions } = await readDemo();
  for (const { id, slug, offers } of brands) {
    const own = coupons.filter(({ brandId }) => brandId === id);
    const statuses = new Set(own.map((coupon) => statusOf(coupon, now)));
    expect.soft(statuses, slug).toEqual(new Set(["UPCOMING", "AVAILABLE", "REDEEMED", "EXPIRED", "REVOKED"]));
    // Codes that nobody has claimed are no coupons yet.
    expect.soft(offers.flatMap(({ codeBatches }) => codeBatches).length, slug).toBeGreaterThan(0);
    expect
      .soft(
        redemptions.some(({ brandId, rolledBackAt }) => brandId === id && rolledBackAt !== null),
        slug,
      )
      .toBe(true);
  }
});

test("the three are allied, members have linked memberships, and one joint campaign runs", async () => {
  const now = Date.now();
  const { alliances, links, campaigns, coupons } = await readDemo();
  expect(alliances.map(({ brands }) => brands.map(({ state }) => state))).toEqual([
    ["ACTIVE", "ACTIVE", "ACTIVE"],
  ]);
  // A link is two rows, one for each direction.
  expect(links.length).toBeGreaterThanOrEqual(24);
  expect(new Set(links.map(({ categories }) => [...categories].sort().join())).size).toBeGreaterThanOrEqual(
    4,
  );
  expect(links.filter(({ consentWithdrawnAt }) => consentWithdrawnAt !== null)).toHaveLength(1);
  expect(links.filter(({ consentExpiresAt }) => consentExpiresAt <= now)).toHaveLength(2);
  expect(links.filter((link) => isConsentActive(link, now)).length).toBeGreaterThanOrEqual(20);
  expect(campaigns.map((campaign) => stateOf(campaign, now)).sort()).toEqual(["ACTIVE", "PENDING"]);
  expect(
    coupons.filter(({ brandId, issuedByBrandId }) => brandId !== issuedByBrandId).length,
  ).toBeGreaterThan(1);
});

test("every text that members read is there in Chinese and in English", async () => {
  const { brands, alliances, campaigns } = await readDemo();
  const texts = [
    ...brands.flatMap(({ name, description, pointsName }) => [name, description, pointsName]),
    ...brands
      .flatMap(({ tiers, benefits }) => [...tiers, ...benefits])
      .flatMap((row) => [row.name, row.description]),
    ...brands.flatMap(({ offers }) => offers.flatMap(({ title, description }) => [title, description])),
    ...[...alliances, ...campaigns].map(({ name }) => name),
  ];
  expect(texts.length).toBeGreaterThan(120);
  for (const text of texts) {
    expect.soft(Object.keys(text ?? {}), JSON.stringify(text)).toEqual(["zh-CN", "en"]);
    expect.soft(text?.["zh-CN"]).toMatch(/\p{Script=Han}/u);
    expect.soft(text?.en).toMatch(/^[^\p{Script=Han}]*[a-z][^\p{Script=Han}]*$/u);
  }
});

test("each persona's token and request give an answer worth seeing", async () => {
  // What an isolate reads once in a while, such as who was revoked, is read now.
  await callerWith(personas[0]?.token)("{ brand { name } }");
  const answers = await Promise.all(
    personas.map(async ({ kind, token, request }) => {
      const answer = await callerWith(token)(request.query, request.variables, { "accept-language": "en" });
      return [kind, answer] as const;
    }),
  );
  const answerOf = Object.fromEntries(answers);
  for (const [kind, { errors }] of answers) expect.soft(errors, kind).toBeUndefined();
  expect(answerOf.MEMBER?.databaseRequests).toBe(1);
  expect(answerOf.MEMBER?.data.me).toMatchObject({
    tier: { name: "Gold" },
    tierProgress: { next: { name: "Black" } },
    jointMemberships: [{ recognisedTier: { name: "Bookworm" } }, { recognisedTier: { name: "Fan" } }],
  });
  expect(answerOf.STOREFRONT?.data.member).toMatchObject({
    profile: { name: "林晓雯" },
    tier: { name: "Gold" },
  });
  expect(answerOf.TILL?.data.redeemCoupon).toMatchObject({ coupon: { status: "REDEEMED" } });
  expect(answerOf.OPERATOR?.data.offers.nodes.length).toBeGreaterThanOrEqual(6);
  expect(answerOf.PARTNER?.data.jointMembers.nodes.length).toBeGreaterThan(3);
});

test("a second start changes nothing, and a load that was interrupted goes on without doing anything twice", async () => {
  const counts = async () => Object.values(await readDemo()).map((rows) => rows.length);
  const before = await counts();
  await loadDemo(database(), await environment());
  expect(await counts()).toEqual(before);
  // Without what is loaded last, it goes over everything again.
  await database()
    .delete(clients)
    .where(eq(clients.id, clientIdOf("cinema", "PARTNER")));
  const again = await loadDemo(database(), await environment());
  expect(await counts()).toEqual(before);
  expect(again.map(({ kind }) => kind)).toEqual(personas.map(({ kind }) => kind));
});

test("it is refused outside development, where its secrets would open a door", async () => {
  const production = { ...(await environment()), development: false };
  await expect(loadDemo(database(), production)).rejects.toThrow(/only where ENVIRONMENT is development/);
});
