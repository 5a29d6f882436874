import { InvalidValue, NotFound } from "../errors.ts";
import { rowMutation } from "../graphql/mutation.ts";
import { LocalizedTextInput, someTexts, textsOf } from "../graphql/texts.ts";
import { activateOffer } from "./activate-offer.ts";
import { createOffer } from "./create-offer.ts";
import { endOffer } from "./end-offer.ts";
import { Offer } from "./graphql.ts";
import { TermsInput, termsOf } from "./graphql-terms.ts";
import { pauseOffer } from "./pause-offer.ts";
import { OfferEnded, OfferStateConflict } from "./refusals.ts";
import { reviseOffer } from "./revise-offer.ts";

const offerRow = { row: "offer", type: Offer, table: "offers" } as const;

const meanings = {
  title: "What members read on the coupon.",
  description: "The small print.",
  terms: "What it gives and when.",
  issueLimit: "How many in all; without it, without limit.",
  perMemberLimit: "How many one member can have; without it, without limit.",
};

rowMutation("createOffer", {
  description: "Adds an offer, in its first version.",
  scopes: ["program:write"],
  input: (t) => ({
    title: t.field({
      type: [LocalizedTextInput],
      validate: someTexts,
      required: true,
      description: meanings.title,
    }),
    description: t.field({
      type: [LocalizedTextInput],
      validate: someTexts,
      description: meanings.description,
    }),
    terms: t.field({ type: TermsInput, required: true, description: meanings.terms }),
    issueLimit: t.int({ description: meanings.issueLimit }),
    perMemberLimit: t.int({ description: meanings.perMemberLimit }),
    isDraft: t.boolean({
      description: "Whether it is only prepared: `activateOffer` lets it apply. False by default.",
    }),
    isAutomatic: t.boolean({
      description:
        "Whether it applies to every member's cart that qualifies, without a coupon of it; one is issued when it is used. False by default.",
    }),
  }),
  ...offerRow,
  rowDescription: "The new offer.",
  refusals: [InvalidValue, NotFound],
  resolve: ({ title, description, terms, issueLimit, perMemberLimit, ...kind }, context, read) => {
    const texts = { title: textsOf(title), description: description ? textsOf(description) : null };
    const limits = { issueLimit: issueLimit ?? null, perMemberLimit: perMemberLimit ?? null };
    return createOffer(context, { ...texts, ...limits, ...kind, terms: termsOf(terms) }, read);
  },
});

rowMutation("reviseOffer", {
  description:
    "Makes a new version of an offer: what is left out stays, null takes away. Coupons that are out keep the terms of the version that they were issued under; all limits are those of the new one at once.",
  scopes: ["program:write"],
  input: (t) => ({
    offerId: t.id({ required: true, description: "Which offer." }),
    title: t.field({ type: [LocalizedTextInput], validate: someTexts, description: meanings.title }),
    description: t.field({
      type: [LocalizedTextInput],
      validate: someTexts,
      description: meanings.description,
    }),
    terms: t.field({ type: TermsInput, description: `${meanings.terms} All of it: the terms as a whole.` }),
    issueLimit: t.int({
      description: "How many in all, no fewer than were given out; null is without limit.",
    }),
    perMemberLimit: t.int({ description: "How many one member can have; null is without limit." }),
  }),
  ...offerRow,
  rowDescription: "The offer as it is now.",
  refusals: [InvalidValue, NotFound, OfferEnded],
  resolve: ({ title, description, terms, ...rest }, context, read) => {
    const revised = {
      ...(title ? { title: textsOf(title) } : {}),
      ...(description === undefined ? {} : { description: description && textsOf(description) }),
      ...(terms ? { terms: termsOf(terms) } : {}),
    };
    return reviseOffer(context, { ...rest, ...revised }, read);
  },
});

const theOffer = (t: Parameters<Parameters<typeof rowMutation>[1]["input"]>[0]) => ({
  offerId: t.id({ required: true, description: "Which offer." }),
});

rowMutation("activateOffer", {
  description:
    "Lets an offer apply, from a draft or after a pause: coupons of it are given out and can be used.",
  scopes: ["program:write"],
  input: theOffer,
  ...offerRow,
  rowDescription: "The offer as it is now.",
  refusals: [NotFound, OfferEnded, OfferStateConflict],
  resolve: (input, context, read) => activateOffer(context, input, read),
});

rowMutation("pauseOffer", {
  description:
    "Pauses an active offer: no coupons of it are given out, and those that are out cannot be used, until it is active again.",
  scopes: ["program:write"],
  input: theOffer,
  ...offerRow,
  rowDescription: "The offer as it is now.",
  refusals: [NotFound, OfferEnded, OfferStateConflict],
  resolve: (input, context, read) => pauseOffer(context, input, read),
});

rowMutation("endOffer", {
  description:
    "Ends an offer, whatever its state: no more coupons are given out; those that are out stay valid.",
  scopes: ["program:write"],
  input: theOffer,
  ...offerRow,
  rowDescription: "The offer as it is now.",
  refusals: [NotFound, OfferEnded],
  resolve: (input, context, read) => endOffer(context, input, read),
});
