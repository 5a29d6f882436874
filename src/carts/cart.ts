import type { QuotaPeriod } from "../../schema/tables/benefits.ts";
import type { LocalizedText } from "../../schema/tables/columns.ts";
import type { LineDiscount } from "../../schema/tables/coupons.ts";
import type { EarningDecision } from "../../schema/tables/earning.ts";
import type { Goods, OfferGift, OfferLimit, OfferTerms } from "../../schema/tables/offers.ts";
import type { EarningRules, StackingRules } from "../../schema/tables/rules.ts";
import type { EarnerTier } from "../earning/multipliers.ts";
import type { SpendingPolicy } from "../points/policy.ts";

/** A product in a cart. Amounts in minor units of the brand's currency. */
export interface CartLine {
  /** Once in the cart. */
  lineId: string;
  sku: string;
  /** The product's own brand, as the shop names it. */
  brand: string | null;
  categories: readonly string[];
  quantity: number;
  /** Of all its units together, before any discount that is decided here. */
  amountMinor: number;
  /** Sold below its usual price already. */
  isReduced: boolean;
}

/** Which of the coupons that may be used are used. */
export const couponChoices = ["BEST", "ASKED"] as const;
export type CouponChoice = (typeof couponChoices)[number];

/** What somebody is about to buy, how and when. */
export interface Cart {
  lines: readonly CartLine[];
  shippingMinor: number;
  channel: string | null;
  store: string | null;
  paymentMethod: string | null;
  /** The brand's segments that the caller says the member is in. */
  segments: readonly string[];
  pointsToSpend: number;
  /** BEST chooses among all; ASKED uses those that were asked for, as far as they go together. */
  choice: CouponChoice;
  /** Milliseconds since 1970. */
  at: number;
}

/** Who buys. */
export interface Buyer {
  memberId: string;
  tierId: string;
  /** Its rank in the ladder. */
  tierRank: number;
  enrolledAt: number;
  /** Orders paid before. */
  paidOrders: number;
  /** Days since the nearest birthday, negative before it; null where none is known. */
  daysFromBirthday: number | null;
}

/** A benefit that takes something off, as the member has it now: usable, with quota left. */
export interface BenefitDiscount {
  benefitId: string;
  name: LocalizedText;
  kind: "PERCENTAGE_DISCOUNT" | "MEMBER_PRICE" | "FREE_SHIPPING";
  /** 1000 is 10 % off; null for shipping. */
  rateBasisPoints: number | null;
  /** What its rate is for; null for everything. */
  goods: Goods | null;
  /** The period that a use counts in; null without a quota. */
  period: { quota: number; quotaPeriod: QuotaPeriod; periodStart: number } | null;
}

/** What of a limit is taken so far, by everyone it is for. */
export interface LimitTaken {
  limit: OfferLimit;
  /** Whose counter it is, as in `offer_counters`; null where the cart names no store. */
  subject: string | null;
  periodStart: number;
  uses: number;
  discountMinor: number;
}

/** Why an offer does not apply, and what is missing; the fields that mean nothing for the reason are left out. */
export interface Reason {
  code: ReasonCode;
  missingMinor?: number;
  missingQuantity?: number;
  /** From when, and until when, it would hold. */
  from?: number | null;
  until?: number | null;
  /** One of these would do. */
  oneOf?: readonly string[];
  /** How many are allowed; what is left of a budget. */
  limit?: number;
  leftMinor?: number;
  /** The coupon that it does not go together with. */
  couponKey?: string;
}

export const reasonCodes = {
  NOT_FOUND: "No coupon has this code.",
  OF_ANOTHER_MEMBER: "Another member holds the coupon.",
  MEMBER_NEEDED: "Only a member can use it: say who buys.",
  NOT_ACTIVE: "The offer is a draft, or is paused.",
  ENDED: "The offer has ended, or no more coupons of it are given out.",
  NOT_YET_VALID: "Its time has not come.",
  EXPIRED: "Its time has passed.",
  REDEEMED: "It was used.",
  REVOKED: "The brand took it back.",
  HELD: "Another checkout holds it.",
  OUTSIDE_HOURS: "It is for other hours, weekdays or dates.",
  CHANNEL: "It is for other channels.",
  STORE: "It is for other stores.",
  PAYMENT_METHOD: "It is for other ways to pay.",
  TIER: "It is for other tiers.",
  SEGMENT: "It is for other members.",
  FIRST_ORDER: "It is for a first order.",
  NEW_MEMBER: "It is for new members.",
  BIRTHDAY: "It is for the days around the birthday.",
  NO_MATCHING_GOODS: "Nothing in the cart is what it is for.",
  MINIMUM_SPEND: "The goods that count come to too little.",
  MINIMUM_QUANTITY: "Too few of the goods that count.",
  EXPRESSION: "The offer's own condition does not hold.",
  USED_UP: "It was used as often as it may be.",
  BUDGET: "What is left of its budget is less than the discount.",
  NOTHING_OFF: "It would take nothing off this cart.",
  NOT_COMBINABLE: "It does not go together with the coupons that are used.",
  BETTER_WITHOUT: "The cart costs less, or the same, without it.",
} as const;
export type ReasonCode = keyof typeof reasonCodes;

/** An offer that may apply, with the coupon that it would be used by. */
export interface Candidate {
  /** Once in a cart: the coupon's id, else `code:…`, else `offer:…`. */
  key: string;
  /** How it comes to be considered: by a coupon, by a code that was entered, or by itself. */
  source: "COUPON" | "CODE" | "AUTOMATIC";
  /** Null until it is used for the first time: then a coupon is issued. */
  couponId: string | null;
  /** As it was entered, or stands on the coupon. */
  code: string | null;
  /** Null when there is nothing behind what was entered; `fault` says so. */
  offer: CandidateOffer | null;
  /** Whether the caller asked for it, by coupon or code. */
  isAsked: boolean;
  startsAt: number | null;
  expiresAt: number | null;
  /** Why its life does not let it be used, whatever is in the cart. */
  fault: Reason | null;
  taken: readonly LimitTaken[];
}

export interface CandidateOffer {
  id: string;
  version: number;
  title: LocalizedText;
  terms: OfferTerms;
}

/** What points can pay: the brand's policy, and what the member has. */
export interface PointsFacts extends SpendingPolicy {
  /** What the brand calls them. */
  name: LocalizedText;
  /** That can be spent now. */
  balance: number;
}

/** What a purchase of so much earns; as `earnOnPurchase` decides it. */
export interface CartEarning {
  points: number;
  growthValue: number;
  decision: EarningDecision;
}

/** What the earning rules are asked with, besides the cart and what is paid for it. */
export interface EarningFacts {
  rules: EarningRules;
  tier: EarnerTier;
  /** What facts of the same day and month earned before. */
  before: { day: number; month: number };
}

/** All that a cart is decided on: plain JSON, so that a decision can be kept and made again. */
export interface CartFacts {
  cart: Cart;
  currency: string;
  timeZone: string;
  buyer: Buyer | null;
  benefits: readonly BenefitDiscount[];
  stacking: StackingRules;
  candidates: readonly Candidate[];
  points: PointsFacts | null;
  /** What the earning rules are asked with; null where none are in force. */
  earning: EarningFacts | null;
  /** Of the tiers that offers name, so that a reason can be told in their words. */
  tierNames?: Readonly<Record<string, LocalizedText>>;
}

/** One thing that makes a cart cheaper, in the order in which they apply. */
export interface PriceStep {
  kind: "BENEFIT" | "COUPON" | "POINTS";
  benefitId: string | null;
  /** The candidate's. */
  key: string | null;
  couponId: string | null;
  offerId: string | null;
  name: LocalizedText;
  /** Off lines and shipping together. */
  discountMinor: number;
  lines: LineDiscount[];
  shippingMinor: number;
  /** What it gives besides. */
  gift: OfferGift | null;
  points: number;
}

export interface PricedLine {
  lineId: string;
  amountMinor: number;
  discountMinor: number;
  payableMinor: number;
}

/** What became of an offer that was considered. */
export interface Considered {
  key: string;
  state: "USED" | "USABLE" | "NOT_USABLE";
  /** By itself, on this cart; 0 where it cannot be used. */
  discountMinor: number;
  /** Why it is not used; the first is the one to tell. */
  reasons: Reason[];
}

/** What a cart costs, and why. */
export interface CartEvaluation {
  lines: PricedLine[];
  /** Of the goods, before any discount. */
  subtotalMinor: number;
  shippingMinor: number;
  /** Of what the shipping costs, how much is taken off. */
  shippingDiscountMinor: number;
  /** All of it: off lines and shipping, points included. */
  discountMinor: number;
  payableMinor: number;
  steps: PriceStep[];
  considered: Considered[];
  /** How many points are spent, what they are worth here, and why not as many as were asked. */
  points: { spent: number; worthMinor: number; reason: PointsReason | null };
  earning: CartEarning | null;
  /** Whether no other combination takes more off; false where there were too many to know. Of ASKED, true. */
  isBest: boolean;
}

export interface PointsReason {
  code: "BALANCE_TOO_LOW" | "BELOW_MINIMUM" | "NOT_A_MULTIPLE" | "SHARE_EXCEEDED" | "MEMBER_NEEDED";
  /** How many could be spent instead. */
  mostPoints: number;
}
