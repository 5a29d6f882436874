import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { linkCodes } from "../../schema/tables/alliances.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { type Caller, database } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { newOffer } from "../support/offer.ts";
import * as api from "./support.ts";

describe("alliances", () => {
  test("levels must be the brand's own and within the scale", async () => {
    const [ours, theirs] = [await newBrand(), await newBrand()];
    const found = (tierId: string, level: number) =>
      api.refusalOf(ours.operator, api.CREATE_ALLIANCE, {
        name: [{ locale: "en", text: "x" }],
        tierLevels: [{ tierId, level }],
      });
    expect(await found(theirs.firstTierId, 1)).toMatchObject({ code: "NOT_FOUND" });
    expect(await found(ours.firstTierId, 10)).toMatchObject({ code: "INVALID_VALUE" });
    const { allianceId } = await api.newAlliance(ours, theirs);
    const tierLevels = [{ tierId: ours.firstTierId, level: 0 }];
    expect(await api.refusalOf(ours.operator, api.SET_LEVELS, { allianceId, tierLevels })).toMatchObject({
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
      api.refusalOf(operator, api.INVITE, { allianceId, brand });
    expect(await invite(ours.operator, "nobody")).toMatchObject({ code: "NOT_FOUND" });
    expect(await invite(invited.operator, invited.slug)).toMatchObject({ code: "NOT_FOUND" });
    expect(await api.refusalOf(invited.operator, api.ACCEPT, { allianceId, tierLevels })).toMatchObject({
      code: "NOT_FOUND",
    });
    expect(await invite(theirs.operator, invited.slug)).toHaveProperty("alliance");
    expect(await invite(ours.operator, invited.slug)).toMatchObject({ code: "ALREADY_IN_ALLIANCE" });
    // One that is only invited invites nobody, and founds no campaign.
    const fourth = await newBrand();
    expect(await invite(invited.operator, fourth.slug)).toMatchObject({ code: "NOT_FOUND" });
    expect(await api.refusalOf(invited.operator, api.SET_LEVELS, { allianceId, tierLevels })).toMatchObject({
      code: "NOT_FOUND",
    });
    expect(await api.refusalOf(invited.operator, api.ACCEPT, { allianceId, tierLevels })).toHaveProperty(
      "alliance",
    );
    expect(await api.refusalOf(invited.operator, api.ACCEPT, { allianceId, tierLevels })).toMatchObject({
      code: "ALREADY_IN_ALLIANCE",
    });
    expect(await invite(ours.operator, ours.slug)).toMatchObject({ code: "ALREADY_IN_ALLIANCE" });
  });

  test("an invitation can be declined", async () => {
    const [ours, invited] = [await newBrand(), await newBrand()];
    const { allianceId } = await api.newAlliance(ours);
    await ours.operator(api.INVITE, { input: { allianceId, brand: invited.slug } });
    expect(await api.refusalOf(invited.operator, api.LEAVE, { allianceId })).toMatchObject({ allianceId });
    expect(await api.refusalOf(invited.operator, api.LEAVE, { allianceId })).toMatchObject({
      code: "NOT_FOUND",
    });
  });
});

describe("linking", () => {
  test("a code ends with its brand's part in the alliance, also when the brand comes back", async () => {
    const { allianceId, brands } = await api.newAlliance();
    const [ours, theirs] = brands as [TestBrand, TestBrand];
    const consent = api.consentTo();
    const tierLevels = [{ tierId: theirs.firstTierId, level: 3 }];
    const { member } = await newMember(theirs);
    const { code } = await api.refusalOf(member, api.CREATE_CODE, { allianceId, consent });
    await theirs.operator(api.LEAVE, { input: { allianceId } });
    await ours.operator(api.INVITE, { input: { allianceId, brand: theirs.slug } });
    expect(await api.refusalOf(theirs.operator, api.ACCEPT, { allianceId, tierLevels })).toHaveProperty(
      "alliance",
    );
    const { member: other } = await newMember(ours);
    expect(await api.refusalOf(other, api.LINK, { code, consent })).toMatchObject({
      code: "LINK_CODE_NOT_VALID",
    });
  });

  test("a code that is wrong, used, old, replaced or of no ally is refused in the same words", async () => {
    const alliance = await api.newAlliance();
    const { allianceId, brands } = alliance;
    const [ours, theirs] = brands as [TestBrand, TestBrand];
    const consent = api.consentTo();
    const one = await newMember(ours);
    const newCode = async (member: Caller) =>
      (await api.refusalOf(member, api.CREATE_CODE, { allianceId, consent })).code as string;
    const use = async (code: string, brand = theirs) =>
      api.refusalOf((await newMember(brand)).member, api.LINK, { code, consent });

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
    const { code } = await api.refusalOf(member, api.CREATE_CODE, { allianceId, consent: api.consentTo() });
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
      (await api.refusalOf(member, api.CREATE_CODE, { allianceId, consent })).code as string;
    const again = await codeOf(first.member);
    expect(await api.refusalOf(second.member, api.LINK, { code: again, consent })).toMatchObject({
      code: "ALREADY_LINKED",
      jointMembershipId: second.jointMembershipId,
    });
    expect(await api.refusalOf(stranger.member, api.LINK, { code: again, consent })).toMatchObject({
      code: "ALREADY_LINKED",
      jointMembershipId: null,
    });
    const other = await newMember(brands[0] as TestBrand);
    const reverse = await codeOf(second.member);
    expect(await api.refusalOf(other.member, api.LINK, { code: reverse, consent })).toMatchObject({
      code: "ALREADY_LINKED",
      jointMembershipId: null,
    });
  });

  test("with a key, a repeated call is answered like the first", async () => {
    const { allianceId, brands } = await api.newAlliance();
    const consent = api.consentTo();
    const [one, other] = [await newMember(brands[0] as TestBrand), await newMember(brands[1] as TestBrand)];
    const { code } = await api.refusalOf(one.member, api.CREATE_CODE, { allianceId, consent });
    const input = { code, consent, idempotencyKey: "link" };
    const linked = await api.refusalOf(other.member, api.LINK, input);
    expect(linked).toHaveProperty("jointMembership");
    expect(await api.refusalOf(other.member, api.LINK, input)).toEqual(linked);
  });

  test("a consent names a purpose and ends within two years, wherever it is given", async () => {
    const alliance = await api.newAlliance();
    const { allianceId, brands } = alliance;
    const { first } = await api.newLink(alliance);
    const one = await newMember(brands[0] as TestBrand);
    const other = await newMember(brands[1] as TestBrand);
    const { code } = await api.refusalOf(one.member, api.CREATE_CODE, {
      allianceId,
      consent: api.consentTo(),
    });
    const { jointMembershipId } = first;
    const bad = [{ purposes: [] }, { expiresAt: api.inDays(800) }, { expiresAt: api.inDays(-1) }];
    for (const consent of bad.map((given) => api.consentTo(given))) {
      const answers = [
        await api.refusalOf(one.member, api.CREATE_CODE, { allianceId, consent }),
        await api.refusalOf(other.member, api.LINK, { code, consent }),
        await api.refusalOf(first.member, api.RENEW, { jointMembershipId, consent }),
      ];
      for (const answer of answers) expect(answer).toMatchObject({ code: "INVALID_VALUE" });
    }
  });

  test("a closed member gives no code and takes none", async () => {
    const { allianceId, brands } = await api.newAlliance();
    const [ours, theirs] = brands as [TestBrand, TestBrand];
    const consent = api.consentTo();
    const [one, other] = [await newMember(ours), await newMember(theirs)];
    const { code } = await api.refusalOf(one.member, api.CREATE_CODE, { allianceId, consent });
    await theirs.operator(
      `mutation ($input: CloseMemberInput!) { closeMember(input: $input) { __typename } }`,
      { input: { memberId: other.memberId, reason: "asked", idempotencyKey: api.key() } },
    );
    expect(await api.refusalOf(other.member, api.LINK, { code, consent })).toMatchObject({
      code: "MEMBER_CLOSED",
    });
    expect(await api.refusalOf(other.member, api.CREATE_CODE, { allianceId, consent })).toMatchObject({
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
    await ours.operator(api.END_OFFER, { input: { offerId: ended } });
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
      const answer = await api.refusalOf(ours.operator, api.CREATE_CAMPAIGN, { ...good, ...change });
      expect(answer, JSON.stringify(change)).toMatchObject({ code });
    }
    expect(await api.refusalOf(ours.operator, api.CREATE_CAMPAIGN, good)).toHaveProperty("jointCampaign");
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
