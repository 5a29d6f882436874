import type { Goods, reducedItems } from "../../schema/tables/offers.ts";
import { both, names } from "../graphql/both.ts";
import { builder } from "../graphql/builder.ts";

const ReducedItems = builder.enumType("ReducedItems", {
  description: "Whether items count that are sold below their usual price already.",
  values: {
    INCLUDED: { description: "They count as others do." },
    EXCLUDED: { description: "They do not." },
    ONLY: { description: "They alone." },
  } satisfies Record<(typeof reducedItems)[number], { description: string }>,
});

export const GoodsType = both<Goods>(
  "OfferGoods",
  "Which goods of a cart are meant: every part that is given must hold, and no exception.",
  {
    skus: names("Only these; up to 200, as in each list here."),
    categories: names("Only goods in one of these."),
    brands: names("Only goods of one of these product brands, as the shop names them."),
    exceptSkus: names("Not these."),
    exceptCategories: names("Not goods in any of these."),
    exceptBrands: names("Not goods of any of these product brands."),
    reducedItems: { type: ReducedItems, description: "Reduced items; null for INCLUDED." },
  },
);
