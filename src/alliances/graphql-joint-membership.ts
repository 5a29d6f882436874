import type {
  ConsentPurpose,
  consentPurposes,
  DataCategory,
  dataCategories,
} from "../../schema/tables/alliances.ts";
import { Brand } from "../brands/graphql.ts";
import type { Context } from "../context.ts";
import { builder } from "../graphql/builder.ts";
import { registerNode } from "../graphql/nodes.ts";
import { Member, visibleMembers } from "../members/graphql.ts";
import { Tier } from "../tiers/graphql.ts";
import { type ConsentFacts, isConsentActive, shows } from "./consent.ts";
import { Alliance } from "./graphql.ts";
import { recognisedTier } from "./recognised-tier.ts";
import type { TierLevels } from "./tier-levels.ts";

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
  authScopes: { anyOf: ["member:self", "members:read"] },
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
    "A member's link with its membership at another brand of an alliance, and what that brand may see by it. Only the member and its own brand see it.",
  authScopes: { anyOf: ["member:self", "members:read"] },
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
registerNode("JointMembership", "jointMemberships", (context) => {
  const member = visibleMembers(context);
  return member && { brandId: member.brandId, member };
});

builder.drizzleObjectFields(Member, (t) => ({
  jointMemberships: t.relation("jointMemberships", {
    description:
      "The member's links with its memberships at other brands, oldest first, and what each partner recognises.",
    authScopes: { anyOf: ["member:self", "members:read"] },
    nullable: true,
    query: {
      where: { endedAt: { isNull: true }, partnerMember: { state: "ACTIVE" } },
      orderBy: { id: "asc" },
    },
  }),
}));
