import { expect, test } from "vitest";
import { grantTier } from "../../src/tiers/grant-tier.ts";
import { reviewTiers } from "../../src/tiers/review-tiers.ts";
import { contextAt, nothing } from "../points/support.ts";
import type { TestBrand } from "../support/brand.ts";
import { database, environment } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { adjustGrowthValue, brandWithLadder, key, setRules, storedTier, yearly } from "./program.ts";

const GRANT = `mutation ($input: GrantTierInput!) { grantTier(input: $input) {
  ... on GrantTierPayload { tierGrant { id kind reason endsAt tier { id } member { id tier { id } } } }
  ... on Refusal { code message } } }`;
const END = `mutation ($input: EndTierGrantInput!) { endTierGrant(input: $input) {
  ... on EndTierGrantPayload { tierGrant { id endedAt member { tier { id } } } }
  ... on Refusal { code message } } }`;

const grant = async (brand: TestBrand, input: object) => {
  const given = { reason: "Guest of honour", idempotencyKey: key(), ...input };
  const answer = await brand.operator(GRANT, { input: given });
  const { tierGrant, code } = outcomeOf(answer);
  return { tierGrant, code, databaseRequests: answer.databaseRequests };
};
const end = async (brand: TestBrand, tierGrantId: string) =>
  outcomeOf(await brand.service(END, { input: { tierGrantId, reason: "over", idempotencyKey: key() } }));

async function reviewGrants(now: number) {
  for (let next: Parameters<typeof reviewTiers>[4]; next !== null; )
    ({ next } = await reviewTiers(database(), await environment(), now, 100, next));
}

test("a grant is a floor: what is earned goes on beneath, and is what is left when it ends", async () => {
  const { brand, ladder } = await brandWithLadder();
  const { memberId, member } = await newMember(brand);
  const given = await grant(brand, { memberId, tierId: ladder.gold });
  expect(given).toMatchObject({
    tierGrant: {
      kind: "MANUAL",
      reason: "Guest of honour",
      endsAt: null,
      member: { tier: { id: ladder.gold } },
    },
    databaseRequests: 2,
  });
  // 600 earn Silver, which is not seen before Gold is taken back.
  await adjustGrowthValue(brand.service, memberId, 600);
  expect(await storedTier(brand.brandId, memberId)).toMatchObject({
    ...{ tierId: ladder.gold, standing: { tierId: ladder.silver } },
  });
  expect(await end(brand, given.tierGrant.id)).toMatchObject({
    tierGrant: { endedAt: expect.any(String), member: { tier: { id: ladder.silver } } },
  });
  expect(await end(brand, given.tierGrant.id)).toMatchObject({ code: "TIER_GRANT_ENDED" });
  const { tierChanges } = await storedTier(brand.brandId, memberId);
  expect(tierChanges.map(({ cause, toTierId }) => [cause, toTierId])).toEqual([
    ["GRANTED", ladder.gold],
    ["GRANT_ENDED", ladder.silver],
  ]);
  const answer = await member(`{ me { tierGrants { nodes { tier { id } endedAt plan { id } } } } }`);
  expect(answer).toMatchObject({
    ...{ databaseRequests: 1, data: { me: { tierGrants: { nodes: [{ tier: { id: ladder.gold } }] } } } },
  });
  const reason = await member(`{ me { tierGrants { nodes { reason } } } }`);
  expect(reason.errors?.[0]?.extensions.code).toBe("FORBIDDEN");
});

test("its time passes, and the member is where it was; looked at again, nothing happens", async () => {
  const { brand, ladder } = await brandWithLadder();
  const { memberId } = await newMember(brand);
  const endsAt = Date.now() + 3_600_000;
  await grant(brand, { memberId, tierId: ladder.silver, endsAt: new Date(endsAt).toISOString() });
  await grant(brand, { memberId, tierId: ladder.black, endsAt: new Date(endsAt + 1).toISOString() });
  await reviewGrants(endsAt);
  expect((await storedTier(brand.brandId, memberId)).tierId).toBe(ladder.black);
  await reviewGrants(endsAt + 1);
  const after = await storedTier(brand.brandId, memberId);
  expect(after).toMatchObject({ tierId: ladder.classic, tierSince: endsAt + 1 });
  expect(after.tierGrants.every(({ endedAt }) => endedAt !== null)).toBe(true);
  await reviewGrants(endsAt + 2);
  expect(await storedTier(brand.brandId, memberId)).toEqual(after);
});

test("what cannot be granted is refused, and others' members, tiers and grants are not found", async () => {
  const { brand, ladder } = await brandWithLadder();
  const other = await brandWithLadder();
  const { memberId, member } = await newMember(brand);
  const stranger = await newMember(other.brand);
  const code = async (input: object) => (await grant(brand, input)).code;
  expect(await code({ memberId: stranger.memberId, tierId: ladder.gold })).toBe("NOT_FOUND");
  expect(await code({ memberId, tierId: other.ladder.gold })).toBe("NOT_FOUND");
  const past = new Date(Date.now() - 1).toISOString();
  expect(await code({ memberId, tierId: ladder.gold, endsAt: past })).toBe("INVALID_VALUE");
  const { tierGrant } = await grant(other.brand, { memberId: stranger.memberId, tierId: other.ladder.gold });
  expect(await end(brand, tierGrant.id)).toMatchObject({ code: "NOT_FOUND" });
  const self = await member(GRANT, {
    input: { memberId, tierId: ladder.gold, reason: "x", idempotencyKey: key() },
  });
  expect(self.errors?.[0]?.extensions.code).toBe("FORBIDDEN");
});

test("a job that decides as of a moment before takes no grant away", async () => {
  const { brand, ladder } = await brandWithLadder();
  const { memberId } = await newMember(brand);
  await setRules(brand.operator, yearly(ladder));
  const now = Date.now();
  const input = { memberId, tierId: ladder.gold, reason: "x", idempotencyKey: key() };
  await grantTier(await contextAt(brand.brandId, now + 60_000), input, nothing);
  await reviewGrants(now + 30_000);
  const { tierId, tierChanges } = await storedTier(brand.brandId, memberId);
  expect([tierId, ...tierChanges.map(({ cause }) => cause)]).toEqual([ladder.gold, "GRANTED"]);
});

test("a grant is told of once", async () => {
  const { brand, ladder } = await brandWithLadder();
  const { memberId } = await newMember(brand);
  const { tierGrant } = await grant(brand, { memberId, tierId: ladder.gold });
  const told = await database().query.outbox.findMany({
    where: { brandId: brand.brandId, type: "tier.granted" },
  });
  expect(told.map(({ payload }) => payload)).toEqual([
    { memberId, tierGrantId: tierGrant.id, tierId: ladder.gold, endsAt: null },
  ]);
});

test("a reason that cannot be stored as it is, is refused", async () => {
  const { brand, ladder } = await brandWithLadder();
  const { memberId } = await newMember(brand);
  for (const reason of ["half a pair \ud800", "before\u0000after"]) {
    const input = { memberId, tierId: ladder.gold, reason, idempotencyKey: key() };
    const answer = await brand.operator(GRANT, { input });
    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT" });
  }
});

test("the same call gives one grant", async () => {
  const { brand, ladder } = await brandWithLadder();
  const { memberId } = await newMember(brand);
  const input = { memberId, tierId: ladder.gold, idempotencyKey: key() };
  const [first, ...others] = await Promise.all([
    grant(brand, input),
    grant(brand, input),
    grant(brand, input),
  ]);
  for (const other of others) expect(other.tierGrant.id).toBe(first?.tierGrant.id);
  expect((await storedTier(brand.brandId, memberId)).tierGrants).toHaveLength(1);
});
