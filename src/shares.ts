/** The largest amount of money or points there can be: far enough below 2^53 for sums to stay exact. */
export const LARGEST_AMOUNT = 1_000_000_000_000;

/**
 * `value × by ÷ per`, rounded down; exact also where the product exceeds 2^53.
 *
 * @param value not negative; nor are the others.
 */
export function floorOf(value: number, by: number, per: number): number {
  const product = value * by;
  // The quotient of an exact product never rounds up to a whole number that it does not reach.
  return product <= Number.MAX_SAFE_INTEGER
    ? Math.floor(product / per)
    : Number((BigInt(value) * BigInt(by)) / BigInt(per));
}

/** What falls between two parts of a whole when an amount runs along it, each share rounded down. */
export const shareBetween = (amount: number, from: number, to: number, whole: number): number =>
  whole === 0 ? 0 : floorOf(amount, to, whole) - floorOf(amount, from, whole);

/** Spreads an amount over weights: each gets the difference of two running shares, so that they add up. */
export function spread(amount: number, weights: readonly number[]): number[] {
  let whole = 0;
  for (const weight of weights) whole += weight;
  if (amount === 0 || whole === 0) return weights.map(() => 0);
  let before = 0;
  let given = 0;
  return weights.map((weight) => {
    before += weight;
    const upTo = floorOf(amount, before, whole);
    const share = upTo - given;
    given = upTo;
    return share;
  });
}
