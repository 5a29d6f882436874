import type { BuyGet } from "../../schema/tables/offers.ts";
import { floorOf } from "../shares.ts";

/** A line of a cart, by its place: whether its units are bought, or got, or both. */
export interface GroupedLine {
  place: number;
  quantity: number;
  isBought: boolean;
  isGot: boolean;
}

/** How many units are cheaper, by the places of the lines. */
type Units = (number | undefined)[];

type Terms = Pick<BuyGet, "buyQuantity" | "getQuantity" | "mostTimes">;

/**
 * How many units of each line are cheaper. Of the same goods: of each whole group of their units, the dearest
 * first, the last `getQuantity`. By arithmetic, not unit by unit: a line may have a million.
 *
 * @param lines those whose units cost most first, as `dearestFirst` has them.
 */
export function unitsOfSameGoods(lines: readonly GroupedLine[], terms: Terms): Units {
  const { buyQuantity, getQuantity } = terms;
  const group = buyQuantity + getQuantity;
  const bought = lines.filter(({ isBought }) => isBought);
  const grouped = timesIn(terms, quantityOf(bought) / group) * group;
  const cheaperUpTo = (units: number) => {
    const within = Math.min(units, grouped);
    const rest = within % group;
    return ((within - rest) / group) * getQuantity + Math.max(0, rest - buyQuantity);
  };
  const units: Units = [];
  let before = 0;
  for (const { place, quantity } of bought) {
    units[place] = cheaperUpTo(before + quantity) - cheaperUpTo(before);
    before += quantity;
  }
  return units;
}

/**
 * How many units of each line are cheaper, where others are got than are bought: as many whole groups as
 * there are without counting a unit twice; of what can be got, the cheapest.
 *
 * @param lines those whose units cost most first.
 */
export function unitsOfOtherGoods(lines: readonly GroupedLine[], terms: Terms): Units {
  const { buyQuantity, getQuantity } = terms;
  const bought = quantityOf(lines.filter(({ isBought }) => isBought));
  const got = lines.filter(({ isGot }) => isGot).reverse();
  const either = quantityOf(lines.filter(({ isBought, isGot }) => isBought || isGot));
  const times = timesIn(
    terms,
    Math.min(bought / buyQuantity, quantityOf(got) / getQuantity, either / (buyQuantity + getQuantity)),
  );
  let left = times * getQuantity;
  // Of goods that count as both, enough must stay bought.
  let spare = bought - times * buyQuantity;
  const units: Units = [];
  for (const { place, quantity, isBought } of got) {
    const most = Math.min(quantity, left, isBought ? spare : quantity);
    units[place] = most;
    left -= most;
    if (isBought) spare -= most;
  }
  return units;
}

/** What so many cheaper units, of so many of a line, take off it. @param amountMinor what the line costs now. */
export function offUnits(
  { percentageBasisPoints, priceMinor }: BuyGet,
  units: number,
  quantity: number,
  amountMinor: number,
): number {
  if (units === 0) return 0;
  return percentageBasisPoints != null
    ? floorOf(amountMinor, units * percentageBasisPoints, quantity * 10_000)
    : Math.max(0, floorOf(amountMinor, units, quantity) - (priceMinor ?? 0) * units);
}

const timesIn = ({ mostTimes }: Terms, times: number): number =>
  Math.min(Math.floor(times), mostTimes ?? Number.POSITIVE_INFINITY);

const quantityOf = (lines: readonly GroupedLine[]): number =>
  lines.reduce((sum, { quantity }) => sum + quantity, 0);

/**
 * The places of lines, those whose units cost most first; of equals, in their order. The products of amounts
 * and quantities can exceed 2^53.
 */
export function dearestFirst(quantities: readonly number[], amounts: readonly number[]): number[] {
  const compare = (a: number, b: number) => {
    const [amountA, amountB] = [amounts[a] as number, amounts[b] as number];
    const [quantityA, quantityB] = [quantities[a] as number, quantities[b] as number];
    const [ofA, ofB] = [amountA * quantityB, amountB * quantityA];
    if (Math.max(ofA, ofB) <= Number.MAX_SAFE_INTEGER) return ofB - ofA;
    return Number(BigInt(amountB) * BigInt(quantityA) - BigInt(amountA) * BigInt(quantityB));
  };
  return amounts.map((_, place) => place).sort((a, b) => compare(a, b) || a - b);
}
