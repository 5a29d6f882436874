import { callerOf, callerWith, outcomeOf, requestToken } from "./caller.ts";
import type { Guest, Tour } from "./tour.ts";

const CREATE = `mutation ($input: CreateClientInput!) { createClient(input: $input) {
  ... on CreateClientPayload { client { id } clientSecret } ... on Refusal { code message } } }`;
const REVOKE = `mutation ($input: RevokeClientInput!) { revokeClient(input: $input) {
  ... on RevokeClientPayload { client { revokedAt } } ... on Refusal { code message } } }`;
const MEMBER = `query ($id: ID!) { member(by: { id: $id }) { id } }`;
const NODE = `query ($id: ID!) { node(id: $id) { id } }`;

/** A client that is revoked is out; one brand never sees another's members. */
export async function revokeAndIsolate({ url, report, run }: Tour, { memberId }: Guest): Promise<void> {
  const { chapter, step, expect } = report;
  const operator = await callerOf(url, "coffee", "OPERATOR");
  chapter("What is revoked stops, and a brand sees its own members only");
  const client = await step("operator", "createClient, a SERVICE", async (say) => {
    const input = { kind: "SERVICE", name: `Tour ${run}`, scopes: ["members:read"] };
    const made = outcomeOf(await operator(CREATE, { input }));
    expect(made.clientSecret.startsWith("tss_"), true);
    say("its secret is shown this once");
    return { id: made.client.id as string, secret: made.clientSecret as string };
  });
  const service = await step("service", "member, with its own token", async (say) => {
    const caller = callerWith(url, (await requestToken(url, client)).access_token);
    expect((await caller(MEMBER, { id: memberId })).data, { member: { id: memberId } });
    say("found");
    return caller;
  });
  await step("operator", "revokeClient", async (say) => {
    const { client: revoked } = outcomeOf(await operator(REVOKE, { input: { clientId: client.id } }));
    expect(typeof revoked.revokedAt, "string");
    say("revoked; everywhere within a minute");
  });
  await step("service", "member, with the same token", async (say) => {
    const { status, errors } = await service(MEMBER, { id: memberId });
    expect([status, errors?.[0]?.extensions.code], [401, "UNAUTHENTICATED"]);
    say("refused: UNAUTHENTICATED, at once in this isolate");
  });
  const other = await callerOf(url, "books", "STOREFRONT");
  await step("storefront", "of the book shop: member and node", async (say) => {
    expect((await other(MEMBER, { id: memberId })).data, { member: null });
    expect((await other(NODE, { id: memberId })).data, { node: null });
    say("null and null: not found, never forbidden");
  });
}
