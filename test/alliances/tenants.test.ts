import { and, eq } from "drizzle-orm";
import { beforeAll, describe, expect, test } from "vitest";
import { jointCampaignPartners, jointCampaigns, jointMemberships } from "../../schema/tables/alliances.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { type Caller, callerOfKind, database } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { newOffer } from "../support/offer.ts";
import * as api from "./support.ts";

/** An alliance of two brands with a link and a campaign, and a third brand that has no part in it. */
let alliance: api.TestAlliance;
let link: api.TestLink;
let jointCampaignId: string;
let stranger: TestBrand;
let strangers: Record<"member" | "partner" | "forged", Caller>;

beforeAll(async () => {
  alliance = await api.newAlliance();
  link = await api.newLink(alliance);
  jointCampaignId = await api.newCampaign(alliance);
  stranger = await newBrand();
  const own = await api.newAlliance(stranger, await newBrand());
  const { brandId } = stranger;
  strangers = {
    member: (await newMember(stranger)).member,
    partner: await callerOfKind("PARTNER", { brandId, allianceId: own.allianceId }),
    // As if its client had been bound to an alliance that it is not in.
    forged: await callerOfKind("PARTNER", { brandId, allianceId: alliance.allianceId }),
  };
});

const NODE = "query ($id: ID!) { node(id: $id) { __typename id } }";
const nodeOf = async (caller: Caller, id: string) => (await caller(NODE, { id })).data.node;

describe("a brand outside the alliance", () => {
  test("reads nothing of it, with any of its tokens", async () => {
    const ids = [alliance.allianceId, jointCampaignId, link.first.jointMembershipId];
    const callers = [stranger.operator, stranger.storefront, stranger.service, ...Object.values(strangers)];
    for (const caller of callers) {
      for (const id of ids) expect(await nodeOf(caller, id)).toBeNull();
    }
    const listed = (await stranger.operator(api.ALLIANCES)).data.alliances.nodes;
    expect(listed.map(({ id }: { id: string }) => id)).not.toContain(alliance.allianceId);
    expect((await stranger.operator(api.CAMPAIGNS)).data.jointCampaigns.nodes).toEqual([]);
    for (const caller of [strangers.partner, strangers.forged]) {
      expect((await caller(api.JOINT_MEMBERS)).data.jointMembers.nodes).toEqual([]);
      expect(
        (await caller(api.JOINT_MEMBER, { id: link.first.jointMembershipId })).data.jointMember,
      ).toBeNull();
      expect((await caller(api.CAMPAIGNS)).data.jointCampaigns.nodes).toEqual([]);
    }
    expect((await strangers.forged(api.ALLIANCES)).data.alliances.nodes).toEqual([]);
  });

  test("changes nothing in it, and is told that nothing is there", async () => {
    const { allianceId } = alliance;
    const tierLevels = [{ tierId: stranger.firstTierId, level: 1 }];
    const campaign = {
      ...{ allianceId, name: [{ locale: "en", text: "x" }], offerId: await newOffer(stranger) },
      ...{ startsAt: api.inDays(0), endsAt: api.inDays(1) },
      partners: [{ brand: alliance.brands[0]?.slug, quota: 1 }],
    };
    const consent = api.consentTo();
    const jointMembershipId = link.first.jointMembershipId;
    const issue = { jointCampaignId, jointMemberIds: [jointMembershipId], idempotencyKey: api.key() };
    const attempts: [Caller, string, object][] = [
      [stranger.operator, api.INVITE, { allianceId, brand: stranger.slug }],
      [stranger.operator, api.ACCEPT, { allianceId, tierLevels }],
      [stranger.operator, api.SET_LEVELS, { allianceId, tierLevels }],
      [stranger.operator, api.LEAVE, { allianceId }],
      [stranger.operator, api.CREATE_CAMPAIGN, campaign],
      [stranger.operator, api.APPROVE, { jointCampaignId }],
      [stranger.operator, api.WITHDRAW_APPROVAL, { jointCampaignId }],
      [stranger.operator, api.END_CAMPAIGN, { jointCampaignId }],
      [strangers.member, api.CREATE_CODE, { allianceId, consent }],
      [strangers.member, api.WITHDRAW, { jointMembershipId }],
      [strangers.member, api.RENEW, { jointMembershipId, consent }],
      [strangers.member, api.UNLINK, { jointMembershipId }],
      [strangers.partner, api.ISSUE_JOINT, issue],
      [strangers.forged, api.ISSUE_JOINT, issue],
    ];
    for (const [caller, operation, input] of attempts) {
      const answer = await caller(operation, { input });
      expect(outcomeOf(answer), operation).toMatchObject({ code: "NOT_FOUND" });
    }
    const shown = await (await newMember(alliance.brands[0] as TestBrand)).member(api.CREATE_CODE, {
      input: { allianceId, consent },
    });
    const linked = await strangers.member(api.LINK, { input: { code: outcomeOf(shown).code, consent } });
    expect(outcomeOf(linked)).toMatchObject({ code: "LINK_CODE_NOT_VALID" });
  });
});

describe("within an alliance", () => {
  test("a partner token sees its own alliance, and nothing of another that its brand is in", async () => {
    const [ours, theirs] = alliance.brands as [TestBrand, TestBrand];
    const other = await api.newAlliance(ours, theirs);
    const otherLink = await api.newLink(other);
    const otherCampaign = await api.newCampaign(other);
    const [, here] = alliance.partners as [Caller, Caller];
    const seen = (await here(api.JOINT_MEMBERS)).data.jointMembers.nodes;
    expect(seen.map(({ id }: { id: string }) => id)).toEqual([link.first.jointMembershipId]);
    expect(
      (await here(api.JOINT_MEMBER, { id: otherLink.first.jointMembershipId })).data.jointMember,
    ).toBeNull();
    expect((await here(api.CAMPAIGNS)).data.jointCampaigns.nodes).toMatchObject([{ id: jointCampaignId }]);
    expect((await here(api.ALLIANCES)).data.alliances.nodes).toMatchObject([{ id: alliance.allianceId }]);
    expect(await nodeOf(here, otherCampaign)).toBeNull();
    expect(await nodeOf(here, other.allianceId)).toBeNull();
    const issue = (id: string, jointMemberId: string) =>
      here(api.ISSUE_JOINT, {
        input: { jointCampaignId: id, jointMemberIds: [jointMemberId], idempotencyKey: api.key() },
      });
    expect(outcomeOf(await issue(otherCampaign, otherLink.first.jointMembershipId))).toMatchObject({
      code: "NOT_FOUND",
    });
    expect(outcomeOf(await issue(jointCampaignId, otherLink.first.jointMembershipId))).toMatchObject({
      issued: [],
      refused: [{ refusal: { code: "NOT_FOUND" } }],
    });
  });

  test("a token that is bound to campaigns knows no other", async () => {
    const [, { brandId }] = alliance.brands as [TestBrand, TestBrand];
    const another = await api.newCampaign(alliance);
    const bound = await callerOfKind("PARTNER", {
      ...{ brandId, allianceId: alliance.allianceId, jointCampaignIds: [another] },
    });
    expect((await bound(api.CAMPAIGNS)).data.jointCampaigns.nodes).toMatchObject([{ id: another }]);
    expect(await nodeOf(bound, jointCampaignId)).toBeNull();
    const issue = (id: string) =>
      bound(api.ISSUE_JOINT, {
        input: {
          ...{ jointCampaignId: id, jointMemberIds: [link.first.jointMembershipId] },
          idempotencyKey: api.key(),
        },
      });
    expect(outcomeOf(await issue(jointCampaignId))).toMatchObject({ code: "NOT_FOUND" });
    expect(outcomeOf(await issue(another)).issued).toHaveLength(1);
  });

  test("a link is the member's and its brand's own: no other member, brand or partner finds it", async () => {
    const { first, second } = link;
    expect(await nodeOf(first.member, first.jointMembershipId)).toMatchObject({
      __typename: "JointMembership",
    });
    const [ours, theirs] = alliance.brands as [TestBrand, TestBrand];
    const neighbour = await newMember(ours);
    const strangers = [theirs.operator, theirs.storefront, theirs.service, ...alliance.partners];
    for (const caller of [neighbour.member, second.member, ours.till, ...strangers])
      expect(await nodeOf(caller, first.jointMembershipId)).toBeNull();
    const input = { jointMembershipId: first.jointMembershipId };
    for (const caller of [neighbour.member, second.member]) {
      expect(outcomeOf(await caller(api.WITHDRAW, { input }))).toMatchObject({ code: "NOT_FOUND" });
    }
    const shown = await ours.storefront(
      "query ($id: ID!) { member(by: { id: $id }) { jointMemberships { id partner { slug } recognisedTier { name } consent { active } } } }",
      { id: first.memberId },
    );
    expect(shown).toMatchObject({
      databaseRequests: 1,
      data: {
        member: { jointMemberships: [{ id: first.jointMembershipId, partner: { slug: theirs.slug } }] },
      },
    });
    for (const caller of [ours.operator, ours.storefront, ours.service, first.member]) {
      const answer = await caller(api.JOINT_MEMBERS);
      expect(answer.errors?.[0]?.extensions.code).toBe("FORBIDDEN");
    }
    for (const caller of [ours.storefront, ours.service, ours.operator]) {
      const answer = await caller(api.CREATE_CODE, {
        input: { allianceId: alliance.allianceId, consent: api.consentTo() },
      });
      expect(answer.errors?.[0]?.extensions.code).toBe("FORBIDDEN");
    }
  });

  test("an alliance with an open invitation is for operators; members and partners see who takes part", async () => {
    const [ours] = alliance.brands as [TestBrand, TestBrand];
    const invited = await newBrand();
    await ours.operator(api.INVITE, { input: { allianceId: alliance.allianceId, brand: invited.slug } });
    const brandsFor = async (caller: Caller) => {
      const answer = await caller(
        "query ($id: ID!) { node(id: $id) { ... on Alliance { brands { brand { slug } state } } } }",
        { id: alliance.allianceId },
      );
      return answer.data.node?.brands.length;
    };
    expect(await brandsFor(invited.operator)).toBe(3);
    expect(await brandsFor(ours.operator)).toBe(3);
    expect(await brandsFor(link.first.member)).toBe(2);
    expect(await brandsFor(alliance.partners[1] as Caller)).toBe(2);
    expect(await brandsFor((await newMember(invited)).member)).toBeUndefined();
    await invited.operator(api.LEAVE, { input: { allianceId: alliance.allianceId } });
    expect(await brandsFor(invited.operator)).toBeUndefined();
  });

  test("a partner sees its own quota, the owner sees all", async () => {
    const [ours, theirs, third] = [await newBrand(), await newBrand(), await newBrand()];
    const { allianceId } = await api.newAlliance(ours, theirs, third);
    const created = await ours.operator(api.CREATE_CAMPAIGN, {
      input: {
        ...{ allianceId, offerId: await newOffer(ours), name: [{ locale: "en", text: "x" }] },
        ...{ startsAt: api.inDays(0), endsAt: api.inDays(1) },
        partners: [
          { brand: theirs.slug, quota: 7 },
          { brand: third.slug, quota: 9 },
        ],
      },
    });
    const id = outcomeOf(created).jointCampaign.id;
    expect(outcomeOf(created).jointCampaign.partners).toHaveLength(2);
    const partner = await callerOfKind("PARTNER", { brandId: third.brandId, allianceId });
    for (const caller of [third.operator, partner]) {
      const listed = await caller(api.CAMPAIGNS, { allianceId });
      expect(listed.databaseRequests).toBe(1);
      expect(listed.data.jointCampaigns.nodes).toMatchObject([
        { id, state: "PENDING", partners: [{ brand: { slug: third.slug }, quota: 9, issuedCount: 0 }] },
      ]);
      expect(listed.data.jointCampaigns.nodes[0].partners).toHaveLength(1);
    }
    const owners = await ours.operator(api.CAMPAIGNS, { allianceId });
    expect(owners.data.jointCampaigns.nodes[0].partners).toHaveLength(2);
  });

  test("each pair of brands knows a person by another pseudonym, and no record names the other's member", async () => {
    const brands = [await newBrand(), await newBrand(), await newBrand()];
    const trio = await api.newAlliance(...brands);
    const one = await newMember(brands[0] as TestBrand);
    for (const position of [1, 2]) {
      const shown = await one.member(api.CREATE_CODE, {
        input: { allianceId: trio.allianceId, consent: api.consentTo() },
      });
      const other = await newMember(brands[position] as TestBrand);
      await other.member(api.LINK, { input: { code: outcomeOf(shown).code, consent: api.consentTo() } });
    }
    const rows = await database()
      .select()
      .from(jointMemberships)
      .where(eq(jointMemberships.allianceId, trio.allianceId));
    expect(new Set(rows.map(({ id }) => id)).size).toBe(4);
    const known = async (caller?: Caller) => (await caller?.(api.JOINT_MEMBERS))?.data.jointMembers.nodes;
    const [second, third] = [await known(trio.partners[1]), await known(trio.partners[2])];
    expect(second).toHaveLength(1);
    expect(third).toHaveLength(1);
    expect(second[0].id).not.toBe(third[0].id);
    const kept = await recordsOf((brands[1] as TestBrand).brandId);
    expect(kept).not.toContain(one.memberId);
    expect(kept).toContain(rows.find(({ brandId }) => brandId === brands[1]?.brandId)?.id);
    const ownKept = await recordsOf((brands[0] as TestBrand).brandId);
    for (const { partnerMemberId } of rows.filter(({ brandId }) => brandId === brands[0]?.brandId)) {
      expect(ownKept).not.toContain(partnerMemberId);
    }
  });
});

/** All of a brand's audit and outbox, as one text. */
async function recordsOf(brandId: string) {
  const { query } = database();
  const [audit, outbox] = await Promise.all([
    query.audit.findMany({ where: { brandId } }),
    query.outbox.findMany({ where: { brandId } }),
  ]);
  expect(audit.length).toBeGreaterThan(0);
  expect(outbox.length).toBeGreaterThan(0);
  return JSON.stringify([audit, outbox]);
}

describe("the database refuses a row across brands", () => {
  test("a link of another brand's member, or with a brand outside the alliance", async () => {
    const client = database();
    const [row] = await client
      .select()
      .from(jointMemberships)
      .where(eq(jointMemberships.id, link.first.jointMembershipId));
    if (!row) throw new Error("There is no link.");
    const { memberId } = await newMember(stranger);
    const insert = (values: Partial<typeof row>) =>
      client
        .insert(jointMemberships)
        .values({ ...row, id: `jnt_${api.key()}`, endedAt: 1, ...values })
        .then(() => "inserted");
    expect(await insert({})).toBe("inserted");
    await expect(insert({ memberId })).rejects.toThrow();
    await expect(insert({ memberId: row.partnerMemberId })).rejects.toThrow();
    await expect(insert({ partnerMemberId: memberId })).rejects.toThrow();
    await expect(insert({ partnerBrandId: stranger.brandId, partnerMemberId: memberId })).rejects.toThrow();
    await expect(insert({ partnerBrandId: row.brandId, partnerMemberId: row.memberId })).rejects.toThrow();
    await expect(insert({ endedAt: null })).rejects.toThrow();
  });

  test("a campaign with another brand's offer, and a part in another brand's campaign", async () => {
    const client = database();
    const [campaign] = await client
      .select()
      .from(jointCampaigns)
      .where(eq(jointCampaigns.id, jointCampaignId));
    if (!campaign) throw new Error("There is no campaign.");
    const offerId = await newOffer(stranger);
    const insert = (values: Partial<typeof campaign>) =>
      client
        .insert(jointCampaigns)
        .values({ ...campaign, id: `cmp_${api.key()}`, ...values })
        .then(() => "inserted");
    expect(await insert({ endedAt: 1 })).toBe("inserted");
    await expect(insert({ offerId })).rejects.toThrow();
    await expect(insert({ brandId: stranger.brandId, offerId })).rejects.toThrow();
    const part = { campaignId: jointCampaignId, partnerBrandId: stranger.brandId, quota: 1 };
    await expect(
      client.insert(jointCampaignPartners).values({ ...part, brandId: stranger.brandId }),
    ).rejects.toThrow();
    const own = and(
      eq(jointCampaignPartners.brandId, campaign.brandId),
      eq(jointCampaignPartners.campaignId, jointCampaignId),
    );
    await expect(client.update(jointCampaignPartners).set({ issuedCount: 101 }).where(own)).rejects.toThrow();
  });
});
