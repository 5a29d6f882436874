import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { jointMemberships, linkCodes } from "../../schema/tables/alliances.ts";
import { members } from "../../schema/tables/members.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { type Caller, callerOfKind, database } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { newOffer } from "../support/offer.ts";
import * as api from "./support.ts";

const END_OFFER = `mutation ($input: EndOfferInput!) { endOffer(input: $input) { __typename } }`;

async function refusalOf(caller: Caller | undefined, operation: string, input: object) {
  const answer = await caller?.(operation, { input });
  if (!answer) throw new Error("There is no such caller.");
  return outcomeOf(answer);
}

describe("alliances", () => {
  test("levels must be the brand's own and within the scale", async () => {
    const [ours, theirs] = [await newBrand(), await newBrand()];
    const found = (tierId: string, level: number) =>
      refusalOf(ours.operator, api.CREATE_ALLIANCE, {
        name: [{ locale: "en", text: "x" }],
        tierLevels: [{ tierId, level }],
      });
    expect(await found(theirs.firstTierId, 1)).toMatchObject({ code: "NOT_FOUND" });
    expect(await found(ours.firstTierId, 10)).toMatchObject({ code: "INVALID_VALUE" });
    const { allianceId } = await api.newAlliance(ours, theirs);
    const tierLevels = [{ tierId: ours.firstTierId, level: 0 }];
    expect(await refusalOf(ours.operator, api.SET_LEVELS, { allianceId, tierLevels })).toMatchObject({
      code: "INVALID_VALUE",
    });
    const set = await ours.operator(api.SET_LEVELS, {
      input: { allianceId, tierLevels: [{ tierId: ours.firstTierId, level: 9 }] },
    });
    expect(set.databaseRequests).toBe(2);
    expect(outcomeOf(set)).toMatchObject({ alliance: { brands: [{ tierLevels: [{ level: 9 }] }, {}] } });
  });

  test("a brand is invited once, by a brand that takes part, and accepts once", async () => {
    const [ours, theirs, invited] = [await newBrand(), await newBrand(), await newBrand()];
    const { allianceId } = await api.newAlliance(ours, theirs);
    const tierLevels = [{ tierId: invited.firstTierId, level: 1 }];
    const invite = (operator: Caller, brand: string) =>
      refusalOf(operator, api.INVITE, { allianceId, brand });
    expect(await invite(ours.operator, "nobody")).toMatchObject({ code: "NOT_FOUND" });
    expect(await invite(invited.operator, invited.slug)).toMatchObject({ code: "NOT_FOUND" });
    expect(await refusalOf(invited.operator, api.ACCEPT, { allianceId, tierLevels })).toMatchObject({
      code: "NOT_FOUND",
    });
    expect(await invite(theirs.operator, invited.slug)).toHaveProperty("alliance");
    expect(await invite(ours.operator, invited.slug)).toMatchObject({ code: "ALREADY_IN_ALLIANCE" });
    // One that is only invited invites nobody, and founds no campaign.
    const fourth = await newBrand();
    expect(await invite(invited.operator, fourth.slug)).toMatchObject({ code: "NOT_FOUND" });
    expect(await refusalOf(invited.operator, api.SET_LEVELS, { allianceId, tierLevels })).toMatchObject({
      code: "NOT_FOUND",
    });
    expect(await refusalOf(invited.operator, api.ACCEPT, { allianceId, tierLevels })).toHaveProperty(
      "alliance",
    );
    expect(await refusalOf(invited.operator, api.ACCEPT, { allianceId, tierLevels })).toMatchObject({
      code: "ALREADY_IN_ALLIANCE",
    });
    expect(await invite(ours.operator, ours.slug)).toMatchObject({ code: "ALREADY_IN_ALLIANCE" });
  });

  test("an invitation can be declined", async () => {
    const [ours, invited] = [await newBrand(), await newBrand()];
    const { allianceId } = await api.newAlliance(ours);
    await ours.operator(api.INVITE, { input: { allianceId, brand: invited.slug } });
    expect(await refusalOf(invited.operator, api.LEAVE, { allianceId })).toMatchObject({ allianceId });
    expect(await refusalOf(invited.operator, api.LEAVE, { allianceId })).toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("linking", () => {
  test("a code that is wrong, used, old, replaced or of no ally is refused in the same words", async () => {
    const alliance = await api.newAlliance();
    const { allianceId, brands } = alliance;
    const [ours, theirs] = brands as [TestBrand, TestBrand];
    const consent = api.consentTo();
    const one = await newMember(ours);
    const newCode = async (member: Caller) =>
      (await refusalOf(member, api.CREATE_CODE, { allianceId, consent })).code as string;
    const use = async (code: string, brand = theirs) =>
      refusalOf((await newMember(brand)).member, api.LINK, { code, consent });

    const replaced = await newCode(one.member);
    const used = await newCode(one.member);
    expect(await use(used)).toHaveProperty("jointMembership");
    const two = await newMember(ours);
    const old = await newCode(two.member);
    await database()
      .update(linkCodes)
      .set({ expiresAt: Date.now() - 1 })
      .where(eq(linkCodes.memberId, two.memberId));
    const three = await newMember(ours);
    const ofTheSameBrand = await newCode(three.member);
    const closing = await newMember(ours);
    const ofAClosedMember = await newCode(closing.member);
    await ours.operator(
      `mutation ($input: CloseMemberInput!) { closeMember(input: $input) { __typename } }`,
      { input: { memberId: closing.memberId, reason: "asked", idempotencyKey: api.key() } },
    );
    const answers = [
      await use("0000-0000-0000-0000"),
      await use("not a code"),
      await use(replaced),
      await use(used),
      await use(old),
      await use(ofTheSameBrand, ours),
      await use(ofTheSameBrand, await newBrand()),
      await use(ofAClosedMember),
    ];
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({ code: "LINK_CODE_NOT_VALID" });
    // None of that has used it up.
    expect(await use(ofTheSameBrand)).toHaveProperty("jointMembership");
  });

  test("what is stored of a code does not open it", async () => {
    const { allianceId, brands } = await api.newAlliance();
    const { member, memberId } = await newMember(brands[0] as TestBrand);
    const { code } = await refusalOf(member, api.CREATE_CODE, { allianceId, consent: api.consentTo() });
    const [row] = await database().select().from(linkCodes).where(eq(linkCodes.memberId, memberId));
    expect(row?.codeHash).toHaveLength(43);
    expect(JSON.stringify(row)).not.toContain(code.replaceAll("-", ""));
    expect((row?.expiresAt ?? 0) - Date.now()).toBeLessThanOrEqual(600_000);
  });

  test("two memberships are linked once, and neither with a third", async () => {
    const alliance = await api.newAlliance();
    const { allianceId, brands } = alliance;
    const consent = api.consentTo();
    const { first, second } = await api.newLink(alliance);
    const stranger = await newMember(brands[1] as TestBrand);
    const codeOf = async (member: Caller) =>
      (await refusalOf(member, api.CREATE_CODE, { allianceId, consent })).code as string;
    const again = await codeOf(first.member);
    expect(await refusalOf(second.member, api.LINK, { code: again, consent })).toMatchObject({
      code: "ALREADY_LINKED",
      jointMembershipId: second.jointMembershipId,
    });
    expect(await refusalOf(stranger.member, api.LINK, { code: again, consent })).toMatchObject({
      code: "ALREADY_LINKED",
      jointMembershipId: null,
    });
    const other = await newMember(brands[0] as TestBrand);
    const reverse = await codeOf(second.member);
    expect(await refusalOf(other.member, api.LINK, { code: reverse, consent })).toMatchObject({
      code: "ALREADY_LINKED",
      jointMembershipId: null,
    });
  });

  test("with a key, a repeated call is answered like the first", async () => {
    const { allianceId, brands } = await api.newAlliance();
    const consent = api.consentTo();
    const [one, other] = [await newMember(brands[0] as TestBrand), await newMember(brands[1] as TestBrand)];
    const { code } = await refusalOf(one.member, api.CREATE_CODE, { allianceId, consent });
    const input = { code, consent, idempotencyKey: "link" };
    const linked = await refusalOf(other.member, api.LINK, input);
    expect(linked).toHaveProperty("jointMembership");
    expect(await refusalOf(other.member, api.LINK, input)).toEqual(linked);
  });

  test("a consent names a purpose and ends within two years, wherever it is given", async () => {
    const alliance = await api.newAlliance();
    const { allianceId, brands } = alliance;
    const { first } = await api.newLink(alliance);
    const one = await newMember(brands[0] as TestBrand);
    const other = await newMember(brands[1] as TestBrand);
    const { code } = await refusalOf(one.member, api.CREATE_CODE, { allianceId, consent: api.consentTo() });
    const { jointMembershipId } = first;
    const bad = [{ purposes: [] }, { expiresAt: api.inDays(800) }, { expiresAt: api.inDays(-1) }];
    for (const consent of bad.map((given) => api.consentTo(given))) {
      const answers = [
        await refusalOf(one.member, api.CREATE_CODE, { allianceId, consent }),
        await refusalOf(other.member, api.LINK, { code, consent }),
        await refusalOf(first.member, api.RENEW, { jointMembershipId, consent }),
      ];
      for (const answer of answers) expect(answer).toMatchObject({ code: "INVALID_VALUE" });
    }
  });

  test("a closed member gives no code and takes none", async () => {
    const { allianceId, brands } = await api.newAlliance();
    const [ours, theirs] = brands as [TestBrand, TestBrand];
    const consent = api.consentTo();
    const [one, other] = [await newMember(ours), await newMember(theirs)];
    const { code } = await refusalOf(one.member, api.CREATE_CODE, { allianceId, consent });
    await theirs.operator(
      `mutation ($input: CloseMemberInput!) { closeMember(input: $input) { __typename } }`,
      { input: { memberId: other.memberId, reason: "asked", idempotencyKey: api.key() } },
    );
    expect(await refusalOf(other.member, api.LINK, { code, consent })).toMatchObject({
      code: "MEMBER_CLOSED",
    });
    expect(await refusalOf(other.member, api.CREATE_CODE, { allianceId, consent })).toMatchObject({
      code: "MEMBER_CLOSED",
    });
  });
});

describe("joint campaigns", () => {
  test("are of an own offer that is given out, for partners that take part", async () => {
    const [ours, theirs, outside] = [await newBrand(), await newBrand(), await newBrand()];
    const { allianceId } = await api.newAlliance(ours, theirs);
    const good = {
      ...{ allianceId, offerId: await newOffer(ours), name: [{ locale: "en", text: "x" }] },
      ...{ startsAt: api.inDays(0), endsAt: api.inDays(1), partners: [{ brand: theirs.slug, quota: 1 }] },
    };
    const ended = await newOffer(ours);
    await ours.operator(END_OFFER, { input: { offerId: ended } });
    const cases: [object, string][] = [
      [{ offerId: await newOffer(theirs) }, "NOT_FOUND"],
      [{ offerId: ended }, "OFFER_ENDED"],
      [{ partners: [{ brand: outside.slug, quota: 1 }] }, "NOT_FOUND"],
      [{ partners: [{ brand: ours.slug, quota: 1 }] }, "INVALID_VALUE"],
      [{ partners: [] }, "INVALID_VALUE"],
      [{ partners: [{ brand: theirs.slug, quota: 0 }] }, "INVALID_VALUE"],
      [{ endsAt: api.inDays(-1) }, "INVALID_VALUE"],
      [{ allianceId: "aln_none" }, "NOT_FOUND"],
    ];
    for (const [change, code] of cases) {
      const answer = await refusalOf(ours.operator, api.CREATE_CAMPAIGN, { ...good, ...change });
      expect(answer, JSON.stringify(change)).toMatchObject({ code });
    }
    expect(await refusalOf(ours.operator, api.CREATE_CAMPAIGN, good)).toHaveProperty("jointCampaign");
  });

  test("stop when a partner takes its approval back, and go on when it approves again", async () => {
    const alliance = await api.newAlliance();
    const [ours, theirs] = alliance.brands as [TestBrand, TestBrand];
    const jointCampaignId = await api.newCampaign(alliance);
    const stateAfter = async (caller: Caller, operation: string) => {
      const answer = await caller(operation, { input: { jointCampaignId } });
      expect(answer.databaseRequests).toBeLessThanOrEqual(2);
      const outcome = outcomeOf(answer);
      return outcome.jointCampaign?.state ?? outcome.code;
    };
    expect(await stateAfter(theirs.operator, api.APPROVE)).toBe("ACTIVE");
    expect(await stateAfter(theirs.operator, api.WITHDRAW_APPROVAL)).toBe("PENDING");
    expect(await stateAfter(theirs.operator, api.WITHDRAW_APPROVAL)).toBe("PENDING");
    expect(await stateAfter(theirs.operator, api.APPROVE)).toBe("ACTIVE");
    // Only the owner ends it, and only partners approve.
    expect(await stateAfter(theirs.operator, api.END_CAMPAIGN)).toBe("NOT_FOUND");
    expect(await stateAfter(ours.operator, api.APPROVE)).toBe("NOT_FOUND");
    expect(await stateAfter(ours.operator, api.END_CAMPAIGN)).toBe("ENDED");
    expect(await stateAfter(ours.operator, api.END_CAMPAIGN)).toBe("JOINT_CAMPAIGN_ENDED");
    expect(await stateAfter(theirs.operator, api.APPROVE)).toBe("JOINT_CAMPAIGN_ENDED");
    expect(await stateAfter(theirs.operator, api.WITHDRAW_APPROVAL)).toBe("JOINT_CAMPAIGN_ENDED");
  });
});

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

describe("issuing joint coupons", () => {
  const issue = (caller: Caller | undefined, jointCampaignId: string, jointMemberIds: string[]) =>
    refusalOf(caller, api.ISSUE_JOINT, { jointCampaignId, jointMemberIds, idempotencyKey: api.key() });

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
    await ours.operator(END_OFFER, { input: { offerId } });
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
