import { newBrand, type TestBrand } from "../support/brand.ts";
import { type Answer, type Caller, callerOfKind } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { newOffer } from "../support/offer.ts";

export const key = () => crypto.randomUUID();

/** A consent to everything, for a year, unless said otherwise. */
export const consentTo = (
  given: { categories?: string[]; purposes?: string[]; expiresAt?: string } = {},
) => ({
  categories: ["TIER", "MEMBER_SINCE", "DISPLAY_NAME", "REGION"],
  purposes: ["RECOGNITION", "JOINT_OFFERS"],
  expiresAt: inDays(365),
  ...given,
});

export const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

const text = (name: string) => [{ locale: "en", text: name }];

const REFUSAL = "... on Refusal { code message }";
export const CREATE_ALLIANCE = `mutation ($input: CreateAllianceInput!) { createAlliance(input: $input) {
  ... on CreateAlliancePayload { alliance { id name brands { brand { slug } state tierLevels { level tier { rank } } } } } ${REFUSAL} } }`;
export const INVITE = `mutation ($input: InviteBrandInput!) { inviteBrand(input: $input) {
  ... on InviteBrandPayload { alliance { brands { brand { slug } state } } } ${REFUSAL} } }`;
export const ACCEPT = `mutation ($input: AcceptAllianceInvitationInput!) { acceptAllianceInvitation(input: $input) {
  ... on AcceptAllianceInvitationPayload { alliance { brands { brand { slug } state } } } ${REFUSAL} } }`;
export const LEAVE = `mutation ($input: LeaveAllianceInput!) { leaveAlliance(input: $input) {
  ... on LeaveAlliancePayload { allianceId endedJointCampaignIds } ${REFUSAL} } }`;
export const SET_LEVELS = `mutation ($input: SetTierLevelsInput!) { setTierLevels(input: $input) {
  ... on SetTierLevelsPayload { alliance { brands { brand { slug } tierLevels { level } } } } ${REFUSAL} } }`;
export const ALLIANCES = `{ alliances(first: 5) { nodes { id name founder { slug } brands { state brand { slug } tierLevels { level tier { rank name } } } } } }`;

export const CREATE_CODE = `mutation ($input: CreateLinkCodeInput!) { createLinkCode(input: $input) {
  ... on CreateLinkCodePayload { code expiresAt } ${REFUSAL} } }`;
const LINK_FIELDS = `jointMembership { id linkedAt endedAt alliance { name } partner { slug }
  consent { categories purposes givenAt expiresAt withdrawnAt active } recognisedTier { name rank } }`;
export const LINK = `mutation ($input: LinkMembershipInput!) { linkMembership(input: $input) {
  ... on LinkMembershipPayload { ${LINK_FIELDS} } ${REFUSAL} ... on AlreadyLinked { jointMembershipId } } }`;
export const WITHDRAW = `mutation ($input: WithdrawConsentInput!) { withdrawConsent(input: $input) {
  ... on WithdrawConsentPayload { ${LINK_FIELDS} } ${REFUSAL} } }`;
export const RENEW = `mutation ($input: RenewConsentInput!) { renewConsent(input: $input) {
  ... on RenewConsentPayload { ${LINK_FIELDS} } ${REFUSAL} } }`;
export const UNLINK = `mutation ($input: UnlinkMembershipInput!) { unlinkMembership(input: $input) {
  ... on UnlinkMembershipPayload { ${LINK_FIELDS} } ${REFUSAL} } }`;
export const ME = `{ me { id tier { rank } jointMemberships { id linkedAt endedAt alliance { name } partner { slug name tiers { rank } }
  consent { categories purposes givenAt expiresAt withdrawnAt active } recognisedTier { name color rank } } } }`;

export const JOINT_MEMBERS = `query ($purpose: ConsentPurpose! = RECOGNITION, $first: Int, $after: String) {
  jointMembers(purpose: $purpose, first: $first, after: $after) { pageInfo { hasNextPage endCursor } nodes {
    id brand { slug name } tier { name rank } level recognisedTier { name rank } memberSince displayName region } } }`;
export const JOINT_MEMBER = `query ($id: ID!) { jointMember(id: $id) { id level displayName } }`;

const CAMPAIGN_FIELDS = `jointCampaign { id name state startsAt endsAt endedAt owner { slug } alliance { id }
  offer { title terms { amountOffMinor } } partners { brand { slug } quota issuedCount approvedAt } }`;
export const CREATE_CAMPAIGN = `mutation ($input: CreateJointCampaignInput!) { createJointCampaign(input: $input) {
  ... on CreateJointCampaignPayload { ${CAMPAIGN_FIELDS} } ${REFUSAL} } }`;
export const APPROVE = `mutation ($input: ApproveJointCampaignInput!) { approveJointCampaign(input: $input) {
  ... on ApproveJointCampaignPayload { ${CAMPAIGN_FIELDS} } ${REFUSAL} } }`;
export const WITHDRAW_APPROVAL = `mutation ($input: WithdrawJointCampaignApprovalInput!) { withdrawJointCampaignApproval(input: $input) {
  ... on WithdrawJointCampaignApprovalPayload { ${CAMPAIGN_FIELDS} } ${REFUSAL} } }`;
export const END_CAMPAIGN = `mutation ($input: EndJointCampaignInput!) { endJointCampaign(input: $input) {
  ... on EndJointCampaignPayload { ${CAMPAIGN_FIELDS} } ${REFUSAL} } }`;
export const CAMPAIGNS = `query ($allianceId: ID) { jointCampaigns(allianceId: $allianceId) { nodes { id name state owner { slug }
  offer { title } partners { brand { slug } quota issuedCount approvedAt } } } }`;
export const ISSUE_JOINT = `mutation ($input: IssueJointCouponsInput!) { issueJointCoupons(input: $input) {
  ... on IssueJointCouponsPayload { issued { jointMemberId couponId expiresAt } refused { jointMemberId refusal { code message } }
    jointCampaign { state partners { quota issuedCount } } }
  ${REFUSAL} ... on JointCampaignNotActive { state startsAt } ... on QuotaExhausted { left } ... on OfferExhausted { left } } }`;

/** What was answered, or an error that says what came instead. */
export function granted(answer: Answer, field: string): ReturnType<typeof outcomeOf> {
  const outcome = outcomeOf(answer);
  if (!outcome?.[field]) throw new Error(`No ${field}: ${JSON.stringify(answer)}`);
  return outcome;
}

export interface TestAlliance {
  allianceId: string;
  /** The first founded it. */
  brands: TestBrand[];
  /** A partner token of each brand's, bound to this alliance. */
  partners: Caller[];
}

/** An alliance that brands take part in, each with its first tier on level 3. */
export async function newAlliance(...given: TestBrand[]): Promise<TestAlliance> {
  const brands = given.length > 0 ? given : [await newBrand(), await newBrand()];
  const [founder, ...others] = brands as [TestBrand, ...TestBrand[]];
  const levels = ({ firstTierId }: TestBrand) => [{ tierId: firstTierId, level: 3 }];
  const created = await founder.operator(CREATE_ALLIANCE, {
    input: { name: text("Neighbours"), tierLevels: levels(founder) },
  });
  const allianceId = granted(created, "alliance").alliance.id as string;
  for (const brand of others) {
    granted(await founder.operator(INVITE, { input: { allianceId, brand: brand.slug } }), "alliance");
    granted(await brand.operator(ACCEPT, { input: { allianceId, tierLevels: levels(brand) } }), "alliance");
  }
  const partners = await Promise.all(
    brands.map(({ brandId }) => callerOfKind("PARTNER", { brandId, allianceId })),
  );
  return { allianceId, brands, partners };
}

/** Adds a tier to a brand's ladder; answers its id. */
export async function newTier(
  { operator }: TestBrand,
  rank: number,
  requiredGrowthValue: number,
  name = "Gold",
) {
  const answer = await operator(
    `mutation ($input: CreateTierInput!) { createTier(input: $input) { ... on CreateTierPayload { tier { id } } ${REFUSAL} } }`,
    { input: { rank, name: text(name), color: "#C9A227", requiredGrowthValue } },
  );
  return granted(answer, "tier").tier.id as string;
}

export interface TestLink {
  /** The member's end at the first brand … */
  first: { memberId: string; member: Caller; jointMembershipId: string };
  /** … and at the second, whose app used the code. */
  second: { memberId: string; member: Caller; jointMembershipId: string };
}

/** One person, a member of two brands of an alliance, who links them. */
export async function newLink(
  { allianceId, brands }: TestAlliance,
  options: { between?: [number, number]; consents?: [object, object]; name?: string; region?: string } = {},
): Promise<TestLink> {
  const [here, there] = (options.between ?? [0, 1]).map((position) => brands[position] as TestBrand) as [
    TestBrand,
    TestBrand,
  ];
  const { name, region } = options;
  const [one, other] = await Promise.all([newMember(here, { name, region }), newMember(there)]);
  const [consent, theirConsent] = options.consents ?? [consentTo(), consentTo()];
  const shown = await one.member(CREATE_CODE, { input: { allianceId, consent } });
  const linked = await other.member(LINK, { input: { code: outcomeOf(shown).code, consent: theirConsent } });
  const jointMembershipId = granted(linked, "jointMembership").jointMembership.id as string;
  const mine = await one.member("{ me { jointMemberships { id partner { slug } } } }");
  const links = mine.data.me.jointMemberships as { id: string; partner: { slug: string } }[];
  return {
    first: { ...one, jointMembershipId: links.find(({ partner }) => partner.slug === there.slug)?.id ?? "" },
    second: { ...other, jointMembershipId },
  };
}

/** An active joint campaign of the first brand for the second; answers its id. */
export async function newCampaign(
  { allianceId, brands }: TestAlliance,
  options: { quota?: number; offerId?: string; startsAt?: string; endsAt?: string; approve?: boolean } = {},
): Promise<string> {
  const [owner, partner] = brands as [TestBrand, TestBrand];
  const created = await owner.operator(CREATE_CAMPAIGN, {
    input: {
      ...{ allianceId, name: text("Together") },
      offerId: options.offerId ?? (await newOffer(owner)),
      startsAt: options.startsAt ?? inDays(-1),
      endsAt: options.endsAt ?? inDays(30),
      partners: [{ brand: partner.slug, quota: options.quota ?? 100 }],
    },
  });
  const jointCampaignId = granted(created, "jointCampaign").jointCampaign.id as string;
  if (options.approve ?? true) {
    granted(await partner.operator(APPROVE, { input: { jointCampaignId } }), "jointCampaign");
  }
  return jointCampaignId;
}

export const END_OFFER = `mutation ($input: EndOfferInput!) { endOffer(input: $input) { __typename } }`;

/** What a caller is answered: a payload or a refusal. */
export async function refusalOf(caller: Caller | undefined, operation: string, input: object) {
  const answer = await caller?.(operation, { input });
  if (!answer) throw new Error("There is no such caller.");
  return outcomeOf(answer);
}
