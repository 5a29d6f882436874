import { expect, test } from "vitest";
import { newBrand, type TestBrand } from "../support/brand.ts";
import type { Answer, Caller } from "../support/caller.ts";
import { newOffer } from "../support/offer.ts";
import * as api from "./support.ts";

test("joint members are paged, oldest link first, each page in one database request", async () => {
  const alliance = await api.newAlliance();
  const [, partner] = alliance.partners as [Caller, Caller];
  const expected: string[] = [];
  for (let round = 0; round < 5; round += 1) {
    expected.push((await api.newLink(alliance)).first.jointMembershipId);
  }
  const seen: string[] = [];
  let after: string | null = null;
  for (let pages = 0; pages < 3; pages += 1) {
    const page: Answer = await partner(api.JOINT_MEMBERS, { first: 2, after });
    expect(page.databaseRequests).toBe(1);
    seen.push(...page.data.jointMembers.nodes.map(({ id }: { id: string }) => id));
    expect(page.data.jointMembers.pageInfo.hasNextPage).toBe(pages < 2);
    after = page.data.jointMembers.pageInfo.endCursor;
  }
  expect(seen).toEqual(expected);
});

test("a link's whole neighbourhood rides in one database request", async () => {
  const alliance = await api.newAlliance(await newBrand(), await newBrand(), await newBrand());
  const { first } = await api.newLink(alliance);
  await api.newLink(alliance, { between: [1, 2] });
  const view = await first.member(`{ me {
    tier { name } points tierProgress { missing next { name } }
    jointMemberships {
      id linkedAt consent { categories active }
      alliance { name founder { slug } brands { brand { slug } state tierLevels { level tier { name rank } } } }
      partner { slug name tiers { name benefits { name } } }
      recognisedTier { name benefits { name } }
    }
    again: jointMemberships { alliance { brands { joinedAt } } }
  } }`);
  expect(view.errors).toBeUndefined();
  expect(view.databaseRequests).toBe(1);
  expect(view.data.me.jointMemberships[0].alliance.brands).toHaveLength(3);
});

test("operators read alliances and campaigns with all that hangs on them in one database request", async () => {
  const alliance = await api.newAlliance();
  const [ours, theirs] = alliance.brands as [TestBrand, TestBrand];
  const jointCampaignId = await api.newCampaign(alliance);
  for (const { operator } of [ours, theirs]) {
    const alliances = await operator(api.ALLIANCES);
    expect(alliances.databaseRequests).toBe(1);
    expect(alliances.data.alliances.nodes).toMatchObject([
      {
        id: alliance.allianceId,
        founder: { slug: ours.slug },
        brands: [{ state: "ACTIVE" }, { state: "ACTIVE" }],
      },
    ]);
    const campaign = await operator(
      `query ($id: ID!) { node(id: $id) { ... on JointCampaign {
        name state owner { slug } alliance { name brands { brand { slug } } } partners { brand { slug } quota }
        offer { id title description perMemberLimit terms { amountOffMinor } } } } }`,
      { id: jointCampaignId },
    );
    expect(campaign.errors).toBeUndefined();
    expect(campaign.databaseRequests).toBe(1);
    expect(campaign.data.node).toMatchObject({
      ...{ state: "ACTIVE", offer: { terms: { amountOffMinor: 2000 } } },
      partners: [{ brand: { slug: theirs.slug }, quota: 100 }],
    });
  }
});

test("a partner reads what a joint offer gives, and not its condition or its budget", async () => {
  const alliance = await api.newAlliance();
  const [ours, theirs] = alliance.brands as [TestBrand, TestBrand];
  const offerId = await newOffer(ours, {
    terms: {
      ...{ amountOffMinor: 700, expression: "cart.quantity > 1" },
      limits: [{ per: "OFFER", period: "LIFETIME", discountMinor: 1_000_000 }],
    },
  });
  const jointCampaignId = await api.newCampaign(alliance, { offerId });
  const answer = await theirs.operator(
    `query ($id: ID!) { node(id: $id) { ... on JointCampaign {
      offer { terms { amountOffMinor expression limits { uses } } } } } }`,
    { id: jointCampaignId },
  );
  expect(answer.data.node.offer.terms).toEqual({ amountOffMinor: 700, expression: null, limits: null });
});
