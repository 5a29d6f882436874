import * as z from "zod";
import type {
  ConsentPurpose,
  consentPurposes,
  DataCategory,
  dataCategories,
} from "../../schema/tables/alliances.ts";
import { Brand } from "../brands/graphql.ts";
import type { Context } from "../context.ts";
import { formatCode } from "../coupons/code.ts";
import { InvalidValue, NotFound } from "../errors.ts";
import { builder, type ExtendedTypes } from "../graphql/builder.ts";
import { mutation, payloadType, rowMutation } from "../graphql/mutation.ts";
import { registerNode } from "../graphql/nodes.ts";
import { shortText } from "../graphql/texts.ts";
import { Member } from "../members/graphql.ts";
import { MemberClosed } from "../members/refusals.ts";
import { Tier } from "../tiers/graphql.ts";
import { type ConsentFacts, isConsentActive, shows } from "./consent.ts";
import { createLinkCode } from "./create-link-code.ts";
import { Alliance } from "./graphql.ts";
import { linkMembership } from "./link-membership.ts";
import { recognisedTier } from "./recognised-tier.ts";
import { AlreadyLinked, LinkCodeNotValid, LinkEnded } from "./refusals.ts";
import { renewConsent } from "./renew-consent.ts";
import type { TierLevels } from "./tier-levels.ts";
import { unlinkMembership } from "./unlink-membership.ts";
import { withdrawConsent } from "./withdraw-consent.ts";

export const DataCategoryEnum = builder.enumType("DataCategory", {
  description: "A kind of data about a member that a consent can name.",
  values: {
    TIER: { description: "The member's tier, and with it what a partner recognises." },
    MEMBER_SINCE: { description: "When the member enrolled." },
    DISPLAY_NAME: { description: "A shortened name: `李*`, `Anna K.`" },
    REGION: { description: "Where the member lives, as the brand writes it." },
  } satisfies Record<(typeof dataCategories)[number], { description: string }>,
});

export const ConsentPurposeEnum = builder.enumType("ConsentPurpose", {
  description: "What a member's data may be used for.",
  values: {
    RECOGNITION: { description: "To recognise and serve the member at the partner." },
    JOINT_OFFERS: { description: "To choose whom joint campaigns' coupons are issued to." },
  } satisfies Record<(typeof consentPurposes)[number], { description: string }>,
});

interface SharingConsentShape {
  categories: DataCategory[];
  purposes: ConsentPurpose[];
  givenAt: number;
  expiresAt: number;
  withdrawnAt: number | null;
  active: boolean;
}

const SharingConsent = builder.objectRef<SharingConsentShape>("SharingConsent").implement({
  description: "What a member lets a partner see, what for, and until when.",
  authScopes: { anyOf: ["member:self"] },
  fields: (t) => ({
    categories: t.expose("categories", { type: [DataCategoryEnum], description: "What the partner sees." }),
    purposes: t.expose("purposes", { type: [ConsentPurposeEnum], description: "What it may use it for." }),
    givenAt: t.expose("givenAt", { type: "DateTime", description: "When it was given, or last renewed." }),
    expiresAt: t.expose("expiresAt", { type: "DateTime", description: "It counts until then." }),
    withdrawnAt: t.expose("withdrawnAt", {
      type: "DateTime",
      nullable: true,
      description: "When it was withdrawn.",
    }),
    active: t.exposeBoolean("active", {
      description: "Whether it counts now: not withdrawn, not expired, and the link not ended.",
    }),
  }),
});

const consentColumns = {
  categories: true,
  consentExpiresAt: true,
  consentWithdrawnAt: true,
  endedAt: true,
} as const;

/** What `recognisedTier` asks of a link's row, whoever reads it. */
export const recognition = {
  columns: consentColumns,
  with: {
    member: { columns: { tierId: true } },
    ownPart: { columns: { tierLevels: true } },
    partnerPart: { columns: { tierLevels: true } },
  },
} as const;

interface RecognitionFacts extends ConsentFacts {
  member: { tierId: string };
  ownPart: { tierLevels: TierLevels };
  partnerPart: { tierLevels: TierLevels };
  partnerTiers: readonly object[];
}

/** The partner's tier as which it recognises a link's member now; null outside the consent. */
export function recognisedBy(link: RecognitionFacts, { now }: Context) {
  if (!shows(link, "TIER", now)) return null;
  const level = link.ownPart.tierLevels[link.member.tierId];
  const tiers = link.partnerTiers as { brandId: string; id: string; rank: number }[];
  return recognisedTier(level, link.partnerPart.tierLevels, tiers) ?? null;
}

export const JointMembership = builder.drizzleNode("jointMemberships", {
  name: "JointMembership",
  description:
    "A member's link with its membership at another brand of an alliance, and what that brand may see by it. Only the member sees it.",
  authScopes: { anyOf: ["member:self"] },
  id: {
    column: ({ id }) => id,
    description: "`jnt_…`: the pseudonym by which the partner knows the member.",
  },
  select: { columns: { brandId: true, id: true } },
  fields: (t) => ({
    alliance: t.relation("alliance", {
      type: Alliance,
      description: "The alliance that both brands are in.",
    }),
    partner: t.relation("partner", { type: Brand, description: "The other brand." }),
    linkedAt: t.expose("linkedAt", { type: "DateTime", description: "When the member linked the two." }),
    endedAt: t.expose("endedAt", {
      type: "DateTime",
      nullable: true,
      description: "When the link ended, by either side.",
    }),
    consent: t.field({
      type: SharingConsent,
      description: "What the member lets the partner see.",
      select: { columns: { ...consentColumns, purposes: true, consentGivenAt: true } },
      resolve: (link, _args, { now }) => ({
        ...{ categories: link.categories, purposes: link.purposes, givenAt: link.consentGivenAt },
        ...{ expiresAt: link.consentExpiresAt, withdrawnAt: link.consentWithdrawnAt },
        active: isConsentActive(link, now),
      }),
    }),
    recognisedTier: t.field({
      type: Tier,
      nullable: true,
      description:
        "The partner's own tier as which it recognises the member: its highest at or below the member's level on the alliance's scale. Null when the consent is not active or leaves the tier out, or there is none.",
      select: (_args, _context, nestedSelection) => ({
        ...recognition,
        with: {
          ...recognition.with,
          partnerTiers: nestedSelection({ columns: { id: true, brandId: true, rank: true } }),
        },
      }),
      resolve: (link, _args, context) => recognisedBy(link, context),
    }),
  }),
});

// A partner looks the same row up as a JointMember, and never finds it here.
registerNode("JointMembership", "jointMemberships", ({ actor }) =>
  actor?.memberId ? { brandId: actor.brandId, memberId: actor.memberId } : null,
);

builder.drizzleObjectFields(Member, (t) => ({
  jointMemberships: t.relation("jointMemberships", {
    description:
      "The member's links with its memberships at other brands, oldest first. For the member alone.",
    authScopes: { anyOf: ["member:self"] },
    query: {
      where: { endedAt: { isNull: true }, partnerMember: { state: "ACTIVE" } },
      orderBy: { id: "asc" },
    },
  }),
}));

const ConsentInput = builder.inputType("SharingConsentInput", {
  description: "What the member lets the other brand see, what for, and until when.",
  fields: (t) => ({
    categories: t.field({
      type: [DataCategoryEnum],
      required: true,
      description: "What it sees; none of them shows that there is a member, and nothing else.",
    }),
    purposes: t.field({
      type: [ConsentPurposeEnum],
      required: true,
      description: "What it may use it for: at least one.",
    }),
    expiresAt: t.field({
      type: "DateTime",
      required: true,
      description: "Until when: in the future, at most two years ahead.",
    }),
  }),
});

mutation("createLinkCode", {
  description:
    "Shows a code with which the member, signed in at another brand of the alliance, links the two memberships. It lives ten minutes, works once, and ends the code before it.",
  scopes: ["member:self"],
  input: (t) => ({
    allianceId: t.id({ required: true, description: "An alliance that the member's brand takes part in." }),
    consent: t.field({
      type: ConsentInput,
      required: true,
      description: "What this brand will show the other, once linked.",
    }),
  }),
  payload: payloadType<{ code: string; expiresAt: number }>(
    "CreateLinkCodePayload",
    "What `createLinkCode` made.",
    (t) => ({
      code: t.string({
        description: "The code, shown only now: `K7QM-2X9D-PB4R-TW3H`. It is kept as a hash.",
        resolve: ({ code }) => formatCode(code),
      }),
      expiresAt: t.expose("expiresAt", { type: "DateTime", description: "No longer good from then on." }),
    }),
  ),
  refusals: [NotFound, MemberClosed, InvalidValue],
  resolve: (input, context) => createLinkCode(context, input),
});

const linkRow = {
  ...({ row: "jointMembership", type: JointMembership, table: "jointMemberships" } as const),
  scopes: ["member:self"] as const,
};

/** The same in all that a member does with a link. */
const whichLink = (t: PothosSchemaTypes.InputFieldBuilder<ExtendedTypes, "InputObject">) =>
  t.id({ required: true, description: "One of the member's own links." });

rowMutation("linkMembership", {
  ...linkRow,
  description: "Links the member with its membership at the brand whose app shows the code.",
  input: (t) => ({
    code: t.string({ required: true, description: "As shown or typed, in any case.", validate: shortText }),
    consent: t.field({
      type: ConsentInput,
      required: true,
      description: "What this brand will show the other.",
    }),
    idempotencyKey: t.string({
      description: "Yours, up to 100 characters; with it, a repeated call is answered like the first.",
      validate: z.string().min(1).max(100),
    }),
  }),
  rowDescription: "The member's new link.",
  refusals: [LinkCodeNotValid, AlreadyLinked, NotFound, MemberClosed, InvalidValue],
  resolve: (input, context, read) => linkMembership(context, input, read),
});

rowMutation("withdrawConsent", {
  ...linkRow,
  description:
    "Withdraws the member's consent: from this moment the partner sees nothing. What the partner shows this brand is the member's consent there, and stays.",
  input: (t) => ({ jointMembershipId: whichLink(t) }),
  rowDescription: "The link as it is now.",
  refusals: [NotFound],
  resolve: (input, context, read) => withdrawConsent(context, input, read),
});

rowMutation("renewConsent", {
  ...linkRow,
  description: "Gives a consent in place of the one before, also where it was withdrawn or has expired.",
  input: (t) => ({
    jointMembershipId: whichLink(t),
    consent: t.field({ type: ConsentInput, required: true, description: "The whole consent from now on." }),
  }),
  rowDescription: "The link as it is now.",
  refusals: [NotFound, LinkEnded, MemberClosed, InvalidValue],
  resolve: (input, context, read) => renewConsent(context, input, read),
});

rowMutation("unlinkMembership", {
  ...linkRow,
  description: "Ends a link in both directions: neither brand sees the member through it any more.",
  input: (t) => ({ jointMembershipId: whichLink(t) }),
  rowDescription: "The link, ended.",
  refusals: [NotFound],
  resolve: (input, context, read) => unlinkMembership(context, input, read),
});
