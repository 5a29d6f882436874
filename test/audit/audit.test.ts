import { expect, test } from "vitest";
import { newBrand } from "../support/brand.ts";
import { newMember } from "../support/member.ts";

const UPDATE = `mutation ($input: UpdateMemberInput!) { updateMember(input: $input) { __typename } }`;
const changed = (...names: string[]) => JSON.stringify({ changed: names });

test("an operator reads what was done to a member, in one database request and without personal data", async () => {
  const brand = await newBrand();
  const { memberId, member } = await newMember(brand, { name: "李娜", phone: "13812345678" });
  await member(UPDATE, { input: { memberId, region: "上海" } });
  const answer = await brand.operator(
    `query ($subjectId: ID) { audit(subjectId: $subjectId) { nodes { operation caller subjectId detail createdAt } } }`,
    { subjectId: memberId },
  );
  expect(answer.databaseRequests).toBe(1);
  expect(answer.data.audit.nodes).toMatchObject([
    { operation: "updateMember", caller: memberId, detail: changed("region") },
    { operation: "enrolMember", subjectId: memberId },
  ]);
  expect(JSON.stringify(answer.data)).not.toMatch(/李娜|138|上海/);
});

test("the record of an update names what changed, and not what was sent as it was or left out", async () => {
  const brand = await newBrand();
  const { memberId } = await newMember(brand, { name: "Ann B", region: "Leeds", locale: "en" });
  const sent = [
    { name: "Ann C" },
    { name: "Ann C", region: null, locale: "en" },
    { locale: "zh-CN", consents: [{ channel: "SMS", granted: true }] },
    { consents: [{ channel: "SMS", granted: true }] },
  ];
  for (const input of sent) await brand.service(UPDATE, { input: { memberId, ...input } });
  const answer = await brand.operator(
    `query ($subjectId: ID) { audit(subjectId: $subjectId, first: 4) { nodes { detail } } }`,
    { subjectId: memberId },
  );
  const details = answer.data.audit.nodes.map(({ detail }: { detail: string }) => detail);
  expect(details.reverse()).toEqual([
    ...[changed("name"), changed("region"), changed("locale", "consents"), changed()],
  ]);
});
