import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { jointMemberships } from "../../schema/tables/alliances.ts";
import { members } from "../../schema/tables/members.ts";
import { offers } from "../../schema/tables/offers.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { type Caller, callerOfKind, database } from "../support/caller.ts";
import { outcomeOf } from "../support/member.ts";
import { newOffer } from "../support/offer.ts";
import * as api from "./support.ts";

/** More members like one, each linked with the same other membership; answers their pseudonyms. */
async function copiesOf({ memberId, jointMembershipId }: api.TestLink["first"], count: number) {
  const client = database();
  const member = await client.query.members.findFirst({ where: { id: memberId } });
  const row = await client.query.jointMemberships.findFirst({ where: { id: jointMembershipId } });
  if (!member || !row) throw new Error("There is no link to copy.");
  const copies = Array.from({ length: count }, (_, position) => `${memberId}_${position}`);
  const externals = copies.map((id) => ({ ...member, id, externalId: id, cardNumber: id }));
  const ids = copies.map((id) => id.replace("mbr", "jnt"));
  const links = copies.map((id, position) => ({ ...row, id: ids[position] as string, memberId: id }));
  await client.batch([
    client.insert(members).values(externals),
    client.insert(jointMemberships).values(links),
  ]);
  return ids;
}

const setState = (id: string, state: "PAUSED" | "DRAFT") =>
  database().update(offers).set({ state }).where(eq(offers.id, id));

describe("issuing joint coupons", () => {
  const issue = (caller: Caller | undefined, jointCampaignId: string, jointMemberIds: string[]) =>
    api.refusalOf(caller, api.ISSUE_JOINT, { jointCampaignId, jointMemberIds, idempotencyKey: api.key() });

  test("a campaign that is not active says what it waits for", async () => {
    const alliance = await api.newAlliance();
    const [ours] = alliance.brands as [TestBrand];
    const [, partner] = alliance.partners;
    const { first } = await api.newLink(alliance);
    const ids = [first.jointMembershipId];
    const startsAt = api.inDays(1);
    const scheduled = await api.newCampaign(alliance, { startsAt });
    expect(await issue(partner, scheduled, ids)).toMatchObject({
      ...{ code: "JOINT_CAMPAIGN_NOT_ACTIVE", state: "SCHEDULED", startsAt },
    });
    const pending = await api.newCampaign(alliance, { approve: false });
    expect(await issue(partner, pending, ids)).toMatchObject({ state: "PENDING", startsAt: null });
    const ended = await api.newCampaign(alliance);
    await ours.operator(api.END_CAMPAIGN, { input: { jointCampaignId: ended } });
    expect(await issue(partner, ended, ids)).toMatchObject({ state: "ENDED" });
    expect(await issue(partner, "cmp_none", ids)).toMatchObject({ code: "NOT_FOUND" });
    // The owner has no quota of its own.
    expect(await issue(alliance.partners[0], ended, ids)).toMatchObject({ code: "NOT_FOUND" });
  });

  test("an offer that is paused gives nothing out, and none is made of a draft", async () => {
    const alliance = await api.newAlliance();
    const [ours] = alliance.brands as [TestBrand];
    const [, partner] = alliance.partners;
    const { first } = await api.newLink(alliance);
    const offerId = await newOffer(ours);
    const campaign = await api.newCampaign(alliance, { offerId });
    await setState(offerId, "PAUSED");
    const notActive = { code: "OFFER_NOT_ACTIVE" };
    expect(await issue(partner, campaign, [first.jointMembershipId])).toMatchObject(notActive);
    await setState(offerId, "DRAFT");
    await expect(api.newCampaign(alliance, { offerId })).rejects.toThrow("OFFER_NOT_ACTIVE");
  });

  test("quota, the offer's limits and its end each refuse for all", async () => {
    const alliance = await api.newAlliance();
    const [ours] = alliance.brands as [TestBrand];
    const [, partner] = alliance.partners;
    const links = [await api.newLink(alliance), await api.newLink(alliance)];
    const ids = links.map(({ first }) => first.jointMembershipId);
    const narrow = await api.newCampaign(alliance, { quota: 1 });
    expect(await issue(partner, narrow, ids)).toMatchObject({ code: "QUOTA_EXHAUSTED", left: 1 });
    const offerId = await newOffer(ours, { issueLimit: 1 });
    const scarce = await api.newCampaign(alliance, { offerId });
    expect(await issue(partner, scarce, ids)).toMatchObject({ code: "OFFER_EXHAUSTED", left: 1 });
    await ours.operator(api.END_OFFER, { input: { offerId } });
    expect(await issue(partner, scarce, ids)).toMatchObject({ code: "OFFER_ENDED" });
    expect(await issue(partner, narrow, [])).toMatchObject({ code: "INVALID_VALUE" });
    const many = Array.from({ length: 501 }, (_, position) => `jnt_${position}`);
    expect(await issue(partner, narrow, many)).toMatchObject({ code: "INVALID_VALUE" });
    expect(await issue(partner, narrow, ids.slice(0, 1))).toHaveProperty("issued.length", 1);
  });

  test("a member's limit counts what it has from elsewhere, and is told by pseudonym", async () => {
    const alliance = await api.newAlliance();
    const [ours] = alliance.brands as [TestBrand];
    const [, partner] = alliance.partners;
    const [full, free] = [await api.newLink(alliance), await api.newLink(alliance)];
    const offerId = await newOffer(ours, { perMemberLimit: 1 });
    await ours.service(
      `mutation ($input: IssueCouponsInput!) { issueCoupons(input: $input) { __typename } }`,
      {
        input: { offerId, memberIds: [full.first.memberId], idempotencyKey: api.key() },
      },
    );
    const jointCampaignId = await api.newCampaign(alliance, { offerId });
    const outcome = await issue(partner, jointCampaignId, [
      full.first.jointMembershipId,
      free.first.jointMembershipId,
      free.first.jointMembershipId,
      "jnt_none",
    ]);
    expect(outcome).toMatchObject({
      issued: [{ jointMemberId: free.first.jointMembershipId }],
      refused: [
        { jointMemberId: full.first.jointMembershipId, refusal: { code: "MEMBER_LIMIT_REACHED" } },
        { jointMemberId: "jnt_none", refusal: { code: "NOT_FOUND" } },
      ],
    });
    expect(JSON.stringify(outcome)).not.toContain(full.first.memberId);
    const again = await issue(partner, jointCampaignId, [free.first.jointMembershipId]);
    expect(again).toMatchObject({ issued: [], refused: [{ refusal: { code: "MEMBER_LIMIT_REACHED" } }] });
  });

  test("only the owner's members, and only under the pseudonym that the partner knows", async () => {
    const brands = [await newBrand(), await newBrand(), await newBrand()];
    const trio = await api.newAlliance(...brands);
    const withPartner = await api.newLink(trio, { between: [0, 1] });
    const withThird = await api.newLink(trio, { between: [0, 2] });
    const ofThird = await api.newLink(trio, { between: [2, 1] });
    const jointCampaignId = await api.newCampaign(trio);
    const ids = [
      withPartner.first.jointMembershipId,
      // The partner's own member, as the owner knows it; another brand's pseudonym; a third brand's member.
      withPartner.second.jointMembershipId,
      withThird.first.jointMembershipId,
      ofThird.first.jointMembershipId,
      withPartner.first.memberId,
    ];
    const outcome = await issue(trio.partners[1], jointCampaignId, ids);
    expect(outcome.issued).toMatchObject([{ jointMemberId: ids[0] }]);
    expect(outcome.refused.map(({ jointMemberId }: { jointMemberId: string }) => jointMemberId)).toEqual(
      ids.slice(1),
    );
  });

  test("500 joint members get theirs in one call of two database requests", async () => {
    const alliance = await api.newAlliance();
    const [, { brandId }] = alliance.brands as [TestBrand, TestBrand];
    const { first } = await api.newLink(alliance);
    const ids = [first.jointMembershipId, ...(await copiesOf(first, 499))];
    const jointCampaignId = await api.newCampaign(alliance, { quota: 500 });
    const caller = await callerOfKind("PARTNER", {
      brandId,
      allianceId: alliance.allianceId,
    });
    const answer = await caller(api.ISSUE_JOINT, {
      input: { jointCampaignId, jointMemberIds: ids, idempotencyKey: api.key() },
    });
    expect(answer.errors).toBeUndefined();
    expect(outcomeOf(answer).issued).toHaveLength(500);
    expect(answer.databaseRequests).toBe(2);
  });
});
