import type { tierGrantKinds } from "../../schema/tables/standings.ts";
import { Brand } from "../brands/graphql.ts";
import { InvalidValue, NotFound } from "../errors.ts";
import { builder, pageOf } from "../graphql/builder.ts";
import { idempotencyKey, rowMutation } from "../graphql/mutation.ts";
import {
  LocalizedTextInput,
  localizedField,
  optionalLocalizedField,
  someTexts,
  textsOf,
} from "../graphql/texts.ts";
import { Member } from "../members/graphql.ts";
import { MemberClosed } from "../members/refusals.ts";
import { shortText } from "../texts.ts";
import { createMembershipPlan } from "./create-membership-plan.ts";
import { endTierGrant } from "./end-tier-grant.ts";
import { grantTier } from "./grant-tier.ts";
import { Tier } from "./graphql.ts";
import { PlanRetired, TierGrantEnded } from "./refusals.ts";
import { retireMembershipPlan } from "./retire-membership-plan.ts";

const readers = ["members:read", "member:self"] as const;

const TierGrantKind = builder.enumType("TierGrantKind", {
  description: "How a tier was given.",
  values: {
    MANUAL: { description: "By hand, with a reason." },
    PLAN: { description: "It was bought." },
  } satisfies Record<(typeof tierGrantKinds)[number], { description: string }>,
});

const MembershipPlan = builder.drizzleObject("membershipPlans", {
  name: "MembershipPlan",
  description: "A membership that is bought: an order with its sku gives its tier for its term.",
  authScopes: { public: true },
  select: { columns: { brandId: true, id: true } },
  fields: (t) => ({
    id: t.exposeID("id", { description: "`pln_…`" }),
    name: t.field(localizedField("name", "What members call it.")),
    description: t.field(optionalLocalizedField("description", "What it is.")),
    sku: t.exposeString("sku", { description: "What orders name it by." }),
    priceMinor: t.expose("priceMinor", {
      type: "SafeInt",
      description: "What it costs, in the minor units of the brand's currency.",
    }),
    termMonths: t.exposeInt("termMonths", { description: "For how many months." }),
    tier: t.relation("tier", { type: Tier, description: "The tier that it gives." }),
    retiredAt: t.expose("retiredAt", {
      type: "DateTime",
      nullable: true,
      description: "No longer sold from then on; null while it is sold.",
    }),
  }),
});

const TierGrant = builder.drizzleObject("tierGrants", {
  name: "TierGrant",
  description: "A tier that a member has at least, for a time; what it earns goes on counting beneath.",
  authScopes: { anyOf: [...readers, "tiers:grant"] },
  select: { columns: { brandId: true, id: true } },
  fields: (t) => ({
    id: t.exposeID("id", { description: "`tgr_…`" }),
    member: t.relation("member", { type: Member, description: "Who has it." }),
    tier: t.relation("tier", { type: Tier, description: "Which tier." }),
    kind: t.expose("kind", { type: TierGrantKind, description: "By hand, or bought." }),
    reason: t.string({
      nullable: true,
      authScopes: { anyOf: ["members:read", "tiers:grant"] },
      description: "Why it was given by hand, for the brand's own record; null for one that was bought.",
      select: { columns: { reason: true } },
      resolve: ({ reason }) => reason,
    }),
    plan: t.relation("plan", {
      type: MembershipPlan,
      nullable: true,
      description: "The plan that was bought; null for one given by hand.",
    }),
    startsAt: t.expose("startsAt", { type: "DateTime", description: "From when." }),
    endsAt: t.expose("endsAt", {
      type: "DateTime",
      nullable: true,
      description: "Until when; null for as long as it is not taken back.",
    }),
    endedAt: t.expose("endedAt", {
      type: "DateTime",
      nullable: true,
      description:
        "When it ended: its time was over, it was taken back, or what bought it was refunded or cancelled. Null until then.",
    }),
  }),
});

builder.drizzleObjectFields(Brand, (t) => ({
  membershipPlans: t.relation("membershipPlans", {
    type: MembershipPlan,
    description: "The memberships that are sold, the first made first.",
    query: { where: { retiredAt: { isNull: true } }, orderBy: { id: "asc" } },
  }),
}));

builder.drizzleObjectFields(Member, (t) => ({
  tierGrants: t.relatedConnection(
    "tierGrants",
    {
      type: TierGrant,
      authScopes: { anyOf: readers },
      description: "The tiers that were given by hand or bought, the newest first.",
      query: { orderBy: { id: "desc" } },
    },
    ...pageOf("TierGrant"),
  ),
}));

const grantRow = { row: "tierGrant", type: TierGrant, table: "tierGrants" } as const;

rowMutation("grantTier", {
  description:
    "Gives a member a tier by hand, with a reason: it then has that one, or a higher one that it earned. What it earns goes on counting beneath.",
  scopes: ["tiers:grant"],
  input: (t) => ({
    memberId: t.id({ required: true, description: "Who gets it." }),
    tierId: t.id({ required: true, description: "Which tier." }),
    reason: t.string({ required: true, description: "Why, for the record.", validate: shortText }),
    endsAt: t.field({ type: "DateTime", description: "Until when; when left out, until it is taken back." }),
    idempotencyKey: idempotencyKey(t),
  }),
  ...grantRow,
  rowDescription: "The grant.",
  refusals: [NotFound, MemberClosed, InvalidValue],
  resolve: (input, context, read) => grantTier(context, input, read),
});

rowMutation("endTierGrant", {
  description: "Takes a grant back, given by hand or bought. The member keeps the tier that it earned.",
  scopes: ["tiers:grant"],
  input: (t) => ({
    tierGrantId: t.id({ required: true, description: "Which grant." }),
    reason: t.string({ required: true, description: "Why, for the record.", validate: shortText }),
    idempotencyKey: idempotencyKey(t),
  }),
  ...grantRow,
  rowDescription: "The grant as it is now.",
  refusals: [NotFound, TierGrantEnded],
  resolve: (input, context, read) => endTierGrant(context, input, read),
});

const planRow = { row: "membershipPlan", type: MembershipPlan, table: "membershipPlans" } as const;

rowMutation("createMembershipPlan", {
  description: "Offers a membership that is bought: a paid order with its sku gives its tier for its term.",
  scopes: ["program:write"],
  input: (t) => ({
    name: t.field({
      type: [LocalizedTextInput],
      validate: someTexts,
      required: true,
      description: "What members call it.",
    }),
    description: t.field({ type: [LocalizedTextInput], validate: someTexts, description: "What it is." }),
    sku: t.string({
      required: true,
      description: "What orders name it by; no two plans that are sold have the same.",
      validate: shortText,
    }),
    priceMinor: t.field({
      type: "SafeInt",
      required: true,
      description: "What it costs, in the minor units of the brand's currency.",
    }),
    termMonths: t.int({ required: true, description: "For how many months, 1 to 120." }),
    tierId: t.id({ required: true, description: "The tier that it gives." }),
  }),
  ...planRow,
  rowDescription: "The new plan.",
  refusals: [NotFound, InvalidValue],
  resolve: ({ name, description, ...rest }, context, read) => {
    const texts = { name: textsOf(name), description: description ? textsOf(description) : null };
    return createMembershipPlan(context, { ...rest, ...texts }, read);
  },
});

rowMutation("retireMembershipPlan", {
  description: "Sells a plan no more. What was bought of it runs on.",
  scopes: ["program:write"],
  input: (t) => ({ membershipPlanId: t.id({ required: true, description: "Which plan." }) }),
  ...planRow,
  rowDescription: "The plan as it is now.",
  refusals: [NotFound, PlanRetired],
  resolve: (input, context, read) => retireMembershipPlan(context, input, read),
});
