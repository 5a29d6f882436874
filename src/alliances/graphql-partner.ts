import type { ConsentPurpose, DataCategory, jointMemberships } from "../../schema/tables/alliances.ts";
import { openDataKey } from "../brands/data-key.ts";
import { Brand } from "../brands/graphql.ts";
import { DAY_MS } from "../calendar.ts";
import { actorOf, type Context } from "../context.ts";
import { InvalidValue, NotFound, type Refusal } from "../errors.ts";
import { builder, pageOf } from "../graphql/builder.ts";
import { idempotencyKey, rowMutation } from "../graphql/mutation.ts";
import { RefusalInterface } from "../graphql/refusals.ts";
import { displayNameOf, openProfile } from "../members/profile.ts";
import { OfferEnded, OfferExhausted, OfferNotActive } from "../offers/refusals.ts";
import { Tier } from "../tiers/graphql.ts";
import { isVisibleFor } from "./conditions.ts";
import { campaignRow } from "./graphql-joint-campaign.ts";
import { ConsentPurposeEnum, recognisedBy, recognition } from "./graphql-joint-membership.ts";
import { type IssueJointCouponsOutcome, issueJointCoupons } from "./issue-joint-coupons.ts";
import { JointCampaignNotActive, QuotaExhausted } from "./refusals.ts";

const categories = { columns: { categories: true } } as const;

/** The member's sealed profile, with the key that opens it. */
const sealedProfile = {
  columns: { categories: true, memberId: true },
  with: {
    member: { columns: { profile: true } },
    brand: { columns: { wrappedDataKey: true } },
  },
} as const;

interface SealedLink {
  categories: DataCategory[];
  memberId: string;
  member: { profile: string };
  brand: { wrappedDataKey: string };
}

async function profileOf({ memberId, member, brand }: SealedLink, { environment }: Context) {
  const key = await openDataKey(environment.encryptionKeys, brand.wrappedDataKey);
  return openProfile({ id: memberId, profile: member.profile }, key);
}

/** Rows reach this type only through `isVisibleFor`, so the consent counts; what is asked here is its extent. */
export const JointMember = builder.drizzleObject("jointMemberships", {
  variant: "JointMember",
  description:
    "A member of another brand of the alliance, under a pseudonym, who is also a member here and consents. A field outside the consent is null.",
  authScopes: { anyOf: ["joint:recognise"] },
  select: { columns: { brandId: true, id: true } },
  fields: (t) => ({
    id: t.exposeID("id", {
      description:
        "`jnt_…`: a pseudonym of this member for the caller's brand alone; every other brand knows another.",
    }),
    brand: t.relation("brand", { type: Brand, description: "The brand whose member it is." }),
    tier: t.field({
      type: Tier,
      nullable: true,
      description: "The member's tier at its brand. Needs consent to TIER.",
      select: (_args, _context, nestedSelection) => ({
        ...categories,
        with: {
          member: { columns: {}, with: { tier: nestedSelection({ columns: { id: true, brandId: true } }) } },
        },
      }),
      resolve: ({ categories, member }) => (categories.includes("TIER") ? (member.tier as never) : null),
    }),
    level: t.int({
      nullable: true,
      description:
        "That tier on the alliance's scale, 1 to 9; null when it is not on it. Needs consent to TIER.",
      select: {
        ...categories,
        with: { member: { columns: { tierId: true } }, ownPart: { columns: { tierLevels: true } } },
      },
      resolve: ({ categories, member, ownPart }) =>
        categories.includes("TIER") ? (ownPart.tierLevels[member.tierId] ?? null) : null,
    }),
    recognisedTier: t.field({
      type: Tier,
      nullable: true,
      description:
        "The caller's own tier that it corresponds to: the highest at or below its level. Needs consent to TIER.",
      select: (_args, _context, nestedSelection) => ({
        ...recognition,
        with: {
          ...recognition.with,
          partnerTiers: nestedSelection({ columns: { id: true, brandId: true, rank: true } }),
        },
      }),
      resolve: (link, _args, context) => recognisedBy(link, context),
    }),
    memberSince: t.field({
      type: "DateTime",
      nullable: true,
      description:
        "The day, in UTC, on which the member enrolled at its brand: the moment would tell two partners that they know the same person. Needs consent to MEMBER_SINCE.",
      select: { ...categories, with: { member: { columns: { enrolledAt: true } } } },
      resolve: ({ categories, member }) =>
        categories.includes("MEMBER_SINCE") ? member.enrolledAt - (member.enrolledAt % DAY_MS) : null,
    }),
    displayName: t.string({
      nullable: true,
      description: "A shortened name: `李*`, `Anna K.` Needs consent to DISPLAY_NAME.",
      select: sealedProfile,
      resolve: async (link, _args, context) =>
        link.categories.includes("DISPLAY_NAME")
          ? displayNameOf((await profileOf(link, context)).name)
          : null,
    }),
    region: t.string({
      nullable: true,
      description: "Where the member lives, as its brand writes it. Needs consent to REGION.",
      select: sealedProfile,
      resolve: async (link, _args, context) =>
        link.categories.includes("REGION") ? ((await profileOf(link, context)).region ?? null) : null,
    }),
  }),
});

/** The rows through which a partner token sees members for a purpose now. */
function visibleJointMembers(context: Context, purpose: ConsentPurpose) {
  const { brandId, allianceId = "" } = actorOf(context);
  return {
    ...{ partnerBrandId: brandId, allianceId },
    RAW: (link: unknown) => isVisibleFor(link as typeof jointMemberships, purpose, context.now),
  };
}

builder.queryFields((t) => {
  const purpose = t.arg({
    type: ConsentPurposeEnum,
    required: true,
    defaultValue: "RECOGNITION",
    description: "What the caller reads it for; members who consent to that are shown.",
  });
  return {
    jointMembers: t.drizzleConnection(
      {
        type: JointMember,
        description: "The joint members of the alliance that the token is bound to, oldest link first.",
        authScopes: { anyOf: ["joint:recognise"] },
        args: { purpose },
        resolve: (query, _root, args, context) =>
          context.database.query.jointMemberships.findMany(
            query({ where: visibleJointMembers(context, args.purpose), orderBy: { id: "asc" } }),
          ) as never,
      },
      ...pageOf("JointMember"),
    ),
    jointMember: t.drizzleField({
      type: JointMember,
      nullable: true,
      description: "A joint member; null when there is none with this pseudonym who consents now.",
      authScopes: { anyOf: ["joint:recognise"] },
      args: { id: t.arg.id({ required: true, description: "`jnt_…`" }), purpose },
      resolve: (query, _root, args, context) =>
        context.database.query.jointMemberships.findFirst(
          query({ where: { AND: [visibleJointMembers(context, args.purpose), { id: args.id }] } }),
        ),
    }),
  };
});

const IssuedJointCoupon = builder
  .objectRef<IssueJointCouponsOutcome["issued"][number]>("IssuedJointCoupon")
  .implement({
    description:
      "A coupon that a joint member got. Its code is not for the partner: the member finds it in its wallet at the campaign's owner.",
    authScopes: { anyOf: ["joint:issue"] },
    fields: (t) => ({
      jointMemberId: t.exposeID("jointMemberId", { description: "Who, by pseudonym." }),
      couponId: t.exposeID("couponId", { description: "`cpn_…`, to settle by." }),
      expiresAt: t.expose("expiresAt", {
        type: "DateTime",
        nullable: true,
        description: "Until when it can be used; null is without end.",
      }),
    }),
  });

const RefusedJointIssue = builder
  .objectRef<{ jointMemberId: string; refusal: Refusal }>("RefusedJointIssue")
  .implement({
    description: "A joint member who got no coupon, and why.",
    authScopes: { anyOf: ["joint:issue"] },
    fields: (t) => ({
      jointMemberId: t.exposeID("jointMemberId", { description: "Who, as the caller named it." }),
      refusal: t.expose("refusal", { type: RefusalInterface, description: "Why not." }),
    }),
  });

rowMutation("issueJointCoupons", {
  ...campaignRow,
  description:
    "Gives each of up to 500 joint members of the campaign's owner a coupon of its offer, within the caller's quota. Members must consent to JOINT_OFFERS. Who cannot have one is left out and named with the reason; the codes are shown to the members alone.",
  scopes: ["joint:issue"],
  input: (t) => ({
    jointCampaignId: t.id({ required: true, description: "An active one that the token is for." }),
    jointMemberIds: t.idList({ required: true, description: "1 to 500 pseudonyms of joint members." }),
    idempotencyKey: idempotencyKey(t),
  }),
  rowDescription: "The joint campaign, with what is left of the quota.",
  fields: (t) => ({
    issued: t.field({
      type: [IssuedJointCoupon],
      description: "What was given.",
      resolve: ({ outcome }) => (outcome as IssueJointCouponsOutcome).issued,
    }),
    refused: t.field({
      type: [RefusedJointIssue],
      description: "The joint members who got none.",
      resolve: ({ outcome }) => (outcome as IssueJointCouponsOutcome).refused,
    }),
  }),
  refusals: [
    ...[NotFound, InvalidValue, JointCampaignNotActive, QuotaExhausted],
    ...[OfferEnded, OfferNotActive, OfferExhausted],
  ],
  resolve: (input, context, read) => issueJointCoupons(context, input, read),
});
