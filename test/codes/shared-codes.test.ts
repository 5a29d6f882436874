import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { sharedCodes } from "../../schema/tables/codes.ts";
import { barrier } from "../support/barrier.ts";
import { newBrand } from "../support/brand.ts";
import { database } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { newOffer } from "../support/offer.ts";
import { claim, importCodes, key, newCodes, share } from "./support.ts";

const REVOKE = `mutation ($input: RevokeSharedCodeInput!) { revokeSharedCode(input: $input) {
  ... on RevokeSharedCodePayload { sharedCode { code revokedAt } } ... on Refusal { code } } }`;

test("WELCOME10 gives whoever uses it a coupon, as often as the offer lets a member have one", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand, { perMemberLimit: 1 });
  const made = await share(brand.operator, { offerId, code: "welcome-10" });
  expect(outcomeOf(made)).toEqual({
    sharedCode: { code: "WELCOME10", claimLimit: null, claimedCount: 0, offer: { id: offerId } },
  });
  expect(made.databaseRequests).toBe(2);
  for (const _ of [1, 2]) {
    const { memberId, member } = await newMember(brand);
    const answer = await claim(member, " Welcome10", memberId);
    expect(outcomeOf(answer)).toMatchObject({ coupon: { status: "AVAILABLE", member: { id: memberId } } });
    expect(answer.databaseRequests).toBe(2);
    expect(outcomeOf(await claim(member, "WELCOME-10", memberId)).code).toBe("MEMBER_LIMIT_REACHED");
  }
  expect(outcomeOf(await share(brand.operator, { offerId, code: "WELCOME10" })).code).toBe("CODE_TAKEN");
  const shown = await brand.operator(
    `query ($id: ID!) { node(id: $id) { ... on Offer { issuedCount sharedCodes(first: 1) { nodes { code claimedCount } } } } }`,
    { id: offerId },
  );
  expect(shown.data.node).toEqual({
    issuedCount: 2,
    sharedCodes: { nodes: [{ code: "WELCOME10", claimedCount: 2 }] },
  });
});

test("40 claims at once of a code for 5 give out 5", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand);
  await share(brand.operator, { offerId, code: "FIRST5", claimLimit: 5 });
  const { memberId } = await newMember(brand);
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => claim(brand.service, "first5", memberId)),
  );
  const outcomes = answers.map(outcomeOf);
  expect(outcomes.filter(({ coupon }) => coupon)).toHaveLength(5);
  expect(outcomes.filter(({ code }) => code === "SHARED_CODE_USED_UP")).toHaveLength(35);
});

test("of 40 that count first and write after, more than 5 are told that they have one", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand);
  await share(brand.operator, { offerId, code: "FIRST5", claimLimit: 5 });
  const allLooked = barrier(40);
  const lookThenWrite = async () => {
    const client = database();
    const [row] = await client.select().from(sharedCodes).where(eq(sharedCodes.brandId, brand.brandId));
    await allLooked();
    if (!row || row.claimedCount >= 5) return false;
    await client
      .update(sharedCodes)
      .set({ claimedCount: row.claimedCount + 1 })
      .where(eq(sharedCodes.brandId, brand.brandId));
    return true;
  };
  const told = await Promise.all(Array.from({ length: 40 }, lookThenWrite));
  expect(told.filter(Boolean).length).toBeGreaterThan(5);
});

test("a revoked shared code is as one that never was; it cannot be made again", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand);
  const { memberId } = await newMember(brand);
  await share(brand.operator, { offerId, code: "GONE2026" });
  const input = { code: "gone-2026", reason: "over", idempotencyKey: key() };
  const other = await newBrand();
  expect(outcomeOf(await other.operator(REVOKE, { input })).code).toBe("NOT_FOUND");
  expect(outcomeOf(await brand.operator(REVOKE, { input })).sharedCode.revokedAt).not.toBeNull();
  expect(outcomeOf(await brand.operator(REVOKE, { input: { ...input, idempotencyKey: key() } })).code).toBe(
    "CODES_REVOKED",
  );
  expect(outcomeOf(await claim(brand.service, "GONE2026", memberId)).code).toBe("NOT_FOUND");
  expect(outcomeOf(await share(brand.operator, { offerId, code: "GONE2026" })).code).toBe("CODE_TAKEN");
});

test("what cannot be a shared code is refused with the reason", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand);
  const { codes } = await newCodes(brand, offerId, 1);
  const ask = async (code: string, input: object = {}) =>
    outcomeOf(await share(brand.operator, { offerId, code, ...input })).code;
  expect(await ask("ABC")).toBe("INVALID_VALUE");
  expect(await ask("白吃白喝")).toBe("INVALID_VALUE");
  expect(await ask("0123456789ABCDEF")).toBe("INVALID_VALUE");
  expect(await ask("GOOD", { claimLimit: 0 })).toBe("INVALID_VALUE");
  expect(await ask(codes[0] ?? "")).toBe("CODE_TAKEN");
  expect(await ask("GOOD", { offerId: await newOffer(await newBrand()) })).toBe("NOT_FOUND");
});

test("codes from elsewhere become coupons that can be claimed, each accepted or refused by itself", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand, { issueLimit: 10 });
  await share(brand.operator, { offerId, code: "EVERYBODY" });
  const { codes } = await newCodes(brand, offerId, 1);
  const sent = [
    "old-0001",
    "OLD_0002",
    "OLD0001",
    "EVERYBODY",
    "X",
    "HELLOWORLDHELLOW",
    codes[0] ?? "",
    "a b c d",
  ];
  const answer = await importCodes(brand.service, offerId, sent);
  expect(answer.databaseRequests).toBe(2);
  expect(outcomeOf(answer).importedCount).toBe(3);
  expect(
    outcomeOf(answer).refused.map((one: { code: string; refusal: { code: string } }) => [
      one.code,
      one.refusal.code,
    ]),
  ).toEqual([
    ["OLD0001", "CODE_TAKEN"],
    ["EVERYBODY", "CODE_TAKEN"],
    ["X", "INVALID_VALUE"],
    ["HELLOWORLDHELLOW", "INVALID_VALUE"],
    [codes[0]?.replaceAll("-", ""), "CODE_TAKEN"],
  ]);
  const { memberId } = await newMember(brand);
  expect(outcomeOf(await claim(brand.service, "Old 0001", memberId)).coupon.code).toBe("OLD0001");
  expect(outcomeOf(await claim(brand.service, "old_0002", memberId)).coupon.code).toBe("OLD_0002");
  expect(outcomeOf(await share(brand.operator, { offerId, code: "ABCD" })).code).toBe("CODE_TAKEN");
  const more = Array.from({ length: 7 }, (_, n) => `MORE${n}`);
  expect(outcomeOf(await importCodes(brand.service, offerId, more)).code).toBe("OFFER_EXHAUSTED");
  const stranger = await newBrand();
  expect(outcomeOf(await importCodes(stranger.service, offerId, ["ZZZZ"])).code).toBe("NOT_FOUND");
  expect(outcomeOf(await claim(stranger.service, "ABCD", (await newMember(stranger)).memberId)).code).toBe(
    "NOT_FOUND",
  );
});
