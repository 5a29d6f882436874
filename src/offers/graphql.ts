import type { OfferState, OfferTerms } from "../../schema/tables/offers.ts";
import { Brand } from "../brands/graphql.ts";
import { actorOf } from "../context.ts";
import { couponReaders } from "../coupons/graphql.ts";
import { builder, pageOf } from "../graphql/builder.ts";
import { registerNode } from "../graphql/nodes.ts";
import { localizedField, optionalLocalizedField } from "../graphql/texts.ts";

export const termMeanings = {
  percentageBasisPoints: "A share off: 1000 is 10 %, rounded down to the minor unit.",
  amountOffMinor: "An amount off, in minor units.",
  maximumDiscountMinor: "No discount exceeds it, in minor units.",
  minimumSpendMinor: "What an order must come to, in minor units.",
  startsAt: "Cannot be used before.",
  endsAt: "Cannot be used from then on.",
  validDaysAfterClaim: "Can be used to the end of that day after it was claimed, in the brand's time zone.",
  pricePoints: "What a member pays for one in points, with `convertPoints`; without it, points buy none.",
} satisfies Partial<Record<keyof OfferTerms, string>>;

export const Terms = builder.objectRef<OfferTerms>("OfferTerms").implement({
  description: "The immutable terms of an offer.",
  authScopes: { public: true },
  fields: (t) => {
    const integer = (name: "percentageBasisPoints" | "validDaysAfterClaim") =>
      t.exposeInt(name, { nullable: true, description: termMeanings[name] });
    const amount = (name: "amountOffMinor" | "maximumDiscountMinor" | "minimumSpendMinor" | "pricePoints") =>
      t.expose(name, { type: "SafeInt", nullable: true, description: termMeanings[name] });
    const moment = (name: "startsAt" | "endsAt") =>
      t.expose(name, { type: "DateTime", nullable: true, description: termMeanings[name] });
    return {
      percentageBasisPoints: integer("percentageBasisPoints"),
      amountOffMinor: amount("amountOffMinor"),
      maximumDiscountMinor: amount("maximumDiscountMinor"),
      minimumSpendMinor: amount("minimumSpendMinor"),
      startsAt: moment("startsAt"),
      endsAt: moment("endsAt"),
      validDaysAfterClaim: integer("validDaysAfterClaim"),
      pricePoints: amount("pricePoints"),
    };
  },
});

const OfferStateEnum = builder.enumType("OfferState", {
  description: "Whether coupons of an offer are given out.",
  values: {
    DRAFT: { description: "Not yet: it is being prepared." },
    ACTIVE: { description: "They are." },
    PAUSED: { description: "Not now; nor can those that are out be used meanwhile." },
    ENDED: { description: "No longer; those that are out stay valid." },
  } satisfies Record<OfferState, { description: string }>,
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
    terms: t.expose("terms", { type: Terms, description: "What it gives and when. Never changes." }),
    perMemberLimit: t.exposeInt("perMemberLimit", {
      nullable: true,
      description: "How many one member can have; null without limit.",
    }),
    issueLimit: t.exposeInt("issueLimit", {
      nullable: true,
      authScopes: { anyOf: ["program:read", "program:write"] },
      description:
        "How many can be given out in all; null without limit, and with an error for who may not know.",
    }),
    issuedCount: t.exposeInt("issuedCount", {
      nullable: true,
      authScopes: { anyOf: ["program:read", "program:write"] },
      description: "How many were given out, those that nobody has claimed included.",
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was made." }),
    brand: t.relation("brand", { type: Brand, description: "Whose offer it is." }),
  }),
});

// A partner's token sees an offer in the joint campaign that it is of, and none by its id.
registerNode("Offer", "offers", ({ actor }) =>
  actor && actor.kind !== "PARTNER" ? { brandId: actor.brandId } : null,
);

builder.queryFields((t) => ({
  offers: t.drizzleConnection(
    {
      type: "offers",
      description: "The brand's offers, newest first.",
      authScopes: { anyOf: ["program:read", "program:write"] },
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
