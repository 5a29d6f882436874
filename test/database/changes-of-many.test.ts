import { type SQL, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { changesOf } from "../../src/database/bulk.ts";
import { database } from "../support/caller.ts";

const planOf = async (change: SQL) => {
  const steps = await database().all<{ detail: string }>(sql`explain query plan ${change}`);
  return steps.map(({ detail }) => detail).join("\n");
};
const rows = [{ memberId: "mbr_a", version: 1 }];

test("many rows of a brand are changed by their key, without looking at the others", async () => {
  const plan = await planOf(sql`update standings set version = version + 1 from ${changesOf("brd_a", rows)}
    where standings.brand_id = f.value ->> '$.brandId' and standings.member_id = f.value ->> '$.memberId'`);
  expect(plan).toMatch(/standings .*\(brand_id=\? AND member_id=\?\)/);
});

test("with the brand given apart, all that it has is looked at", async () => {
  const plan =
    await planOf(sql`update standings set version = version + 1 from json_each(${JSON.stringify(rows)}) f
    where standings.brand_id = 'brd_a' and standings.member_id = f.value ->> '$.memberId'`);
  expect(plan).toMatch(/standings .*\(brand_id=\?\)/);
});
