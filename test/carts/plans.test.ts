import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { readCart } from "../../src/carts/read-cart.ts";
import { contextAt } from "../points/support.ts";
import { newBrand } from "../support/brand.ts";

test("a cart is read without a look at all coupons, orders or offers of a brand", async () => {
  const { brandId } = await newBrand();
  const context = await contextAt(brandId, Date.now());
  const { database, now: at } = context;
  const statements = readCart(context, {
    ...{ memberId: "mbr_none", lines: [], shippingMinor: 0, channel: null, store: "Bund" },
    ...{ paymentMethod: null, segments: [], pointsToSpend: 0, choice: "BEST", at },
    ...{ couponIds: ["cpn_none"], codes: ["WELCOME10"] },
  });
  for (const statement of statements) {
    const query = (statement as unknown as { getSQL: () => ReturnType<typeof sql> }).getSQL();
    const plan = JSON.stringify(await database.all(sql`explain query plan ${query}`));
    expect(plan).not.toMatch(/SCAN (members|orders|awards|coupons|offers|offer_counters|lots|d\d|[bcos]\b)/);
    // By the brand alone, only what it has few of.
    const wide = [...plan.matchAll(/INDEX (\w+) \(brand_id=\?\)/g)].map(([, index]) => index);
    const few = /^(automatic_offers|code_range|code_batches_by_offer|sqlite_autoindex_(tiers|benefits)_\d)$/;
    expect(wide.filter((index) => !few.test(index ?? ""))).toEqual([]);
    expect(plan).not.toContain("TEMP B-TREE FOR ORDER BY");
  }
});
