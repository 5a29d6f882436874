import type { TestBrand } from "./brand.ts";
import { type Caller, callerOfKind } from "./caller.ts";

/** Enrols a member and answers its id with a caller that holds its own token. */
export async function newMember(
  { brandId, service }: TestBrand,
  input: Record<string, unknown> = {},
): Promise<{ memberId: string; member: Caller }> {
  const answer = await service(
    `mutation ($input: EnrolMemberInput!) { enrolMember(input: $input) {
      ... on EnrolMemberPayload { member { id } } ... on Refusal { code message } } }`,
    { input: { externalId: crypto.randomUUID(), idempotencyKey: crypto.randomUUID(), ...input } },
  );
  const memberId = answer.data?.enrolMember.member?.id;
  if (!memberId) throw new Error(`No member: ${JSON.stringify(answer)}`);
  return { memberId, member: await callerOfKind("MEMBER", { brandId, memberId }) };
}

/** The first line of a mutation's answer as tests read it: its payload, or its refusal. */
export const outcomeOf = (answer: { data?: Record<string, unknown>; errors?: unknown }) => {
  if (!answer.data) throw new Error(`No data: ${JSON.stringify(answer.errors)}`);
  // biome-ignore lint/suspicious/noExplicitAny: as deep as the operation that the test wrote
  return Object.values(answer.data)[0] as Record<string, any>;
};
