import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Amounts, amountsOf } from "../../src/carts/amounts.ts";
import { boundsOf, chainOf } from "../../src/carts/bounds.ts";
import { dearestFirst } from "../../src/carts/buy-get.ts";
import type { CartFacts } from "../../src/carts/cart.ts";
import { combinable, type Usable } from "../../src/carts/combine.ts";
import { giveOf, givesMore, take } from "../../src/carts/gives.ts";
import { partsOf } from "../../src/offers/goods.ts";
import { aCandidate, aLine, factsOf, someFacts } from "./facts.ts";

/** All coupons of a cart, as if they could be used together, in the order of application. */
function coupons({ cart: { lines, shippingMinor }, candidates }: CartFacts) {
  const amounts = lines.map(({ amountMinor }) => amountMinor);
  const before = amountsOf(amounts, shippingMinor);
  const quantities = lines.map(({ quantity }) => quantity);
  const forOffers = { lines, before, dearest: dearestFirst(quantities, amounts), partOf: partsOf(lines) };
  const usable = candidates.flatMap(({ offer, ...candidate }): Usable[] => {
    if (!offer) return [];
    const give = giveOf(offer.terms, forOffers);
    return [{ candidate: { offer, ...candidate }, offer, give, aloneMinor: give.offOf(before) }];
  });
  return { together: combinable(usable.slice(0, 7), { mostCoupons: null, groups: [] }), before };
}

/** What so many of some coupons at most take off together: of the selections that begin with the first, the best. */
function mostOf(some: readonly Usable[], slots: number, now: Amounts): number {
  const [first, ...rest] = some;
  if (!first || slots === 0) return 0;
  const { discountMinor, left } = take(first.give, now);
  const after = rest.map((_, index) => mostOf(rest.slice(index), slots - 1, left));
  return discountMinor + Math.max(0, ...after);
}

function expectBounds(facts: CartFacts, slots: number): void {
  const { together, before: now } = coupons(facts);
  const open = together.coupons.map(({ give, aloneMinor }, place) => ({
    ...{ place, offMinor: aloneMinor, isExtra: givesMore(give) ? (1 as const) : (0 as const) },
  }));
  const leftMinor = now.lines.reduce((sum, line) => sum + line, now.shippingMinor);
  const { gainWithIt, extras } = boundsOf(together, open, { slots, leftMinor, now });
  for (const index of open.keys()) {
    const rest = together.coupons.slice(index);
    expect(gainWithIt[index]).toBeGreaterThanOrEqual(mostOf(rest, slots, now));
    expect(extras[index]).toBe(Math.min(slots, rest.filter(({ give }) => givesMore(give)).length));
    const ofAny = rest.map((_, next) => mostOf(rest.slice(next), rest.length, now));
    expect(chainOf(together, open, index, now)).toBeGreaterThanOrEqual(Math.max(0, ...ofAny));
  }
}

test("what a search hopes for is never less than what some coupons take off", () => {
  fc.assert(
    fc.property(someFacts({ fewestOffers: 2, mostOffers: 5 }), fc.constantFrom(1, 2, 3, 20), expectBounds),
    { numRuns: 500 },
  );
});

test("nor where the first leaves room for others on the same goods, or for the shipping", () => {
  const candidates = [
    aCandidate("a", { percentageBasisPoints: 2_000 }),
    aCandidate("b", { percentageBasisPoints: 2_500 }),
    aCandidate("c", { percentageBasisPoints: 3_333, goods: { categories: ["tea"] } }),
    aCandidate("d", { amountOffMinor: 900 }),
    aCandidate("e", { freeShipping: true }),
  ];
  const lines = [
    aLine({ categories: ["tea"], amountMinor: 7_001 }),
    aLine({ lineId: "2", amountMinor: 333 }),
  ];
  for (const slots of [1, 2, 3, 4, 5]) {
    expectBounds(factsOf({ lines, candidates, cart: { shippingMinor: 600 } }), slots);
    expectBounds(factsOf({ lines, candidates: candidates.slice(0, 2) }), slots);
  }
});
