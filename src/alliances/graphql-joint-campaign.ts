import { Brand } from "../brands/graphql.ts";
import { actorOf, type Context, hasScope } from "../context.ts";
import { InvalidValue, NotFound } from "../errors.ts";
import { builder, pageOf } from "../graphql/builder.ts";
import { rowMutation } from "../graphql/mutation.ts";
import { registerNode, type Visible } from "../graphql/nodes.ts";
import {
  LocalizedTextInput,
  localizedField,
  optionalLocalizedField,
  someTexts,
  textsOf,
} from "../graphql/texts.ts";
import { publicTerms, Terms } from "../offers/graphql-terms.ts";
import { OfferEnded, OfferNotActive } from "../offers/refusals.ts";
import { shortText } from "../texts.ts";
import { approveJointCampaign, withdrawJointCampaignApproval } from "./approve-joint-campaign.ts";
import { createJointCampaign } from "./create-joint-campaign.ts";
import { endJointCampaign } from "./end-joint-campaign.ts";
import { Alliance } from "./graphql.ts";
import { type JointCampaignState, stateOf } from "./joint-campaign.ts";
import { JointCampaignEnded } from "./refusals.ts";

const readers = ["alliances:manage", "joint:recognise", "joint:issue"] as const;

const JointCampaignStateEnum = builder.enumType("JointCampaignState", {
  description: "Where a joint campaign is in its life.",
  values: {
    PENDING: { description: "Waits for the approval of a brand that it names." },
    SCHEDULED: { description: "All approve; its time has not come." },
    ACTIVE: { description: "Coupons can be issued." },
    ENDED: { description: "Over: by its dates, by its owner, or because one of its brands left." },
  } satisfies Record<JointCampaignState, { description: string }>,
});

const JointOffer = builder.drizzleObject("offers", {
  variant: "JointOffer",
  description: "The offer of a joint campaign, as every brand that it names may see it.",
  authScopes: { anyOf: readers },
  select: { columns: { brandId: true, id: true } },
  fields: (t) => ({
    id: t.exposeID("id", { description: "`ofr_…`, of the campaign's owner." }),
    title: t.field(localizedField("title", "What members read on the coupon.")),
    description: t.field(optionalLocalizedField("description", "The small print, in the owner's words.")),
    terms: t.field({
      type: Terms,
      description: "What it gives and when; without what only its own brand may know.",
      select: { columns: { terms: true } },
      resolve: ({ terms }) => publicTerms(terms),
    }),
    perMemberLimit: t.exposeInt("perMemberLimit", {
      nullable: true,
      description: "How many one member can have, however issued; null is without limit.",
    }),
  }),
});

const JointCampaignPartner = builder.drizzleObject("jointCampaignPartners", {
  name: "JointCampaignPartner",
  description: "A partner's part in a joint campaign.",
  authScopes: { anyOf: readers },
  select: { columns: { brandId: true, campaignId: true, partnerBrandId: true } },
  fields: (t) => ({
    brand: t.relation("brand", { type: Brand, description: "The partner." }),
    quota: t.exposeInt("quota", { description: "How many coupons it may issue." }),
    issuedCount: t.exposeInt("issuedCount", { description: "How many it has issued." }),
    approvedAt: t.expose("approvedAt", {
      type: "DateTime",
      nullable: true,
      description: "When it approved; null while it does not.",
    }),
  }),
});

// The same in every field that reads them, so that they ride in one statement.
const byBrand = { orderBy: { partnerBrandId: "asc" } } as const;

export const JointCampaign = builder.drizzleNode("jointCampaigns", {
  name: "JointCampaign",
  description: "Coupons of one brand's offer that its partners issue to members of that brand.",
  authScopes: { anyOf: readers },
  id: { column: ({ id }) => id, description: "`cmp_…`" },
  select: { columns: { brandId: true, id: true } },
  fields: (t) => ({
    name: t.field(localizedField("name", "What it is called.")),
    alliance: t.relation("alliance", { type: Alliance, description: "The alliance that its brands are in." }),
    owner: t.relation("brand", { type: Brand, description: "The brand whose offer and members it is for." }),
    offer: t.relation("offer", { type: JointOffer, description: "What is issued." }),
    startsAt: t.expose("startsAt", { type: "DateTime", description: "Not before." }),
    endsAt: t.expose("endsAt", { type: "DateTime", description: "No longer from then on." }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was made." }),
    endedAt: t.expose("endedAt", {
      type: "DateTime",
      nullable: true,
      description: "When it was ended before its time.",
    }),
    state: t.field({
      type: JointCampaignStateEnum,
      description: "Where it is in its life now.",
      select: {
        columns: { startsAt: true, endsAt: true, endedAt: true },
        with: {
          partners: { columns: { partnerBrandId: true, approvedAt: true }, ...byBrand },
          allianceBrands: { columns: { brandId: true, state: true } },
        },
      },
      resolve: (campaign, _args, { now }) => stateOf(campaign, now),
    }),
    partners: t.field({
      type: [JointCampaignPartner],
      description: "The partners' parts: all for the owner, for a partner only its own.",
      select: (_args, _context, nestedSelection) => ({
        with: { partners: nestedSelection({ columns: { partnerBrandId: true }, ...byBrand }) },
      }),
      resolve: ({ brandId, partners }, _args, context) => {
        const own = actorOf(context).brandId;
        return (partners as { partnerBrandId: string }[]).filter(
          ({ partnerBrandId }) => own === brandId || own === partnerBrandId,
        ) as never;
      },
    }),
  }),
});

/** Those that a brand owns or is named in; a partner token's, of its alliance and, if bound to some, those. */
const visibleCampaigns = (context: Context) => {
  const { brandId, kind, allianceId = "", jointCampaignIds } = actorOf(context);
  const ofTheBrand = [{ brandId }, { partners: { partnerBrandId: brandId } }];
  if (kind !== "PARTNER") return { OR: ofTheBrand };
  return {
    ...(jointCampaignIds ? { id: { in: [...jointCampaignIds] } } : {}),
    allianceId,
    allianceBrands: { brandId, state: "ACTIVE" as const },
    OR: ofTheBrand,
  };
};

const visible: Visible = (context) =>
  readers.some((scope) => hasScope(context, scope)) ? visibleCampaigns(context) : null;

registerNode("JointCampaign", "jointCampaigns", visible);

builder.queryField("jointCampaigns", (t) =>
  t.drizzleConnection(
    {
      type: "jointCampaigns",
      description:
        "The joint campaigns that the caller's brand owns or is named in, newest first; for a partner token those of its alliance, and only those it is bound to, if it is to some.",
      authScopes: { anyOf: readers },
      args: { allianceId: t.arg.id({ description: "Only those of this alliance." }) },
      resolve: (query, _root, { allianceId }, context) =>
        context.database.query.jointCampaigns.findMany(
          query({
            where: { AND: [visibleCampaigns(context), allianceId ? { allianceId } : {}] },
            orderBy: { id: "desc" },
          }),
        ),
    },
    ...pageOf("JointCampaign"),
  ),
);

const PartnerInput = builder.inputType("JointCampaignPartnerInput", {
  description: "A partner that may issue coupons, once it approves.",
  fields: (t) => ({
    brand: t.string({ required: true, description: "Its slug.", validate: shortText }),
    quota: t.int({ required: true, description: "How many coupons it may issue: at least 1." }),
  }),
});

/** In a mutation's payload: the row of a campaign that the verb has found to be the caller's. */
export const campaignRow = {
  ...({ row: "jointCampaign", type: JointCampaign, table: "jointCampaigns" } as const),
  where: (id: string) => ({ id }),
};

rowMutation("createJointCampaign", {
  ...campaignRow,
  description:
    "Lets partners issue coupons of one of the brand's own offers, to its own members. It runs once all of them approve; the brand approves by creating it.",
  scopes: ["alliances:manage"],
  input: (t) => ({
    allianceId: t.id({ required: true, description: "An alliance that all its brands take part in." }),
    offerId: t.id({ required: true, description: "One of the brand's own offers that is given out." }),
    name: t.field({
      type: [LocalizedTextInput],
      validate: someTexts,
      required: true,
      description: "What it is called.",
    }),
    startsAt: t.field({ type: "DateTime", required: true, description: "Not before." }),
    endsAt: t.field({ type: "DateTime", required: true, description: "No longer from then on." }),
    partners: t.field({
      type: [PartnerInput],
      required: true,
      description: "1 to 20 other brands of the alliance, each with its quota.",
    }),
  }),
  rowDescription: "The new joint campaign.",
  refusals: [NotFound, InvalidValue, OfferEnded, OfferNotActive],
  resolve: (input, context, read) =>
    createJointCampaign(context, { ...input, name: textsOf(input.name) }, read),
});

rowMutation("approveJointCampaign", {
  ...campaignRow,
  description: "Takes the brand's part in a joint campaign that names it.",
  scopes: ["alliances:manage"],
  input: (t) => ({
    jointCampaignId: t.id({ required: true, description: "One that names the brand as a partner." }),
  }),
  rowDescription: "The joint campaign as it is now.",
  refusals: [NotFound, JointCampaignEnded],
  resolve: (input, context, read) => approveJointCampaign(context, input, read),
});

rowMutation("withdrawJointCampaignApproval", {
  ...campaignRow,
  description:
    "Takes the brand's approval back: at once no partner issues coupons of the campaign, until the brand approves again. Coupons that were issued stay valid.",
  scopes: ["alliances:manage"],
  input: (t) => ({
    jointCampaignId: t.id({ required: true, description: "One that names the brand as a partner." }),
  }),
  rowDescription: "The joint campaign as it is now.",
  refusals: [NotFound, JointCampaignEnded],
  resolve: (input, context, read) => withdrawJointCampaignApproval(context, input, read),
});

rowMutation("endJointCampaign", {
  ...campaignRow,
  description: "Ends a joint campaign of the brand's own for good. Coupons that were issued stay valid.",
  scopes: ["alliances:manage"],
  input: (t) => ({
    jointCampaignId: t.id({ required: true, description: "One that the brand owns." }),
  }),
  rowDescription: "The joint campaign as it is now.",
  refusals: [NotFound, JointCampaignEnded],
  resolve: (input, context, read) => endJointCampaign(context, input, read),
});
