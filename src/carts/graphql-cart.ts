import * as z from "zod/mini";
import { listOf, opaqueText } from "../graphql/bounds.ts";
import { builder } from "../graphql/builder.ts";
import { factText } from "../orders/fact-text.ts";
import { lineMeanings, orderMeanings } from "../orders/graphql.ts";
import { type CartLine, type CouponChoice, couponChoices } from "./cart.ts";
import { MOST_CODES, MOST_COUPONS, MOST_LINES, MOST_SEGMENTS } from "./cart-fault.ts";
import type { CartInput } from "./read-cart.ts";

export const CartLineInput = builder.inputType("CartLineInput", {
  description: "A product in a cart.",
  fields: (t) => ({
    lineId: t.string({
      description: "Yours, once in the cart; the answer's lines name it. Its place, from 1, when left out.",
      validate: factText,
    }),
    sku: t.string({ required: true, description: lineMeanings.sku, validate: factText }),
    brand: t.string({ description: "The product's own brand, as the shop names it.", validate: factText }),
    categories: t.stringList({ description: lineMeanings.categories, validate: listOf(factText, 50) }),
    quantity: t.int({
      description: "How many units; 1, when left out. What a cart earns does not depend on it.",
    }),
    amountMinor: t.field({ type: "SafeInt", required: true, description: lineMeanings.amountMinor }),
    isReduced: t.boolean({
      description: "Whether it is sold below its usual price already; not, when left out.",
    }),
  }),
});

const Choice = builder.enumType("CouponChoice", {
  description: "Which of the coupons that can be used are used.",
  values: {
    BEST: { description: "Those with which the cart costs least, of all that there are." },
    ASKED: { description: "Those that were asked for by coupon or code, as far as they go together." },
  } satisfies Record<CouponChoice, { description: string }>,
});

export const CartInputType = builder.inputType("CartInput", {
  description: "What somebody is about to buy, how and when.",
  fields: (t) => ({
    memberId: t.id({
      description:
        "Who buys: with `members:read`, `cards:scan` or `checkouts:write`; with a member token, its own, also when left out. Without it, a guest, who can use no coupons.",
    }),
    lines: t.field({
      type: [CartLineInput],
      required: true,
      description: `What is in the cart; up to ${MOST_LINES} lines.`,
      validate: z.array(z.unknown()).check(z.maxLength(MOST_LINES)),
    }),
    shippingMinor: t.field({ type: "SafeInt", description: "What shipping costs, in minor units. Else 0." }),
    channel: t.string({ description: orderMeanings.channel, validate: factText }),
    store: t.string({ description: orderMeanings.store, validate: factText }),
    paymentMethod: t.string({
      description: "How it will be paid, as your offers name it.",
      validate: factText,
    }),
    segments: t.stringList({
      description: "Of the brand's segments, those that the member is in. Not with a member token.",
      validate: listOf(factText, MOST_SEGMENTS),
    }),
    couponIds: t.idList({
      description: `Coupons that are asked for, \`cpn_…\`; up to ${MOST_COUPONS}. The member's own are considered anyway.`,
      validate: listOf(opaqueText(100), MOST_COUPONS),
    }),
    codes: t.stringList({
      description: `Codes that were entered, as they were typed; up to ${MOST_CODES}.`,
      validate: listOf(factText, MOST_CODES),
    }),
    choice: t.field({ type: Choice, description: "Which coupons are used; BEST, when left out." }),
    pointsToSpend: t.field({ type: "SafeInt", description: "How many points should pay. Else 0." }),
    at: t.field({
      type: "DateTime",
      description:
        "When it would be bought; now, when left out. What is planned counts with `program:read` only.",
    }),
  }),
});

/** A cart as the caller told of it, with what it left out. @param now milliseconds since 1970. */
export function cartOf(input: typeof CartInputType.$inferInput, now: number): CartInput {
  return {
    ...{ memberId: input.memberId ?? null, shippingMinor: input.shippingMinor ?? 0 },
    ...{ channel: input.channel ?? null, store: input.store ?? null },
    ...{ paymentMethod: input.paymentMethod ?? null, segments: input.segments ?? [] },
    ...{ couponIds: input.couponIds ?? [], codes: input.codes ?? [] },
    ...{ choice: input.choice ?? couponChoices[0], pointsToSpend: input.pointsToSpend ?? 0 },
    at: input.at ?? now,
    lines: linesOf(input.lines),
  };
}

/** Lines as the caller told of them, with what it left out. */
export const linesOf = (lines: readonly (typeof CartLineInput.$inferInput)[]): CartLine[] =>
  lines.map(({ lineId, sku, brand, categories, quantity, amountMinor, isReduced }, place) => ({
    ...{ lineId: lineId ?? String(place + 1), sku, brand: brand ?? null, categories: categories ?? [] },
    ...{ quantity: quantity ?? 1, amountMinor, isReduced: isReduced ?? false },
  }));
