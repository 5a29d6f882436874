import { and, eq } from "drizzle-orm";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { members } from "../../schema/tables/members.ts";
import { birthdaysAround } from "../../src/benefits/birthdays.ts";
import { claimBenefit } from "../../src/benefits/claim-benefit.ts";
import { contextAt, nothing } from "../points/support.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { database } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { newOffer } from "../support/offer.ts";
import { grantAll, key, moveTo, newBenefit, newTier, takenOf } from "./support.ts";

const at = (text: string): number => Date.parse(text);

/** Who was granted something, in the order of the members' ids. */
const grantedTo = async (brand: TestBrand): Promise<string[]> =>
  (await takenOf(brand)).usages
    .filter(({ kind }) => kind === "GRANTED")
    .map(({ memberId }) => memberId)
    .sort();

/** A brand whose birthday gift is usable 3 days before and 7 after, with one member. */
async function birthdayBrand(timeZone: string, birthday: string) {
  const brand = await newBrand({ timeZone });
  const offerId = await newOffer(brand);
  const terms = { daysBefore: 3, daysAfter: 7 };
  const settings = { kind: "BIRTHDAY_GIFT", terms, quota: 1, quotaPeriod: "YEAR" };
  const benefitId = await newBenefit(brand, { ...settings, offerId, granted: true });
  const { memberId } = await newMember(brand, { birthday });
  await newMember(brand, { birthday: "1985-10-10" });
  await newMember(brand);
  return { brand, benefitId, memberId, offerId };
}

test.each([
  ["in Shanghai", "Asia/Shanghai", "1990-06-15", "2026-06-11T16:00:00Z", "2026-06-22T16:00:00Z"],
  [
    "in New York, over the lost hour",
    "America/New_York",
    "1990-03-09",
    "2026-03-06T05:00:00Z",
    "2026-03-17T04:00:00Z",
  ],
  [
    "in New York, over the hour that comes twice",
    "America/New_York",
    "1990-11-02",
    "2026-10-30T04:00:00Z",
    "2026-11-10T05:00:00Z",
  ],
  [
    "in Auckland, a day ahead of UTC",
    "Pacific/Auckland",
    "1990-06-15",
    "2026-06-11T12:00:00Z",
    "2026-06-22T12:00:00Z",
  ],
  [
    "in Auckland, over the hour that comes twice",
    "Pacific/Auckland",
    "1990-04-05",
    "2026-04-01T11:00:00Z",
    "2026-04-12T12:00:00Z",
  ],
  ["across the new year", "Asia/Shanghai", "1990-01-02", "2026-12-29T16:00:00Z", "2027-01-09T16:00:00Z"],
  ["before the new year", "America/New_York", "1990-12-29", "2026-12-26T05:00:00Z", "2027-01-06T05:00:00Z"],
  [
    "on 29 February, in a common year",
    "Asia/Shanghai",
    "1992-02-29",
    "2027-02-24T16:00:00Z",
    "2027-03-07T16:00:00Z",
  ],
  [
    "on 29 February, in a leap year",
    "Asia/Shanghai",
    "1992-02-29",
    "2028-02-25T16:00:00Z",
    "2028-03-07T16:00:00Z",
  ],
  [
    "on 28 February, in a leap year",
    "Pacific/Auckland",
    "1991-02-28",
    "2028-02-24T11:00:00Z",
    "2028-03-06T11:00:00Z",
  ],
])(
  "a birthday gift comes from 3 days before to 7 after, once: %s",
  async (_where, timeZone, birthday, from, until) => {
    const { brand, memberId } = await birthdayBrand(timeZone, birthday);
    const minute = 60_000;
    await grantAll(at(from) - minute);
    expect(await grantedTo(brand)).toEqual([]);
    await grantAll(at(from));
    expect(await grantedTo(brand)).toEqual([memberId]);
    for (const now of [at(from), at(from) + 5 * 86_400_000, at(until) - minute, at(until)])
      await grantAll(now);
    expect(await grantedTo(brand)).toEqual([memberId]);

    // Of who comes late, the whole time is open, and not a minute more.
    const late = await newMember(brand, { birthday });
    await grantAll(at(until));
    expect(await grantedTo(brand)).toEqual([memberId]);
    await grantAll(at(until) - minute);
    expect(await grantedTo(brand)).toEqual([memberId, late.memberId].sort());

    // And a year later, in its time.
    await grantAll(at(from) + 370 * 86_400_000);
    expect(await grantedTo(brand)).toEqual([memberId, memberId, late.memberId, late.memberId].sort());
  },
);

test("the birthdays around a day are found by their month and day, 29 February in every year", () => {
  const around = (today: string, daysBefore = 0, daysAfter = 0) =>
    birthdaysAround({ daysBefore, daysAfter }, Temporal.PlainDate.from(today));
  expect(around("2026-06-15")).toEqual(["06-15"]);
  expect(around("2026-12-31", 2)).toEqual(["12-31", "01-01", "01-02"]);
  expect(around("2027-01-01", 0, 2)).toEqual(["12-30", "12-31", "01-01"]);
  expect(around("2027-02-28")).toEqual(["02-28", "02-29"]);
  expect(around("2027-03-01", 0, 1)).toEqual(["02-28", "02-29", "03-01"]);
  expect(around("2028-02-28", 1)).toEqual(["02-28", "02-29"]);
  expect(around("2028-02-28")).toEqual(["02-28"]);
  expect(new Set(around("2028-02-28", 180, 180)).size).toBe(361);
});

test("who has claimed by hand in the period is not given it again, however close both come", async () => {
  const { brand, benefitId, memberId } = await birthdayBrand("Asia/Shanghai", "1990-06-15");
  const rush = await Promise.all(
    Array.from({ length: 10 }, () => newMember(brand, { birthday: "1980-06-15" })),
  );
  const now = at("2026-06-15T04:00:00Z");
  const context = await contextAt(brand.brandId, now);
  const claim = (id: string) =>
    claimBenefit(context, { memberId: id, benefitId, idempotencyKey: key() }, nothing);
  await claim(memberId);
  await Promise.all([grantAll(now, 3), ...rush.map((one) => claim(one.memberId)), grantAll(now)]);
  await grantAll(now);
  const { usages, coupons, uses } = await takenOf(brand);
  expect(usages.map((usage) => usage.memberId).sort()).toEqual(
    [memberId, ...rush.map((one) => one.memberId)].sort(),
  );
  expect([coupons.length, new Set(uses.map(({ used }) => used))]).toEqual([11, new Set([1])]);
});

test("a weekly benefit renews on Monday at midnight of the brand's zone, and is given to all of its tiers", async () => {
  const brand = await newBrand({ timeZone: "Pacific/Auckland" });
  const offerId = await newOffer(brand);
  const gold = await newTier(brand);
  await newBenefit(brand, {
    ...{ kind: "FREE_SHIPPING", tierIds: [gold], quota: 1, quotaPeriod: "WEEK" },
    ...{ offerId, granted: true },
  });
  const people = await Promise.all(Array.from({ length: 7 }, () => newMember(brand)));
  const [classic, leaving, ...golden] = people.map(({ memberId }) => memberId) as [string, string];
  for (const memberId of [leaving, ...golden]) await moveTo(brand, memberId, gold);
  const monday = at("2026-11-22T11:00:00Z");
  await grantAll(monday - 1, 2);
  expect(await grantedTo(brand)).toEqual([leaving, ...golden].sort());
  await grantAll(monday - 1);
  expect(await grantedTo(brand)).toHaveLength(6);
  await moveTo(brand, leaving, brand.firstTierId);
  await grantAll(monday, 2);
  const all = await grantedTo(brand);
  expect(all).toEqual([leaving, ...golden, ...golden].sort());
  expect(all).not.toContain(classic);
  expect((await takenOf(brand)).coupons).toHaveLength(11);
});

test("a privilege day's coupon comes on that day only", async () => {
  const brand = await newBrand({ timeZone: "America/New_York" });
  const settings = { kind: "PRIVILEGE_DAY", terms: { dayOfMonth: 31 }, quota: 1, quotaPeriod: "MONTH" };
  await newBenefit(brand, { ...settings, offerId: await newOffer(brand), granted: true });
  const { memberId } = await newMember(brand);
  await grantAll(at("2027-03-01T04:59:00Z") - 86_400_000);
  expect(await grantedTo(brand)).toEqual([]);
  await grantAll(at("2027-02-28T05:00:00Z"));
  await grantAll(at("2027-03-01T04:59:00Z"));
  await grantAll(at("2027-03-01T05:00:00Z"));
  expect(await grantedTo(brand)).toEqual([memberId]);
});

test("the offer's limits hold for grants, too, and one that cannot have it holds up nobody", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand, { issueLimit: 3, perMemberLimit: 1 });
  await newBenefit(brand, { quota: 5, offerId, granted: true });
  const people = await Promise.all(Array.from({ length: 5 }, () => newMember(brand)));
  const has = [...people].sort((a, b) => (a.memberId < b.memberId ? -1 : 1))[0]?.memberId as string;
  await brand.service(
    `mutation ($input: IssueCouponsInput!) { issueCoupons(input: $input) { __typename } }`,
    { input: { offerId, memberIds: [has], idempotencyKey: key() } },
  );
  await grantAll(Date.now(), 1);
  const granted = await grantedTo(brand);
  expect(granted).toHaveLength(2);
  expect(granted).not.toContain(has);
  expect((await takenOf(brand)).coupons).toHaveLength(3);
});

test("grants are on record and told, and closed members get none", async () => {
  const { brand, benefitId, memberId, offerId } = await birthdayBrand("Asia/Shanghai", "1990-06-15");
  const gone = await newMember(brand, { birthday: "1990-06-15" });
  const CLOSE = `mutation ($input: CloseMemberInput!) { closeMember(input: $input) { __typename } }`;
  await brand.service(CLOSE, { input: { memberId: gone.memberId, reason: "test", idempotencyKey: key() } });
  const row = await database().query.members.findFirst({ where: { id: gone.memberId } });
  expect(row?.birthdayHash).toBeNull();

  await grantAll(at("2026-06-15T04:00:00Z"));
  expect(await grantedTo(brand)).toEqual([memberId]);
  const { coupons } = await takenOf(brand);
  const events = await database().query.outbox.findMany({ where: { brandId: brand.brandId } });
  const couponId = coupons[0]?.id;
  expect(events.filter(({ type }) => type === "benefit.granted").map(({ payload }) => payload)).toEqual([
    { memberId, benefitId, couponId, periodStart: at("2026-06-11T16:00:00Z") },
  ]);
  expect(events.filter(({ type }) => type === "coupons.issued").map(({ payload }) => payload)).toEqual([
    { offerId, couponIds: [couponId] },
  ]);
  const audits = await database().query.audit.findMany({
    where: { brandId: brand.brandId, operation: "grantBenefits" },
  });
  expect(audits.map(({ caller, subjectId }) => [caller, subjectId])).toEqual([["tessera", memberId]]);
});

test("a birthday that changes is found by its new day, and no more by the old one", async () => {
  const { brand, memberId } = await birthdayBrand("Asia/Shanghai", "1990-06-15");
  const UPDATE = `mutation ($input: UpdateMemberInput!) { updateMember(input: $input) {
    ... on UpdateMemberPayload { member { id } } ... on Refusal { code } } }`;
  const hashOf = async () =>
    (
      await database()
        .select({ hash: members.birthdayHash })
        .from(members)
        .where(and(eq(members.brandId, brand.brandId), eq(members.id, memberId)))
    )[0]?.hash;
  const before = await hashOf();
  const answer = await brand.service(UPDATE, { input: { memberId, birthday: "1990-08-15" } });
  expect(outcomeOf(answer).member.id).toBe(memberId);
  expect(await hashOf()).not.toBe(before);
  await grantAll(at("2026-06-15T04:00:00Z"));
  expect(await grantedTo(brand)).toEqual([]);
  await grantAll(at("2026-08-15T04:00:00Z"));
  expect(await grantedTo(brand)).toEqual([memberId]);
  // The same day of another brand has another hash.
  const other = await birthdayBrand("Asia/Shanghai", "1990-08-15");
  const row = await database().query.members.findFirst({ where: { id: other.memberId } });
  expect(row?.birthdayHash).not.toBe(await hashOf());
});
