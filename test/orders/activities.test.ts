import { beforeAll, expect, test } from "vitest";
import { faultOfActivity } from "../../src/orders/activity-book.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { eventsOf, key, RECORD_ACTIVITIES, recordActivity, type Sent } from "./support.ts";

let brand: TestBrand;
let memberId: string;

beforeAll(async () => {
  brand = await newBrand();
  ({ memberId } = await newMember(brand, { externalId: "customer-1" }));
});

const aReview = (changes: Sent = {}): Sent => ({
  ...{ source: "app", externalId: key(), member: { id: memberId }, kind: "REVIEW" },
  ...{ occurredAt: "2026-11-01T10:00:00.000Z", detail: [{ name: "sku", value: "TEA" }] },
  ...changes,
});

test("an activity is recorded once, and never changes", async () => {
  const review = aReview();
  const first = await recordActivity(brand.storefront, review);
  expect(first).toMatchObject({
    status: "RECORDED",
    activity: { kind: "REVIEW", name: null, detail: [{ name: "sku", value: "TEA" }] },
  });
  const again = await recordActivity(brand.service, { ...review, member: { externalId: "customer-1" } });
  expect(again).toEqual({ ...first, status: "UNCHANGED" });
  const other = await recordActivity(brand.service, { ...review, kind: "SHARE", detail: [] });
  expect(other).toMatchObject({ status: "REFUSED", refusal: { code: "ACTIVITY_DIFFERS" } });
  expect(other.differences).toEqual([
    { field: "detail.sku", recorded: "TEA", sent: null },
    { field: "kind", recorded: "REVIEW", sent: "SHARE" },
  ]);
});

test.each([
  ["a name for a kind that has none", { kind: "REVIEW" as const, name: "quiz" }, "name"],
  ["a custom kind without a name", { kind: "CUSTOM" as const, name: null }, "name"],
  ["a custom kind", { kind: "CUSTOM" as const, name: "quiz" }, undefined],
  ["a detail twice", { detail: [1, 2].map((value) => ({ name: "a", value: `${value}` })) }, "detail"],
  [
    "too many details",
    { detail: Array.from({ length: 21 }, (_, at) => ({ name: `${at}`, value: "" })) },
    "detail",
  ],
  ["to come", { occurredAt: 2e12 }, "occurredAt"],
])("%s", (_what, changes, field) => {
  const activity = { kind: "REVIEW" as const, name: null, occurredAt: 1, detail: [], ...changes };
  expect(faultOfActivity(activity, 1e12)?.data.field).toBe(field);
});

test("who is not there, is no more, or is another brand's is refused by itself", async () => {
  const { memberId: theirs } = await newMember(await newBrand());
  const { memberId: leaving } = await newMember(brand);
  await brand.service(`mutation ($input: CloseMemberInput!) { closeMember(input: $input) { __typename } }`, {
    input: { memberId: leaving, reason: "test", idempotencyKey: key() },
  });
  const activities = [theirs, leaving, memberId].map((id) => aReview({ member: { id } }));
  const answer = await brand.service(RECORD_ACTIVITIES, { input: { activities, idempotencyKey: key() } });
  const results = outcomeOf(answer).results as { status: string; refusal?: { code: string } }[];
  expect(results.map(({ status, refusal }) => refusal?.code ?? status)).toEqual([
    ...["NOT_FOUND", "MEMBER_CLOSED", "RECORDED"],
  ]);
});

test("100 activities take two database requests, and each is told", async () => {
  const own = await newBrand();
  const { memberId: someone } = await newMember(own);
  const activities = Array.from({ length: 100 }, () => aReview({ member: { id: someone } }));
  const record = (batch: object[]) =>
    own.service(RECORD_ACTIVITIES, { input: { activities: batch, idempotencyKey: key() } });
  const answer = await record(activities);
  expect(answer.databaseRequests).toBe(2);
  const told = (await eventsOf(own)).filter(({ type }) => type === "activity.recorded");
  expect(told).toHaveLength(100);
  expect(told[0]?.payload).toMatchObject({ memberId: someone, kind: "REVIEW", source: "app" });
  expect(JSON.stringify(told)).not.toContain("TEA");
  expect(outcomeOf(await record([]))).toMatchObject({ code: "INVALID_VALUE" });
});

test("the same activity, sent 30 times at once under as many keys, is recorded once", async () => {
  const review = aReview();
  const results = await Promise.all(Array.from({ length: 30 }, () => recordActivity(brand.service, review)));
  expect(results.filter(({ status }) => status === "RECORDED")).toHaveLength(1);
  expect(results.filter(({ status }) => status === "UNCHANGED")).toHaveLength(29);
});
