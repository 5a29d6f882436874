import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { readWaiting } from "../../src/earning/award-facts.ts";
import { readEarning, readTimesEarned } from "../../src/earning/earning-facts.ts";
import { membersNamed } from "../../src/members/named-members.ts";
import { contextAt } from "../points/support.ts";
import { newBrand } from "../support/brand.ts";

test("what facts earn is decided without a look at all members, orders or awards of a brand", async () => {
  const { brandId } = await newBrand();
  const context = await contextAt(brandId, Date.now());
  const { database } = context;
  const names = [{ id: "mbr_none" }, { externalId: "nobody" }];
  const statements = [
    membersNamed(database, brandId, names),
    ...readEarning(context, names, [context.now]),
    readTimesEarned(context, names, ["CHECK_IN"], [context.now]),
    readWaiting(context, [["shop", "A-1"]]),
  ];
  for (const statement of statements) {
    const query = (statement as unknown as { getSQL: () => ReturnType<typeof sql> }).getSQL();
    const plan = JSON.stringify(await database.all(sql`explain query plan ${query}`));
    expect(plan).not.toMatch(/SCAN (members|orders|awards|activities|lots|transfers)/);
    expect(plan).not.toMatch(/(members|orders|awards|activities)\w* \(brand_id=\?\)/);
  }
});
