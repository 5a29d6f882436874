import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SharingConsent } from "../../schema/tables/alliances.ts";
import { faultOfConsent, isConsentActive, normaliseConsent, shows } from "../../src/alliances/consent.ts";
import { faultOfCampaign, type JointCampaignFacts, stateOf } from "../../src/alliances/joint-campaign.ts";
import { recognisedTier } from "../../src/alliances/recognised-tier.ts";
import { shareOut } from "../../src/alliances/share-out.ts";
import { faultOfTierLevels } from "../../src/alliances/tier-levels.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const DAY = 86_400_000;

describe("a consent counts until it is withdrawn, expires, or its link ends", () => {
  const given = { consentExpiresAt: NOW + 1, consentWithdrawnAt: null, endedAt: null };
  test.for([
    ["given", {}, true],
    ["in its last millisecond", { consentExpiresAt: NOW + 1 }, true],
    ["at the moment it expires", { consentExpiresAt: NOW }, false],
    ["withdrawn now", { consentWithdrawnAt: NOW }, false],
    ["withdrawn before", { consentWithdrawnAt: NOW - DAY }, false],
    ["link ended", { endedAt: NOW }, false],
  ] as const)("%s", ([, change, expected]) => {
    const consent = { ...given, ...change };
    expect(isConsentActive(consent, NOW)).toBe(expected);
    expect(shows({ ...consent, categories: ["TIER"] }, "TIER", NOW)).toBe(expected);
    expect(shows({ ...consent, categories: ["TIER"] }, "REGION", NOW)).toBe(false);
  });
});

describe("a consent names a purpose and ends within two years", () => {
  const good: SharingConsent = { categories: [], purposes: ["RECOGNITION"], expiresAt: NOW + DAY };
  test.for<[string, Partial<SharingConsent>, string | undefined]>([
    ["for a day, with no data", {}, undefined],
    ["two years to the millisecond", { expiresAt: Date.parse("2028-11-21T12:00:00Z") }, undefined],
    ["a millisecond more", { expiresAt: Date.parse("2028-11-21T12:00:00.001Z") }, "consent.expiresAt"],
    ["already over", { expiresAt: NOW }, "consent.expiresAt"],
    ["for nothing", { purposes: [] }, "consent.purposes"],
  ])("%s", ([, change, field]) => {
    expect(faultOfConsent({ ...good, ...change }, NOW)?.data.field).toBe(field);
  });

  test("each category and purpose is kept once", () => {
    expect(
      normaliseConsent({
        categories: ["TIER", "TIER"],
        purposes: ["RECOGNITION", "RECOGNITION"],
        expiresAt: 1,
      }),
    ).toEqual({ categories: ["TIER"], purposes: ["RECOGNITION"], expiresAt: 1 });
  });
});

describe("a joint campaign runs while all approve, within its dates, with all its brands in", () => {
  const running: JointCampaignFacts = {
    ...{ brandId: "a", startsAt: NOW, endsAt: NOW + 1, endedAt: null },
    partners: [
      { partnerBrandId: "b", approvedAt: 1 },
      { partnerBrandId: "c", approvedAt: 2 },
    ],
    allianceBrands: ["a", "b", "c", "d"].map((brandId) => ({ brandId, state: "ACTIVE" })),
  };
  const without = (brandId: string, state: "LEFT" | "INVITED" = "LEFT") => ({
    allianceBrands: running.allianceBrands.map((part) =>
      part.brandId === brandId ? { ...part, state } : part,
    ),
  });
  const unapproved = { partners: [...running.partners, { partnerBrandId: "d", approvedAt: null }] };
  test.for<[string, Partial<JointCampaignFacts>, string]>([
    ["from its first millisecond", {}, "ACTIVE"],
    ["before", { startsAt: NOW + 1, endsAt: NOW + 2 }, "SCHEDULED"],
    ["at its end", { endsAt: NOW, startsAt: NOW - 1 }, "ENDED"],
    ["ended by its owner", { endedAt: NOW - 1 }, "ENDED"],
    ["one has not approved", unapproved, "PENDING"],
    [
      "one has not approved, before its time",
      { ...unapproved, startsAt: NOW + 1, endsAt: NOW + 2 },
      "PENDING",
    ],
    ["one has not approved, after its time", { ...unapproved, endsAt: NOW }, "ENDED"],
    ["a partner left", without("b"), "ENDED"],
    ["a partner left and was invited again", without("c", "INVITED"), "ENDED"],
    ["the owner left", without("a"), "ENDED"],
    ["a brand left that it does not name", without("d"), "ACTIVE"],
  ])("%s", ([, change, state]) => {
    expect(stateOf({ ...running, ...change }, NOW)).toBe(state);
  });
});

describe("the terms of a joint campaign", () => {
  const good = { startsAt: NOW - DAY, endsAt: NOW + DAY, partners: [{ brand: "b", quota: 1 }] };
  test.for([
    ["can stand", {}, undefined],
    ["end after they start", { startsAt: NOW + DAY }, "endsAt"],
    ["are not over", { endsAt: NOW }, "endsAt"],
    ["name a partner", { partners: [] }, "partners"],
    ["name each once", { partners: [...good.partners, ...good.partners] }, "partners"],
    ["give each a quota", { partners: [{ brand: "b", quota: 0 }] }, "partners.quota"],
  ])("%s", ([, change, field]) => {
    const terms = { ...good, ...(change as Partial<typeof good>) };
    expect(faultOfCampaign(terms, NOW)?.data.field).toBe(field);
  });
});

describe("a partner recognises its highest tier at or below the member's level", () => {
  const tiers = [
    { id: "t1", rank: 1 },
    { id: "t2", rank: 2 },
    { id: "t3", rank: 3 },
  ];
  test.for<[string, number | undefined, Record<string, number>, string | undefined]>([
    ["the same level", 5, { t1: 1, t2: 5, t3: 9 }, "t2"],
    ["the next below", 4, { t1: 1, t2: 3, t3: 9 }, "t2"],
    ["the highest for the highest", 9, { t1: 1, t2: 5, t3: 9 }, "t3"],
    ["none is so low", 2, { t1: 3, t2: 5, t3: 9 }, undefined],
    ["of two on a level, the lower in rank", 6, { t1: 1, t2: 5, t3: 5 }, "t2"],
    ["a tier off the scale is none", 9, { t1: 1 }, "t1"],
    ["no tier is on the scale", 9, {}, undefined],
    ["the member's own tier is off the scale", undefined, { t1: 1, t2: 2, t3: 3 }, undefined],
    ["a level of a tier that is gone", 9, { t0: 9, t1: 1 }, "t1"],
  ])("%s", ([, level, levels, expected]) => {
    expect(recognisedTier(level, levels, tiers)?.id).toBe(expected);
    expect(recognisedTier(level, levels, tiers.toReversed())?.id).toBe(expected);
  });

  test("never one above it, and never less when the member rises", () => {
    const levels = fc.record({ t1: fc.integer({ min: 1, max: 9 }), t2: fc.integer({ min: 1, max: 9 }) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), levels, (level, partnerLevels) => {
        const found = recognisedTier(level, partnerLevels, tiers);
        const above = recognisedTier(level + 1, partnerLevels, tiers);
        const levelOf = (tier: { id: string } | undefined) =>
          (tier && partnerLevels[tier.id as "t1" | "t2"]) ?? 0;
        return levelOf(found) <= level && levelOf(above) >= levelOf(found);
      }),
    );
  });
});

describe("a brand's tiers on the scale", () => {
  const ladder = [
    { id: "t1", rank: 1 },
    { id: "t2", rank: 2 },
    { id: "t3", rank: 3 },
  ];
  const level = (tierId: string, at: number) => ({ tierId, level: at });
  test.for([
    ["rise with the ranks, whatever their order", [level("t3", 9), level("t1", 1)], undefined],
    ["may share a level", [level("t1", 4), level("t2", 4)], undefined],
    ["are not none", [], "tierLevels"],
    ["are each given once", [level("t1", 1), level("t1", 2)], "tierLevels"],
    ["stand at 1 or more", [level("t1", 0)], "tierLevels.level"],
    ["stand at 9 or less", [level("t1", 10)], "tierLevels.level"],
    ["do not fall", [level("t1", 5), level("t2", 4)], "tierLevels.level"],
  ] as const)("%s", ([, levels, field]) => {
    expect(faultOfTierLevels(levels, ladder)?.data.field).toBe(field);
  });

  test("are the brand's own", () => {
    expect(faultOfTierLevels([level("t9", 1)], ladder)).toEqual({ refusal: "NotFound", data: { id: "t9" } });
  });
});

test("who cannot have a coupon is left out, named by pseudonym", () => {
  const reachable = [
    { id: "jnt_1", memberId: "mbr_1" },
    { id: "jnt_2", memberId: "mbr_2" },
    { id: "jnt_3", memberId: "mbr_3" },
  ];
  const facts = {
    reachable,
    holdings: [
      { memberId: "mbr_2", held: 2 },
      { memberId: "mbr_3", held: 1 },
    ],
  };
  const shares = shareOut(["jnt_1", "jnt_2", "jnt_3", "jnt_1", "jnt_9"], { ...facts, perMemberLimit: 2 });
  expect(shares.holders.map(({ memberId }) => memberId)).toEqual(["mbr_1", "mbr_3"]);
  expect(shares.refused).toEqual([
    {
      jointMemberId: "jnt_2",
      refusal: { refusal: "MemberLimitReached", data: { memberId: "jnt_2", limit: 2 } },
    },
    { jointMemberId: "jnt_9", refusal: { refusal: "NotFound", data: { id: "jnt_9" } } },
  ]);
  expect(shareOut(["jnt_2"], { ...facts, perMemberLimit: null }).holders).toHaveLength(1);
});
