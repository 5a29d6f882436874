import { expect, test } from "vitest";
import { newBrand } from "../support/brand.ts";
import { newMember } from "../support/member.ts";

test("an operator reads what was done to a member, in one database request and without personal data", async () => {
  const brand = await newBrand();
  const { memberId, member } = await newMember(brand, { name: "李娜", phone: "13812345678" });
  await member(`mutation ($input: UpdateMemberInput!) { updateMember(input: $input) { __typename } }`, {
    input: { memberId, region: "上海" },
  });
  const answer = await brand.operator(
    `query ($subjectId: ID) { audit(subjectId: $subjectId) { nodes { operation caller subjectId detail createdAt } } }`,
    { subjectId: memberId },
  );
  expect(answer.databaseRequests).toBe(1);
  expect(answer.data.audit.nodes).toMatchObject([
    { operation: "updateMember", caller: memberId },
    { operation: "enrolMember", subjectId: memberId },
  ]);
  expect(JSON.stringify(answer.data)).not.toMatch(/李娜|138|上海/);
});
