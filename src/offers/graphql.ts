import type { OfferState } from "../../schema/tables/offers.ts";
import { programReaders } from "../access/scopes.ts";
import { Brand } from "../brands/graphql.ts";
import { actorOf } from "../context.ts";
import { couponReaders } from "../coupons/graphql.ts";
import { builder, pageOf } from "../graphql/builder.ts";
import { registerNode } from "../graphql/nodes.ts";
import { localizedField, optionalLocalizedField } from "../graphql/texts.ts";
import { Terms } from "./graphql-terms.ts";
import { mayReadPlans } from "./may-know.ts";

const OfferStateEnum = builder.enumType("OfferState", {
  description: "Whether coupons of an offer are given out.",
  values: {
    DRAFT: { description: "Not yet: it is being prepared, and found by who may read the program alone." },
    ACTIVE: { description: "They are." },
    PAUSED: { description: "Not now; nor can those that are out be used meanwhile." },
    ENDED: { description: "No longer; those that are out stay valid." },
  } satisfies Record<OfferState, { description: string }>,
});

/** What of an offer's past is shown. */
const MOST_VERSIONS = 50;

const OfferVersion = builder.drizzleObject("offerVersions", {
  name: "OfferVersion",
  description: "What an offer said from some moment on. Never changed.",
  authScopes: programReaders,
  select: { columns: { brandId: true, offerId: true, version: true } },
  fields: (t) => ({
    version: t.exposeInt("version", { description: "The first is 1." }),
    title: t.field(localizedField("title", "What members read on the coupon.")),
    description: t.field(optionalLocalizedField("description", "The small print, in the brand's words.")),
    terms: t.expose("terms", { type: Terms, description: "What it gave and when." }),
    issueLimit: t.exposeInt("issueLimit", {
      nullable: true,
      description: "How many could be given out in all; null without limit.",
    }),
    perMemberLimit: t.exposeInt("perMemberLimit", {
      nullable: true,
      description: "How many one member could have; null without limit.",
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "From when it held." }),
  }),
});

export const Offer = builder.drizzleNode("offers", {
  name: "Offer",
  description: "A kind of coupon: what it gives, when, and how often.",
  authScopes: { anyOf: couponReaders },
  id: { column: ({ id }) => id, description: "`ofr_…`" },
  select: { columns: { brandId: true, id: true } },
  fields: (t) => ({
    title: t.field(localizedField("title", "What members read on the coupon.")),
    description: t.field(optionalLocalizedField("description", "The small print, in the brand's words.")),
    state: t.expose("state", { type: OfferStateEnum, description: "Whether coupons are given out." }),
    terms: t.expose("terms", {
      type: Terms,
      description:
        "What it gives and when, as its present version says. A coupon keeps those of the version that it was issued under.",
    }),
    perMemberLimit: t.exposeInt("perMemberLimit", {
      nullable: true,
      description: "How many one member can have; null without limit.",
    }),
    issueLimit: t.exposeInt("issueLimit", {
      nullable: true,
      authScopes: programReaders,
      description:
        "How many can be given out in all; null without limit, and with an error for who may not know.",
    }),
    issuedCount: t.exposeInt("issuedCount", {
      nullable: true,
      authScopes: programReaders,
      description: "How many were given out, those that nobody has claimed included.",
    }),
    version: t.exposeInt("version", { description: "The present one; each revision makes another." }),
    versions: t.relation("versions", {
      type: OfferVersion,
      nullable: true,
      authScopes: programReaders,
      description: `What it said before, and says now: the newest first, ${MOST_VERSIONS} at most. Null, with an error, without the scope.`,
      query: { orderBy: { version: "desc" }, limit: MOST_VERSIONS },
    }),
    isAutomatic: t.exposeBoolean("isAutomatic", {
      description: "Whether it applies to every member's cart that qualifies, without a coupon of it.",
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was made." }),
    brand: t.relation("brand", { type: Brand, description: "Whose offer it is." }),
  }),
});

// A partner's token sees an offer in the joint campaign that it is of, and none by its id.
registerNode("Offer", "offers", (context) => {
  const { actor } = context;
  if (!actor || actor.kind === "PARTNER") return null;
  return { brandId: actor.brandId, ...(mayReadPlans(context) ? {} : { state: { ne: "DRAFT" } }) };
});

builder.queryFields((t) => ({
  offers: t.drizzleConnection(
    {
      type: "offers",
      description: "The brand's offers, newest first.",
      authScopes: programReaders,
      args: { state: t.arg({ type: OfferStateEnum, description: "Only these; without it, all." }) },
      resolve: (query, _root, { state }, context) =>
        context.database.query.offers.findMany(
          query({
            where: { brandId: actorOf(context).brandId, ...(state ? { state } : {}) },
            orderBy: { id: "desc" },
          }),
        ),
    },
    ...pageOf("Offer"),
  ),
}));
