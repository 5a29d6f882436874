import type { OfferGift, OfferTerms } from "../../schema/tables/offers.ts";
import type { Matched } from "../offers/goods.ts";
import { floorOf } from "../shares.ts";
import { type Amounts, amountsIn, type Part, sumOf, type Taken, takeOff } from "./amounts.ts";
import { type GroupedLine, offUnits, unitsOfOtherGoods, unitsOfSameGoods } from "./buy-get.ts";
import type { CartLine } from "./cart.ts";

/** A cart whose benefits are taken off, as offers are made for it. */
export interface CartForOffers {
  /** In the order of their ids. */
  lines: readonly CartLine[];
  /** What they cost after benefits and before any coupon. */
  before: Amounts;
  /** The places of the lines, those whose units cost most first. */
  dearest: readonly number[];
  /** The lines that goods match. */
  partOf(goods: OfferTerms["goods"]): Matched;
}

/** In which order the kinds of offers apply: prices of items, then of goods together, shipping, gifts. */
const stages = { ITEMS: 0, GOODS: 1, SHIPPING: 2, NOTHING: 3 } as const;

/** What an offer gives on a cart. */
export interface Give {
  stage: (typeof stages)[keyof typeof stages];
  part: Part;
  /** What it takes off in all, in minor units. Of lower amounts never more. */
  offOf(now: Amounts): number;
  /** What its discount is spread by; none is more than its line. */
  weightsOf(now: Amounts): readonly number[];
  /** No more than this share of what its part costs; 10,000 where nothing is known of it. */
  mostBasisPoints: number;
  gift: OfferGift | null;
  points: number;
}

const giving: Pick<Give, "weightsOf" | "mostBasisPoints" | "gift" | "points"> = {
  weightsOf: () => [],
  mostBasisPoints: 10_000,
  gift: null,
  points: 0,
};
const noLines: Part = { id: -1, places: [] };

/** A discount on goods together, spread by what they cost now. */
export const offGoods = (
  part: Part,
  offOf: (sumMinor: number) => number,
  { most = Number.POSITIVE_INFINITY, mostBasisPoints = 10_000 } = {},
): Give => ({
  ...giving,
  stage: stages.GOODS,
  part,
  mostBasisPoints,
  offOf: (now) => {
    const sum = sumOf(now, part);
    return Math.min(most, sum, offOf(sum));
  },
  weightsOf: (now) => amountsIn(now, part),
});

/** A share off goods as they cost now. */
export const shareOffGoods = (part: Part, rate: number, most?: number): Give =>
  offGoods(part, (sum) => floorOf(sum, rate, 10_000), { most, mostBasisPoints: rate });

/** What shipping costs, off. */
export const offShipping = (most = Number.POSITIVE_INFINITY): Give => ({
  ...giving,
  stage: stages.SHIPPING,
  part: noLines,
  offOf: ({ shippingMinor }) => Math.min(most, shippingMinor),
});

/** A discount of its own on each line. @param places those of the part on which there is any. */
function offItems(
  part: Part,
  most: number,
  offOf: (place: number, amountMinor: number) => number,
  places = part.places,
): Give {
  return {
    ...giving,
    stage: stages.ITEMS,
    part,
    offOf: ({ lines }) => {
      let sum = 0;
      for (const place of places) sum += offOf(place, lines[place] as number);
      return Math.min(most, sum);
    },
    weightsOf: ({ lines }) => part.places.map((place) => offOf(place, lines[place] as number)),
  };
}

/** What an offer's terms give on a cart. */
export function giveOf(terms: OfferTerms, cart: CartForOffers): Give {
  const { percentageBasisPoints, amountOffMinor, amountSteps, fixedPriceMinor, freeShipping, buyGet } = terms;
  const part = cart.partOf(terms.goods);
  const most = terms.maximumDiscountMinor ?? Number.POSITIVE_INFINITY;
  if (buyGet) return buyGetOf(terms, cart, most);
  if (fixedPriceMinor != null)
    return offItems(part, most, (place, amountMinor) =>
      // Where the product is not exact, it exceeds any amount.
      Math.max(0, amountMinor - fixedPriceMinor * (cart.lines[place]?.quantity ?? 0)),
    );
  if (percentageBasisPoints != null) {
    if (terms.percentageOf !== "ORIGINAL") return shareOffGoods(part, percentageBasisPoints, most);
    const off = floorOf(sumOf(cart.before, part), percentageBasisPoints, 10_000);
    return offGoods(part, () => off, { most });
  }
  if (amountOffMinor != null) return offGoods(part, () => amountOffMinor, { most });
  if (amountSteps) {
    const sum = sumOf(cart.before, part);
    const reached = amountSteps.filter(({ minimumSpendMinor }) => minimumSpendMinor <= sum);
    const highest = reached.sort((a, b) => b.minimumSpendMinor - a.minimumSpendMinor)[0];
    return offGoods(part, () => highest?.amountOffMinor ?? 0, { most });
  }
  if (freeShipping) return offShipping(most);
  const [gift, points] = [terms.gift ?? null, terms.points ?? 0];
  return { ...giving, stage: stages.NOTHING, part: noLines, offOf: () => 0, gift, points };
}

function buyGetOf({ goods, buyGet }: OfferTerms, cart: CartForOffers, most: number): Give {
  const terms = buyGet as NonNullable<OfferTerms["buyGet"]>;
  const bought = cart.partOf(goods);
  const got = terms.getGoods ? cart.partOf(terms.getGoods) : bought;
  const quantityOf = (place: number) => (cart.lines[place] as CartLine).quantity;
  const lines: GroupedLine[] = [];
  for (const place of cart.dearest) {
    const [isBought, isGot] = [bought.has[place] as boolean, got.has[place] as boolean];
    if (isBought || isGot) lines.push({ place, quantity: quantityOf(place), isBought, isGot });
  }
  const unitsOf = (terms.getGoods ? unitsOfOtherGoods : unitsOfSameGoods)(lines, terms);
  const offOf = (place: number, amountMinor: number) =>
    offUnits(terms, unitsOf[place] ?? 0, quantityOf(place), amountMinor);
  return offItems(
    got,
    most,
    offOf,
    got.places.filter((place) => unitsOf[place]),
  );
}

/** Takes off what an offer or a benefit gives. */
export function take({ stage, part, offOf, weightsOf }: Give, now: Amounts): Taken {
  const off = offOf(now);
  return stage === stages.SHIPPING
    ? takeOff(now, part, [], { ofLinesMinor: 0, shippingMinor: off })
    : takeOff(now, part, weightsOf(now), { ofLinesMinor: off, shippingMinor: 0 });
}

/** Whether it gives something that is not money off. */
export const givesMore = ({ gift, points }: Give): boolean => gift !== null || points > 0;
