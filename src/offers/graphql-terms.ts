import * as z from "zod/mini";
import type { limitSubjects, OfferGift, OfferTerms, percentageBases } from "../../schema/tables/offers.ts";
import { QuotaPeriodEnum } from "../benefits/graphql.ts";
import { amount, both, type Field, moment, names, whole } from "../graphql/both.ts";
import { builder } from "../graphql/builder.ts";
import { textsOf } from "../graphql/texts.ts";
import { factText } from "../orders/fact-text.ts";
import { longText } from "../texts.ts";
import { GoodsType } from "./graphql-goods.ts";

/** What offers and stacking rules name a group by. */
export const groupName = factText.check(z.maxLength(50));
const required = true as const;

const PercentageBase = builder.enumType("PercentageBase", {
  description: "What a share is taken of, beside other coupons.",
  values: {
    ORIGINAL: { description: "Of what the goods cost before any coupon." },
    REDUCED: { description: "Of what the coupons before it leave." },
  } satisfies Record<(typeof percentageBases)[number], { description: string }>,
});

const LimitSubject = builder.enumType("OfferLimitSubject", {
  description: "Whose uses a limit counts.",
  values: {
    OFFER: { description: "Everyone's." },
    MEMBER: { description: "Each member's." },
    STORE: { description: "Each store's: a cart that names no store cannot use it." },
  } satisfies Record<(typeof limitSubjects)[number], { description: string }>,
});

const Step = both(
  "AmountStep",
  "From so much on, so much off; of several steps, the highest that is reached.",
  {
    minimumSpendMinor: { ...amount("What the goods must come to, in minor units."), required },
    amountOffMinor: { ...amount("What is then taken off, in minor units."), required },
  },
);

const BuyGetType = both(
  "BuyGet",
  "Of so many units bought, so many more are cheaper, the cheapest ones: a share off, or a price.",
  {
    buyQuantity: { ...whole("How many are paid in full. «The second at half price» is 1 and 1."), required },
    getQuantity: { ...whole("How many are cheaper then."), required },
    percentageBasisPoints: whole("The share off each of these: 10000 makes them free."),
    priceMinor: amount("Or what each of these costs, in minor units."),
    getGoods: { type: GoodsType, description: "What is cheaper; null where it is what is bought." },
    mostTimes: whole("How many times in a cart at most; null is without limit."),
  },
);

export const Gift = both<OfferGift>("OfferGift", "Something on top.", {
  sku: { type: "String", required, validate: factText, description: "What the shop knows it by." },
  name: { type: "LocalizedText", required, description: "What members read." },
  quantity: { ...whole("How many."), required },
});

const BirthdayType = both("BirthdayTerms", "The days around a member's birthday, by the brand's calendar.", {
  daysBefore: { ...whole("From so many days before it, up to 180."), required },
  daysAfter: { ...whole("To the end of so many days after it, up to 180."), required },
});

const WindowType = both(
  "OfferWindow",
  "A time on the clock and calendar of the brand's time zone; what is null is open.",
  {
    weekdays: { type: ["Int"], description: "1 is Monday, 7 is Sunday." },
    fromMinute: whole("From this minute of the day on: 0 is midnight, 1080 is 18:00."),
    untilMinute: whole(
      "Until this minute, 1440 at most. Before `fromMinute` it is one of the next day, and the hours after midnight count as the day before.",
    ),
    fromDate: { type: "Date", description: "The first day." },
    untilDate: { type: "Date", description: "The last day." },
  },
);

const LimitType = both(
  "OfferLimit",
  "How often an offer is used, or how much it takes off, at most. What is held by a checkout counts; what is rolled back no longer does.",
  {
    per: { type: LimitSubject, required, description: "Whose uses are counted." },
    period: { type: QuotaPeriodEnum, required, description: "When the count begins again." },
    uses: whole("How many uses."),
    discountMinor: amount("A budget: the most that is taken off in all, in minor units."),
  },
);

const termFields = {
  percentageBasisPoints: whole("A share off: 1000 is 10 %, rounded down to the minor unit."),
  amountOffMinor: amount("An amount off, in minor units."),
  amountSteps: {
    type: [Step],
    description: "An amount off that rises with what is spent; up to 20 steps, the lowest first.",
  },
  fixedPriceMinor: amount("What each unit of the goods costs then, in minor units."),
  freeShipping: { type: "Boolean", description: "Takes off what the shipping costs." },
  gift: { type: Gift, description: "Something on top." },
  points: amount("Points on top, when the order is paid."),
  buyGet: { type: BuyGetType, description: "Some units are cheaper when others are bought." },
  maximumDiscountMinor: amount("No discount exceeds it, in minor units."),
  goods: { type: GoodsType, description: "What counts, and what is reduced; null for everything." },
  minimumSpendMinor: amount("What the goods that count must come to, in minor units."),
  minimumQuantity: whole("How many units of the goods that count there must be."),
  channels: names("Only in one of these sales channels."),
  stores: names("Only in one of these stores."),
  paymentMethods: names("Only when paid in one of these ways."),
  tierIds: { type: ["ID"], description: "Only for members in one of these tiers." },
  segments: names("Only for members in one of these segments of the brand's."),
  firstOrder: {
    type: "Boolean",
    description:
      "Only for a member's first order. Until one is paid, each is the first: where several can be open at once, `perMemberLimit` lets one alone have it.",
  },
  newMemberDays: whole("Only to the end of that day after enrolling."),
  birthday: { type: BirthdayType, description: "Only around the birthday." },
  windows: { type: [WindowType], description: "Only in one of these times; up to 20." },
  expression: {
    type: "String",
    isInternal: true,
    validate: longText,
    description:
      "A condition in CEL, the Common Expression Language, over `cart` (subtotalMinor, shippingMinor, quantity, skus, brands, categories, channel, store, paymentMethod, lines with sku, brand, categories, quantity, amountMinor, isReduced), `member` (tierId, tierRank, paidOrders, daysSinceEnrolled, segments) and `time` by the brand's clock (year, month, day, weekday, hour, minute, date): `cart.quantity >= 3 && time.hour < 12`. What the cart does not name is an empty text.",
  },
  startsAt: moment("Cannot be used before."),
  endsAt: moment("Cannot be used from then on."),
  validDaysAfterClaim: whole(
    "Can be used to the end of that day after it was claimed, in the brand's time zone.",
  ),
  exclusive: { type: "Boolean", description: "Goes with no other coupon." },
  group: {
    type: "String",
    validate: groupName,
    description: "Its group in the brand's stacking rules, which say how the coupons of one go together.",
  },
  priority: whole("The higher, the earlier it is taken off: from -1000 to 1000; null is 0."),
  percentageOf: { type: PercentageBase, description: "What its share is of; null for REDUCED." },
  limits: {
    type: [LimitType],
    isInternal: true,
    description:
      "How often, and how much, at most: one for each subject and period. Those of the present version hold for all coupons of the offer.",
  },
  pricePoints: amount(
    "What a member pays for one in points, with `convertPoints`; without it, points buy none.",
  ),
  claimableFrom: moment("Members can claim one themselves from then on; without it they cannot."),
  claimableUntil: moment("And no longer from then on."),
  giftable: { type: "Boolean", description: "Whether a member may give it to another." },
} satisfies Record<keyof OfferTerms, Field>;

const termsType = both<OfferTerms>(
  "OfferTerms",
  "What an offer gives, exactly one of percentageBasisPoints, amountOffMinor, amountSteps, fixedPriceMinor, freeShipping, gift, points and buyGet, and what must hold for it: every condition that is not null.",
  termFields,
);

export const Terms = termsType.output;
export const TermsInput = termsType.input;

/** The terms of an input, with their texts by language. */
export const termsOf = (input: OfferTerms): OfferTerms =>
  input.gift ? { ...input, gift: { ...input.gift, name: textsOf(input.gift.name as never) } } : { ...input };

/** The terms as another brand may know them. */
export const publicTerms = (terms: OfferTerms): OfferTerms => ({ ...terms, expression: null, limits: null });
