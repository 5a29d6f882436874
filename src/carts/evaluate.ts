import type { LineDiscount } from "../../schema/tables/coupons.ts";
import { earnOnPurchase } from "../earning/earn.ts";
import { matches, partsOf } from "../offers/goods.ts";
import { type Amounts, amountsIn, amountsOf, type Part, sumOf, type Taken, takeOff } from "./amounts.ts";
import { dearestFirst } from "./buy-get.ts";
import type {
  BenefitDiscount,
  CartEarning,
  CartEvaluation,
  CartFacts,
  CartLine,
  PricedLine,
  PriceStep,
} from "./cart.ts";
import { chooseAll, chooseBest } from "./choose.ts";
import { type Combinable, combinable, compare, type Usable } from "./combine.ts";
import { explain, inStableOrder, judge } from "./explain.ts";
import { type CartForOffers, type Give, offShipping, shareOffGoods, take } from "./gives.ts";
import { payWithPoints } from "./pay-with-points.ts";

/** A cart while it is priced: what was taken off so far, and what is left to pay. */
interface Pricing {
  /** In the order of their ids. */
  lines: readonly CartLine[];
  /** All of them. */
  whole: Part;
  steps: PriceStep[];
  now: Amounts;
}

/**
 * What a cart costs, why, and why not less: benefits, then coupons, then points; then what it earns. PURE: the
 * same facts give the same answer, byte for byte, in whatever order lines and candidates come.
 */
export function evaluate(facts: CartFacts): CartEvaluation {
  const { cart, stacking } = facts;
  const pricing = pricingOf(facts);
  takeBenefits(pricing, facts.benefits);
  const judged = judge(facts, forOffers(pricing));
  const together = combinable(judged.usable, stacking);
  const { used, isBest } = choose(together, facts, pricing.now);
  const discounts = new Map(used.map((coupon) => [coupon.candidate.key, takeCoupon(pricing, coupon)]));
  const points = takePoints(pricing, facts);
  const considered = [...explain(together, discounts, cart.choice), ...judged.notUsable];
  return {
    ...totalsOf(facts, pricing),
    steps: pricing.steps,
    considered: inStableOrder(considered),
    points,
    earning: earningOf(facts, pricing),
    isBest,
  };
}

function pricingOf({ cart }: CartFacts): Pricing {
  const lines = [...cart.lines].sort((a, b) => compare(a.lineId, b.lineId));
  const amounts = lines.map(({ amountMinor }) => amountMinor);
  return {
    lines,
    whole: { id: 0, places: lines.map((_, place) => place) },
    ...{ steps: [], now: amountsOf(amounts, cart.shippingMinor) },
  };
}

/**
 * Each line's best rate of what members pay less, and shipping: of equals one without a quota, which is not
 * used up.
 */
function takeBenefits(pricing: Pricing, benefits: readonly BenefitDiscount[]): void {
  const inOrder = [...benefits].sort(
    (a, b) =>
      (b.rateBasisPoints ?? 0) - (a.rateBasisPoints ?? 0) ||
      Number(a.period !== null) - Number(b.period !== null) ||
      compare(a.benefitId, b.benefitId),
  );
  const use = ({ benefitId, name }: BenefitDiscount, give: Give) => {
    const { lines, shippingMinor } = pricing.now;
    // Its part is not the whole, whose number it bears: what it comes to must not be kept as the cart's.
    const taken = take(give, amountsOf(lines, shippingMinor));
    if (taken.discountMinor > 0) addStep(pricing, taken, { kind: "BENEFIT", benefitId, name });
  };
  let left = pricing.whole.places;
  for (const benefit of inOrder.filter(({ kind }) => kind !== "FREE_SHIPPING")) {
    const { goods, rateBasisPoints } = benefit;
    const isFor = (place: number) => !goods || matches(goods, pricing.lines[place] as CartLine);
    const places = left.filter(isFor);
    if (places.length > 0) use(benefit, shareOffGoods({ id: 0, places }, rateBasisPoints ?? 0));
    left = left.filter((place) => !isFor(place));
  }
  const shipping = inOrder.find(({ kind }) => kind === "FREE_SHIPPING");
  if (shipping) use(shipping, offShipping());
}

/** The cart as offers are made for it. */
function forOffers({ lines, now }: Pricing): CartForOffers {
  const quantities = lines.map(({ quantity }) => quantity);
  const dearest = dearestFirst(quantities, now.lines);
  return { lines, before: now, dearest, partOf: partsOf(lines) };
}

/** The coupons that are used, in the order in which they apply. */
function choose(
  together: Combinable,
  { cart, stacking }: CartFacts,
  now: Amounts,
): { used: Usable[]; isBest: boolean } {
  const isBestWanted = cart.choice === "BEST";
  const asked = isBestWanted
    ? together
    : combinable(
        together.coupons.filter(({ candidate }) => candidate.isAsked),
        stacking,
      );
  const { places, isBest } = isBestWanted ? chooseBest(asked, now) : chooseAll(asked, now);
  return { used: places.map((place) => asked.coupons[place] as Usable), isBest };
}

function takeCoupon(pricing: Pricing, { candidate, offer, give }: Usable): number {
  const { key, couponId } = candidate;
  const { gift, points } = give;
  const coupon = { kind: "COUPON" as const, key, couponId, offerId: offer.id, name: offer.title };
  const taken = take(give, pricing.now);
  addStep(pricing, taken, { ...coupon, gift, points });
  return taken.discountMinor;
}

/** Points pay for the goods, and for the shipping only what exceeds them: as an order's discount is spread. */
function takePoints(pricing: Pricing, { cart, points }: CartFacts): CartEvaluation["points"] {
  const { now, whole } = pricing;
  const goodsMinor = sumOf(now, whole);
  const paid = payWithPoints(points, cart.pointsToSpend, goodsMinor + now.shippingMinor);
  if (paid.spent > 0) {
    const ofLinesMinor = Math.min(paid.worthMinor, goodsMinor);
    const shippingMinor = paid.worthMinor - ofLinesMinor;
    const taken = takeOff(now, whole, amountsIn(now, whole), { ofLinesMinor, shippingMinor });
    addStep(pricing, taken, { kind: "POINTS", name: points?.name ?? {} });
  }
  return paid;
}

type Named = Pick<PriceStep, "kind" | "name"> & Partial<PriceStep>;

function addStep(pricing: Pricing, taken: Taken, named: Named): void {
  const { discountMinor, part, shares, shippingMinor, left } = taken;
  const lines: LineDiscount[] = [];
  for (const [index, share] of shares.entries())
    if (share > 0)
      lines.push({
        lineId: (pricing.lines[part.places[index] as number] as CartLine).lineId,
        discountMinor: share,
      });
  pricing.now = left;
  const { kind, benefitId = null, key = null, couponId = null, offerId = null, name } = named;
  pricing.steps.push({
    ...{ kind, benefitId, key, couponId, offerId, name },
    ...{ discountMinor, lines, shippingMinor, gift: named.gift ?? null, points: named.points ?? 0 },
  });
}

function totalsOf({ cart }: CartFacts, { lines, now, whole }: Pricing) {
  const payable = new Map(lines.map(({ lineId }, place) => [lineId, now.lines[place] as number]));
  const priced = cart.lines.map(({ lineId, amountMinor }): PricedLine => {
    const payableMinor = payable.get(lineId) as number;
    return { lineId, amountMinor, discountMinor: amountMinor - payableMinor, payableMinor };
  });
  const subtotalMinor = lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  const payableMinor = sumOf(now, whole) + now.shippingMinor;
  return {
    ...{ lines: priced, subtotalMinor, shippingMinor: cart.shippingMinor },
    shippingDiscountMinor: cart.shippingMinor - now.shippingMinor,
    discountMinor: subtotalMinor + cart.shippingMinor - payableMinor,
    payableMinor,
  };
}

/** What is paid for each line earns, as of an order whose lines say what of the discount they bear. */
function earningOf({ cart, timeZone, earning }: CartFacts, { lines, now }: Pricing): CartEarning | null {
  if (!earning) return null;
  const { rules, tier, before } = earning;
  const { at, channel, store } = cart;
  const paid = lines.map(({ lineId, sku, categories }, place) => ({
    ...{ lineId, sku, categories: [...categories], amountMinor: now.lines[place] as number },
  }));
  const purchase = { lines: paid, shippingMinor: now.shippingMinor, discountMinor: 0 };
  return earnOnPurchase(rules, purchase, { at, timeZone, tier, channel, store }, before);
}
