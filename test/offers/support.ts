import type { OfferTerms } from "../../schema/tables/offers.ts";
import type { Buyer, Cart, CartLine } from "../../src/carts/cart.ts";
import { type Occasion, whyNotApplicable } from "../../src/offers/applies.ts";

/** A Tuesday, 12:00 in Shanghai. */
export const NOON = Date.parse("2026-11-03T04:00:00Z");

export const lineOf = (changes: Partial<CartLine> = {}): CartLine => ({
  ...{ lineId: "L1", sku: "TEA", brand: null, categories: ["tea"], quantity: 1, amountMinor: 10_000 },
  ...{ isReduced: false, ...changes },
});

export const cartOf = (changes: Partial<Cart> = {}): Cart => ({
  ...{ lines: [lineOf()], shippingMinor: 0, channel: null, store: null, paymentMethod: null },
  ...{ segments: [], pointsToSpend: 0, choice: "BEST", at: NOON, ...changes },
});

export const buyerOf = (changes: Partial<Buyer> = {}): Buyer => ({
  ...{
    memberId: "mbr_1",
    tierId: "tir_classic",
    tierRank: 1,
    enrolledAt: Date.parse("2026-01-01T04:00:00Z"),
  },
  ...{ paidOrders: 3, daysFromBirthday: null, ...changes },
});

/** A member's cart in Shanghai, with what each line costs as it stands. */
export function occasionOf(
  cart: Partial<Cart> = {},
  buyer: Partial<Buyer> | null = {},
  timeZone = "Asia/Shanghai",
): Occasion {
  const whole = cartOf(cart);
  const amounts = new Map(whole.lines.map(({ lineId, amountMinor }) => [lineId, amountMinor]));
  return { cart: whole, buyer: buyer && buyerOf(buyer), timeZone, amounts };
}

/** Why ¥20 off, with these terms, cannot be used. */
export const whyNot = (
  terms: OfferTerms,
  cart: Partial<Cart> = {},
  buyer: Partial<Buyer> | null = {},
  timeZone?: string,
) => whyNotApplicable({ amountOffMinor: 2_000, ...terms }, occasionOf(cart, buyer, timeZone));
