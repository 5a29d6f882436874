import type { Goods } from "../../schema/tables/offers.ts";
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
