import { expect, test } from "vitest";
import { plansBought } from "../../src/tiers/plan-grants.ts";
import { reviewTiers } from "../../src/tiers/review-tiers.ts";
import { anOrder, RECORD_ORDERS, recordActivity, recordOrder, recordRefund } from "../orders/support.ts";
import { faultsOf, ledgerOf } from "../points/support.ts";
import type { TestBrand } from "../support/brand.ts";
import { anonymous, database, environment } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { brandWithLadder, key, type Ladder, setRules, storedTier, yearly } from "./program.ts";

const CREATE = `mutation ($input: CreateMembershipPlanInput!) { createMembershipPlan(input: $input) {
  ... on CreateMembershipPlanPayload { membershipPlan { id sku tier { id } } }
  ... on Refusal { code message } ... on InvalidValue { field } } }`;

const newPlan = async (brand: TestBrand, ladder: Ladder, changes: object = {}) =>
  outcomeOf(
    await brand.operator(CREATE, {
      input: {
        ...{ name: [{ locale: "en", text: "Gold club" }], sku: "CLUB", priceMinor: 19_900, termMonths: 12 },
        ...{ tierId: ladder.gold, ...changes },
      },
    }),
  );

/** An order of so many of a plan, paid at a moment. */
const clubOrder = (memberId: string, paidAt: number, quantity = 1, changes: object = {}) =>
  anOrder({
    ...{ member: { id: memberId }, shippingMinor: 0, discountMinor: 0, totalMinor: 19_900 * quantity },
    ...{ placedAt: new Date(paidAt - 1_000).toISOString(), paidAt: new Date(paidAt).toISOString() },
    lines: [{ lineId: "1", sku: "CLUB", quantity, amountMinor: 19_900 * quantity }],
    ...changes,
  });

const day = (moment: number | null) => new Date((moment ?? 0) + 8 * 3_600_000).toISOString().slice(0, 10);

test("a paid order with the plan's sku gives the tier for its term; another goes on from its end", async () => {
  const { brand, ladder } = await brandWithLadder();
  expect(await newPlan(brand, ladder)).toMatchObject({
    membershipPlan: { sku: "CLUB", tier: { id: ladder.gold } },
  });
  const { memberId } = await newMember(brand);
  const paidAt = Date.now() - 86_400_000;
  const order = clubOrder(memberId, paidAt);
  await recordOrder(brand.service, { ...order, paidAt: undefined });
  expect((await storedTier(brand.brandId, memberId)).tierId).toBe(ladder.classic);
  await recordOrder(brand.service, order);
  await recordOrder(brand.service, order);
  const once = await storedTier(brand.brandId, memberId);
  expect(once).toMatchObject({ tierId: ladder.gold, tierGrants: [{ kind: "PLAN", startsAt: paidAt }] });
  await recordOrder(brand.service, clubOrder(memberId, Date.now() - 1_000, 2));
  const { tierGrants } = await storedTier(brand.brandId, memberId);
  const [first, second] = tierGrants.sort((a, b) => a.startsAt - b.startsAt);
  expect(second?.startsAt).toBe(first?.endsAt);
  const [yearLater, threeYearsLater] = [first?.endsAt, second?.endsAt].map((end) => day((end ?? 1) - 1));
  expect(Number(threeYearsLater?.slice(0, 4)) - Number(yearLater?.slice(0, 4))).toBe(2);
  expect(threeYearsLater?.slice(5)).toBe(yearLater?.slice(5));

  // It lapses at the end of what was bought.
  const lapse = async (now: number) => {
    for (let next: Parameters<typeof reviewTiers>[4]; next !== null; )
      ({ next } = await reviewTiers(database(), await environment(), now, 100, next));
    return (await storedTier(brand.brandId, memberId)).tierId;
  };
  expect(await lapse(first?.endsAt as number)).toBe(ladder.gold);
  expect(await lapse((second?.endsAt as number) - 1)).toBe(ladder.gold);
  expect(await lapse(second?.endsAt as number)).toBe(ladder.classic);
  expect(faultsOf(await ledgerOf(brand.brandId))).toEqual([]);
});

test("what a source's clock says is paid in two minutes is bought now", async () => {
  const { brand, ladder } = await brandWithLadder();
  await newPlan(brand, ladder);
  const { memberId } = await newMember(brand);
  await recordOrder(brand.service, clubOrder(memberId, Date.now() + 120_000));
  expect((await storedTier(brand.brandId, memberId)).tierId).toBe(ladder.gold);
});

test("an order that is called off ends what it bought, and what was bought after it moves up", async () => {
  const { brand, ladder } = await brandWithLadder();
  await newPlan(brand, ladder);
  const { memberId } = await newMember(brand);
  const first = clubOrder(memberId, Date.now() - 86_400_000);
  const second = clubOrder(memberId, Date.now() - 1_000);
  await recordOrder(brand.service, first);
  await recordOrder(brand.service, second);
  const cancelledAt = new Date(Date.now() - 500).toISOString();
  await recordOrder(brand.service, { ...first, cancelledAt });
  const between = await storedTier(brand.brandId, memberId);
  expect(between.tierId).toBe(ladder.gold);
  const left = between.tierGrants.filter(({ endedAt }) => endedAt === null);
  expect(left).toHaveLength(1);
  expect(left[0]?.startsAt).toBeLessThanOrEqual(Date.now());
  await recordOrder(brand.service, { ...second, cancelledAt });
  const after = await storedTier(brand.brandId, memberId);
  expect(after.tierId).toBe(ladder.classic);
  expect(after.tierChanges.map(({ cause }) => cause)).toEqual(["GRANTED", "GRANT_ENDED"]);
});

test("a plan that goes back ends, once all of it is back; other goods of its order leave it alone", async () => {
  const { brand, ladder } = await brandWithLadder();
  await newPlan(brand, ladder);
  const { memberId } = await newMember(brand);
  const plan = { lineId: "1", sku: "CLUB", quantity: 2, amountMinor: 39_800 };
  const mug = { lineId: "2", sku: "MUG", quantity: 1, amountMinor: 5_000 };
  const order = clubOrder(memberId, Date.now() - 60_000, 2, { totalMinor: 44_800, lines: [plan, mug] });
  await recordOrder(brand.service, order);
  const giveBack = (lineId: string) =>
    recordRefund(brand.service, {
      ...{ source: order.source, externalId: key(), orderExternalId: order.externalId },
      ...{ lines: [{ lineId, quantity: 1 }], refundedAt: new Date().toISOString() },
    });
  const tierNow = async () => (await storedTier(brand.brandId, memberId)).tierId;
  for (const lineId of ["2", "1"]) {
    expect(await giveBack(lineId)).toMatchObject({ status: "RECORDED" });
    expect(await tierNow()).toBe(ladder.gold);
  }
  expect(await giveBack("1")).toMatchObject({ status: "RECORDED" });
  expect(await tierNow()).toBe(ladder.classic);
});

test("a plan is public while it is sold, and nobody can buy it after", async () => {
  const { brand, ladder } = await brandWithLadder();
  const { membershipPlan } = await newPlan(brand, ladder);
  const sold = async () =>
    (
      await anonymous(
        `query ($slug: String!) { program(brand: $slug) { membershipPlans { name sku priceMinor termMonths tier { name } } } }`,
        { slug: brand.slug },
      )
    ).data.program.membershipPlans;
  expect(await sold()).toMatchObject([
    { name: "Gold club", sku: "CLUB", priceMinor: 19_900, termMonths: 12 },
  ]);
  expect(await newPlan(brand, ladder)).toMatchObject({ code: "INVALID_VALUE", field: "sku" });
  expect(await newPlan(brand, ladder, { sku: "B", termMonths: 0 })).toMatchObject({ field: "termMonths" });
  expect(await newPlan(brand, ladder, { sku: "B", tierId: ladder.classic })).toMatchObject({
    field: "tierId",
  });
  const other = await brandWithLadder();
  const RETIRE = `mutation ($input: RetireMembershipPlanInput!) { retireMembershipPlan(input: $input) {
    ... on RetireMembershipPlanPayload { membershipPlan { retiredAt } } ... on Refusal { code } } }`;
  const input = { membershipPlanId: membershipPlan.id };
  expect(outcomeOf(await other.brand.operator(RETIRE, { input })).code).toBe("NOT_FOUND");
  expect(outcomeOf(await brand.operator(RETIRE, { input })).membershipPlan.retiredAt).toBeTruthy();
  expect(outcomeOf(await brand.operator(RETIRE, { input })).code).toBe("PLAN_RETIRED");
  expect(await sold()).toEqual([]);
  const { memberId } = await newMember(brand);
  await recordOrder(brand.service, clubOrder(memberId, Date.now() + 1_000));
  expect((await storedTier(brand.brandId, memberId)).tierGrants).toEqual([]);
});

test("an order long paid buys a term that is over, or what is left of it", () => {
  const context = { brandId: "brd", timeZone: "Asia/Shanghai", now: Date.now(), newGrantId: () => "tgr" };
  const plan = { id: "pln", sku: "CLUB", termMonths: 12, tierId: "gold", retiredAt: null, createdAt: 0 };
  const paidAt = Date.parse("2024-02-29T04:00:00Z");
  const order = { id: "ord", memberId: "m", paidAt, lines: [{ sku: "CLUB", quantity: 1 }] };
  const [grant] = plansBought([order], [plan], [], context);
  expect(grant?.endsAt).toBe(Date.parse("2025-02-28T16:00:00Z"));
  expect(plansBought([order], [plan], grant ? [grant] : [], context)).toEqual([]);
  expect(plansBought([order], [{ ...plan, retiredAt: paidAt }], [], context)).toEqual([]);
});

test("orders and visits lift at once by what they count, refunds and cancellations lower nobody at once", async () => {
  const { brand, ladder } = await brandWithLadder();
  const window = { kind: "CALENDAR", period: "YEAR" };
  const reachOf = (measure: string, atLeast: number) => ({ conditions: [{ measure, atLeast, window }] });
  const rules = {
    ...yearly(ladder),
    tiers: [
      { tierId: ladder.silver, reach: reachOf("VISITS", 2) },
      { tierId: ladder.gold, reach: reachOf("SPEND", 100_000) },
      { tierId: ladder.black, reach: reachOf("ORDERS", 3) },
    ],
  };
  expect(await setRules(brand.operator, rules)).toHaveProperty("ruleSet");
  const { memberId } = await newMember(brand);
  const tier = async () => (await storedTier(brand.brandId, memberId)).tierId;
  for (let count = 0; count < 2; count += 1)
    await recordActivity(brand.service, {
      ...{ source: "app", externalId: key(), member: { id: memberId }, kind: "CHECK_IN" },
      occurredAt: new Date().toISOString(),
    });
  expect(await tier()).toBe(ladder.silver);
  const order = (totalMinor: number) =>
    anOrder({
      ...{ member: { id: memberId }, totalMinor, shippingMinor: 0, discountMinor: 0 },
      ...{
        placedAt: new Date(Date.now() - 2_000).toISOString(),
        paidAt: new Date(Date.now() - 1_000).toISOString(),
      },
      lines: [{ lineId: "1", sku: "TEA", quantity: 1, amountMinor: totalMinor }],
    });
  const orders = [order(50_000), order(50_000)];
  const answer = await brand.service(RECORD_ORDERS, { input: { orders, idempotencyKey: key() } });
  expect(answer.databaseRequests).toBe(2);
  expect(await tier()).toBe(ladder.gold);
  const cancelledAt = new Date().toISOString();
  for (const sent of orders) await recordOrder(brand.service, { ...sent, cancelledAt });
  expect(await tier()).toBe(ladder.gold);
  // The two that were called off count no more.
  await recordOrder(brand.service, order(1));
  expect(await tier()).toBe(ladder.gold);
});

test("two orders at once, each short by itself, reach the tier together", async () => {
  const { brand, ladder } = await brandWithLadder();
  const reach = { conditions: [{ measure: "SPEND", atLeast: 20_000, window: { kind: "LIFETIME" } }] };
  await setRules(brand.operator, { tiers: [{ tierId: ladder.silver, reach }] });
  const members = await Promise.all(Array.from({ length: 6 }, () => newMember(brand)));
  await Promise.all(
    members.flatMap(({ memberId }) =>
      [1, 2].map(() => recordOrder(brand.service, anOrder({ member: { id: memberId } }))),
    ),
  );
  for (const { memberId } of members) {
    const { tierId, tierChanges } = await storedTier(brand.brandId, memberId);
    expect([tierId, tierChanges.length]).toEqual([ladder.silver, 1]);
  }
});

test("100 orders of 100 members, all of whom rise, are two requests to the database", async () => {
  const { brand, ladder } = await brandWithLadder();
  const reach = { conditions: [{ measure: "ORDERS", atLeast: 1, window: { kind: "LIFETIME" } }] };
  await setRules(brand.operator, { tiers: [{ tierId: ladder.silver, reach }] });
  const members = [];
  for (let count = 0; count < 100; count += 1) members.push(await newMember(brand));
  const orders = members.map(({ memberId }) => anOrder({ member: { id: memberId } }));
  const answer = await brand.service(RECORD_ORDERS, { input: { orders, idempotencyKey: key() } });
  expect(answer.databaseRequests).toBe(2);
  const found = await database().query.members.findMany({ where: { brandId: brand.brandId } });
  expect(new Set(found.map(({ tierId }) => tierId))).toEqual(new Set([ladder.silver]));
});
