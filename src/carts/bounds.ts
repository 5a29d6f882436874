import { floorOf } from "../shares.ts";
import { type Amounts, type Part, sumOf } from "./amounts.ts";
import type { Combinable, Usable } from "./combine.ts";

/** A coupon that can be added, and what it would take off now: after others, no more. */
export interface Open {
  place: number;
  offMinor: number;
  /** Whether it gives something that is not money off. */
  isExtra: 0 | 1;
}

/** What can be gained at most, for each open coupon. */
export interface Bounds {
  /** By it, and then those after it. */
  gainWithIt: number[];
  /** How many of it and those after it give something besides. */
  extras: number[];
}

/** Of more coupons than that, all that are open count. */
const MOST_SORTED = 8;

/** Keeps the greatest of some numbers, so many at most, the greatest first. */
const insert = (top: number[], value: number, most: number): void => {
  let place = top.length;
  while (place > 0 && (top[place - 1] as number) < value) place -= 1;
  if (place < most) top.splice(place, 0, value);
  if (top.length > most) top.pop();
};

/**
 * What so many coupons can take off at most: the sum of the most that as many of them take by themselves;
 * nor more than as many of the greatest shares leave, one after the other.
 *
 * @param slots how many more may be used. @param leftMinor all that is left to pay.
 */
export function boundsOf(
  { coupons }: Combinable,
  open: readonly Open[],
  { slots, leftMinor, now }: { slots: number; leftMinor: number; now: Amounts },
): Bounds {
  const bounds: Bounds = { gainWithIt: [], extras: [] };
  const isSorted = slots <= MOST_SORTED;
  const offs: number[] = [];
  const shares: number[] = [];
  let part: Part | undefined;
  let [all, extras] = [0, 0];
  const ofTop = (ofMinor: number) => {
    if (!isSorted) return all;
    let [sum, stays] = [0, 1];
    for (let rank = 0; rank < offs.length; rank += 1) {
      sum += offs[rank] as number;
      stays *= 1 - (shares[rank] as number) / 10_000;
    }
    // One more than the share, for what a double cannot say.
    return Math.min(sum, Math.ceil(ofMinor * (1 - stays)) + 1);
  };
  for (let index = open.length - 1; index >= 0; index -= 1) {
    const { place, offMinor, isExtra } = open[index] as Open;
    const { give } = coupons[place] as Usable;
    // Where they are all for the same goods, no more than these are to be had.
    if (index === open.length - 1) part = give.part;
    else if (part !== give.part) part = undefined;
    const ofMinor = part && part.places.length > 0 ? sumOf(now, part) : leftMinor;
    bounds.gainWithIt[index] = offMinor + ofTop(ofMinor - offMinor);
    all += offMinor;
    if (isSorted) {
      insert(offs, offMinor, slots - 1);
      insert(shares, give.mostBasisPoints, slots - 1);
    }
    extras = Math.min(slots, extras + isExtra);
    bounds.extras[index] = extras;
  }
  return bounds;
}

/**
 * What all open coupons from one on could take off one after the other, if those of each part were alone
 * with it. No selection of them takes more: what a coupon leaves of its part never falls when the part does
 * not, so that to leave one out, or to take something off by others first, gains the rest nothing.
 */
export function chainOf({ coupons }: Combinable, open: readonly Open[], from: number, now: Amounts): number {
  const sums: number[] = [];
  let { shippingMinor } = now;
  let gain = 0;
  for (let index = from; index < open.length; index += 1) {
    const { place, offMinor } = open[index] as Open;
    const { part, mostBasisPoints } = (coupons[place] as Usable).give;
    if (part.places.length === 0) {
      const off = Math.min(offMinor, shippingMinor);
      shippingMinor -= off;
      gain += off;
      continue;
    }
    const sum = sums[part.id] ?? sumOf(now, part);
    const most = mostBasisPoints < 10_000 ? floorOf(sum, mostBasisPoints, 10_000) : sum;
    const off = Math.min(offMinor, most);
    sums[part.id] = sum - off;
    gain += off;
  }
  return gain;
}
