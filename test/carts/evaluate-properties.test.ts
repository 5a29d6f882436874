import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Candidate, CartEvaluation, CartFacts } from "../../src/carts/cart.ts";
import { evaluate } from "../../src/carts/evaluate.ts";
import { paidFor } from "../../src/orders/refund.ts";
import { aCandidate, someFacts } from "./facts.ts";

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const usedIn = ({ steps }: CartEvaluation) => steps.filter(({ kind }) => kind === "COUPON");
const offCoupons = (evaluation: CartEvaluation) =>
  sum(usedIn(evaluation).map(({ discountMinor }) => discountMinor));

/** All that may be used by themselves. */
const usableIn = ({ candidates }: CartFacts, { considered }: CartEvaluation): Candidate[] =>
  candidates.filter(({ key }) => considered.some((one) => one.key === key && one.state !== "NOT_USABLE"));

const termsOf = ({ offer }: Candidate) => offer?.terms ?? {};
const usesLeft = ({ taken }: Candidate) =>
  Math.min(...taken.map(({ limit, uses }) => (limit.uses ?? Infinity) - uses), Infinity);

/** Whether the rules let some coupons be used together, said again in the simplest way. */
function isAllowed(some: readonly Candidate[], all: readonly Candidate[], { stacking }: CartFacts): boolean {
  const { mostCoupons, groups } = stacking;
  if (some.length > (mostCoupons ?? Infinity)) return false;
  if (some.length > 1 && some.some((one) => termsOf(one).exclusive)) return false;
  const ofOffer = (one: Candidate) => some.filter(({ offer }) => offer?.id === one.offer?.id);
  if (some.some((one) => ofOffer(one).length > usesLeft(one))) return false;
  return groups.every(({ name, mode, mostCoupons: most }) => {
    const inGroup = (candidates: readonly Candidate[]) =>
      candidates.filter((one) => termsOf(one).group === name);
    const used = inGroup(some);
    if (used.length > (mode === "BEST" ? 1 : (most ?? Infinity))) return false;
    if (used.length > (most ?? Infinity)) return false;
    const lowest = Math.min(...used.map((one) => termsOf(one).priority ?? 0));
    const isLeftOut = (one: Candidate) =>
      (termsOf(one).priority ?? 0) > lowest && !some.includes(one) && ofOffer(one).length < usesLeft(one);
    return mode !== "PRIORITY" || !inGroup(all).some(isLeftOut);
  });
}

/** What some coupons take off together, each; without the rules of what goes together. */
function pricesOf(some: readonly Candidate[], facts: CartFacts): Map<string, number> {
  const alone = some.map((one) => ({
    ...{ ...one, isAsked: true, taken: [] },
    offer: one.offer && { ...one.offer, terms: { ...one.offer.terms, exclusive: false } },
  }));
  const groups = facts.stacking.groups.map(({ name }) => ({ name, mode: "ALL" as const, mostCoupons: null }));
  const evaluation = evaluate({
    ...{ ...facts, candidates: alone, stacking: { mostCoupons: null, groups } },
    cart: { ...facts.cart, choice: "ASKED" },
  });
  return new Map(usedIn(evaluation).map(({ key, discountMinor }) => [key as string, discountMinor]));
}

function isWithinBudgets(some: readonly Candidate[], prices: ReadonlyMap<string, number>): boolean {
  return some.every(({ offer, taken }) => {
    const ofOffer = some.filter((one) => one.offer?.id === offer?.id);
    const discount = sum(ofOffer.map(({ key }) => prices.get(key) ?? 0));
    return taken.every(({ limit }) => discount <= (limit.discountMinor ?? Infinity));
  });
}

/** The best of all subsets, by trying each. */
function bestOf(facts: CartFacts, usable: readonly Candidate[]) {
  let best = { rank: [0, 0, 0], tie: "", keys: [] as string[] };
  for (let bits = 1; bits < 2 ** usable.length; bits += 1) {
    const some = usable.filter((_, place) => bits & (1 << place));
    if (!isAllowed(some, usable, facts)) continue;
    const prices = pricesOf(some, facts);
    if (!isWithinBudgets(some, prices)) continue;
    const extras = some.filter((one) => termsOf(one).gift || termsOf(one).points).length;
    const rank = [sum([...prices.values()]), extras, -some.length];
    const expiries = some.map(({ expiresAt }) => String(expiresAt ?? 9e15).padStart(16, "0")).sort();
    const keys = some.map(({ key }) => key).sort();
    const tie = [...expiries, ...keys].join();
    const place = rank.findIndex((value, index) => value !== best.rank[index]);
    const isBetter = place < 0 ? tie < best.tie : (rank[place] as number) > (best.rank[place] as number);
    if (isBetter) best = { rank, tie, keys };
  }
  return best;
}

describe("a cart's price", () => {
  test("adds up to the minor unit, and nothing falls below zero", () => {
    fc.assert(
      fc.property(someFacts(), (facts) => {
        const { lines, steps, considered, ...totals } = evaluate(facts);
        const off = new Map<string, number>();
        for (const step of steps) {
          expect(sum(step.lines.map((line) => line.discountMinor)) + step.shippingMinor).toBe(
            step.discountMinor,
          );
          for (const { lineId, discountMinor } of step.lines) {
            expect(discountMinor).toBeGreaterThan(0);
            off.set(lineId, (off.get(lineId) ?? 0) + discountMinor);
          }
        }
        for (const line of lines) {
          expect(line.discountMinor).toBe(off.get(line.lineId) ?? 0);
          expect(line.payableMinor).toBe(line.amountMinor - line.discountMinor);
          expect(line.payableMinor).toBeGreaterThanOrEqual(0);
        }
        expect(lines.map(({ lineId }) => lineId)).toEqual(facts.cart.lines.map(({ lineId }) => lineId));
        expect(totals.subtotalMinor).toBe(sum(facts.cart.lines.map(({ amountMinor }) => amountMinor)));
        expect(totals.shippingDiscountMinor).toBe(sum(steps.map(({ shippingMinor }) => shippingMinor)));
        expect(totals.discountMinor).toBe(sum(steps.map(({ discountMinor }) => discountMinor)));
        expect(totals.payableMinor).toBe(totals.subtotalMinor + totals.shippingMinor - totals.discountMinor);
        expect(totals.payableMinor).toBeGreaterThanOrEqual(0);
        expect(considered.map(({ key }) => key).sort()).toEqual(
          facts.candidates.map(({ key }) => key).sort(),
        );
      }),
      { numRuns: 200 },
    );
  });

  test("is not changed by what cannot be used", () => {
    fc.assert(
      fc.property(someFacts(), (facts) => {
        const { considered, ...priced } = evaluate(facts);
        const usable = usableIn(facts, { considered, ...priced });
        const { considered: fewer, ...again } = evaluate({ ...facts, candidates: usable });
        expect(again).toEqual(priced);
        expect(fewer).toEqual(considered.filter(({ state }) => state !== "NOT_USABLE"));
        const useless = aCandidate(
          "useless",
          { percentageBasisPoints: 9_000 },
          { fault: { code: "EXPIRED" } },
        );
        const { considered: _, ...third } = evaluate({ ...facts, candidates: [useless, ...usable] });
        expect(third).toEqual(priced);
      }),
    );
  });

  test("is the same, byte for byte, whenever it is asked and in whatever order lines and coupons come", () => {
    fc.assert(
      fc.property(someFacts(), fc.infiniteStream(fc.integer({ min: -1, max: 1 })), (facts, stream) => {
        const text = JSON.stringify(evaluate(facts));
        expect(JSON.stringify(evaluate(JSON.parse(JSON.stringify(facts))))).toBe(text);
        const shuffled = <T>(values: readonly T[]) => [...values].sort(() => stream.next().value);
        const other = evaluate({
          ...{ ...facts, candidates: shuffled(facts.candidates), benefits: shuffled(facts.benefits) },
          cart: { ...facts.cart, lines: shuffled(facts.cart.lines) },
        });
        const place = (lineId: string) => facts.cart.lines.findIndex((line) => line.lineId === lineId);
        other.lines.sort((a, b) => place(a.lineId) - place(b.lineId));
        expect(JSON.stringify(other)).toBe(text);
      }),
      { numRuns: 100 },
    );
  });

  test("is what an order pays whose lines say what of the discount they bear", () => {
    fc.assert(
      fc.property(someFacts(), (facts) => {
        const { lines, shippingMinor, shippingDiscountMinor, discountMinor, payableMinor } = evaluate(facts);
        const order = {
          ...{ lines, shippingMinor: shippingMinor - shippingDiscountMinor },
          discountMinor: discountMinor - shippingDiscountMinor,
        };
        const paid = paidFor(order);
        for (const { lineId, payableMinor: ofLine } of lines) expect(paid.lines.get(lineId)).toBe(ofLine);
        expect(sum([...paid.lines.values()]) + paid.shippingMinor).toBe(payableMinor);
      }),
    );
  });
});

describe("the coupons that are used", () => {
  test("never take off more together than each by itself", () => {
    fc.assert(
      fc.property(someFacts(), (facts) => {
        const evaluation = evaluate(facts);
        const alone = new Map(evaluation.considered.map(({ key, discountMinor }) => [key, discountMinor]));
        for (const { key, discountMinor } of usedIn(evaluation))
          expect(discountMinor).toBeLessThanOrEqual(alone.get(key as string) as number);
      }),
      { numRuns: 200 },
    );
  });

  test("are the best of all that may be used together", () => {
    fc.assert(
      fc.property(someFacts({ fewestOffers: 2, mostOffers: 5 }), (some) => {
        const facts: CartFacts = { ...some, cart: { ...some.cart, choice: "BEST" } };
        const evaluation = evaluate(facts);
        const usable = usableIn(facts, evaluation);
        fc.pre(usable.length <= 8);
        const best = bestOf(facts, usable);
        expect(evaluation.isBest).toBe(true);
        expect(offCoupons(evaluation)).toBe(best.rank[0]);
        expect(
          usedIn(evaluation)
            .map(({ key }) => key)
            .sort(),
        ).toEqual(best.keys);
      }),
      { numRuns: 250 },
    );
  });

  test("take off at least what any one of them does that may be used alone", () => {
    fc.assert(
      fc.property(someFacts({ mostOffers: 20 }), (some) => {
        const facts: CartFacts = { ...some, cart: { ...some.cart, choice: "BEST" } };
        const evaluation = evaluate(facts);
        const usable = usableIn(facts, evaluation);
        for (const one of usable.filter((candidate) => isAllowed([candidate], usable, facts))) {
          const { discountMinor } = evaluation.considered.find(({ key }) => key === one.key) ?? {};
          expect(offCoupons(evaluation)).toBeGreaterThanOrEqual(discountMinor as number);
        }
      }),
    );
  });

  test("are of those that were asked for, where they were, and may be used together", () => {
    fc.assert(
      fc.property(someFacts(), (some) => {
        const facts: CartFacts = { ...some, cart: { ...some.cart, choice: "ASKED" } };
        const evaluation = evaluate(facts);
        const asked = usableIn(facts, evaluation).filter(({ isAsked }) => isAsked);
        const keys = usedIn(evaluation).map(({ key }) => key);
        const used = asked.filter(({ key }) => keys.includes(key));
        expect(used.length).toBe(keys.length);
        expect(used.length > 0).toBe(asked.length > 0);
        expect(isAllowed(used, used, facts)).toBe(true);
        for (const { key, state, reasons } of evaluation.considered) {
          if (keys.includes(key)) expect(state).toBe("USED");
          else if (asked.some((one) => one.key === key)) expect(reasons).toHaveLength(1);
        }
      }),
      { numRuns: 200 },
    );
  });
});
