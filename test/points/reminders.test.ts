import { and, eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { brands } from "../../schema/tables/brands.ts";
import { outbox } from "../../schema/tables/commits.ts";
import { toldOf } from "../../src/jobs/told.ts";
import { adjustBalance } from "../../src/points/adjust-balance.ts";
import { remindExpiringPoints } from "../../src/points/remind-expiring-points.ts";
import { remindersDue } from "../../src/points/reminders.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { database, environment } from "../support/caller.ts";
import { newMember } from "../support/member.ts";
import { contextAt, nothing } from "./support.ts";

const DAY_MS = 86_400_000;
const key = () => crypto.randomUUID();

describe("who is told of what expires", () => {
  const at = (text: string) => Date.parse(text);
  /** The last day is 31 March in Shanghai. */
  const expiresAt = at("2027-03-31T16:00:00Z");
  const cases: [name: string, now: string, daysBefore: number[], told: string[], days: number | null][] = [
    ["not yet", "2026-12-30T15:59:59Z", [90, 30, 7], [], null],
    ["the largest first, from that day's first moment", "2026-12-30T16:00:00Z", [90, 30, 7], [], 90],
    ["once", "2027-01-15T04:00:00Z", [90, 30, 7], ["points:2027-03-31:90"], null],
    ["then the next", "2027-03-01T04:00:00Z", [90, 30, 7], ["points:2027-03-31:90"], 30],
    ["who learns late, once for all that was missed", "2027-03-11T04:00:00Z", [90, 30, 7], [], 30],
    ["on the last day itself", "2027-03-31T15:59:59Z", [90, 30, 7], [], 7],
    ["never when it is over", "2027-03-31T16:00:00Z", [90, 30, 7], [], null],
    ["of another day apart", "2027-03-25T04:00:00Z", [7], ["points:2027-03-30:7"], 7],
    ["nobody, if the brand wants none", "2027-03-25T04:00:00Z", [], [], null],
    ["in whatever order the days are", "2027-03-25T04:00:00Z", [7, 90, 30], [], 7],
  ];
  test.each(cases)("%s", (_name, now, daysBefore, told, days) => {
    const due = remindersDue(
      [{ memberId: "a", points: 5, expiresAt }],
      { now: at(now), timeZone: "Asia/Shanghai", daysBefore },
      new Set(told.map((subject) => toldOf({ memberId: "a", subject }))),
    );
    expect(due).toEqual(
      days === null
        ? []
        : [{ memberId: "a", points: 5, expiresAt, daysBefore: days, subject: `points:2027-03-31:${days}` }],
    );
  });
});

test("what expires on one day is told of together, at whichever moments the brand's days ended", () => {
  const expiresAt = Date.parse("2027-03-31T16:00:00Z");
  const ofOneDay = [
    { memberId: "a", points: 5, expiresAt },
    { memberId: "a", points: 7, expiresAt: expiresAt - 3_600_000 },
    { memberId: "b", points: 1, expiresAt },
  ];
  const asked = { now: expiresAt - DAY_MS, timeZone: "Asia/Shanghai", daysBefore: [7] };
  const subject = "points:2027-03-31:7";
  expect(remindersDue(ofOneDay, asked, new Set())).toEqual([
    { memberId: "a", points: 12, expiresAt: expiresAt - 3_600_000, daysBefore: 7, subject },
    { memberId: "b", points: 1, expiresAt, daysBefore: 7, subject },
  ]);
});

/** Far from what other tests do. */
const EARNED = Date.parse("2016-01-10T04:00:00Z");

async function give(brand: TestBrand, memberId: string, at: number, amount: number) {
  const context = await contextAt(brand.brandId, at);
  await adjustBalance(
    context,
    { memberId, unit: "POINTS", amount, reason: "x", idempotencyKey: key() },
    nothing,
  );
}

async function remind(now: number, limit = 2): Promise<void> {
  let next: Parameters<typeof remindExpiringPoints>[4] = null;
  do {
    const answer = await remindExpiringPoints(database(), await environment(), now, limit, next);
    expect(answer.failed).toBe(0);
    ({ next } = answer);
  } while (next);
}

const toldIn = async ({ brandId }: TestBrand) =>
  (
    await database()
      .select()
      .from(outbox)
      .where(and(eq(outbox.brandId, brandId), eq(outbox.type, "points.expiring")))
  ).map(({ payload }) => payload);

test("members are told once of all that expires together, whatever the chunks and however often it runs", async () => {
  const brand = await newBrand();
  const pointsPolicy = { expiry: { rule: "AFTER_MONTHS", months: 2 } } as const;
  await database().update(brands).set({ pointsPolicy }).where(eq(brands.id, brand.brandId));
  const [one, other, closed] = await Promise.all([newMember(brand), newMember(brand), newMember(brand)]);
  for (const { memberId } of [one, other, one, closed, one]) await give(brand, memberId, EARNED, 10);
  await brand.service(`mutation ($input: CloseMemberInput!) { closeMember(input: $input) { __typename } }`, {
    input: { memberId: closed.memberId, reason: "x", idempotencyKey: key() },
  });
  const expiresAt = Date.parse("2016-03-10T16:00:00Z");
  await Promise.all([remind(EARNED + DAY_MS), remind(EARNED + DAY_MS)]);
  await remind(EARNED + 2 * DAY_MS);
  const first = await toldIn(brand);
  expect(first).toHaveLength(2);
  expect(first).toContainEqual({ memberId: one.memberId, points: 30, expiresAt, daysBefore: 90 });
  expect(first).toContainEqual({ memberId: other.memberId, points: 10, expiresAt, daysBefore: 90 });
  await remind(expiresAt - 20 * DAY_MS);
  await remind(expiresAt - 20 * DAY_MS + 1);
  expect(await toldIn(brand)).toHaveLength(4);
});
