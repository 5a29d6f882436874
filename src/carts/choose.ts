import type { Amounts } from "./amounts.ts";
import { boundsOf, chainOf, type Open } from "./bounds.ts";
import {
  type Chosen,
  type Combinable,
  change,
  clashOf,
  compare,
  expiryOf,
  isWithinBudget,
  noneOf,
  owedBefore,
  type Usable,
} from "./combine.ts";
import { take } from "./gives.ts";

/** What a search may cost: to ask a coupon what it takes off is 1, as is to add up a line, or half to reduce it. */
const MOST_WORK = 6_000;

/** So many coupons are picked one by one; beyond that, as they come. */
const MOST_GREEDY = 5;

/** Some coupons with what they take off together; the places in the order of application. */
interface Solution {
  places: readonly number[];
  discountMinor: number;
  /** How many of them give something that is not money off. */
  extras: number;
}

/** The coupons to use, in the order of application, and whether it is known that none take more off. */
export interface Choice {
  places: readonly number[];
  isBest: boolean;
}

/** All, in the order of application, as far as they go together. */
export function chooseAll(together: Combinable, before: Amounts): Choice {
  const { places } = addedInTurn(
    together,
    together.coupons.map((_, place) => place),
    before,
  );
  return { places, isBest: true };
}

/**
 * Those that take most off together: of equals, those that give more besides, then fewer, then the soonest to
 * expire. Branch and bound over the subsets in the order of application: a coupon takes no more off after
 * others than now, so that there is a bound to what can be gained.
 */
export function chooseBest(together: Combinable, before: Amounts): Choice {
  const { coupons, mostCoupons } = together;
  const chosen = noneOf(together);
  const greedy = greedyOf(together, before);
  let best: Solution = isWhole(together, greedy.chosen)
    ? greedy
    : { places: [], discountMinor: 0, extras: 0 };
  const allMinor = before.lines.reduce((sum, line) => sum + line, before.shippingMinor);
  const parts = new Set(coupons.map(({ give }) => give.part));
  const ofParts = [...parts].reduce((sum, { places }) => sum + places.length, 0);
  let work = 0;
  let isBest = true;

  const search = (now: Amounts, from: number, discountMinor: number, extras: number) => {
    const slots = mostCoupons - chosen.places.length;
    const open = openAfter(together, chosen, now, from);
    const bounds = boundsOf(together, open, { slots, leftMinor: allMinor - discountMinor, now });
    work += coupons.length - from + ofParts;
    const gainWith = (index: number) => bounds.gainWithIt[index] as number;
    const isHopeless = (index: number, gain: number) =>
      isWorse(best, discountMinor + gain, extras + (bounds.extras[index] as number), chosen);
    // The most promising first, so that the rest is soon hopeless.
    const turn: number[] = [];
    for (let index = 0; index < open.length; index += 1)
      if (!isHopeless(index, gainWith(index))) turn.push(index);
    if (slots < open.length) turn.sort((a, b) => gainWith(b) - gainWith(a) || a - b);
    let hopelessFrom = open.length;
    for (const index of turn) {
      const { place, offMinor, isExtra } = open[index] as Open;
      if (index >= hopelessFrom || isHopeless(index, gainWith(index))) continue;
      if (!mayFollow(together, chosen, place, place)) continue;
      if (work > MOST_WORK) {
        const most = Math.min(gainWith(index), chainOf(together, open, 0, now));
        isBest &&= discountMinor + most <= best.discountMinor;
        return;
      }
      if (slots * 4 >= open.length - index) {
        work += open.length - index;
        if (isHopeless(index, chainOf(together, open, index, now))) {
          // What those after it could gain is a part of it.
          hopelessFrom = index;
          continue;
        }
      }
      change(together, chosen, place, offMinor, 1);
      const solution = {
        places: chosen.places,
        discountMinor: discountMinor + offMinor,
        extras: extras + isExtra,
      };
      if (isBetter(together, solution, best) && isWhole(together, chosen))
        best = { ...solution, places: [...chosen.places] };
      if (slots > 1 && index + 1 < open.length) {
        const { left } = take((coupons[place] as Usable).give, now);
        work += 2 * left.lines.length;
        search(left, place + 1, solution.discountMinor, solution.extras);
      }
      change(together, chosen, place, offMinor, -1);
    }
  };

  search(before, 0, 0, 0);
  return { places: best.places, isBest };
}

/** The coupons from a place on that can be added to those chosen, and would be of use. */
function openAfter(together: Combinable, chosen: Chosen, now: Amounts, from: number): Open[] {
  const { coupons, ranked } = together;
  const open: Open[] = [];
  for (let place = from; place < coupons.length; place += 1) {
    if (clashOf(together, chosen, place) !== undefined) continue;
    const offMinor = (coupons[place] as Usable).give.offOf(now);
    const isExtra = together.isExtra[place] ? 1 : 0;
    // In a PRIORITY group, one that takes nothing off may let others be used.
    if (offMinor === 0 && !isExtra && ranked[place]?.length === 0) continue;
    if (!isWithinBudget(together, chosen, place, offMinor)) continue;
    if (!mayFollow(together, chosen, place, from)) continue;
    open.push({ place, offMinor, isExtra });
  }
  return open;
}

/** Whether nothing that was passed over, before a place, would have to be used before a coupon. */
function mayFollow(together: Combinable, chosen: Chosen, place: number, passed: number): boolean {
  const { isTwin, usesLeft, offerOf } = together;
  // Of interchangeable ones the first goes first.
  if (isTwin[place] && place <= passed && !chosen.isChosen[place - 1]) return false;
  const owed = owedBefore(together, chosen, place);
  // One whose offer's uses can run out may come to be excused.
  return (
    owed === undefined || owed >= passed || usesLeft[offerOf[owed] as number] !== Number.POSITIVE_INFINITY
  );
}

/** To begin with: again and again what takes most off of what the ones before it left. */
function greedyOf(together: Combinable, before: Amounts) {
  const { coupons, mostCoupons } = together;
  const picked = noneOf(together);
  // What each took off when it was last asked: after others it is no more.
  const offs = coupons.map(({ aloneMinor }) => aloneMinor);
  let now = before;
  for (let left = Math.min(mostCoupons, MOST_GREEDY); left > 0; left -= 1) {
    let next: Usable | undefined;
    let [nextPlace, most] = [-1, 0];
    for (let place = 0; place < coupons.length; place += 1) {
      if ((offs[place] as number) <= most || picked.isChosen[place]) continue;
      const coupon = coupons[place] as Usable;
      const off = coupon.give.offOf(now);
      offs[place] = off;
      if (off <= most || clashOf(together, picked, place) !== undefined) continue;
      if (owedBefore(together, picked, place) !== undefined) continue;
      [next, nextPlace, most] = [coupon, place, off];
    }
    if (!next) break;
    change(together, picked, nextPlace, most, 1);
    now = take(next.give, now).left;
  }
  return addedInTurn(together, [...picked.places, ...coupons.keys()], before);
}

/** Adds coupons in a turn, as far as they go together; then leaves out those that turn out to be of no use. */
function addedInTurn(together: Combinable, turn: readonly number[], before: Amounts) {
  const picked = noneOf(together);
  const seen = new Set<number>();
  const visit = (place: number) => {
    if (seen.has(place)) return;
    seen.add(place);
    for (const other of aboveOf(together, place)) visit(other);
    const clash = clashOf(together, picked, place) ?? owedBefore(together, picked, place);
    if (clash === undefined) change(together, picked, place, 0, 1);
  };
  for (const place of turn) visit(place);
  const chosen = noneOf(together);
  const solution = { places: chosen.places, discountMinor: 0, extras: 0, chosen };
  let now = before;
  const letting = new Set(picked.places.flatMap((place) => aboveOf(together, place)));
  for (const place of picked.places.sort((a, b) => a - b)) {
    const { give } = together.coupons[place] as Usable;
    const offMinor = give.offOf(now);
    const isExtra = together.isExtra[place] as boolean;
    const isOfUse = offMinor > 0 || isExtra || letting.has(place);
    if (!isOfUse || !isWithinBudget(together, chosen, place, offMinor)) continue;
    change(together, chosen, place, offMinor, 1);
    solution.discountMinor += offMinor;
    solution.extras += isExtra ? 1 : 0;
    if (offMinor > 0) now = take(give, now).left;
  }
  return solution;
}

const aboveOf = ({ ranked, aboveCount }: Combinable, place: number): readonly number[] =>
  ranked[place]?.slice(0, aboveCount[place]) ?? [];

const isWhole = (together: Combinable, chosen: Chosen): boolean =>
  chosen.places.every((place) => owedBefore(together, chosen, place) === undefined);

/** Whether one more coupon cannot do better than the best, whatever comes after it. */
function isWorse(best: Solution, discountMinor: number, extras: number, { places }: Chosen): boolean {
  if (discountMinor !== best.discountMinor) return discountMinor < best.discountMinor;
  return extras !== best.extras ? extras < best.extras : places.length + 1 > best.places.length;
}

function isBetter({ coupons }: Combinable, a: Solution, b: Solution): boolean {
  if (a.discountMinor !== b.discountMinor) return a.discountMinor > b.discountMinor;
  if (a.extras !== b.extras) return a.extras > b.extras;
  if (a.places.length !== b.places.length) return a.places.length < b.places.length;
  const sorted = <T extends string | number>({ places }: Solution, of: (coupon: Usable) => T) =>
    places.map((place) => of(coupons[place] as Usable)).sort(compare);
  const difference =
    compareLists(sorted(a, expiryOf), sorted(b, expiryOf)) ||
    compareLists(
      sorted(a, ({ candidate }) => candidate.key),
      sorted(b, ({ candidate }) => candidate.key),
    );
  return difference < 0;
}

/** Of lists of the same length: by the first values that differ. */
function compareLists<T extends string | number>(a: readonly T[], b: readonly T[]): number {
  const place = a.findIndex((value, index) => value !== b[index]);
  return place < 0 ? 0 : compare(a[place] as T, b[place] as T);
}
