import type { LineDiscount } from "../../schema/tables/coupons.ts";
import type { Buyer, Candidate, CandidateOffer, Cart, CartLine, Reason } from "../carts/cart.ts";
import { evaluate } from "../carts/evaluate.ts";
import type { Refusal } from "../errors.ts";
import { leastSpendOf } from "../offers/applies.ts";
import { stackingOf } from "../offers/stacking.ts";
import {
  BudgetExhausted,
  CouponExpired,
  CouponNotApplicable,
  CouponNotYetValid,
  MinimumSpendNotMet,
  OfferLimitReached,
} from "./refusals.ts";

/** An order that a coupon is used on: what it comes to, and what was told of it. */
export interface Order {
  orderAmountMinor: number;
  /** Null where no lines were told: then only the whole counts. */
  lines: readonly CartLine[] | null;
  channel: string | null;
  store: string | null;
  paymentMethod: string | null;
}

/** A coupon, or what a code becomes in the same commit. */
export type Applied = Pick<Candidate, "startsAt" | "expiresAt" | "taken"> & {
  couponId: string;
  offer: CandidateOffer;
};

/** Where an order is, when, and who buys. */
export interface Till {
  buyer: Buyer;
  currency: string;
  timeZone: string;
  now: number;
}

export interface Given {
  discountMinor: number;
  /** What of it each line bears; null where no lines were told. */
  lines: LineDiscount[] | null;
}

/** Goods of which only the amount is known. */
const wholeOrder = (amountMinor: number): CartLine => ({
  ...{ lineId: "order", sku: "", brand: null, categories: [], quantity: 1, isReduced: false },
  amountMinor,
});

/**
 * What one coupon takes off an order, or why it does not apply: as a cart with nothing but it is evaluated.
 * PURE.
 */
export function applyCoupon(applied: Applied, order: Order, till: Till): Given | Refusal {
  const { offer, ...coupon } = applied;
  const { orderAmountMinor, lines, channel, store, paymentMethod } = order;
  const { now, ...around } = till;
  // Points come with the order; a coupon that gives some would be used up here for nothing.
  if (offer.terms.points != null) return notApplicable(offer.id, "CHECKOUT_NEEDED");
  const cart: Cart = {
    ...{ lines: lines ?? [wholeOrder(orderAmountMinor)], shippingMinor: 0, segments: [], pointsToSpend: 0 },
    ...{ channel, store, paymentMethod, choice: "ASKED", at: now },
  };
  const { steps, considered } = evaluate({
    ...{
      ...around,
      cart,
      benefits: [],
      stacking: stackingOf(),
      points: null,
      earning: null,
    },
    candidates: [
      { ...coupon, key: coupon.couponId, offer, source: "COUPON", code: null, isAsked: true, fault: null },
    ],
  });
  const step = steps.find(({ kind }) => kind === "COUPON");
  if (step) return { discountMinor: step.discountMinor, lines: lines && step.lines };
  return refusalOf(considered[0]?.reasons[0] ?? { code: "NOTHING_OFF" }, applied, now);
}

const notApplicable = (offerId: string, reason: string, { missingQuantity, from }: Partial<Reason> = {}) =>
  CouponNotApplicable({
    offerId,
    reason,
    missingQuantity: missingQuantity ?? null,
    from: from ?? null,
  });

/** What a reason is called where there is a refusal for it. */
function refusalOf(reason: Reason, { couponId, offer, startsAt, expiresAt }: Applied, now: number): Refusal {
  const { id: offerId, terms } = offer;
  const { code, missingMinor = 0, limit = 0, leftMinor = 0 } = reason;
  if (code === "EXPIRED") return CouponExpired({ couponId, expiredAt: reason.until ?? expiresAt ?? now });
  if (code === "NOT_YET_VALID")
    return CouponNotYetValid({ couponId, startsAt: reason.from ?? startsAt ?? now });
  if (code === "MINIMUM_SPEND")
    return MinimumSpendNotMet({ minimumSpendMinor: leastSpendOf(terms), missingMinor });
  if (code === "USED_UP") return OfferLimitReached({ offerId, limit });
  if (code === "BUDGET") return BudgetExhausted({ offerId, leftMinor });
  return notApplicable(offerId, code, reason);
}
