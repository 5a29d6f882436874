import { and, eq, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import {
  allianceBrands,
  jointCampaignPartners,
  jointCampaigns,
  jointMemberships,
} from "../../schema/tables/alliances.ts";
import { members } from "../../schema/tables/members.ts";
import { isRunning, isVisibleFor } from "../../src/alliances/conditions.ts";
import { isConsentActive } from "../../src/alliances/consent.ts";
import { stateOf } from "../../src/alliances/joint-campaign.ts";
import type { TestBrand } from "../support/brand.ts";
import { database } from "../support/caller.ts";
import * as api from "./support.ts";

const both = [false, true] as const;

/** Every way to answer so many questions with yes or no. */
const ways = (questions: number): boolean[][] =>
  questions === 0 ? [[]] : ways(questions - 1).flatMap((way) => both.map((last) => [...way, last]));

test("what the database guards of a campaign is what the rule decides, in every case", async () => {
  const alliance = await api.newAlliance();
  const [owner, partner] = alliance.brands as [TestBrand, TestBrand];
  const id = await api.newCampaign(alliance);
  const client = database();
  const now = Date.now();
  const { allianceId } = alliance;
  const setState = (brandId: string, isIn: boolean) =>
    client
      .update(allianceBrands)
      .set({ state: isIn ? "ACTIVE" : "LEFT" })
      .where(and(eq(allianceBrands.allianceId, allianceId), eq(allianceBrands.brandId, brandId)));
  let running = 0;
  for (const [ended, begun, over, approved, ownerIn, partnerIn] of ways(6)) {
    const answers = await client.batch([
      client
        .update(jointCampaigns)
        .set({
          endedAt: ended ? now : null,
          // The edges: it begins at its start, and is over at its end.
          startsAt: begun ? now - 1 : over ? now - 1 : now + 1,
          endsAt: over ? now : now + 2,
        })
        .where(eq(jointCampaigns.id, id)),
      client
        .update(jointCampaignPartners)
        .set({ approvedAt: approved ? now : null })
        .where(eq(jointCampaignPartners.campaignId, id)),
      setState(owner.brandId, ownerIn ?? false),
      setState(partner.brandId, partnerIn ?? false),
      client.query.jointCampaigns.findFirst({
        where: { id },
        with: { partners: true, allianceBrands: true },
      }),
      client.all<{ holds: number }>(sql`select ${isRunning(owner.brandId, id, now)} as holds`),
    ]);
    const [campaign, [answer]] = [answers[4], answers[5]];
    if (!campaign) throw new Error("There is no campaign.");
    const state = stateOf(campaign, now);
    expect(Boolean(answer?.holds), JSON.stringify(campaign)).toBe(state === "ACTIVE");
    if (answer?.holds) running += 1;
  }
  expect(running).toBe(1);
});

test("what the database shows of a member is what the consent's rule decides, in every case", async () => {
  const alliance = await api.newAlliance();
  const [ours, theirs] = alliance.brands as [TestBrand, TestBrand];
  const { first, second } = await api.newLink(alliance, {
    consents: [api.consentTo({ purposes: ["RECOGNITION"] }), api.consentTo()],
  });
  const client = database();
  const now = Date.now();
  const id = first.jointMembershipId;
  const setMember = (memberId: string, isActive: boolean | undefined) =>
    client
      .update(members)
      .set({ state: isActive ? "ACTIVE" : "CLOSED" })
      .where(eq(members.id, memberId));
  const setBrand = ({ brandId }: TestBrand, isIn: boolean | undefined) =>
    client
      .update(allianceBrands)
      .set({ state: isIn ? "ACTIVE" : "INVITED" })
      .where(and(eq(allianceBrands.allianceId, alliance.allianceId), eq(allianceBrands.brandId, brandId)));
  const isTheRow = eq(jointMemberships.id, id);
  const shown = (purpose: "RECOGNITION" | "JOINT_OFFERS") =>
    client
      .select({ id: jointMemberships.id })
      .from(jointMemberships)
      .where(and(isTheRow, isVisibleFor(jointMemberships, purpose, now)));
  let visible = 0;
  for (const [withdrawn, expired, ended, own, other, ourBrand, theirBrand] of ways(7)) {
    const answers = await client.batch([
      client
        .update(jointMemberships)
        .set({
          consentWithdrawnAt: withdrawn ? now : null,
          consentExpiresAt: expired ? now : now + 1,
          endedAt: ended ? now : null,
        })
        .where(eq(jointMemberships.id, id)),
      setMember(first.memberId, own),
      setMember(second.memberId, other),
      setBrand(ours, ourBrand),
      setBrand(theirs, theirBrand),
      client.select().from(jointMemberships).where(isTheRow),
      shown("RECOGNITION"),
      shown("JOINT_OFFERS"),
    ]);
    const [[link], recognised, offered] = [answers[5], answers[6], answers[7]];
    if (!link) throw new Error("There is no link.");
    const expected = isConsentActive(link, now) && own && other && ourBrand && theirBrand;
    expect(recognised.length === 1, JSON.stringify(link)).toBe(expected);
    expect(offered).toEqual([]);
    if (expected) visible += 1;
  }
  expect(visible).toBe(1);
});
