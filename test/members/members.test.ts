import { expect, test } from "vitest";
import { newBrand } from "../support/brand.ts";
import { callerOfKind, database } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";

const ENROL = `mutation ($input: EnrolMemberInput!) { enrolMember(input: $input) {
  ... on EnrolMemberPayload { member { id externalId cardNumber points tier { rank } profile { phone email } consents { channel granted } } }
  ... on Refusal { code message } ... on MemberAlreadyExists { field existingMemberId } ... on InvalidValue { field } } }`;
const UPDATE = `mutation ($input: UpdateMemberInput!) { updateMember(input: $input) {
  ... on UpdateMemberPayload { member { id locale profile { name phone email region } consents { channel granted at } } }
  ... on Refusal { code message } ... on MemberAlreadyExists { field } } }`;
const CLOSE = `mutation ($input: CloseMemberInput!) { closeMember(input: $input) {
  ... on CloseMemberPayload { member { state profile { name phone } } } ... on Refusal { code } } }`;
const FIND = `query ($by: MemberBy!) { member(by: $by) { id externalId state } }`;
const key = () => crypto.randomUUID();

test("enrolling the same external id twice with one key is one member; with another key it is refused", async () => {
  const { storefront } = await newBrand();
  const input = { externalId: "c-1", name: "李娜", phone: "13812345678", idempotencyKey: "k-1" };
  const first = await storefront(ENROL, { input });
  expect(first.databaseRequests).toBe(2);
  expect(outcomeOf(first)).toMatchObject({ member: { externalId: "c-1", points: 0, tier: { rank: 1 } } });
  expect(outcomeOf(await storefront(ENROL, { input }))).toEqual(outcomeOf(first));
  const again = await storefront(ENROL, { input: { ...input, idempotencyKey: "k-2" } });
  expect(outcomeOf(again)).toMatchObject({
    code: "MEMBER_ALREADY_EXISTS",
    field: "externalId",
    existingMemberId: outcomeOf(first).member.id,
  });
});

test("a phone or e-mail address belongs to one member of a brand, and may be another's elsewhere", async () => {
  const [brand, other] = await Promise.all([newBrand(), newBrand()]);
  const contact = { phone: "138 1234 5678", email: "Li.Na@example.com" };
  const { memberId } = await newMember(brand, contact);
  const samePhone = await brand.service(ENROL, {
    input: { externalId: "x", phone: "+8613812345678", idempotencyKey: key() },
  });
  expect(outcomeOf(samePhone)).toMatchObject({
    code: "MEMBER_ALREADY_EXISTS",
    field: "phone",
    existingMemberId: memberId,
  });
  const sameEmail = await brand.service(ENROL, {
    input: { externalId: "y", email: "li.na@EXAMPLE.com", idempotencyKey: key() },
  });
  expect(outcomeOf(sameEmail)).toMatchObject({
    code: "MEMBER_ALREADY_EXISTS",
    field: "email",
    existingMemberId: memberId,
  });
  await newMember(other, contact);
});

test("a member is found by id, external id, phone, e-mail address and card number, each in one database request", async () => {
  const brand = await newBrand();
  const enrolled = await brand.service(ENROL, {
    input: { externalId: "c-7", phone: "13812345678", email: "li.na@example.com", idempotencyKey: key() },
  });
  const { id, cardNumber } = outcomeOf(enrolled).member;
  // The brand's key is read once in each isolate, and then at hand.
  await brand.storefront(FIND, { by: { phone: "1" } });
  const ways = [
    { id },
    { externalId: "c-7" },
    { phone: "+86 138 1234 5678" },
    { email: "LI.NA@example.com" },
    { cardNumber: cardNumber.replace(/(\d{4})/g, "$1 ") },
  ];
  for (const by of ways) {
    const found = await brand.storefront(FIND, { by });
    expect.soft(found.data.member, JSON.stringify(by)).toMatchObject({ id });
    expect.soft(found.databaseRequests, JSON.stringify(by)).toBe(1);
  }
  const nobody = [{ id: "mbr_none" }, { phone: "not a number" }, { email: "nobody" }, { cardNumber: "1234" }];
  for (const by of nobody) expect.soft((await brand.storefront(FIND, { by })).data.member).toBeNull();
  const two = await brand.storefront(FIND, { by: { id, externalId: "c-7" } });
  expect(two.errors?.[0]?.message).toMatch(/exactly one/i);
});

test("members are listed in pages, with filters", async () => {
  const brand = await newBrand();
  for (const [position, sourceChannel] of ["app", "store-1", "app", "app"].entries()) {
    await newMember(brand, { externalId: `c-${position}`, sourceChannel });
  }
  const LIST = `query ($first: Int, $after: String, $filter: MemberFilter) { members(first: $first, after: $after, filter: $filter) {
    nodes { externalId } pageInfo { hasNextPage endCursor } } }`;
  const first = await brand.operator(LIST, { first: 2, filter: { sourceChannel: "app" } });
  expect(first.data.members.nodes).toEqual([{ externalId: "c-3" }, { externalId: "c-2" }]);
  const second = await brand.operator(LIST, {
    ...{ first: 2, filter: { sourceChannel: "app" } },
    after: first.data.members.pageInfo.endCursor,
  });
  expect(second.data.members).toMatchObject({
    nodes: [{ externalId: "c-0" }],
    pageInfo: { hasNextPage: false },
  });
  expect(second.databaseRequests).toBe(1);
  const none = await brand.operator(LIST, { filter: { enrolledBefore: "2020-01-01T00:00:00Z" } });
  expect(none.data.members.nodes).toEqual([]);
});

test.each([
  ["phone", { phone: "123" }],
  ["email", { email: "nobody" }],
  ["birthday", { birthday: "2999-01-01" }],
])("a wrong %s is refused by name, and nothing is kept", async (field, wrong) => {
  const brand = await newBrand();
  const answer = await brand.service(ENROL, {
    input: { externalId: "c-1", ...wrong, idempotencyKey: key() },
  });
  expect(outcomeOf(answer)).toMatchObject({ code: "INVALID_VALUE", field });
  expect((await brand.service(FIND, { by: { externalId: "c-1" } })).data.member).toBeNull();
});

test("an update changes what is given, clears what is null, and leaves the rest", async () => {
  const brand = await newBrand();
  const { memberId, member } = await newMember(brand, { name: "李娜", phone: "13812345678", region: "上海" });
  const answer = await member(UPDATE, {
    input: { memberId, email: "LI@example.com", region: null, consents: [{ channel: "SMS", granted: true }] },
  });
  expect(outcomeOf(answer)).toMatchObject({
    member: {
      profile: { name: "李娜", phone: "+8613812345678", email: "li@example.com", region: null },
      consents: [{ channel: "SMS", granted: true }],
    },
  });
  const { memberId: other } = await newMember(brand);
  const foreign = await member(UPDATE, { input: { memberId: other, name: "x" } });
  expect(outcomeOf(foreign)).toMatchObject({ code: "NOT_FOUND" });
  const taken = await brand.service(UPDATE, { input: { memberId: other, phone: "13812345678" } });
  expect(outcomeOf(taken)).toMatchObject({ code: "MEMBER_ALREADY_EXISTS", field: "phone" });
});

test("two updates at once lose nothing of each other", async () => {
  const brand = await newBrand();
  const { memberId } = await newMember(brand);
  await Promise.all([
    brand.service(UPDATE, { input: { memberId, name: "李娜" } }),
    brand.service(UPDATE, { input: { memberId, region: "上海" } }),
    brand.service(UPDATE, { input: { memberId, email: "li@example.com" } }),
  ]);
  const answer = await brand.service(UPDATE, { input: { memberId } });
  expect(outcomeOf(answer).member.profile).toEqual({
    name: "李娜",
    phone: null,
    email: "li@example.com",
    region: "上海",
  });
});

test("closing erases personal data, frees the contacts and ends the member's own view", async () => {
  const brand = await newBrand();
  const { memberId, member } = await newMember(brand, { name: "李娜", phone: "13812345678" });
  const closed = await brand.service(CLOSE, {
    input: { memberId, reason: "asked for it", idempotencyKey: key() },
  });
  expect(outcomeOf(closed)).toEqual({ member: { state: "CLOSED", profile: { name: null, phone: null } } });
  expect((await member("{ me { id } }")).data.me).toBeNull();
  expect((await brand.service(FIND, { by: { phone: "13812345678" } })).data.member).toBeNull();
  await newMember(brand, { phone: "13812345678" });
  const again = await brand.service(CLOSE, { input: { memberId, reason: "again", idempotencyKey: key() } });
  expect(outcomeOf(again)).toMatchObject({ code: "MEMBER_CLOSED" });
});

test("personal data is read with its scope only, and never stored in the clear", async () => {
  const brand = await newBrand();
  const { memberId } = await newMember(brand, { name: "李娜", phone: "13812345678" });
  const narrow = await callerOfKind("SERVICE", { brandId: brand.brandId, scopes: new Set(["members:read"]) });
  const answer = await narrow(`query ($by: MemberBy!) { member(by: $by) { displayName profile { name } } }`, {
    by: { id: memberId },
  });
  expect(answer.data.member).toEqual({ displayName: "李*", profile: null });
  expect(answer.errors?.[0]).toMatchObject({
    path: ["member", "profile"],
    extensions: { code: "FORBIDDEN" },
  });
  const row = await database().query.members.findFirst({ where: { id: memberId } });
  expect(JSON.stringify(row)).not.toMatch(/李娜|13812345678/);
});

test("a member sets its birthday once; after that the brand changes it", async () => {
  const brand = await newBrand();
  const { memberId, member } = await newMember(brand);
  const set = (caller: typeof member, birthday: string) => caller(UPDATE, { input: { memberId, birthday } });
  expect(outcomeOf(await set(member, "1990-05-05")).member).toBeTruthy();
  expect(outcomeOf(await set(member, "1990-05-06"))).toMatchObject({ code: "INVALID_VALUE" });
  expect(outcomeOf(await set(brand.service, "1990-05-06")).member).toBeTruthy();
});

test("a member is not told whose a phone number is", async () => {
  const brand = await newBrand();
  await newMember(brand, { phone: "13812345678" });
  const { memberId, member } = await newMember(brand);
  const answer = await member(
    `mutation ($input: UpdateMemberInput!) { updateMember(input: $input) { ... on MemberAlreadyExists { field existingMemberId } } }`,
    { input: { memberId, phone: "13812345678" } },
  );
  expect(outcomeOf(answer)).toEqual({ field: "phone", existingMemberId: null });
});

test("what is kept of an input to know it again gives no phone number away", async () => {
  const brand = await newBrand();
  const input = { externalId: "c-1", phone: "13812345678", idempotencyKey: "k-1" };
  await brand.service(ENROL, { input });
  const kept = await database().query.idempotency.findFirst({
    where: { brandId: brand.brandId, key: "k-1" },
  });
  const sorted = JSON.stringify({ externalId: "c-1", idempotencyKey: "k-1", phone: "13812345678" });
  const plain = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(sorted)));
  expect(kept?.inputHash).toMatch(/^[\w-]+\./);
  expect(kept?.inputHash).not.toContain(btoa(String.fromCharCode(...plain)));
});

test("whoever may enrol is told the new member's id, and what it may not read is null", async () => {
  const { brandId } = await newBrand();
  const narrow = await callerOfKind("SERVICE", { brandId, scopes: new Set(["members:write"]) });
  const answer = await narrow(
    `mutation ($input: EnrolMemberInput!) { enrolMember(input: $input) { ... on EnrolMemberPayload { member { id profile { name } } } } }`,
    { input: { externalId: "c-1", idempotencyKey: key() } },
  );
  expect(outcomeOf(answer).member).toEqual({ id: expect.stringMatching(/^mbr_/), profile: null });
  expect(answer.errors?.[0]?.extensions.code).toBe("FORBIDDEN");
});

test("a page of nothing costs as much as a page of one, and forged cursors are refused", async () => {
  const brand = await newBrand();
  const deep = "tiers { id benefits { id } }";
  const sixty = Array.from({ length: 12 }, (_, position) => `b${position}: brand { ${deep} }`).join(" ");
  const empty = await brand.operator(`{ members(first: 0) { nodes { ${sixty} b: brand { ${deep} } } } }`);
  const one = await brand.operator(`{ members(first: 1) { nodes { ${sixty} b: brand { ${deep} } } } }`);
  expect(empty.errors?.[0]?.message).toBe(one.errors?.[0]?.message);
  for (const forged of ["DC:D:99999999999999999", 'DC:T:["N:x","D:x"]', "nonsense"]) {
    const answer = await brand.operator(
      `query ($after: String) { members(after: $after) { nodes { id } } }`,
      {
        after: btoa(forged),
      },
    );
    expect(answer.errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
  }
});
