import { and, eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { jointMemberships } from "../../schema/tables/alliances.ts";
import { newBrand } from "../support/brand.ts";
import { type Caller, database } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import * as api from "./support.ts";

/** What the second brand's partner token sees of the first brand's members. */
async function seenBy(partner: Caller | undefined, purpose = "RECOGNITION") {
  const answer = await partner?.(api.JOINT_MEMBERS, { purpose });
  if (!answer?.data?.jointMembers) throw new Error(JSON.stringify(answer));
  return answer.data.jointMembers.nodes as Record<string, unknown>[];
}

const change = (id: string, values: Partial<typeof jointMemberships.$inferInsert>) =>
  database().update(jointMemberships).set(values).where(eq(jointMemberships.id, id));

test("a field outside the consent is null, whatever else is consented to", async () => {
  const alliance = await api.newAlliance();
  const [, partner] = alliance.partners;
  const fields = {
    TIER: ["tier", "level", "recognisedTier"],
    MEMBER_SINCE: ["memberSince"],
    DISPLAY_NAME: ["displayName"],
    REGION: ["region"],
  };
  const all = Object.values(fields).flat();
  for (const [category, shown] of Object.entries(fields)) {
    const consents: [object, object] = [api.consentTo({ categories: [category] }), api.consentTo()];
    const { first } = await api.newLink(alliance, { consents, name: "Anna Karenina", region: "Moscow" });
    const node = (await seenBy(partner)).find(({ id }) => id === first.jointMembershipId);
    for (const field of all) {
      if (shown.includes(field)) expect(node?.[field], field).not.toBeNull();
      else expect(node?.[field], field).toBeNull();
    }
  }
  const consents: [object, object] = [api.consentTo({ categories: [] }), api.consentTo()];
  const { first } = await api.newLink(alliance, { consents, name: "Anna Karenina" });
  const node = (await seenBy(partner)).find(({ id }) => id === first.jointMembershipId);
  expect(all.map((field) => node?.[field])).toEqual(all.map(() => null));
});

test("only a purpose that was consented to shows a member", async () => {
  const alliance = await api.newAlliance();
  const [, partner] = alliance.partners;
  const to = (purpose: string) => api.consentTo({ purposes: [purpose] });
  const recognised = await api.newLink(alliance, { consents: [to("RECOGNITION"), to("RECOGNITION")] });
  const offered = await api.newLink(alliance, { consents: [to("JOINT_OFFERS"), to("RECOGNITION")] });
  expect((await seenBy(partner)).map(({ id }) => id)).toEqual([recognised.first.jointMembershipId]);
  expect((await seenBy(partner, "JOINT_OFFERS")).map(({ id }) => id)).toEqual([
    offered.first.jointMembershipId,
  ]);
  const jointCampaignId = await api.newCampaign(alliance);
  const jointMemberIds = [recognised.first.jointMembershipId, offered.first.jointMembershipId];
  const issued = await partner?.(api.ISSUE_JOINT, {
    input: { jointCampaignId, jointMemberIds, idempotencyKey: api.key() },
  });
  expect(issued && outcomeOf(issued)).toMatchObject({
    issued: [{ jointMemberId: offered.first.jointMembershipId }],
    refused: [{ jointMemberId: recognised.first.jointMembershipId, refusal: { code: "NOT_FOUND" } }],
  });
});

test("what is withdrawn is gone at the very next request, in that direction only", async () => {
  const alliance = await api.newAlliance();
  const [ours, theirs] = alliance.partners;
  const { first, second } = await api.newLink(alliance);
  const jointCampaignId = await api.newCampaign(alliance);
  const input = { jointCampaignId, jointMemberIds: [first.jointMembershipId] };
  const issue = async () => {
    const answer = await theirs?.(api.ISSUE_JOINT, { input: { ...input, idempotencyKey: api.key() } });
    return answer && outcomeOf(answer);
  };
  expect(await seenBy(theirs)).toHaveLength(1);
  expect((await issue())?.issued).toHaveLength(1);

  const jointMembershipId = first.jointMembershipId;
  const withdrawn = await first.member(api.WITHDRAW, { input: { jointMembershipId } });
  expect(withdrawn.databaseRequests).toBe(2);
  expect(outcomeOf(withdrawn)).toMatchObject({
    jointMembership: { consent: { active: false }, recognisedTier: null, endedAt: null },
  });
  expect(await seenBy(theirs)).toEqual([]);
  expect(await seenBy(theirs, "JOINT_OFFERS")).toEqual([]);
  expect((await theirs?.(api.JOINT_MEMBER, { id: jointMembershipId }))?.data).toEqual({ jointMember: null });
  expect(await issue()).toMatchObject({ issued: [], refused: [{ refusal: { code: "NOT_FOUND" } }] });
  expect((await seenBy(ours)).map(({ id }) => id)).toEqual([second.jointMembershipId]);

  // Withdrawing again changes nothing, also not the moment.
  const again = await first.member(api.WITHDRAW, { input: { jointMembershipId } });
  expect(outcomeOf(again)).toEqual(outcomeOf(withdrawn));

  const consent = api.consentTo({ categories: ["REGION"] });
  const renewed = await first.member(api.RENEW, { input: { jointMembershipId, consent } });
  expect(renewed.databaseRequests).toBe(2);
  expect(outcomeOf(renewed)).toMatchObject({
    jointMembership: { consent: { active: true, withdrawnAt: null, categories: ["REGION"] } },
  });
  expect(await seenBy(theirs)).toMatchObject([{ id: jointMembershipId, tier: null }]);
});

test("a consent ends by the clock", async () => {
  const alliance = await api.newAlliance();
  const [, partner] = alliance.partners;
  const { first } = await api.newLink(alliance);
  await change(first.jointMembershipId, { consentExpiresAt: Date.now() + 60_000 });
  expect(await seenBy(partner)).toHaveLength(1);
  await change(first.jointMembershipId, { consentExpiresAt: Date.now() - 1 });
  expect(await seenBy(partner)).toEqual([]);
  const view = await first.member(api.ME);
  expect(view.data.me.jointMemberships).toMatchObject([{ consent: { active: false }, recognisedTier: null }]);
});

test("unlinking ends both directions, and the two can be linked again under new pseudonyms", async () => {
  const alliance = await api.newAlliance();
  const [ours, theirs] = alliance.partners;
  const { first, second } = await api.newLink(alliance);
  const { jointMembershipId } = second;
  const unlinked = await second.member(api.UNLINK, { input: { jointMembershipId } });
  expect(unlinked.databaseRequests).toBe(2);
  expect(outcomeOf(unlinked)).toMatchObject({
    jointMembership: { endedAt: expect.any(String), consent: { active: false } },
  });
  expect(outcomeOf(await second.member(api.UNLINK, { input: { jointMembershipId } }))).toEqual(
    outcomeOf(unlinked),
  );
  expect([await seenBy(ours), await seenBy(theirs)]).toEqual([[], []]);
  for (const { member } of [first, second])
    expect((await member(api.ME)).data.me.jointMemberships).toEqual([]);
  const renewed = await first.member(api.RENEW, {
    input: { jointMembershipId: first.jointMembershipId, consent: api.consentTo() },
  });
  expect(outcomeOf(renewed)).toMatchObject({ code: "LINK_ENDED" });

  const shown = await first.member(api.CREATE_CODE, {
    input: { allianceId: alliance.allianceId, consent: api.consentTo() },
  });
  const linked = await second.member(api.LINK, {
    input: { code: outcomeOf(shown).code, consent: api.consentTo() },
  });
  expect(outcomeOf(linked).jointMembership.id).not.toBe(jointMembershipId);
  expect((await seenBy(theirs)).map(({ id }) => id)).not.toContain(first.jointMembershipId);
  expect(await seenBy(theirs)).toHaveLength(1);
});

const CLOSE = `mutation ($input: CloseMemberInput!) { closeMember(input: $input) {
  ... on CloseMemberPayload { member { state } } ... on Refusal { code } } }`;

test("a closed member vanishes from both sides, and the other can link with a new membership", async () => {
  const alliance = await api.newAlliance();
  const [ours, theirs] = alliance.partners;
  const [here, there] = alliance.brands;
  const { first, second } = await api.newLink(alliance);
  await here?.operator(CLOSE, {
    input: { memberId: first.memberId, reason: "asked", idempotencyKey: api.key() },
  });
  expect([await seenBy(ours), await seenBy(theirs)]).toEqual([[], []]);
  expect((await second.member(api.ME)).data.me.jointMemberships).toEqual([]);
  const asked = { input: { jointMembershipId: first.jointMembershipId, consent: api.consentTo() } };
  expect(outcomeOf(await first.member(api.RENEW, asked))).toMatchObject({ code: "MEMBER_CLOSED" });

  if (!here || !there) throw new Error("Two brands were founded.");
  const anew = await newMember(here);
  const shown = await second.member(api.CREATE_CODE, {
    input: { allianceId: alliance.allianceId, consent: api.consentTo() },
  });
  const linked = await anew.member(api.LINK, {
    input: { code: outcomeOf(shown).code, consent: api.consentTo() },
  });
  expect(outcomeOf(linked)).toMatchObject({ jointMembership: { partner: { slug: there.slug } } });
  expect(await seenBy(theirs)).toHaveLength(1);
});

test("leaving ends every link and campaign of the brand, and joining again revives none", async () => {
  const alliance = await api.newAlliance(await newBrand(), await newBrand(), await newBrand());
  const { allianceId, brands, partners } = alliance;
  const [owner, leaver] = brands;
  const withLeaver = await api.newLink(alliance, { between: [0, 1] });
  const withThird = await api.newLink(alliance, { between: [0, 2] });
  const jointCampaignId = await api.newCampaign(alliance);
  const left = await leaver?.operator(api.LEAVE, { input: { allianceId } });
  expect(left?.databaseRequests).toBe(2);
  expect(left && outcomeOf(left)).toEqual({ allianceId, endedJointCampaignIds: [jointCampaignId] });
  expect(await seenBy(partners[1])).toEqual([]);
  expect((await leaver?.operator(api.ALLIANCES))?.data.alliances.nodes).toEqual([]);
  expect((await withLeaver.second.member(api.ME)).data.me.jointMemberships).toEqual([]);
  expect((await seenBy(partners[2])).map(({ id }) => id)).toEqual([withThird.first.jointMembershipId]);

  await owner?.operator(api.INVITE, { input: { allianceId, brand: leaver?.slug } });
  await leaver?.operator(api.ACCEPT, {
    input: { allianceId, tierLevels: [{ tierId: leaver.firstTierId, level: 3 }] },
  });
  expect(await seenBy(partners[1])).toEqual([]);
  const campaigns = await owner?.operator(api.CAMPAIGNS);
  expect(campaigns?.data.jointCampaigns.nodes).toMatchObject([{ id: jointCampaignId, state: "ENDED" }]);
  const rows = await database()
    .select()
    .from(jointMemberships)
    .where(and(eq(jointMemberships.allianceId, allianceId)));
  expect(rows.filter(({ endedAt }) => endedAt === null)).toHaveLength(2);
});
