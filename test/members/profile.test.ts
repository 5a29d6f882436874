import { expect, test } from "vitest";
import { createDataKey, openDataKey } from "../../src/brands/data-key.ts";
import {
  displayNameOf,
  normaliseEmail,
  normalisePhone,
  normaliseProfile,
  openProfile,
  regionOf,
  sealProfile,
} from "../../src/members/profile.ts";

test.each([
  ["138 1234 5678", "CN", "+8613812345678"],
  ["+86 138-1234-5678", "US", "+8613812345678"],
  ["(212) 555-2368", "US", "+12125552368"],
  ["021 123 456", "NZ", "+6421123456"],
  ["12345", "CN", undefined],
  ["not a number", "CN", undefined],
  ["+86 138 1234 5678 9012", "CN", undefined],
  // Numbers in China can be as short, and begin so; whether anyone has them is not known here.
  ["1990-02-30", "CN", "+8619900230"],
])("a phone number that its country could have is kept as E.164: %s in %s", (text, region, phone) => {
  expect(normalisePhone(text, region)).toBe(phone);
});

test("of a phone number no more is asked than is checked", () => {
  const refusal = normaliseProfile({ phone: "12345" }, "CN", "2026-11-21");
  expect(refusal).toMatchObject({
    data: { field: "phone", reason: expect.stringMatching(/^must look like a number of its country/) },
  });
});

test.each([
  [" Li.Na@Example.COM ", "li.na@example.com"],
  ["no-at.example.com", undefined],
  ["two@@example.com", undefined],
  ["blank in@example.com", undefined],
])("an e-mail address is kept in lower case: %s", (text, email) => {
  expect(normaliseEmail(text)).toBe(email);
});

test.each([
  ["zh-CN", "CN"],
  ["en", "US"],
  ["zh-Hant-TW", "TW"],
  ["ja", "JP"],
])("a locale gives the region that numbers are read in: %s", (locale, region) => {
  expect(regionOf(locale)).toBe(region);
});

test.each([
  ["李小龙", "李*"],
  ["欧阳 修", "欧*"],
  ["Anna Karenina", "Anna K."],
  ["Maria del Carmen", "Maria C."],
  ["Plato", "Plato"],
  ["  ", null],
  [null, null],
])("a shop's screen shows little of a name: %s", (name, shown) => {
  expect(displayNameOf(name)).toBe(shown);
});

const secrets = [{ id: "one", secret: crypto.getRandomValues(new Uint8Array(32)) }];

test("a sealed profile shows nothing, and opens with its brand's key in its own row only", async () => {
  const key = await openDataKey(secrets, await createDataKey(secrets));
  const profile = {
    name: "李娜",
    phone: "+8613812345678",
    email: "li.na@example.com",
    birthday: "1990-02-28",
  };
  const sealed = await sealProfile(profile, key, "mbr_1");
  for (const value of Object.values(profile)) expect(JSON.stringify(sealed)).not.toContain(value);
  expect(await openProfile({ id: "mbr_1", profile: sealed.profile }, key)).toEqual(profile);
  await expect(openProfile({ id: "mbr_2", profile: sealed.profile }, key)).rejects.toThrow();
  const other = await openDataKey(secrets, await createDataKey(secrets));
  await expect(openProfile({ id: "mbr_1", profile: sealed.profile }, other)).rejects.toThrow();
  expect((await sealProfile(profile, other, "mbr_1")).phoneHash).not.toBe(sealed.phoneHash);
  expect((await sealProfile(profile, key, "mbr_9")).phoneHash).toBe(sealed.phoneHash);
  expect((await sealProfile(profile, key, "mbr_1")).profile).not.toBe(sealed.profile);
});

test("after a rotation the old secret still opens what it wrapped, and its loss is named without its value", async () => {
  const wrapped = await createDataKey(secrets);
  const rotated = [{ id: "two", secret: crypto.getRandomValues(new Uint8Array(32)) }, ...secrets];
  const sealed = await (await openDataKey(rotated, wrapped)).encrypt("text", "place");
  expect(await (await openDataKey(secrets, wrapped)).decrypt(sealed, "place")).toBe("text");
  expect((await createDataKey(rotated)).startsWith("two.")).toBe(true);
  await expect(openDataKey(rotated.slice(0, 1), await createDataKey(secrets))).rejects.toThrow(
    /lacks the key one/,
  );
});
