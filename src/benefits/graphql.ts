import { type BenefitTerms, benefitKinds, type quotaPeriods } from "../../schema/tables/benefits.ts";
import { programReaders } from "../access/scopes.ts";
import { Brand } from "../brands/graphql.ts";
import { InvalidValue, NotFound } from "../errors.ts";
import { both, type Field, whole } from "../graphql/both.ts";
import { listOf, opaqueText } from "../graphql/bounds.ts";
import { builder } from "../graphql/builder.ts";
import { rowMutation } from "../graphql/mutation.ts";
import { registerNode } from "../graphql/nodes.ts";
import {
  LocalizedTextInput,
  localizedField,
  optionalLocalizedField,
  someTexts,
  textsOf,
} from "../graphql/texts.ts";
import { GoodsType } from "../offers/graphql-goods.ts";
import { OfferEnded, OfferNotActive } from "../offers/refusals.ts";
import { Tier } from "../tiers/graphql.ts";
import { createBenefit, updateBenefit } from "./save-benefit.ts";

const fewIds = listOf(opaqueText(100), 100);

const kindMeanings: Record<(typeof benefitKinds)[number], string> = {
  PERCENTAGE_DISCOUNT: "A share off every purchase.",
  POINTS_MULTIPLIER: "More points for the same purchase.",
  BIRTHDAY_GIFT: "A gift around the birthday.",
  FREE_SHIPPING: "Delivery without charge.",
  EARLY_ACCESS: "Buying before everyone else.",
  MEMBER_PRICE: "Prices for members on chosen goods.",
  PRIORITY_SERVICE: "Being served first.",
  PRIVILEGE_DAY: "A day of each month with something special.",
  GIFT: "Something to take home.",
  SOCIAL: "A community, an event, a title.",
  CUSTOM: "Anything else; the description says what.",
};

export const BenefitKindEnum = builder.enumType("BenefitKind", {
  description: "What kind of thing a benefit is.",
  values: Object.fromEntries(
    benefitKinds.map((kind) => [kind, { description: kindMeanings[kind] }]),
  ) as Record<(typeof benefitKinds)[number], { description: string }>,
});

export const QuotaPeriodEnum = builder.enumType("QuotaPeriod", {
  description: "How often a quota is whole again, on the brand's calendar.",
  values: {
    DAY: { description: "Each day." },
    WEEK: { description: "Each week, on Monday." },
    MONTH: { description: "Each month, on its first day." },
    YEAR: { description: "Each year, on 1 January." },
    LIFETIME: { description: "Never." },
  } satisfies Record<(typeof quotaPeriods)[number], { description: string }>,
});

const termsType = both<BenefitTerms>(
  "BenefitTerms",
  "What makes a benefit exact: each kind has its own terms, and is saved neither without those that it needs nor with another's.",
  {
    rateBasisPoints: whole("PERCENTAGE_DISCOUNT, MEMBER_PRICE: the share off; 1000 is 10 %."),
    multiplierBasisPoints: whole("POINTS_MULTIPLIER: 15000 is 1.5 ×."),
    hoursBefore: whole("EARLY_ACCESS: how many hours before everyone else."),
    daysBefore: whole("BIRTHDAY_GIFT: usable from so many days before the birthday."),
    daysAfter: whole("BIRTHDAY_GIFT: usable to so many days after the birthday."),
    dayOfMonth: whole("PRIVILEGE_DAY: the day of the month; in a shorter month its last day."),
    goods: {
      type: GoodsType,
      description: "PERCENTAGE_DISCOUNT, MEMBER_PRICE: which goods; null for everything.",
    },
  } satisfies Record<keyof BenefitTerms, Field>,
);

export const Benefit = builder.drizzleNode("benefits", {
  name: "Benefit",
  description: "What members of some tiers are entitled to.",
  authScopes: { public: true },
  id: { column: ({ id }) => id, description: "`bnf_…`" },
  select: { columns: { brandId: true, id: true } },
  fields: (t) => ({
    kind: t.expose("kind", { type: BenefitKindEnum, description: "What kind of thing it is." }),
    name: t.field(localizedField("name", "What members call it.")),
    description: t.field(optionalLocalizedField("description", "What it gives, in the brand's words.")),
    terms: t.expose("terms", { type: termsType.output, description: "What makes it exact." }),
    quota: t.exposeInt("quota", {
      nullable: true,
      description: "How often in each period; null is without limit.",
    }),
    quotaPeriod: t.expose("quotaPeriod", {
      type: QuotaPeriodEnum,
      nullable: true,
      description: "The quota's period.",
    }),
    startsAt: t.expose("startsAt", { type: "DateTime", nullable: true, description: "Not before." }),
    endsAt: t.expose("endsAt", { type: "DateTime", nullable: true, description: "No longer from then on." }),
    // Ids and not tiers: tiers have benefits, and a circle of lists would cost the more the deeper it goes.
    offerId: t.id({
      nullable: true,
      authScopes: programReaders,
      description:
        "The offer whose coupon claiming it gives; null where it is given in a shop, and where it is another brand's to know.",
      select: { columns: { brandId: true, terms: true } },
      resolve: ({ brandId, terms }, _args, { actor }) =>
        brandId === actor?.brandId ? (terms.offerId ?? null) : null,
    }),
    granted: t.boolean({
      description: "Whether members get it without claiming it, once in each period.",
      select: { columns: { terms: true } },
      resolve: ({ terms }) => terms.granted ?? false,
    }),
    tierIds: t.idList({
      description: "The tiers that have it, lowest first.",
      select: { with: { tiers: { columns: { id: true }, orderBy: { rank: "asc" } } } },
      resolve: ({ tiers }) => tiers.map(({ id }) => id),
    }),
  }),
});

// Benefits are part of the public program.
registerNode("Benefit", "benefits", () => ({}));

builder.drizzleObjectFields(Brand, (t) => ({
  benefits: t.relation("benefits", {
    description: "Everything the program gives, oldest first.",
    query: { orderBy: { id: "asc" } },
  }),
}));

builder.drizzleObjectFields(Tier, (t) => ({
  benefits: t.relation("benefits", {
    description: "What a member of this tier is entitled to.",
    query: { orderBy: { id: "asc" } },
  }),
}));

const claimMeanings = {
  offerId: "An active offer of the brand: claiming the benefit gives a coupon of it, within its limits.",
  granted:
    "Whether the platform claims it for all who have it, when its time begins and once in each period; with an offer.",
};

rowMutation("createBenefit", {
  description: "Adds a benefit to the program and gives it to tiers.",
  scopes: ["program:write"],
  input: (t) => ({
    kind: t.field({ type: BenefitKindEnum, required: true, description: "What kind of thing it is." }),
    name: t.field({
      type: [LocalizedTextInput],
      validate: someTexts,
      required: true,
      description: "What members call it.",
    }),
    description: t.field({ type: [LocalizedTextInput], validate: someTexts, description: "What it gives." }),
    terms: t.field({ type: termsType.input, description: "What makes it exact." }),
    tierIds: t.idList({ required: true, description: "The tiers that have it.", validate: fewIds }),
    quota: t.int({ description: "How often in each period; without it, without limit." }),
    quotaPeriod: t.field({ type: QuotaPeriodEnum, description: "The quota's period." }),
    offerId: t.id({ description: claimMeanings.offerId }),
    granted: t.boolean({ description: claimMeanings.granted }),
    startsAt: t.field({ type: "DateTime", description: "Not before." }),
    endsAt: t.field({ type: "DateTime", description: "No longer from then on." }),
  }),
  row: "benefit",
  type: Benefit,
  table: "benefits",
  rowDescription: "The new benefit.",
  refusals: [InvalidValue, NotFound, OfferEnded, OfferNotActive],
  resolve: (input, context, read) => {
    const settings = {
      ...input,
      name: textsOf(input.name),
      description: input.description ? textsOf(input.description) : null,
      terms: input.terms ?? {},
      quota: input.quota ?? null,
      quotaPeriod: input.quotaPeriod ?? null,
      startsAt: input.startsAt ?? null,
      endsAt: input.endsAt ?? null,
    };
    return createBenefit(context, settings, read);
  },
});

rowMutation("updateBenefit", {
  description:
    "Changes a benefit, at once for everyone who has it; what is left out stays; null takes a quota, its period, a date or the offer away.",
  scopes: ["program:write"],
  input: (t) => ({
    benefitId: t.id({ required: true, description: "Which benefit." }),
    name: t.field({ type: [LocalizedTextInput], validate: someTexts, description: "What members call it." }),
    description: t.field({ type: [LocalizedTextInput], validate: someTexts, description: "What it gives." }),
    terms: t.field({ type: termsType.input, description: "What makes it exact." }),
    tierIds: t.idList({ description: "The tiers that have it from now on.", validate: fewIds }),
    quota: t.int({ description: "How often in each period; null for without limit." }),
    quotaPeriod: t.field({ type: QuotaPeriodEnum, description: "The quota's period." }),
    offerId: t.id({ description: claimMeanings.offerId }),
    granted: t.boolean({ description: claimMeanings.granted }),
    startsAt: t.field({ type: "DateTime", description: "Not before." }),
    endsAt: t.field({ type: "DateTime", description: "No longer from then on." }),
  }),
  row: "benefit",
  type: Benefit,
  table: "benefits",
  rowDescription: "The benefit as it is now.",
  refusals: [NotFound, InvalidValue, OfferEnded, OfferNotActive],
  resolve: ({ name, description, terms, tierIds, ...rest }, context, read) => {
    const changes = {
      ...rest,
      ...(name ? { name: textsOf(name) } : {}),
      ...(description ? { description: textsOf(description) } : {}),
      ...(terms ? { terms } : {}),
      ...(tierIds ? { tierIds } : {}),
    };
    return updateBenefit(context, changes, read);
  },
});
