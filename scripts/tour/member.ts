import { callerWith, clientOf, outcomeOf, requestToken } from "./caller.ts";
import { type Guest, NAME, shortened, type Tour } from "./tour.ts";

export const ENROL = `mutation ($input: EnrolMemberInput!) { enrolMember(input: $input) {
  ... on EnrolMemberPayload { member { id displayName tier { name } } }
  ... on Refusal { code message } ... on MemberAlreadyExists { field } } }`;

const VIEW = `{ me {
  displayName points tier { name } tierProgress { growthValue missing next { name } }
  entitlements { usable left benefit { name } }
  availableCoupons { nodes { code offer { title } } } upcomingCoupons { nodes { code } }
  redeemedCoupons { nodes { code redemptions { discountMinor } } } expiredCoupons { nodes { code } }
  jointMemberships { partner { name } recognisedTier { name } }
  card { number qr { payload } } } }`;

const MINUTES_15 = 15 * 60;

/** The coffee chain's shop enrols a customer, and gets the member's own token for its app. */
export async function enrol({ url, report, run }: Tour): Promise<Guest> {
  const { chapter, step, expect } = report;
  const client = clientOf("coffee", "STOREFRONT");
  chapter("A storefront enrols a customer");
  const storefront = await step("storefront", "POST /oauth/token", async (say) => {
    const token = await requestToken(url, client);
    expect(token, { token_type: "Bearer", expires_in: MINUTES_15 });
    expect(token.scope.split(" ").includes("members:token"), true);
    say(`token ${shortened(token.access_token)}, 15 minutes, ${token.scope.split(" ").length} scopes`);
    return callerWith(url, token.access_token);
  });
  const customer = { externalId: `tour-${run}`, name: NAME, phone: phoneOf(run), locale: "en" };
  const memberId = await step("storefront", "enrolMember", async (say) => {
    const answer = await storefront(ENROL, { input: { ...customer, idempotencyKey: `enrol-${run}` } });
    const { member } = outcomeOf(answer);
    expect(member, { displayName: "Tess R.", tier: { name: "Classic" } });
    say(`member ${shortened(member.id)}, shown as ${member.displayName}, tier ${member.tier.name}`);
    return member.id as string;
  });
  await step("storefront", "enrolMember, the same phone again", async (say) => {
    const twin = { ...customer, externalId: `tour-${run}-2`, idempotencyKey: `enrol-${run}-2` };
    const refusal = outcomeOf(await storefront(ENROL, { input: twin }));
    expect(refusal, { code: "MEMBER_ALREADY_EXISTS", field: "phone" });
    say(`refused: ${refusal.code}, ${refusal.field}`);
  });
  const member = await step("storefront", "POST /oauth/token, for that member", async (say) => {
    const token = await requestToken(url, client, { type: "member-id", value: memberId });
    expect(token, { expires_in: MINUTES_15, scope: "member:self" });
    say(`her own token, 15 minutes, scope ${token.scope}`);
    return callerWith(url, token.access_token);
  });
  return { memberId, member };
}

/** Someone who has been a member for long asks for everything at once. */
export async function seeEverything({ url, report }: Tour): Promise<void> {
  const { chapter, step, expect } = report;
  chapter("A member sees everything at once");
  const subject = { type: "external-id", value: "coffee-lin" } as const;
  const { access_token } = await requestToken(url, clientOf("coffee", "STOREFRONT"), subject);
  await step("Lin", "me, with all that she has", async (say) => {
    const answer = await callerWith(url, access_token)(VIEW);
    const { me } = answer.data;
    expect(answer.databaseRequests, 1);
    expect(me, { displayName: "林*", tier: { name: "Gold" }, tierProgress: { next: { name: "Black" } } });
    expect(me.tierProgress.growthValue + me.tierProgress.missing, 6_000);
    expect(me.entitlements.length, 9);
    const joint = [
      { partner: { name: "Tingyu Books" }, recognisedTier: { name: "Bookworm" } },
      { partner: { name: "Xinghan Cinema" }, recognisedTier: { name: "Fan" } },
    ];
    expect(me.jointMemberships, joint);
    const count = (list: { nodes: unknown[] }) => list.nodes.length;
    expect([count(me.redeemedCoupons) > 0, count(me.expiredCoupons) > 0], [true, true]);
    say("1 database request, as Server-Timing says, for");
    say(`林*, Gold; ${me.tierProgress.missing} growth value to Black; 9 benefits`);
    const coupons = [`${count(me.availableCoupons)} coupons`, `${count(me.upcomingCoupons)} upcoming`];
    say(`${coupons.join(", ")}, ${count(me.redeemedCoupons)} used, ${count(me.expiredCoupons)} expired`);
    say("Bookworm at Tingyu Books, Fan at Xinghan Cinema");
  });
}

/** A number that no other walk uses, within a range that is given to nobody here. */
export const phoneOf = (run: string): string =>
  `+86 170 ${String(Number.parseInt(run, 36) % 100_000_000).padStart(8, "0")}`;
