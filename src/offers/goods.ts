import type { Goods } from "../../schema/tables/offers.ts";
import type { Part } from "../carts/amounts.ts";
import type { CartLine } from "../carts/cart.ts";

/** Whether a line's goods are among those meant: every part that is given holds, and no exception does. */
export function matches(goods: Goods | null | undefined, line: CartLine): boolean {
  if (!goods) return true;
  const { sku, brand, categories, isReduced } = line;
  return (
    (!goods.skus || goods.skus.includes(sku)) &&
    (!goods.categories || haveCommon(goods.categories, categories)) &&
    (!goods.brands || (brand !== null && goods.brands.includes(brand))) &&
    !goods.exceptSkus?.includes(sku) &&
    !(goods.exceptCategories && haveCommon(goods.exceptCategories, categories)) &&
    !(goods.exceptBrands && brand !== null && goods.exceptBrands.includes(brand)) &&
    (!goods.reducedItems ||
      goods.reducedItems === "INCLUDED" ||
      (goods.reducedItems === "ONLY") === isReduced)
  );
}

/** A cart asks it for every line and offer. */
const haveCommon = (names: readonly string[], own: readonly string[]): boolean =>
  own.some((name) => names.includes(name));

/** The lines of a cart that goods match. */
export interface Matched extends Part {
  /** Of each line of the cart, by its place: whether it is one of them. */
  has: readonly boolean[];
  /** Of all of them together. */
  quantity: number;
}

/**
 * What goods match on a cart. Of the same lines, the part is the same: offers that mean the same goods are read
 * one by one, so that those are told by what they say.
 */
export function partsOf(lines: readonly CartLine[]): (goods: Goods | null | undefined) => Matched {
  const parts = new Map<string, Matched>();
  const match = (goods: Goods | null | undefined): Matched => {
    const has = lines.map((line) => matches(goods, line));
    const places: number[] = [];
    let quantity = 0;
    for (let place = 0; place < lines.length; place += 1)
      if (has[place]) {
        places.push(place);
        quantity += (lines[place] as CartLine).quantity;
      }
    // A letter for each.
    const key = String.fromCharCode(...places);
    const part = parts.get(key) ?? { id: parts.size, places, has, quantity };
    parts.set(key, part);
    return part;
  };
  const whole = match(null);
  const known = new Map<Goods | string, Matched>();
  return (goods) => {
    if (!goods) return whole;
    let part = known.get(goods);
    if (part) return part;
    const text = JSON.stringify(goods);
    part = known.get(text) ?? match(goods);
    known.set(text, part).set(goods, part);
    return part;
  };
}
