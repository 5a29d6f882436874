export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[middle - 1 + (sorted.length % 2)], sorted[middle]];
  return (low + high) / 2;
}

/** The median distance from the median: a spread that one bad round does not widen. */
export function spread(numbers: readonly number[]): number {
  const centre = median(numbers);
  return median(numbers.map((number) => Math.abs(number - centre)));
}

export const rounded = (number: number, digits = 2): number => Number(number.toFixed(digits));
