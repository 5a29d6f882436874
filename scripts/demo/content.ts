import type { BenefitKind, BenefitTerms, QuotaPeriod } from "../../schema/tables/benefits.ts";
import type { PointsPolicy } from "../../schema/tables/brands.ts";
import type { LocalizedText } from "../../schema/tables/columns.ts";
import type { OfferTerms } from "../../schema/tables/offers.ts";
import type { ActivityKind } from "../../schema/tables/orders.ts";
import type { EarningMultiplier, EarningRules, StackingRules, TierRules } from "../../schema/tables/rules.ts";
import type { PersonKey } from "./people.ts";

/** A text in both languages of the demo; the first is the fallback, as the brands are Chinese. */
export const both = (zh: string, en: string): LocalizedText => ({ "zh-CN": zh, en });

export const brandKeys = ["coffee", "books", "cinema"] as const;
export type BrandKey = (typeof brandKeys)[number];

export interface DemoTier {
  name: LocalizedText;
  description: LocalizedText;
  color: string;
  growthValue: number;
}

export interface DemoBenefit {
  kind: BenefitKind;
  name: LocalizedText;
  description: LocalizedText;
  terms?: BenefitTerms;
  quota?: readonly [count: number, period: QuotaPeriod];
  /** The offer of which claiming it gives a coupon; `granted`, the platform claims it for the member. */
  offer?: string;
  granted?: boolean;
  /** The ranks of the tiers that have it. */
  ranks: readonly number[];
}

export interface DemoOffer {
  title: LocalizedText;
  description: LocalizedText;
  terms: Omit<OfferTerms, "startsAt" | "endsAt" | "claimableFrom" | "claimableUntil">;
  /** Applies to carts by itself. */
  isAutomatic?: boolean;
  /** Members can claim one from the beginning of that day, in days from now. */
  claimableFromDay?: number;
  /** Its dates, in days from now: it begins and ends with those days. */
  fromDay?: number;
  untilDay?: number;
  issueLimit?: number;
  perMemberLimit?: number;
  /** How many days ago it was made. */
  madeDaysAgo: number;
  /** Ended by hand, so many days ago. */
  endedDaysAgo?: number;
}

/** Who is a member, since how many days, with how much. */
export type DemoMember = readonly [person: PersonKey, daysAgo: number, growthValue: number, points: number];

/** Coupons that were given out at once, and what became of them. */
export interface DemoIssue<Offer extends string = string> {
  offer: Offer;
  daysAgo: number;
  to: readonly PersonKey[] | "everyone";
  /** Used on an order of so much, in minor units, the next day. */
  redeemed?: Partial<Record<PersonKey, number>>;
  /** Of these redemptions, those that were undone a day after. */
  rolledBack?: readonly PersonKey[];
  revoked?: readonly PersonKey[];
}

/** Codes that anyone may claim, and who did. */
export interface DemoCodes<Offer extends string = string> {
  offer: Offer;
  daysAgo: number;
  count: number;
  claimedBy: readonly PersonKey[];
}

/** A code for everybody. */
export interface DemoSharedCode<Offer extends string = string> {
  offer: Offer;
  code: string;
}

/** What a brand sells. */
export interface DemoProduct {
  name: string;
  category: string;
  /** Of one. */
  amountMinor: number;
}

/** Bought and paid so many days ago, delivered a day later, and some of it brought back the day after. */
export interface DemoOrder<Product extends string = string> {
  person: PersonKey;
  daysAgo: number;
  channel: string;
  bought: Partial<Record<Product, number>>;
  returned?: Partial<Record<Product, number>>;
}

/** How a brand's members earn, and how long a tier lasts. */
export interface DemoRules {
  earning: Omit<EarningRules, "multipliers"> & {
    multipliers: readonly Pick<
      EarningMultiplier,
      "name" | "multiplierBasisPoints" | "unit" | "weekdays" | "categories"
    >[];
  };
  /** Whether a tier counts the growth value of the last 365 days, or all there ever was. */
  counts: "YEAR" | "LIFETIME";
  /** With less of it a tier is kept than reached: by rank. */
  keepGrowthValue?: readonly number[];
  standing: Omit<TierRules, "tiers">;
  points: Partial<PointsPolicy>;
}

/** A brand's whole program, and what has happened in it. */
export interface DemoBrand<
  Benefit extends string = string,
  Offer extends string = string,
  Product extends string = string,
> {
  key: BrandKey;
  slug: string;
  name: LocalizedText;
  description: LocalizedText;
  pointsName: LocalizedText;
  /** Lowest first. */
  tiers: readonly DemoTier[];
  benefits: Readonly<Record<Benefit, DemoBenefit>>;
  offers: Readonly<Record<Offer, DemoOffer>>;
  rules: DemoRules;
  products: Readonly<Record<Product, DemoProduct>>;
  orders: readonly DemoOrder<NoInfer<Product>>[];
  activities: readonly (readonly [person: PersonKey, kind: ActivityKind, daysAgo: number])[];
  /** Where its members came from. */
  channels: readonly string[];
  members: readonly DemoMember[];
  issues: readonly DemoIssue<NoInfer<Offer>>[];
  codes: readonly DemoCodes<NoInfer<Offer>>[];
  sharedCodes?: readonly DemoSharedCode<NoInfer<Offer>>[];
  /** How coupons go together; without it, one on an order. */
  stacking?: StackingRules;
  uses: readonly (readonly [person: PersonKey, benefit: NoInfer<Benefit>, daysAgo: number])[];
}

/** Checks a brand's content against itself: an issue of an offer that is not there is a type error. */
export const defineBrand = <Benefit extends string, Offer extends string, Product extends string>(
  brand: DemoBrand<Benefit, Offer, Product>,
): DemoBrand => brand as DemoBrand;
