import { spread } from "../shares.ts";

/** Some lines of a cart, by their places in the order of their ids: the goods that an offer means. */
export interface Part {
  /** Of the part, among those of the cart. */
  id: number;
  places: readonly number[];
}

/** What a cart costs at one point of its pricing, in minor units: each line, by its place, and the shipping. */
export interface Amounts {
  readonly lines: readonly number[];
  readonly shippingMinor: number;
  /** What parts come to, by their ids, once somebody asked. */
  readonly sums: (number | undefined)[];
}

/** What is taken off: of each line of a part, and of the shipping; and what is left. */
export interface Taken {
  discountMinor: number;
  part: Part;
  /** Parallel to the part's places. */
  shares: readonly number[];
  shippingMinor: number;
  left: Amounts;
}

export const amountsOf = (lines: readonly number[], shippingMinor: number): Amounts => ({
  lines,
  shippingMinor,
  sums: [],
});

/** What a part comes to. */
export function sumOf({ lines, sums }: Amounts, { id, places }: Part): number {
  let sum = sums[id];
  if (sum === undefined) {
    sum = 0;
    for (const place of places) sum += lines[place] as number;
    sums[id] = sum;
  }
  return sum;
}

/**
 * Takes amounts off. What falls on lines is spread by weights, none of which is more than its line; so no
 * line falls below zero, and the shares add up.
 */
export function takeOff(
  now: Amounts,
  part: Part,
  weights: readonly number[],
  { ofLinesMinor, shippingMinor }: { ofLinesMinor: number; shippingMinor: number },
): Taken {
  const shares = spread(ofLinesMinor, weights);
  const lines = now.lines.slice();
  for (let index = 0; index < shares.length; index += 1) {
    const line = part.places[index] as number;
    lines[line] = (lines[line] as number) - (shares[index] as number);
  }
  const left = amountsOf(lines, now.shippingMinor - shippingMinor);
  return { discountMinor: ofLinesMinor + shippingMinor, part, shares, shippingMinor, left };
}

/** What the lines of a part cost, one by one. */
export const amountsIn = ({ lines }: Amounts, { places }: Part): number[] =>
  places.map((place) => lines[place] as number);
