import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { readCart } from "../../src/carts/read-cart.ts";
import { openBook } from "../../src/codes/code-book.ts";
import { offersOfCodes } from "../../src/codes/read-codes.ts";
import type { Context } from "../../src/context.ts";
import { contextAt } from "../points/support.ts";
import { newBrand } from "../support/brand.ts";
import { environment } from "../support/caller.ts";
import { newOffer } from "../support/offer.ts";
import { changed } from "./support.ts";

/** Nothing of a cart's load that grows with the brand is looked through. */
async function expectNoScan(context: Context, codes: string[]) {
  const { database, now: at } = context;
  const statements = readCart(context, {
    ...{ memberId: "mbr_none", lines: [], shippingMinor: 0, channel: null, store: "Bund" },
    ...{ paymentMethod: null, segments: [], pointsToSpend: 0, choice: "BEST", at },
    ...{ couponIds: ["cpn_none"], codes },
  });
  for (const statement of statements) {
    const query = (statement as unknown as { getSQL: () => ReturnType<typeof sql> }).getSQL();
    const plan = JSON.stringify(await database.all(sql`explain query plan ${query}`));
    expect(plan).not.toMatch(/SCAN (members|orders|awards|coupons|offers|offer_counters|lots|d\d|[bclos]\b)/);
    // By the brand alone, only what it has few of.
    const wide = [...plan.matchAll(/INDEX (\w+) \(brand_id=\?\)/g)].map(([, index]) => index);
    const few = /^(automatic_offers|code_range|sqlite_autoindex_(tiers|benefits)_\d)$/;
    expect(wide.filter((index) => !few.test(index ?? ""))).toEqual([]);
    expect(plan).not.toContain("TEMP B-TREE FOR ORDER BY");
  }
}

test("a cart is read without a look at all coupons, orders or offers of a brand", async () => {
  const { brandId } = await newBrand();
  const context = await contextAt(brandId, Date.now());
  await expectNoScan(context, []);
  await expectNoScan(context, ["WELCOME10"]);
});

test("a code brings in the offers of batches that look like it; once they are known, its own batch's", async () => {
  const brand = await newBrand();
  const { brandId } = brand;
  const context = await contextAt(brandId, Date.now());
  const offerOfBatch = async (look: object) => {
    const offerId = await newOffer(brand, { terms: { amountOffMinor: 700 } });
    const batch = { offerId, count: 5, idempotencyKey: offerId, ...look };
    await changed(brand, "createCodeBatch", batch);
    return offerId;
  };
  const tea = { prefix: "TEA", length: 10 };
  const [house, first, second] = [await offerOfBatch({}), await offerOfBatch(tea), await offerOfBatch(tea)];
  const row = await context.database.query.codeBatches.findFirst({ where: { brandId, offerId: second } });
  const { wrappedDataKey } =
    (await context.database.query.brands.findFirst({ where: { id: brandId } })) ?? {};
  if (!row || !wrappedDataKey) throw new Error("No batch");

  const found = async (code: string) => {
    await expectNoScan(context, [code]);
    const rows = await context.database.all<[string]>(offersOfCodes(context, [code]));
    return rows.map((one) => Object.values(one)[0]).sort();
  };
  expect(await found("WELCOME10")).toEqual([]);
  expect(await found("0000000000000000")).toEqual([house]);
  expect(await found("TEA0123456789A")).toEqual([first, second].sort());

  const book = await openBook({ environment: await environment() }, brandId, wrappedDataKey);
  const [code = ""] = book.codecOf(row).codesOf(row.firstSerial, 1);
  expect(await found(code)).toEqual([second]);
});
