import { floorOf } from "../shares.ts";
import { type Amounts, sumOf } from "./amounts.ts";
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
  /** By it and those after it. */
  gain: number[];
  /** By those after it, once it is used. */
  gainOfRest: number[];
  /** How many of it and those after it give something besides. */
  extras: number[];
}

/** Beyond so many coupons, all that are open count. */
const MOST_SORTED = 8;

/** The sums of the most that so many coupons can take off. @param slots how many more may be used. */
export function boundsOf(open: readonly Open[], slots: number): Bounds {
  const bounds: Bounds = { gain: [], gainOfRest: [], extras: [] };
  const isSorted = slots <= MOST_SORTED;
  // The most that are taken off so far, the greatest first.
  const top: number[] = [];
  let [sum, extras] = [0, 0];
  for (let index = open.length - 1; index >= 0; index -= 1) {
    const { offMinor, isExtra } = open[index] as Open;
    bounds.gainOfRest[index] = sum - (isSorted && top.length === slots ? (top.at(-1) ?? 0) : 0);
    extras = Math.min(slots, extras + isExtra);
    sum += offMinor;
    if (isSorted) {
      let place = top.length;
      while (place > 0 && (top[place - 1] as number) < offMinor) place -= 1;
      top.splice(place, 0, offMinor);
      if (top.length > slots) sum -= top.pop() ?? 0;
    }
    bounds.gain[index] = sum;
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
