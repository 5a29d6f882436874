import { type SQL, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { countedFactsOf, readCountedFacts } from "../../src/tiers/counted-facts.ts";
import { database } from "../support/caller.ts";

const planOf = async (query: SQL): Promise<string[]> => {
  const rows = await database().all<{ detail: string }>(sql`explain query plan ${query}`);
  return rows.map(({ detail }) => detail);
};

test("what tiers count is found from the members, by an index each: nothing of a brand is gone through", async () => {
  const ids = sql`select value from json_each(${JSON.stringify(["mbr_1", "mbr_2"])})`;
  const ofMany = readCountedFacts(database(), "brd_1", ids, 0) as unknown as { getSQL: () => SQL };
  const ofOne = sql`select ${countedFactsOf({ brandId: sql`m.brand_id`, id: sql`m.id` }, 0)} from members m where m.brand_id = 'b' and m.id = 'c'`;
  for (const query of [ofMany.getSQL(), ofOne]) {
    const plan = await planOf(query);
    const steps = plan.filter((step) => /^(SEARCH|SCAN) (f|s|a)\b/.test(step));
    expect(steps.length).toBeGreaterThanOrEqual(16);
    for (const step of steps) {
      // Each by the brand and the member, or the brand and the member's account.
      expect(step).toMatch(/^SEARCH \w USING (COVERING )?INDEX \w+ \(brand_id=\? AND \w+=\?/);
    }
  }
});
