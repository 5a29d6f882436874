import { expect, test } from "vitest";
import { newBrand } from "../support/brand.ts";
import { callerOfKind } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { newOffer } from "../support/offer.ts";
import * as api from "./support.ts";

test("two brands ally, a person links two memberships, and the partner recognises and rewards the member", async () => {
  const [bank, cinema] = [await newBrand(), await newBrand()];
  const silver = await api.newTier(bank, 2, 100, "Silver");
  const star = await api.newTier(cinema, 2, 500, "Star");

  const created = await bank.operator(api.CREATE_ALLIANCE, {
    input: {
      name: [{ locale: "en", text: "Friends" }],
      tierLevels: [
        { tierId: bank.firstTierId, level: 2 },
        { tierId: silver, level: 5 },
      ],
    },
  });
  expect(created.databaseRequests).toBe(2);
  expect(outcomeOf(created)).toMatchObject({
    alliance: {
      name: "Friends",
      brands: [{ brand: { slug: bank.slug }, state: "ACTIVE", tierLevels: [{ level: 2 }, { level: 5 }] }],
    },
  });
  const allianceId = outcomeOf(created).alliance.id;
  const invited = await bank.operator(api.INVITE, { input: { allianceId, brand: cinema.slug } });
  expect(invited.databaseRequests).toBe(2);
  expect(outcomeOf(invited).alliance.brands).toMatchObject([{ state: "ACTIVE" }, { state: "INVITED" }]);
  const levels = [
    { tierId: cinema.firstTierId, level: 1 },
    { tierId: star, level: 4 },
  ];
  const accepted = await cinema.operator(api.ACCEPT, { input: { allianceId, tierLevels: levels } });
  expect(accepted.databaseRequests).toBe(2);
  expect(outcomeOf(accepted).alliance.brands).toMatchObject([{ state: "ACTIVE" }, { state: "ACTIVE" }]);

  const one = await newMember(bank, { name: "李小龙", region: "上海" });
  const other = await newMember(cinema, { name: "Bruce Lee" });
  const shown = await one.member(api.CREATE_CODE, { input: { allianceId, consent: api.consentTo() } });
  expect(shown.databaseRequests).toBe(2);
  const { code } = outcomeOf(shown);
  expect(code).toMatch(/^(\w{4}-){3}\w{4}$/);
  const consent = api.consentTo({ categories: ["TIER"], purposes: ["RECOGNITION"] });
  const linked = await other.member(api.LINK, { input: { code: code.toLowerCase(), consent } });
  expect(linked.databaseRequests).toBe(2);
  expect(outcomeOf(linked)).toMatchObject({
    jointMembership: {
      partner: { slug: bank.slug },
      consent: { categories: ["TIER"], active: true },
      recognisedTier: null,
    },
  });

  const view = await one.member(api.ME);
  expect(view.errors).toBeUndefined();
  expect(view.databaseRequests).toBe(1);
  expect(view.data.me.jointMemberships).toMatchObject([
    {
      alliance: { name: "Friends" },
      partner: { slug: cinema.slug, tiers: [{ rank: 1 }, { rank: 2 }] },
      consent: { active: true, withdrawnAt: null },
      recognisedTier: { rank: 1 },
    },
  ]);

  // Growth lifts the member to Silver, level 5: the cinema now sees a Star.
  await bank.service(
    `mutation ($input: AdjustBalanceInput!) { adjustBalance(input: $input) { __typename } }`,
    {
      input: {
        memberId: one.memberId,
        unit: "GROWTH_VALUE",
        amount: 100,
        reason: "test",
        idempotencyKey: api.key(),
      },
    },
  );
  expect((await one.member(api.ME)).data.me.jointMemberships[0].recognisedTier).toMatchObject({
    name: "Star",
  });

  const partner = await callerOfKind("PARTNER", { brandId: cinema.brandId, allianceId });
  const seen = await partner(api.JOINT_MEMBERS);
  expect(seen.errors).toBeUndefined();
  expect(seen.databaseRequests).toBe(1);
  const [jointMember] = seen.data.jointMembers.nodes;
  expect(seen.data.jointMembers.nodes).toMatchObject([
    {
      brand: { slug: bank.slug },
      tier: { name: "Silver", rank: 2 },
      level: 5,
      recognisedTier: { name: "Star", rank: 2 },
      displayName: "李*",
      region: "上海",
    },
  ]);
  // Two partners must not find out by the moment that they know the same person.
  expect(jointMember.memberSince).toMatch(/^\d{4}-\d\d-\d\dT00:00:00\.000Z$/);
  expect(JSON.stringify(seen.data)).not.toContain(one.memberId);
  const alone = await partner(api.JOINT_MEMBER, { id: jointMember.id });
  expect(alone.databaseRequests).toBe(1);
  expect(alone.data.jointMember).toMatchObject({ id: jointMember.id, level: 5, displayName: "李*" });

  const offerId = await newOffer(bank);
  const proposed = await bank.operator(api.CREATE_CAMPAIGN, {
    input: {
      ...{ allianceId, offerId, name: [{ locale: "en", text: "Film night" }] },
      ...{ startsAt: api.inDays(-1), endsAt: api.inDays(1), partners: [{ brand: cinema.slug, quota: 10 }] },
    },
  });
  expect(proposed.databaseRequests).toBe(2);
  expect(outcomeOf(proposed)).toMatchObject({
    jointCampaign: { state: "PENDING", owner: { slug: bank.slug } },
  });
  const jointCampaignId = outcomeOf(proposed).jointCampaign.id;
  const input = { jointCampaignId, jointMemberIds: [jointMember.id], idempotencyKey: "first" };
  expect(outcomeOf(await partner(api.ISSUE_JOINT, { input }))).toMatchObject({
    code: "JOINT_CAMPAIGN_NOT_ACTIVE",
    state: "PENDING",
  });
  const approved = await cinema.operator(api.APPROVE, { input: { jointCampaignId } });
  expect(approved.databaseRequests).toBe(2);
  expect(outcomeOf(approved)).toMatchObject({
    jointCampaign: {
      state: "ACTIVE",
      partners: [{ brand: { slug: cinema.slug }, quota: 10, issuedCount: 0 }],
    },
  });

  const issued = await partner(api.ISSUE_JOINT, { input });
  expect(issued.errors).toBeUndefined();
  expect(issued.databaseRequests).toBe(2);
  expect(outcomeOf(issued)).toMatchObject({
    issued: [{ jointMemberId: jointMember.id, couponId: expect.stringMatching(/^cpn_/) }],
    refused: [],
    jointCampaign: { partners: [{ quota: 10, issuedCount: 1 }] },
  });
  expect(outcomeOf(await partner(api.ISSUE_JOINT, { input }))).toEqual(outcomeOf(issued));
  const wallet = await one.member("{ me { availableCoupons { nodes { id code issuedBy { slug } } } } }");
  expect(wallet.data.me.availableCoupons.nodes).toMatchObject([
    { id: outcomeOf(issued).issued[0].couponId, issuedBy: { slug: cinema.slug } },
  ]);
  expect(JSON.stringify(issued.data)).not.toContain(wallet.data.me.availableCoupons.nodes[0].code);
});
