import { type Caller, callerOf, callerWith, clientOf, outcomeOf, requestToken } from "./caller.ts";
import { ENROL, phoneOf } from "./member.ts";
import { type Guest, masked, NAME, shortened, type Tour } from "./tour.ts";

const ALLIANCES = `{ alliances { nodes { id name } } }`;
const LINK_CODE = `mutation ($input: CreateLinkCodeInput!) { createLinkCode(input: $input) {
  ... on CreateLinkCodePayload { code expiresAt } ... on Refusal { code message } } }`;
const LINK = `mutation ($input: LinkMembershipInput!) { linkMembership(input: $input) {
  ... on LinkMembershipPayload { jointMembership { partner { name } consent { active } } }
  ... on Refusal { code message } } }`;
const OWN_LINKS = `{ me { jointMemberships { id partner { name } recognisedTier { name } consent { active } } } }`;
const JOINT_MEMBER = `query ($id: ID!) { jointMember(id: $id) {
  id displayName region level brand { name } tier { name } recognisedTier { name } } }`;
const JOINT_MEMBERS = `{ jointMembers(first: 100) { nodes { id } } }`;
const CAMPAIGNS = `{ jointCampaigns { nodes { id name state offer { title } } } }`;
const ISSUE = `mutation ($input: IssueJointCouponsInput!) { issueJointCoupons(input: $input) {
  ... on IssueJointCouponsPayload { issued { jointMemberId couponId } refused { refusal { code } } }
  ... on Refusal { code message } } }`;
const WALLET = `{ me { availableCoupons(first: 50) { nodes { id offer { title } issuedBy { name } } } } }`;
const WITHDRAW = `mutation ($input: WithdrawConsentInput!) { withdrawConsent(input: $input) {
  ... on WithdrawConsentPayload { jointMembership { consent { active } } } ... on Refusal { code message } } }`;

const YEAR_MS = 365 * 86_400_000;

/** A member links two brands; the partner recognises her and gives her a coupon, until she says no. */
export async function linkBrands(tour: Tour, guest: Guest): Promise<void> {
  tour.report.chapter("A member links two allied brands: the partner sees what she consents to");
  await link(tour, guest);
  const jointMemberId = await readOwnLink(tour, guest);
  const partner = await callerOf(tour.url, "cinema", "PARTNER");
  await recognise(tour, partner, jointMemberId);
  const issue = await issueJointly(tour, partner, guest, jointMemberId);
  await askForMore(tour, partner, guest);
  await withdraw(tour, partner, guest, jointMemberId, issue);
}

async function link({ url, report, run }: Tour, { member }: Guest): Promise<void> {
  const { step, expect } = report;
  const expiresAt = new Date(Date.now() + YEAR_MS).toISOString();
  const atCinema = await enrolAtCinema(url, run);
  const code = await step("Tess", "coffee app: createLinkCode", async (say) => {
    const [alliance] = (await member(ALLIANCES)).data.alliances.nodes;
    expect(alliance.name, "The Yaji Alliance");
    const consent = {
      categories: ["TIER", "DISPLAY_NAME"],
      purposes: ["RECOGNITION", "JOINT_OFFERS"],
      expiresAt,
    };
    const shown = outcomeOf(await member(LINK_CODE, { input: { allianceId: alliance.id, consent } }));
    expect(Date.parse(shown.expiresAt) - Date.now() <= 10 * 60_000, true);
    say(`${masked(shown.code)}; TIER, DISPLAY_NAME, a year`);
    return shown.code as string;
  });
  const consent = { categories: ["TIER"], purposes: ["RECOGNITION"], expiresAt };
  await step("Tess", "cinema app: linkMembership", async (say) => {
    const { jointMembership } = outcomeOf(await atCinema(LINK, { input: { code, consent } }));
    expect(jointMembership, { partner: { name: "Luming Coffee" }, consent: { active: true } });
    say(`linked with ${jointMembership.partner.name}`);
  });
  await step("Tess", "cinema app: the same code again", async (say) => {
    const refusal = outcomeOf(await atCinema(LINK, { input: { code, consent } }));
    expect(refusal, { code: "LINK_CODE_NOT_VALID" });
    say(`refused: ${refusal.code}`);
  });
}

/** The same person, enrolled by the cinema's own storefront; answers a caller with her token there. */
async function enrolAtCinema(url: string, run: string): Promise<Caller> {
  const customer = { externalId: `tour-${run}`, name: NAME, phone: phoneOf(run), locale: "en" };
  const storefront = await callerOf(url, "cinema", "STOREFRONT");
  const { member } = outcomeOf(
    await storefront(ENROL, { input: { ...customer, idempotencyKey: `enrol-${run}` } }),
  );
  const subject = { type: "member-id", value: member.id } as const;
  const { access_token } = await requestToken(url, clientOf("cinema", "STOREFRONT"), subject);
  return callerWith(url, access_token);
}

/** Answers the pseudonym by which the cinema knows her. */
const readOwnLink = ({ report: { step, expect } }: Tour, { member }: Guest): Promise<string> =>
  step("Tess", "coffee app: me, joint memberships", async (say) => {
    const [own] = (await member(OWN_LINKS)).data.me.jointMemberships;
    expect(own, { partner: { name: "Xinghan Cinema" }, recognisedTier: { name: "Fan" } });
    say("Gold here, recognised as Fan at Xinghan Cinema");
    return own.id as string;
  });

async function recognise({ report }: Tour, partner: Caller, jointMemberId: string): Promise<void> {
  const { step, expect } = report;
  await step("partner", "jointMembers", async (say) => {
    const nodes = (await partner(JOINT_MEMBERS)).data.jointMembers.nodes as { id: string }[];
    expect(
      nodes.some(({ id }) => id === jointMemberId),
      true,
    );
    say(`${nodes.length} joint members consent; she is one of them`);
  });
  await step("partner", "jointMember", async (say) => {
    const answer = await partner(JOINT_MEMBER, { id: jointMemberId });
    const { jointMember } = answer.data;
    expect(jointMember, { id: jointMemberId, displayName: "Tess R.", level: 5, region: null });
    expect(jointMember, {
      brand: { name: "Luming Coffee" },
      tier: { name: "Gold" },
      recognisedTier: { name: "Fan" },
    });
    expect(answer.databaseRequests, 1);
    say(`${shortened(jointMemberId)}, Tess R., Gold, so Fan here; region null`);
  });
}

/** Answers how to issue another coupon of the running campaign to her. */
async function issueJointly(
  { report, run }: Tour,
  partner: Caller,
  { member }: Guest,
  jointMemberId: string,
) {
  const { step, expect } = report;
  const { nodes } = (await partner(CAMPAIGNS)).data.jointCampaigns;
  expect(nodes.map(({ state }: { state: string }) => state).sort(), ["ACTIVE", "PENDING"]);
  const jointCampaignId = nodes.find(({ state }: { state: string }) => state === "ACTIVE").id;
  const issue = async (key: string) => {
    const input = { jointCampaignId, jointMemberIds: [jointMemberId], idempotencyKey: `joint-${run}-${key}` };
    return outcomeOf(await partner(ISSUE, { input }));
  };
  const couponId = await step("partner", "issueJointCoupons", async (say) => {
    const { issued, refused } = await issue("1");
    expect([issued.length, refused.length, issued[0].jointMemberId], [1, 0, jointMemberId]);
    say("1 issued; its code is shown to her alone");
    return issued[0].couponId as string;
  });
  await step("Tess", "coffee app: her wallet", async (say) => {
    const coupons = (await member(WALLET)).data.me.availableCoupons.nodes as { id: string }[];
    const coupon = coupons.find(({ id }) => id === couponId);
    expect(coupon, {
      issuedBy: { name: "Xinghan Cinema" },
      offer: { title: "Coffee from our neighbours: ¥18 off" },
    });
    say("Coffee from our neighbours, by Xinghan Cinema");
  });
  return issue;
}

async function askForMore({ report }: Tour, partner: Caller, { memberId }: Guest): Promise<void> {
  const { step, expect } = report;
  await step("partner", "member, members, offers, node", async (say) => {
    const asked = [
      `{ member(by: { id: "${memberId}" }) { id } }`,
      "{ members { nodes { id } } }",
      "{ offers { nodes { id } } }",
    ];
    for (const query of asked) expect((await partner(query)).errors?.[0]?.extensions.code, "FORBIDDEN");
    expect((await partner(`{ node(id: "${memberId}") { id } }`)).data, { node: null });
    say("refused: FORBIDDEN, three times; and null");
  });
}

async function withdraw(
  { report }: Tour,
  partner: Caller,
  { member }: Guest,
  jointMembershipId: string,
  // biome-ignore lint/suspicious/noExplicitAny: an answer's shape is what the tour checks.
  issue: (key: string) => Promise<any>,
): Promise<void> {
  const { step, expect } = report;
  await step("Tess", "coffee app: withdrawConsent", async (say) => {
    const { jointMembership } = outcomeOf(await member(WITHDRAW, { input: { jointMembershipId } }));
    expect(jointMembership, { consent: { active: false } });
    say("the consent is no longer active");
  });
  await step("partner", "jointMember, issueJointCoupons", async (say) => {
    const { data } = await partner(JOINT_MEMBER, { id: jointMembershipId });
    expect(data, { jointMember: null });
    expect((await issue("2")).refused, [{ refusal: { code: "NOT_FOUND" } }]);
    say("null; refused: NOT_FOUND. At once");
  });
}
