import * as fc from "fast-check";
import type { Goods, OfferLimit, OfferTerms } from "../../schema/tables/offers.ts";
import { type StackingRules, stackingModes } from "../../schema/tables/rules.ts";
import type { BenefitDiscount, Buyer, Candidate, CartFacts, CartLine } from "../../src/carts/cart.ts";

/** Sunday, 22 November 2026, 13:00 in Shanghai. */
export const AT = Date.UTC(2026, 10, 22, 5);
const DAY = 86_400_000;

export const aLine = (line: Partial<CartLine> = {}): CartLine => ({
  ...{ lineId: "1", sku: "TEA", brand: null, categories: [], quantity: 1, amountMinor: 10_000 },
  ...{ isReduced: false, ...line },
});

export const aBuyer: Buyer = {
  ...{ memberId: "mbr_1", tierId: "tir_gold", tierRank: 2, enrolledAt: AT - 100 * DAY },
  ...{ paidOrders: 3, daysFromBirthday: null },
};

/** A coupon of an offer of its own, unless said otherwise; its id is its offer's. */
export const aCandidate = (
  id: string,
  terms: OfferTerms,
  { offerId = id, version = 1, ...rest }: Partial<Candidate> & { offerId?: string; version?: number } = {},
): Candidate => ({
  ...{ key: id, source: "COUPON", couponId: id, code: null, isAsked: false },
  offer: { id: offerId, version, title: { en: offerId }, terms },
  ...{ startsAt: null, expiresAt: null, fault: null, taken: [], ...rest },
});

/** Without what was given: a member, who leaves the choice to us, with any number of coupons. */
export const factsOf = ({
  lines = [aLine()],
  candidates = [],
  cart,
  ...rest
}: Partial<Omit<CartFacts, "cart">> & {
  lines?: CartLine[];
  cart?: Partial<CartFacts["cart"]>;
}): CartFacts => ({
  cart: {
    ...{ lines, shippingMinor: 0, channel: null, store: null, paymentMethod: null, segments: [] },
    ...{ pointsToSpend: 0, choice: "BEST", at: AT, ...cart },
  },
  ...{ currency: "CNY", timeZone: "Asia/Shanghai", buyer: aBuyer, benefits: [] },
  ...{ stacking: { mostCoupons: null, groups: [] }, candidates, points: null, earning: null, ...rest },
});

/** So many of a limit are taken. */
export const taken = (limit: Partial<OfferLimit>, { uses = 0, discountMinor = 0 } = {}) => ({
  limit: { per: "OFFER" as const, period: "LIFETIME" as const, ...limit },
  ...{ subject: "*", periodStart: 0, uses, discountMinor },
});

const oneIn = (categories: readonly string[]) => fc.constantFrom(...categories);
const categories = ["tea", "cups", "cake"] as const;
const rate = fc.constantFrom(500, 1_000, 3_333, 5_000, 10_000);
const amount = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 3_000 }));

const someGoods: fc.Arbitrary<Goods | null> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(null) },
  oneIn(categories).map((category) => ({ categories: [category] })),
  oneIn(categories).map((category) => ({ exceptCategories: [category] })),
);

const buyGet = fc
  .record({
    buyQuantity: fc.integer({ min: 1, max: 3 }),
    getQuantity: fc.integer({ min: 1, max: 2 }),
    getGoods: someGoods,
    mostTimes: fc.option(fc.integer({ min: 1, max: 2 })),
  })
  .chain((terms) =>
    fc.oneof(
      rate.map((percentageBasisPoints) => ({ ...terms, percentageBasisPoints })),
      fc.integer({ min: 0, max: 300 }).map((priceMinor) => ({ ...terms, priceMinor })),
    ),
  );

/** Every kind of offer. */
const someGiving: fc.Arbitrary<OfferTerms> = fc.oneof(
  fc.record({ percentageBasisPoints: rate, percentageOf: fc.constantFrom("ORIGINAL", "REDUCED") }),
  amount.map((amountOffMinor) => ({ amountOffMinor })),
  fc.tuple(amount, amount).map(([low, high]) => ({
    amountSteps: [
      { minimumSpendMinor: 200, amountOffMinor: low },
      { minimumSpendMinor: 1_500, amountOffMinor: low + high },
    ],
  })),
  fc.integer({ min: 0, max: 300 }).map((fixedPriceMinor) => ({ fixedPriceMinor })),
  fc.constant({ freeShipping: true }),
  fc.constant({ gift: { sku: "MUG", name: { en: "A mug" }, quantity: 1 } }),
  fc.integer({ min: 1, max: 50 }).map((points) => ({ points })),
  buyGet.map((terms) => ({ buyGet: terms })),
);

const someTerms: fc.Arbitrary<OfferTerms> = fc
  .tuple(
    someGiving,
    fc.record({
      goods: someGoods,
      maximumDiscountMinor: fc.option(fc.integer({ min: 1, max: 500 }), { freq: 3 }),
      minimumSpendMinor: fc.option(fc.constantFrom(100, 1_000, 5_000), { freq: 2 }),
      exclusive: fc.option(fc.boolean(), { freq: 1 }),
      group: fc.option(fc.constantFrom("A", "B", "C", "unknown")),
      priority: fc.option(fc.integer({ min: 0, max: 2 })),
    }),
  )
  .map(([gives, rest]) => ({ ...gives, ...rest }));

const someTaken = fc.option(
  fc.record({ uses: fc.option(fc.integer({ min: 1, max: 2 })), discountMinor: fc.option(amount) }),
  { freq: 2 },
);

/** Some coupons of an offer: mostly one, and sometimes of several versions. */
const someOfAnOffer = fc
  .tuple(
    fc.array(
      fc.record({
        version: fc.integer({ min: 1, max: 2 }),
        expiresAt: fc.option(fc.integer({ min: 1, max: 3 }).map((days) => AT + days * DAY)),
        isAsked: fc.boolean(),
        isFaulty: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
      }),
      { minLength: 1, maxLength: 3, size: "xsmall" },
    ),
    someTerms,
    someTerms,
    someTaken,
  )
  .map(([coupons, first, second, limit]) =>
    coupons.map(({ version, isFaulty, ...coupon }) => ({
      ...coupon,
      ...{ version, terms: version === 1 ? first : second, limit },
      fault: isFaulty ? { code: "REDEEMED" as const } : null,
    })),
  );

const someCandidates = (fewestOffers: number, mostOffers: number): fc.Arbitrary<Candidate[]> =>
  fc.array(someOfAnOffer, { minLength: fewestOffers, maxLength: mostOffers }).map((offers) =>
    offers.flatMap((coupons, offer) =>
      coupons.map(({ terms, limit, ...coupon }, index) =>
        aCandidate(`cpn_${offer}_${index}`, terms, {
          ...coupon,
          offerId: `ofr_${offer}`,
          taken: limit ? [taken(limit)] : [],
        }),
      ),
    ),
  );

const someLines = fc
  .array(
    fc.record({
      categories: fc.subarray([...categories]),
      quantity: fc.integer({ min: 1, max: 7 }),
      amountMinor: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 2_000 })),
      isReduced: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((lines) => lines.map((line, place) => aLine({ ...line, lineId: `l${place}`, sku: `SKU-${place}` })));

const someStacking: fc.Arbitrary<StackingRules> = fc.record({
  mostCoupons: fc.option(fc.integer({ min: 1, max: 4 })),
  groups: fc.subarray(["A", "B", "C"]).chain((names) =>
    fc.tuple(
      ...names.map((name) =>
        fc.record({
          name: fc.constant(name),
          mode: fc.constantFrom(...stackingModes),
          mostCoupons: fc.option(fc.integer({ min: 1, max: 2 }), { freq: 2 }),
        }),
      ),
    ),
  ),
});

const someBenefits: fc.Arbitrary<BenefitDiscount[]> = fc.array(
  fc.record({
    benefitId: fc.constantFrom("ben_1", "ben_2", "ben_3"),
    name: fc.constant({ en: "Less" }),
    kind: fc.constantFrom("PERCENTAGE_DISCOUNT" as const, "MEMBER_PRICE" as const),
    rateBasisPoints: rate,
    period: fc.constant(null),
  }),
  { maxLength: 2, size: "xsmall" },
);

/** Random facts of a cart, of every kind of offer and of stacking. @param mostOffers each has up to three coupons. */
export const someFacts = ({ fewestOffers = 0, mostOffers = 6 } = {}): fc.Arbitrary<CartFacts> =>
  fc
    .record({
      lines: someLines,
      candidates: someCandidates(fewestOffers, mostOffers),
      stacking: someStacking,
      benefits: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, someBenefits),
      cart: fc.record({
        shippingMinor: fc.constantFrom(0, 600),
        pointsToSpend: fc.constantFrom(0, 0, 50, 120, 5_000),
        choice: fc.constantFrom("BEST", "BEST", "ASKED"),
      }),
      points: fc.option(
        fc.record({
          name: fc.constant({ en: "Leaves" }),
          balance: fc.integer({ min: 0, max: 6_000 }),
          minimumPoints: fc.constantFrom(1, 100),
          stepPoints: fc.constantFrom(1, 10),
          maximumShareBasisPoints: fc.constantFrom(3_000, 10_000),
          worthMinorPer1000Points: fc.constantFrom(300, 1_000),
        }),
      ),
    })
    .map((parts) => factsOf(parts as Parameters<typeof factsOf>[0]));
