import type { LocalizedText } from "../../schema/tables/columns.ts";
import type { LineDiscount } from "../../schema/tables/coupons.ts";
import { formatCode } from "../codes/code.ts";
import type { Context } from "../context.ts";
import { EarningLine, inWords, Step } from "../earning/graphql.ts";
import { builder } from "../graphql/builder.ts";
import { FEW } from "../graphql/costs.ts";
import { localeArgument } from "../graphql/texts.ts";
import { pickText, wanting } from "../locales.ts";
import { Gift } from "../offers/graphql-terms.ts";
import type {
  Candidate,
  CartEarning,
  CartEvaluation,
  CartFacts,
  Considered,
  PricedLine,
  PriceStep,
} from "./cart.ts";
import { cartReaders } from "./cart-readers.ts";
import type { EvaluatedCart } from "./evaluate-cart.ts";
import { PointsReasonType, ReasonType } from "./graphql-reasons.ts";

const authScopes = { anyOf: cartReaders };

type Locale = { locale?: string | null };
const nameIn = (name: LocalizedText, { locale }: Locale, { locales }: Context): string =>
  pickText(name, wanting(locale, locales));

const Line = builder.objectRef<PricedLine>("CartEvaluationLine").implement({
  description: "What a line of the cart costs. Amounts are of all its units together, in minor units.",
  authScopes,
  fields: (t) => ({
    lineId: t.exposeString("lineId", { description: "Which line." }),
    amountMinor: t.expose("amountMinor", { type: "SafeInt", description: "Before any discount." }),
    discountMinor: t.expose("discountMinor", {
      type: "SafeInt",
      description: "What it bears of all discounts, points included.",
    }),
    payableMinor: t.expose("payableMinor", { type: "SafeInt", description: "What is left to pay." }),
  }),
});

const Share = builder.objectRef<LineDiscount>("CartLineDiscount").implement({
  description: "What a discount takes off one line.",
  authScopes,
  fields: (t) => ({
    lineId: t.exposeString("lineId", { description: "Which line." }),
    discountMinor: t.expose("discountMinor", { type: "SafeInt", description: "In minor units." }),
  }),
});

const StepKind = builder.enumType("PriceStepKind", {
  description: "What makes a cart cheaper.",
  values: {
    BENEFIT: { description: "What the member is entitled to." },
    COUPON: { description: "A coupon, or an offer that applies by itself." },
    POINTS: { description: "Points that pay a part." },
  } satisfies Record<PriceStep["kind"], { description: string }>,
});

const Price = builder.objectRef<PriceStep>("PriceStep").implement({
  description:
    "One thing that makes a cart cheaper. Steps apply in their order, each on what those before it left.",
  authScopes,
  fields: (t) => ({
    kind: t.expose("kind", { type: StepKind, description: "What it is." }),
    name: t.string({
      description: "What members read: the benefit's name, the offer's title.",
      args: localeArgument,
      resolve: ({ name }, args, context) => nameIn(name, args, context),
    }),
    discountMinor: t.expose("discountMinor", {
      type: "SafeInt",
      description: "What it takes off, in minor units: off its lines and shipping together.",
    }),
    lines: t.field({
      type: [Share],
      complexity: FEW,
      description: "What each line bears of it.",
      resolve: ({ lines }) => lines,
    }),
    shippingMinor: t.expose("shippingMinor", { type: "SafeInt", description: "What it takes off shipping." }),
    benefitId: t.exposeID("benefitId", { nullable: true, description: "Of a BENEFIT: which." }),
    couponId: t.exposeID("couponId", {
      nullable: true,
      description: "Of a COUPON: which; null where a coupon is only issued when it is used.",
    }),
    offerId: t.exposeID("offerId", { nullable: true, description: "Of a COUPON: whose terms it has." }),
    gift: t.expose("gift", {
      type: Gift.output,
      nullable: true,
      description: "What the buyer gets besides.",
    }),
    points: t.expose("points", {
      type: "SafeInt",
      description: "Of a COUPON: points that it gives when the order is paid. Of POINTS: how many are spent.",
    }),
  }),
});

const Source = builder.enumType("CartOfferSource", {
  description: "How an offer comes to be considered.",
  values: {
    COUPON: { description: "By a coupon, the member's or one that was asked for." },
    CODE: { description: "By a code that was entered." },
    AUTOMATIC: { description: "By itself." },
  } satisfies Record<Candidate["source"], { description: string }>,
});

const OfferState = builder.enumType("CartOfferState", {
  description: "What became of an offer on a cart.",
  values: {
    USED: { description: "It is part of the price." },
    USABLE: { description: "It could be used, but is not." },
    NOT_USABLE: { description: "It cannot be used on this cart." },
  } satisfies Record<Considered["state"], { description: string }>,
});

type ConsideredOffer = Considered & { candidate: Candidate; facts: CartFacts };

const OfferType = builder.objectRef<ConsideredOffer>("CartOffer").implement({
  description: "An offer that was considered for a cart, and why it is used or is not.",
  authScopes,
  fields: (t) => ({
    offerId: t.id({
      nullable: true,
      description: "Null where nothing is behind what was asked for.",
      resolve: ({ candidate: { offer } }) => offer?.id ?? null,
    }),
    title: t.string({
      nullable: true,
      description: "What members read on the coupon; null as `offerId` is.",
      args: localeArgument,
      resolve: ({ candidate: { offer } }, args, context) => offer && nameIn(offer.title, args, context),
    }),
    couponId: t.id({
      nullable: true,
      description: "The coupon; null until one is issued, when it is used.",
      resolve: ({ candidate: { couponId } }) => couponId,
    }),
    code: t.string({
      nullable: true,
      description: "As it was entered, or stands on the coupon.",
      resolve: ({ candidate: { code, source } }) => (code && source !== "CODE" ? formatCode(code) : code),
    }),
    source: t.field({
      type: Source,
      description: "How it comes to be considered.",
      resolve: ({ candidate: { source } }) => source,
    }),
    startsAt: t.field({
      ...{ type: "DateTime", nullable: true, description: "Cannot be used before." },
      resolve: ({ candidate: { startsAt } }) => startsAt,
    }),
    expiresAt: t.field({
      ...{ type: "DateTime", nullable: true, description: "Cannot be used from then on." },
      resolve: ({ candidate: { expiresAt } }) => expiresAt,
    }),
    state: t.expose("state", { type: OfferState, description: "What became of it." }),
    discountMinor: t.expose("discountMinor", {
      type: "SafeInt",
      description: "What it takes off this cart by itself, in minor units; 0 where it cannot be used.",
    }),
    reasons: t.field({
      type: [ReasonType],
      complexity: FEW,
      description: "Why it is not used; the first is the one to tell.",
      resolve: ({ reasons, facts }) => reasons.map((reason) => ({ reason, facts })),
    }),
  }),
});

type SpentPoints = CartEvaluation["points"] & { facts: CartFacts };

const Points = builder.objectRef<SpentPoints>("CartPoints").implement({
  description: "What points pay of a cart.",
  authScopes,
  fields: (t) => ({
    spent: t.expose("spent", { type: "SafeInt", description: "How many are spent." }),
    worthMinor: t.expose("worthMinor", { type: "SafeInt", description: "What they pay, in minor units." }),
    reason: t.field({
      ...{ type: PointsReasonType, nullable: true },
      description: "Why not as many as were asked for; null where they are.",
      resolve: ({ reason, facts }) => reason && { reason, facts },
    }),
  }),
});

const Earning = builder.objectRef<CartEarning>("CartEarning").implement({
  description: "What the cart earns when it is paid.",
  authScopes,
  fields: (t) => ({
    points: t.expose("points", { type: "SafeInt", description: "How many points." }),
    growthValue: t.expose("growthValue", { type: "SafeInt", description: "How much growth value." }),
    steps: t.field({
      type: [Step],
      complexity: FEW,
      description: "How it comes to be so much.",
      resolve: ({ decision }, _args, { locales }) => inWords(decision.steps, locales),
    }),
    lines: t.field({
      type: [EarningLine],
      complexity: FEW,
      description: "What each line gives.",
      resolve: ({ decision }) => decision.lines,
    }),
  }),
});

export const EvaluationType = builder.objectRef<EvaluatedCart>("CartEvaluation").implement({
  description:
    "What a cart costs with the best of what its buyer can use, step by step, and why an offer is used or is not. Amounts in minor units.",
  authScopes,
  fields: (t) => {
    const amount = (
      name: "subtotalMinor" | "shippingMinor" | "shippingDiscountMinor" | "discountMinor" | "payableMinor",
      description: string,
    ) => t.field({ type: "SafeInt", description, resolve: ({ evaluation }) => evaluation[name] });
    return {
      lines: t.field({
        ...{ type: [Line], description: "What each line costs." },
        resolve: ({ evaluation }) => evaluation.lines,
      }),
      currency: t.string({ description: "The brand's, ISO 4217.", resolve: ({ facts }) => facts.currency }),
      at: t.field({
        ...{ type: "DateTime", description: "For when it was evaluated." },
        resolve: ({ facts }) => facts.cart.at,
      }),
      subtotalMinor: amount("subtotalMinor", "The goods, before any discount."),
      shippingMinor: amount("shippingMinor", "Shipping, before any discount."),
      shippingDiscountMinor: amount("shippingDiscountMinor", "What is taken off shipping."),
      discountMinor: amount("discountMinor", "All that is taken off goods and shipping, points included."),
      payableMinor: amount("payableMinor", "What is left to pay."),
      steps: t.field({
        ...{ type: [Price], description: "What makes it cheaper, in the order in which it applies." },
        resolve: ({ evaluation }) => evaluation.steps,
      }),
      offers: t.field({
        type: [OfferType],
        description: "Every offer that was considered: used, usable or not, and why.",
        resolve: ({ facts, evaluation }) => consideredOffers(facts, evaluation),
      }),
      points: t.field({
        ...{ type: Points, description: "What points pay of it." },
        resolve: ({ facts, evaluation }) => ({ ...evaluation.points, facts }),
      }),
      earning: t.field({
        ...{ type: Earning, nullable: true },
        description: "What it earns when it is paid; null where no rules are in force.",
        resolve: ({ evaluation }) => evaluation.earning,
      }),
      isBest: t.boolean({
        description:
          "Whether no other combination of coupons is cheaper; false where there were too many to try them all.",
        resolve: ({ evaluation }) => evaluation.isBest,
      }),
    };
  },
});

function consideredOffers(facts: CartFacts, { considered }: CartEvaluation): ConsideredOffer[] {
  const candidates = new Map(facts.candidates.map((candidate) => [candidate.key, candidate]));
  return considered.flatMap((one) => {
    const candidate = candidates.get(one.key);
    return candidate ? [{ ...one, candidate, facts }] : [];
  });
}
