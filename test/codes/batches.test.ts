import { eq, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { codeBatches } from "../../schema/tables/codes.ts";
import { coupons } from "../../schema/tables/coupons.ts";
import { offers } from "../../schema/tables/offers.ts";
import { openDataKey } from "../../src/brands/data-key.ts";
import { type CodeFormat, HOUSE_FORMAT } from "../../src/codes/code.ts";
import { createCodec } from "../../src/codes/codec.ts";
import { leastLength } from "../../src/codes/new-batch.ts";
import { insertRows } from "../../src/database/bulk.ts";
import { newId } from "../../src/ids.ts";
import { barrier } from "../support/barrier.ts";
import { newBrand } from "../support/brand.ts";
import { database, environment } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { newOffer } from "../support/offer.ts";
import { claim, createBatch, newCodes, revokeBatch } from "./support.ts";

const rangesOf = async (offerId: string) =>
  (await database().select().from(codeBatches).where(eq(codeBatches.offerId, offerId)))
    .map(({ firstSerial, count }) => [firstSerial, firstSerial + count] as const)
    .sort(([a], [b]) => a - b);
const issuedOf = async (offerId: string) =>
  (await database().select().from(offers).where(eq(offers.id, offerId)))[0]?.issuedCount;
const couponsOf = async (offerId: string) =>
  (await database().select().from(coupons).where(eq(coupons.offerId, offerId))).length;

test("a hundred million codes are one row, in two database requests, and count at once", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand, { issueLimit: 100_000_010 });
  const answer = await createBatch(brand, { offerId, count: 100_000_000 });
  expect(outcomeOf(answer)).toMatchObject({
    codeBatch: { count: 100_000_000, prefix: "", length: 15, grouping: 4, offerVersion: 1, revokedAt: null },
  });
  expect(answer.databaseRequests).toBe(2);
  expect(await issuedOf(offerId)).toBe(100_000_000);
  expect(outcomeOf(await createBatch(brand, { offerId, count: 11 }))).toMatchObject({
    code: "OFFER_EXHAUSTED",
    left: 10,
  });
  expect(outcomeOf(await createBatch(brand, { offerId, count: 10 })).codeBatch.count).toBe(10);
  expect(await rangesOf(offerId)).toEqual([
    [0, 100_000_000],
    [100_000_000, 100_000_010],
  ]);
  expect(await couponsOf(offerId)).toBe(0);
});

test("a code becomes a coupon when it is first claimed, in two requests; 100 at once make one", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand, { terms: { amountOffMinor: 500, validDaysAfterClaim: 7 } });
  const { codes } = await newCodes(brand, offerId, 3);
  const [first = "", second = ""] = codes;
  const { memberId } = await newMember(brand);
  const answer = await claim(brand.service, ` ${first.toLowerCase().replaceAll("0", "o")} `, memberId);
  expect(outcomeOf(answer)).toMatchObject({
    coupon: { code: first, status: "AVAILABLE", member: { id: memberId }, offer: { id: offerId } },
  });
  expect(outcomeOf(answer).coupon.expiresAt).not.toBeNull();
  expect(answer.databaseRequests).toBe(2);
  const members = await Promise.all(Array.from({ length: 4 }, () => newMember(brand)));
  const attempts = await Promise.all(
    Array.from({ length: 100 }, (_, number) =>
      claim(brand.service, second, members[number % 4]?.memberId ?? ""),
    ),
  );
  const outcomes = attempts.map(outcomeOf);
  expect(outcomes.filter(({ coupon }) => coupon)).toHaveLength(1);
  expect(outcomes.filter(({ code }) => code === "COUPON_ALREADY_CLAIMED")).toHaveLength(99);
  expect(await couponsOf(offerId)).toBe(2);
});

test("wrong, foreign and revoked codes are refused alike; a mistyped one without the database", async () => {
  const [brand, other] = [await newBrand(), await newBrand()];
  const { memberId } = await newMember(brand);
  const offerId = await newOffer(brand);
  const revoked = await newCodes(brand, offerId, 2);
  const foreign = await newCodes(other, await newOffer(other), 1);
  const [kept = "", gone = ""] = revoked.codes;
  expect(outcomeOf(await claim(brand.service, kept, memberId)).coupon.code).toBe(kept);
  expect(
    outcomeOf(await revokeBatch(brand.operator, revoked.codeBatchId)).codeBatch.revokedAt,
  ).not.toBeNull();
  expect(outcomeOf(await revokeBatch(brand.operator, revoked.codeBatchId)).code).toBe("CODES_REVOKED");
  const refusals = [gone, foreign.codes[0] ?? "", "0000-0000-0000-0000", "NEVERMADE"].map(async (code) => {
    const { message, ...refusal } = outcomeOf(await claim(brand.service, code, memberId));
    return { ...refusal, message: message.replace(code, "") };
  });
  const answers = await Promise.all(refusals);
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(answers[0]).toMatchObject({ code: "NOT_FOUND" });
  const mistyped = await claim(
    brand.service,
    `${gone.slice(0, -1)}${gone.endsWith("0") ? "1" : "0"}`,
    memberId,
  );
  expect(outcomeOf(mistyped).code).toBe("NOT_FOUND");
  expect(mistyped.databaseRequests).toBe(0);
  // The coupon that was claimed in time stays; the batch is no one else's to revoke.
  expect(outcomeOf(await claim(brand.service, kept, memberId)).code).toBe("COUPON_ALREADY_CLAIMED");
  expect(outcomeOf(await revokeBatch(brand.operator, foreign.codeBatchId)).code).toBe("NOT_FOUND");
});

test("a look of one's own is taken where no guess can succeed, and told what would do where one can", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand);
  const ask = async (input: object) =>
    outcomeOf(await createBatch(brand, { offerId, count: 1_000_000, ...input }));
  const digits = { alphabet: "0123456789" };
  expect(await ask({ ...digits, length: 18 })).toMatchObject({
    field: "length",
    reason: "must be at least 19 for so many codes",
  });
  expect(await ask({ ...digits, length: 19, prefix: "sale", grouping: 5 })).toMatchObject({
    codeBatch: { prefix: "SALE", alphabet: "0123456789", length: 19, grouping: 5 },
  });
  expect(await ask({ alphabet: "ZYXWVUTSRQP", length: 20 })).toMatchObject({
    codeBatch: { alphabet: "PQRSTUVWXYZ" },
  });
  const refused = [
    [{ count: 0 }, "count"],
    [{ count: 100_000_001 }, "count"],
    [{ grouping: 11 }, "grouping"],
    [{ prefix: "A-B" }, "prefix"],
    [{ alphabet: "0123456780" }, "alphabet"],
    [{ alphabet: "ABC" }, "alphabet"],
    [{ alphabet: "01234567ÄÖ" }, "alphabet"],
    [{ length: 40 }, "length"],
    [{ length: 0 }, "length"],
    [{ ...digits, count: 1, length: 15 }, "length"],
    [{ prefix: "ABC", length: 12 }, "length"],
  ] as const;
  for (const [input, field] of refused)
    expect.soft(await ask(input), JSON.stringify(input)).toMatchObject({ code: "INVALID_VALUE", field });
});

test("the shortest length that is taken leaves less than one code in 2^40 to a guess", () => {
  for (const radix of [10, 11, 31, 32, 36]) {
    for (const serials of [1, 999, 1_000_000, 100_000_000]) {
      const length = leastLength("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".slice(0, radix), serials);
      const codes = BigInt(serials) * 2n ** 40n;
      expect(BigInt(radix) ** BigInt(length)).toBeGreaterThanOrEqual(codes);
      expect(BigInt(radix) ** BigInt(length - 1)).toBeLessThan(codes);
    }
  }
});

test("batches made at once share no code, and stay within the offer's limit", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand, { issueLimit: 55 });
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => createBatch(brand, { offerId, count: 10 })),
  );
  const outcomes = answers.map((answer) => (answer.data ? (outcomeOf(answer).code ?? "made") : "again"));
  const made = outcomes.filter((outcome) => outcome === "made").length;
  expect(made).toBeGreaterThan(0);
  expect(made).toBeLessThanOrEqual(5);
  const ranges = await rangesOf(offerId);
  expect(ranges).toEqual(Array.from({ length: made }, (_, n) => [n * 10, n * 10 + 10]));
  expect(await issuedOf(offerId)).toBe(made * 10);
});

test("two that look first where the serial numbers go on, and insert after, sell the same codes twice", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand);
  const bothLooked = barrier(2);
  const lookThenInsert = async (position: number) => {
    const client = database();
    const ranges = await rangesOf(offerId);
    await bothLooked();
    await client.insert(codeBatches).values({
      ...{ brandId: brand.brandId, id: newId("CodeBatch", Date.now()), offerId, offerVersion: 1, prefix: "" },
      // The unique index would refuse two that begin alike: the naive way leaves a gap.
      ...{ alphabet: "0123456789", length: 20, grouping: 4, count: 10, createdAt: 0 },
      firstSerial: (ranges.at(-1)?.[1] ?? 0) + position,
    });
  };
  await Promise.all([lookThenInsert(0), lookThenInsert(1)]);
  const [[, end] = [0, 0], [begin] = [0, 0]] = await rangesOf(offerId);
  expect(begin).toBeLessThan(end);
});

test("a batch of an offer that is over or another brand's is not made", async () => {
  const [brand, other] = [await newBrand(), await newBrand()];
  const offerId = await newOffer(brand);
  expect(outcomeOf(await createBatch(other, { offerId, count: 1 })).code).toBe("NOT_FOUND");
  await brand.operator(`mutation ($input: EndOfferInput!) { endOffer(input: $input) { __typename } }`, {
    input: { offerId },
  });
  expect(outcomeOf(await createBatch(brand, { offerId, count: 1 })).code).toBe("OFFER_ENDED");
});

test("an offer shows its batches and shared codes in one request, to who may see them", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand);
  const { codeBatchId } = await newCodes(brand, offerId, 2);
  const query = `query ($id: ID!) { node(id: $id) { ... on Offer { codeBatches(first: 5) { nodes { id count } } sharedCodes { nodes { code } } } } }`;
  const answer = await brand.operator(query, { id: offerId });
  expect(answer.data.node).toEqual({
    codeBatches: { nodes: [{ id: codeBatchId, count: 2 }] },
    sharedCodes: { nodes: [] },
  });
  expect(answer.databaseRequests).toBe(1);
  const { member } = await newMember(brand);
  expect((await member(query, { id: offerId })).errors?.[0]?.extensions.code).toBe("FORBIDDEN");
  const batch = `query ($id: ID!) { node(id: $id) { ... on CodeBatch { count } } }`;
  expect((await brand.operator(batch, { id: codeBatchId })).data.node).toEqual({ count: 2 });
  expect((await member(batch, { id: codeBatchId })).data.node).toBeNull();
  expect((await (await newBrand()).operator(batch, { id: codeBatchId })).data.node).toBeNull();
});

test("an isolate that has not seen a brand's codes, or their look, asks once more, and then no more", async () => {
  const brand = await newBrand();
  const offerId = await newOffer(brand);
  const { memberId } = await newMember(brand);
  const looks = [HOUSE_FORMAT, { prefix: "X", alphabet: "0123456789", length: 20 }];
  for (const look of looks) {
    expect(outcomeOf(await createBatch(brand, { offerId, count: 9, ...look })).codeBatch.count).toBe(9);
    const codes = await codesElsewhere(brand.brandId, look, 9);
    const counts = [];
    for (const code of codes.slice(0, 3)) {
      const answer = await claim(brand.service, code, memberId);
      expect(outcomeOf(answer).coupon).toBeDefined();
      counts.push(answer.databaseRequests);
    }
    expect(counts).toEqual([3, 2, 2]);
  }
});

/** The first codes of a look, as another isolate makes them: this one learns nothing of it. */
async function codesElsewhere(brandId: string, look: CodeFormat, count: number): Promise<string[]> {
  const brand = await database().query.brands.findFirst({ where: { id: brandId } });
  const { encryptionKeys } = await environment();
  const dataKey = await openDataKey(encryptionKeys, brand?.wrappedDataKey ?? "");
  return createCodec(await dataKey.secretFor("coupon-codes"), look).codesOf(0, count);
}

test("a code is found among 500 batches, in its own", async () => {
  const brand = await newBrand();
  const offerIds = [await newOffer(brand), await newOffer(brand)];
  const rows = Array.from({ length: 500 }, (_, n) => ({
    ...{ brandId: brand.brandId, id: newId("CodeBatch", Date.now()), offerId: offerIds[n % 2] ?? "" },
    ...{ offerVersion: 1, ...HOUSE_FORMAT, grouping: 4, firstSerial: n * 10, count: 10 },
    ...{ revokedAt: null, createdAt: 0 },
  }));
  await Promise.all(insertRows(database(), codeBatches, rows));
  const codes = await codesElsewhere(brand.brandId, HOUSE_FORMAT, 5_001);
  const { memberId } = await newMember(brand);
  for (const serial of [0, 9, 10, 2_345, 4_990, 4_999]) {
    const { coupon } = outcomeOf(await claim(brand.service, codes[serial] ?? "", memberId));
    expect(coupon.offer.id).toBe(offerIds[Math.floor(serial / 10) % 2]);
  }
  expect(outcomeOf(await claim(brand.service, codes[5_000] ?? "", memberId)).code).toBe("NOT_FOUND");
  const plan = await database().all<{ detail: string }>(
    sql`explain query plan select b.id from code_batches b where b.brand_id = 'x' and b.prefix = '' and b.alphabet = 'y'
      and b.length = 15 and b.first_serial <= 7 order by b.first_serial desc limit 1`,
  );
  expect(plan.map(({ detail }) => detail).join()).toContain("code_range");
});
