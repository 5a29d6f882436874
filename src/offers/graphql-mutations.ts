import { InvalidValue, NotFound } from "../errors.ts";
import { builder } from "../graphql/builder.ts";
import { rowMutation } from "../graphql/mutation.ts";
import { LocalizedTextInput, someTexts, textsOf } from "../graphql/texts.ts";
import { createOffer } from "./create-offer.ts";
import { endOffer } from "./end-offer.ts";
import { Offer, termMeanings } from "./graphql.ts";
import { OfferEnded } from "./refusals.ts";

const TermsInput = builder.inputType("OfferTermsInput", {
  description: "The terms of a new offer: either a share or an amount off.",
  fields: (t) => ({
    percentageBasisPoints: t.int({ description: termMeanings.percentageBasisPoints }),
    amountOffMinor: t.field({ type: "SafeInt", description: termMeanings.amountOffMinor }),
    maximumDiscountMinor: t.field({ type: "SafeInt", description: termMeanings.maximumDiscountMinor }),
    minimumSpendMinor: t.field({ type: "SafeInt", description: termMeanings.minimumSpendMinor }),
    startsAt: t.field({ type: "DateTime", description: termMeanings.startsAt }),
    endsAt: t.field({ type: "DateTime", description: termMeanings.endsAt }),
    validDaysAfterClaim: t.int({ description: termMeanings.validDaysAfterClaim }),
    pricePoints: t.field({ type: "SafeInt", description: termMeanings.pricePoints }),
  }),
});

const offerRow = { row: "offer", type: Offer, table: "offers" } as const;

rowMutation("createOffer", {
  description: "Adds an offer. Its terms and limits never change: make another one instead.",
  scopes: ["program:write"],
  input: (t) => ({
    title: t.field({
      type: [LocalizedTextInput],
      validate: someTexts,
      required: true,
      description: "What members read on the coupon.",
    }),
    description: t.field({
      type: [LocalizedTextInput],
      validate: someTexts,
      description: "The small print.",
    }),
    terms: t.field({ type: TermsInput, required: true, description: "What it gives and when." }),
    issueLimit: t.int({ description: "How many in all; without it, without limit." }),
    perMemberLimit: t.int({ description: "How many one member can have; without it, without limit." }),
  }),
  ...offerRow,
  rowDescription: "The new offer.",
  refusals: [InvalidValue],
  resolve: ({ title, description, terms, issueLimit, perMemberLimit }, context, read) => {
    const texts = { title: textsOf(title), description: description ? textsOf(description) : null };
    const limits = { issueLimit: issueLimit ?? null, perMemberLimit: perMemberLimit ?? null };
    return createOffer(context, { ...texts, ...limits, terms }, read);
  },
});

rowMutation("endOffer", {
  description: "Ends an offer: no more coupons are given out; those that are out stay valid.",
  scopes: ["program:write"],
  input: (t) => ({ offerId: t.id({ required: true, description: "Which offer." }) }),
  ...offerRow,
  rowDescription: "The offer as it is now.",
  refusals: [NotFound, OfferEnded],
  resolve: (input, context, read) => endOffer(context, input, read),
});
