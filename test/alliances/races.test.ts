import { and, count, eq, isNull } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { jointCampaignPartners, jointMemberships, linkCodes } from "../../schema/tables/alliances.ts";
import { coupons } from "../../schema/tables/coupons.ts";
import { scopesFor } from "../../src/access/scopes.ts";
import { issueJointCoupons } from "../../src/alliances/issue-joint-coupons.ts";
import { createContext } from "../../src/context.ts";
import type { Database } from "../../src/database/client.ts";
import { barrier } from "../support/barrier.ts";
import type { TestBrand } from "../support/brand.ts";
import { callerOfKind, database, environment } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { newOffer } from "../support/offer.ts";
import * as api from "./support.ts";

/** How many coupons of a campaign there are, and how many its partner's quota counts. */
async function issuedOf(jointCampaignId: string) {
  const client = database();
  const [rows, parts] = await Promise.all([
    client.select({ rows: count() }).from(coupons).where(eq(coupons.jointCampaignId, jointCampaignId)),
    client.select().from(jointCampaignPartners).where(eq(jointCampaignPartners.campaignId, jointCampaignId)),
  ]);
  return { rows: rows[0]?.rows ?? 0, counted: parts[0]?.issuedCount ?? 0, quota: parts[0]?.quota ?? 0 };
}

describe("a partner's quota", () => {
  test("300 issuances by two clients against a quota of 50 give out 50", async () => {
    const alliance = await api.newAlliance();
    const [, { brandId }] = alliance.brands as [TestBrand, TestBrand];
    const links = await Promise.all(Array.from({ length: 10 }, () => api.newLink(alliance)));
    const jointCampaignId = await api.newCampaign(alliance, { quota: 50 });
    const clients = await Promise.all(
      ["cli_one", "cli_two"].map((clientId) =>
        callerOfKind("PARTNER", { brandId, clientId, allianceId: alliance.allianceId }),
      ),
    );
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, position) => {
        const jointMemberIds = [links[position % links.length]?.first.jointMembershipId];
        const caller = clients[position % 2];
        return caller?.(api.ISSUE_JOINT, {
          input: { jointCampaignId, jointMemberIds, idempotencyKey: api.key() },
        });
      }),
    );
    const outcomes = answers.map((answer) => answer && outcomeOf(answer));
    expect(outcomes.filter((outcome) => outcome?.issued?.length === 1)).toHaveLength(50);
    expect(outcomes.filter((outcome) => outcome?.code === "QUOTA_EXHAUSTED")).toHaveLength(250);
    expect(await issuedOf(jointCampaignId)).toEqual({ rows: 50, counted: 50, quota: 50 });
  });

  test("batches that do not fit are refused whole, and what fits is exact", async () => {
    const alliance = await api.newAlliance();
    const [, partner] = alliance.partners;
    const links = await Promise.all(Array.from({ length: 7 }, () => api.newLink(alliance)));
    const jointMemberIds = links.map(({ first }) => first.jointMembershipId);
    const jointCampaignId = await api.newCampaign(alliance, { quota: 50 });
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        partner?.(api.ISSUE_JOINT, {
          input: { jointCampaignId, jointMemberIds, idempotencyKey: api.key() },
        }),
      ),
    );
    const outcomes = answers.map((answer) => answer && outcomeOf(answer));
    expect(outcomes.filter((outcome) => outcome?.issued?.length === 7)).toHaveLength(7);
    expect(outcomes.filter((outcome) => outcome?.left === 1)).toHaveLength(13);
    expect(await issuedOf(jointCampaignId)).toEqual({ rows: 49, counted: 49, quota: 50 });
  });

  test("the twin that reads the count, then writes in its own time, exceeds it", async () => {
    const alliance = await api.newAlliance();
    const [owner, partner] = alliance.brands as [TestBrand, TestBrand];
    const { first } = await api.newLink(alliance);
    const offerId = await newOffer(owner);
    const jointCampaignId = await api.newCampaign(alliance, { quota: 5, offerId });
    const isThePart = eq(jointCampaignPartners.campaignId, jointCampaignId);
    const allHaveRead = barrier(40);
    const readThenWrite = async () => {
      const client = database();
      const { counted, quota } = await issuedOf(jointCampaignId);
      await allHaveRead();
      if (counted >= quota) return;
      await client
        .update(jointCampaignPartners)
        .set({ issuedCount: counted + 1 })
        .where(isThePart);
      await client.insert(coupons).values({
        ...{ brandId: owner.brandId, offerId, memberId: first.memberId, id: api.key(), code: api.key() },
        ...{ state: "AVAILABLE", issuedAt: Date.now(), issuedByBrandId: partner.brandId, jointCampaignId },
      });
    };
    await Promise.all(Array.from({ length: 40 }, readThenWrite));
    const { rows, quota } = await issuedOf(jointCampaignId);
    expect(rows).toBeGreaterThan(quota);
  });
});

describe("a link code", () => {
  test("50 uses at once link one membership", async () => {
    const { allianceId, brands } = await api.newAlliance();
    const [ours, theirs] = brands as [TestBrand, TestBrand];
    const consent = api.consentTo();
    const { member, memberId } = await newMember(ours);
    const others = await Promise.all(Array.from({ length: 50 }, () => newMember(theirs)));
    const { code } = outcomeOf(await member(api.CREATE_CODE, { input: { allianceId, consent } }));
    const answers = await Promise.all(
      others.map((other) => other.member(api.LINK, { input: { code, consent } })),
    );
    const outcomes = answers.map(outcomeOf);
    expect(outcomes.filter(({ jointMembership }) => jointMembership)).toHaveLength(1);
    // Whoever comes after finds the code used.
    expect(outcomes.filter((outcome) => outcome.code === "LINK_CODE_NOT_VALID")).toHaveLength(49);
    const rows = await database()
      .select()
      .from(jointMemberships)
      .where(eq(jointMemberships.allianceId, allianceId));
    expect(rows.map((row) => row.brandId).sort()).toEqual([ours.brandId, theirs.brandId].sort());
    expect(rows.map((row) => row.memberId)).toContain(memberId);
  });

  test("50 uses by one member at once link it once", async () => {
    const { allianceId, brands } = await api.newAlliance();
    const [ours, theirs] = brands as [TestBrand, TestBrand];
    const consent = api.consentTo();
    const [one, other] = [await newMember(ours), await newMember(theirs)];
    const { code } = outcomeOf(await one.member(api.CREATE_CODE, { input: { allianceId, consent } }));
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => other.member(api.LINK, { input: { code, consent } })),
    );
    expect(answers.map(outcomeOf).filter(({ jointMembership }) => jointMembership)).toHaveLength(1);
    expect((await other.member(api.ME)).data.me.jointMemberships).toHaveLength(1);
  });

  test("the twin that looks whether it is used, then marks it, uses it many times", async () => {
    const { allianceId, brands } = await api.newAlliance();
    const [ours, theirs] = brands as [TestBrand, TestBrand];
    const { member, memberId } = await newMember(ours);
    await member(api.CREATE_CODE, { input: { allianceId, consent: api.consentTo() } });
    const others = await Promise.all(Array.from({ length: 20 }, () => newMember(theirs)));
    const isTheCode = and(eq(linkCodes.brandId, ours.brandId), eq(linkCodes.memberId, memberId));
    const look = () =>
      database()
        .select()
        .from(linkCodes)
        .where(and(isTheCode, isNull(linkCodes.usedAt)));
    const mark = async (other: string) => {
      const client = database();
      await client.update(linkCodes).set({ usedAt: Date.now() }).where(isTheCode);
      await client.insert(jointMemberships).values({
        ...{ brandId: theirs.brandId, id: api.key(), memberId: other, allianceId },
        ...{ partnerBrandId: ours.brandId, partnerMemberId: memberId, categories: [], purposes: [] },
        ...{ linkedAt: 1, consentGivenAt: 1, consentExpiresAt: 2 },
      });
    };
    // All have looked before one marks, as it happens now and then by itself.
    const seen = await Promise.all(others.map(look));
    await Promise.all(others.filter((_, place) => seen[place]?.length).map((other) => mark(other.memberId)));
    const rows = await database()
      .select()
      .from(jointMemberships)
      .where(eq(jointMemberships.allianceId, allianceId));
    expect(rows.length).toBeGreaterThan(1);
  });
});

/** A database in which something else happens between the decision's facts and its commit. */
function interrupted(client: Database, happens: () => Promise<unknown>): Database {
  let first = true;
  const batch = async (statements: Parameters<Database["batch"]>[0]) => {
    const facts = await client.batch(statements);
    if (first) await happens();
    first = false;
    return facts;
  };
  return Object.assign(Object.create(client), { batch }) as Database;
}

async function issueDuring(
  alliance: api.TestAlliance,
  happens: (jointCampaignId: string) => Promise<unknown>,
) {
  const [, { brandId }] = alliance.brands as [TestBrand, TestBrand];
  const { first } = await api.newLink(alliance);
  const jointCampaignId = await api.newCampaign(alliance);
  const now = Date.now();
  const context = createContext({
    ...{ environment: await environment(), now, deadline: now + 10_000, locales: [] },
    database: interrupted(database(), () => happens(jointCampaignId)),
    actor: {
      ...{ kind: "PARTNER", brandId, clientId: "cli_test", allianceId: alliance.allianceId },
      scopes: new Set(scopesFor("PARTNER")),
    },
  });
  const input = {
    ...{ jointCampaignId, jointMemberIds: [first.jointMembershipId], idempotencyKey: api.key() },
  };
  const outcome = await issueJointCoupons(context, input, undefined as never);
  return { outcome, ...(await issuedOf(jointCampaignId)) };
}

describe("what changes between the decision and its commit", () => {
  test("nothing: the coupon is issued", async () => {
    const alliance = await api.newAlliance();
    expect(await issueDuring(alliance, async () => undefined)).toMatchObject({ rows: 1, counted: 1 });
  });

  test("the consent is withdrawn: nothing is issued", async () => {
    const alliance = await api.newAlliance();
    const withdraw = () =>
      database()
        .update(jointMemberships)
        .set({ consentWithdrawnAt: Date.now() })
        .where(eq(jointMemberships.allianceId, alliance.allianceId));
    expect(await issueDuring(alliance, withdraw)).toMatchObject({
      outcome: { outcome: { issued: [], refused: [{ refusal: { refusal: "NotFound" } }] } },
      ...{ rows: 0, counted: 0 },
    });
  });

  test("the partner's approval is withdrawn: nothing is issued", async () => {
    const alliance = await api.newAlliance();
    const [, partner] = alliance.brands as [TestBrand, TestBrand];
    const withdraw = (jointCampaignId: string) =>
      partner.operator(api.WITHDRAW_APPROVAL, { input: { jointCampaignId } });
    expect(await issueDuring(alliance, withdraw)).toMatchObject({
      outcome: { refusal: "JointCampaignNotActive", data: { state: "PENDING" } },
      ...{ rows: 0, counted: 0 },
    });
  });

  test.for([0, 1])("brand %i leaves the alliance: nothing is issued", async (position) => {
    const alliance = await api.newAlliance();
    const leave = async () =>
      alliance.brands[position]?.operator(api.LEAVE, { input: { allianceId: alliance.allianceId } });
    expect(await issueDuring(alliance, leave)).toMatchObject({
      outcome: { refusal: "JointCampaignNotActive", data: { state: "ENDED" } },
      ...{ rows: 0, counted: 0 },
    });
  });

  test("the twin without a guard issues to one who has just withdrawn", async () => {
    const alliance = await api.newAlliance();
    const [owner, partner] = alliance.brands as [TestBrand, TestBrand];
    const { first } = await api.newLink(alliance);
    const offerId = await newOffer(owner);
    const jointCampaignId = await api.newCampaign(alliance, { offerId });
    const client = database();
    const id = first.jointMembershipId;
    const link = await client.query.jointMemberships.findFirst({
      where: { id, consentWithdrawnAt: { isNull: true } },
    });
    await first.member(api.WITHDRAW, { input: { jointMembershipId: id } });
    if (link) {
      await client.insert(coupons).values({
        ...{ brandId: owner.brandId, offerId, memberId: link.memberId, id: api.key(), code: api.key() },
        ...{ state: "AVAILABLE", issuedAt: Date.now(), issuedByBrandId: partner.brandId, jointCampaignId },
      });
    }
    expect((await issuedOf(jointCampaignId)).rows).toBe(1);
  });
});
