import type { Goods } from "../../schema/tables/offers.ts";
import type { CartLine } from "../carts/cart.ts";

/** Whether a line's goods are among those meant: every part that is given holds, and no exception does. */
export function matches(goods: Goods | null | undefined, line: CartLine): boolean {
  if (!goods) return true;
  const { sku, brand, categories, isReduced } = line;
  const isOneOf = (names: readonly string[] | null | undefined, own: readonly (string | null)[]) =>
    names?.some((name) => own.includes(name));
  return (
    (isOneOf(goods.skus, [sku]) ?? true) &&
    (isOneOf(goods.categories, categories) ?? true) &&
    (isOneOf(goods.brands, [brand]) ?? true) &&
    !isOneOf(goods.exceptSkus, [sku]) &&
    !isOneOf(goods.exceptCategories, categories) &&
    !isOneOf(goods.exceptBrands, [brand]) &&
    (!goods.reducedItems || { INCLUDED: true, EXCLUDED: !isReduced, ONLY: isReduced }[goods.reducedItems])
  );
}
