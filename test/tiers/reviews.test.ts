import { eq, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { transfers } from "../../schema/tables/points.ts";
import { standings } from "../../schema/tables/standings.ts";
import { adjustBalance } from "../../src/points/adjust-balance.ts";
import { remindTiers } from "../../src/tiers/remind-tiers.ts";
import { reviewStandings, tierFacts } from "../../src/tiers/review-standings.ts";
import { type ReviewPlace, reviewTiers } from "../../src/tiers/review-tiers.ts";
import { eventsOf } from "../orders/support.ts";
import { contextAt, faultsOf, ledgerOf, nothing } from "../points/support.ts";
import { database, environment } from "../support/caller.ts";
import { newMember } from "../support/member.ts";
import { adjustGrowthValue, brandWithLadder, key, setRules, storedTier, yearly } from "./program.ts";

const DAY_MS = 86_400_000;

/** Reviews everything that is due at a moment, of all brands, so many at a time. */
async function reviewAll(now: number, limit = 50): Promise<number> {
  let changes = 0;
  for (let next: ReviewPlace | null | undefined; next !== null; ) {
    const result = await reviewTiers(database(), await environment(), now, limit, next);
    // A place is kept as JSON between runs.
    next = JSON.parse(JSON.stringify(result.next));
    changes += result.changes;
  }
  return changes;
}

async function remindAll(now: number): Promise<number> {
  let told = 0;
  for (let next: Parameters<typeof remindTiers>[4]; next !== null; ) {
    const result = await remindTiers(database(), await environment(), now, 50, next);
    next = result.next;
    told += result.reminders;
  }
  return told;
}

test("growth value lifts at once under the rules in force, in two requests to the database", async () => {
  const { brand, ladder } = await brandWithLadder();
  const { ruleSet } = await setRules(brand.operator, yearly(ladder));
  const { memberId } = await newMember(brand);
  const short = await adjustGrowthValue(brand.service, memberId, 499);
  expect(short).toMatchObject({ member: { tier: { id: ladder.classic } } });
  const risen = await adjustGrowthValue(brand.service, memberId, 1_501);
  expect(risen).toMatchObject({ member: { tier: { id: ladder.gold } }, databaseRequests: 2 });

  const { standing, tierChanges, tierId } = await storedTier(brand.brandId, memberId);
  expect(tierId).toBe(ladder.gold);
  expect(standing).toMatchObject({ tierId: ladder.gold, version: 3, reviewAt: standing.until });
  expect(tierChanges).toMatchObject([
    {
      ...{ fromTierId: ladder.classic, toTierId: ladder.gold, cause: "EARNED" },
      decision: {
        ruleSetId: ruleSet.id,
        counted: [{ measure: "GROWTH_VALUE", window: "ROLLING_DAYS:365", atLeast: 2_000, value: 2_000 }],
      },
    },
  ]);
  const events = (await eventsOf(brand)).filter(({ type }) => type === "tier.changed");
  expect(events.map(({ payload }) => payload)).toMatchObject([{ from: ladder.classic, to: ladder.gold }]);
  // Taking it away lowers nobody before the term ends.
  await adjustGrowthValue(brand.service, memberId, -2_000);
  expect((await storedTier(brand.brandId, memberId)).tierId).toBe(ladder.gold);
  expect(faultsOf(await ledgerOf(brand.brandId))).toEqual([]);
});

test("the end of a term is reviewed once: told ahead, then lowered; again, nothing happens", async () => {
  const { brand, ladder } = await brandWithLadder();
  await setRules(brand.operator, yearly(ladder, { graceDays: 10, warnDaysBefore: [30, 7] }));
  const { memberId } = await newMember(brand);
  const { memberId: closed, member: leaving } = await newMember(brand);
  for (const id of [memberId, closed]) await adjustGrowthValue(brand.service, id, 2_500);
  await leaving(`mutation ($input: CloseMemberInput!) { closeMember(input: $input) { __typename } }`, {
    input: { memberId: closed, reason: "test", idempotencyKey: key() },
  });
  const until = (await storedTier(brand.brandId, memberId)).standing.until as number;
  const fall = until + 10 * DAY_MS;

  const warnings = async () =>
    (await eventsOf(brand)).filter(({ type }) => type === "tier.expiring").map(({ payload }) => payload);
  await remindAll(fall - 31 * DAY_MS);
  expect(await warnings()).toEqual([]);
  await remindAll(fall - 30 * DAY_MS);
  await remindAll(fall - 30 * DAY_MS);
  await reviewAll(until);
  await remindAll(fall - 3 * DAY_MS);
  expect(await warnings()).toEqual([
    { memberId, from: ladder.gold, to: ladder.classic, at: fall, daysBefore: 30 },
    { memberId, from: ladder.gold, to: ladder.classic, at: fall, daysBefore: 7 },
  ]);

  expect(await storedTier(brand.brandId, memberId)).toMatchObject({
    ...{ tierId: ladder.gold, standing: { until, reviewAt: fall } },
  });
  await reviewAll(fall);
  const lowered = await storedTier(brand.brandId, memberId);
  expect(lowered).toMatchObject({ tierId: ladder.classic, tierSince: fall, standing: { reviewAt: null } });
  expect(lowered.tierChanges.map(({ cause }) => cause)).toEqual(["EARNED", "LOWERED"]);
  expect(await storedTier(brand.brandId, closed)).toMatchObject({
    ...{ tierId: ladder.gold, standing: { reviewAt: null } },
  });

  const before = JSON.stringify([lowered, (await eventsOf(brand)).length]);
  await reviewAll(fall);
  const after = [await storedTier(brand.brandId, memberId), (await eventsOf(brand)).length];
  expect(JSON.stringify(after)).toBe(before);
});

test("rules that come into force are applied to every member, once, a page at a time", async () => {
  const { brand, ladder } = await brandWithLadder();
  const memberIds = [];
  for (let count = 0; count < 5; count += 1) memberIds.push((await newMember(brand)).memberId);
  for (const id of memberIds.slice(0, 3)) await adjustGrowthValue(brand.service, id, 600);
  const startsAt = Date.now() + 60_000;
  const lower = yearly(ladder);
  for (const { reach } of lower.tiers)
    for (const condition of reach.conditions) condition.atLeast = 100 as never;
  const { ruleSet } = await setRules(brand.operator, lower, new Date(startsAt).toISOString());
  await reviewAll(startsAt - 1, 2);
  expect((await storedTier(brand.brandId, memberIds[0] as string)).tierId).toBe(ladder.silver);
  await reviewAll(startsAt, 2);
  const tiers = await Promise.all(memberIds.map((id) => storedTier(brand.brandId, id)));
  expect(tiers.map(({ tierId }) => tierId)).toEqual([
    ...[ladder.black, ladder.black, ladder.black, ladder.classic, ladder.classic],
  ]);
  expect(tiers[0]?.tierChanges.at(-1)?.decision).toMatchObject({ ruleSetId: ruleSet.id, asOf: startsAt });
  expect(await reviewAll(startsAt + 1)).toBe(0);
  const set = await database().query.ruleSets.findFirst({ where: { brandId: brand.brandId } });
  expect(set?.reviewedAt).toBe(startsAt);
});

test("rules that come into force while others are being applied are applied to every member, too", async () => {
  const { brand, ladder } = await brandWithLadder();
  const { brandId } = brand;
  const memberIds = [(await newMember(brand)).memberId, (await newMember(brand)).memberId];
  for (const id of memberIds) await adjustGrowthValue(brand.service, id, 600);
  await setRules(brand.operator, yearly(ladder));
  const now = Date.now() + DAY_MS;
  const page = async (after?: ReviewPlace | null) =>
    (await reviewTiers(database(), await environment(), now, 1, after)).next;
  let next = await page();
  while (next && (next.phase !== "RULES" || next.id !== memberIds[0])) next = await page(next);
  expect(next).not.toBeNull();
  const lower = yearly(ladder);
  for (const { reach } of lower.tiers)
    for (const condition of reach.conditions) condition.atLeast = 100 as never;
  await setRules(brand.operator, lower);
  while (next) next = await page(next);
  const tiers = await Promise.all(memberIds.map((id) => storedTier(brandId, id)));
  expect(tiers.map(({ tierId }) => tierId)).toEqual([ladder.black, ladder.black]);
});

const adjustOnce = async (brandId: string, memberId: string, amount: number) =>
  adjustBalance(
    await contextAt(brandId, Date.now()),
    { memberId, unit: "GROWTH_VALUE", amount, reason: "test", idempotencyKey: key() },
    nothing,
  );

test("two credits that reach a tier together, at once, reach it", async () => {
  const { brand, ladder } = await brandWithLadder();
  const { brandId } = brand;
  const members = await Promise.all(Array.from({ length: 10 }, () => newMember(brand)));
  await Promise.all(
    members.flatMap(({ memberId }) => [250, 250].map((amount) => adjustOnce(brandId, memberId, amount))),
  );
  for (const { memberId } of members)
    expect((await storedTier(brandId, memberId)).tierId).toBe(ladder.silver);
  expect(faultsOf(await ledgerOf(brandId))).toEqual([]);
});

test("without the version, two credits at once decide on the same state, and miss the tier", async () => {
  const { brand, ladder } = await brandWithLadder();
  const { brandId } = brand;
  const { memberId } = await newMember(brand);
  const context = await contextAt(brandId, Date.now());
  const read = () => Promise.all(tierFacts(context.database, brandId, sql`(${memberId})`, context.now));
  const facts = [await read(), await read()];
  const accounts = await database().query.accounts.findMany({ where: { brandId, unit: "GROWTH_VALUE" } });
  const [issuance, own] = [null, memberId].map(
    (of) => accounts.find((account) => account.memberId === of)?.id,
  );
  for (const seen of facts) {
    const newFacts = [{ memberId, at: context.now, measure: "GROWTH_VALUE", amount: 250 }] as const;
    const { effects } = reviewStandings(context, seen, { memberIds: [memberId], newFacts });
    const cause = { operation: "adjustBalance" };
    await database().batch([
      database()
        .insert(transfers)
        .values({
          ...{ brandId, id: context.newId("Transfer"), memberId, amount: 250, cause, createdAt: context.now },
          ...{ debitAccountId: issuance as string, creditAccountId: own as string },
        }),
      ...effects,
    ]);
  }
  const answer = await brand.service(
    `query ($id: ID!) { member(by: { id: $id }) { growthValue tier { id } } }`,
    {
      id: memberId,
    },
  );
  expect(answer.data.member).toEqual({ growthValue: 500, tier: { id: ladder.classic } });
});

test("a review and a credit at once: both are decided on what the other did", async () => {
  const { brand, ladder } = await brandWithLadder();
  const { brandId } = brand;
  await setRules(brand.operator, yearly(ladder));
  const { memberId } = await newMember(brand);
  await adjustOnce(brandId, memberId, 2_000);
  // Its term has just ended, with nothing earned since.
  const now = Date.now();
  await database()
    .update(standings)
    .set({ since: now - 400 * DAY_MS, until: now - 1, reviewAt: now - 1 })
    .where(eq(standings.memberId, memberId));
  await Promise.all([reviewAll(now), adjustOnce(brandId, memberId, 4_000), reviewAll(now)]);
  const { tierId, standing, tierChanges } = await storedTier(brandId, memberId);
  expect([tierId, standing.tierId]).toEqual([ladder.black, ladder.black]);
  expect(tierChanges.filter(({ toTierId }) => toTierId === ladder.black)).toHaveLength(1);
});
