import { eq, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { idempotency, outbox } from "../../schema/tables/commits.ts";
import { type PrunePlace, prune } from "../../src/jobs/prune.ts";
import { newBrand } from "../support/brand.ts";
import { database, environment } from "../support/caller.ts";

const DAY_MS = 86_400_000;

/** The last row of a table, in the order in which they came in. */
async function lastRow(table: typeof idempotency | typeof outbox): Promise<number> {
  const [row] = await database().all<{ last: number | null }>(sql`select max(rowid) as last from ${table}`);
  return row?.last ?? 0;
}

test("what has been over for 30 days is deleted, chunk by chunk; what is not stays", async () => {
  const now = Date.parse("2018-06-30T00:00:00Z");
  const { brandId } = await newBrand();
  const env = await environment();
  const [answers, events] = await Promise.all([lastRow(idempotency), lastRow(outbox)]);
  const days = [90, 31, 30, 29, 1];
  const at = (ago: number) => now - ago * DAY_MS;
  await database()
    .insert(idempotency)
    .values(
      days.map((ago) => ({
        ...{ brandId, caller: "cli_x", operation: "test", key: `${ago}`, inputHash: "", outcome: {} },
        createdAt: at(ago) - 1,
      })),
    );
  const event = (id: string, deliveredAt: number | null) => ({
    ...{ brandId, id, type: "test", payload: {}, createdAt: at(90), deliveredAt },
  });
  await database()
    .insert(outbox)
    .values([event("old", at(31)), event("new", at(29)), event("waits", null), event("older", at(60))]);

  // From where these rows begin: what other tests wrote before is younger, and would end it.
  for (let next: PrunePlace | null = { table: 0, row: answers }; next?.table === 0; ) {
    ({ next } = await prune(database(), env, now, 2, next));
  }
  for (let next: PrunePlace | null = { table: 1, row: events }; next?.table === 1; ) {
    ({ next } = await prune(database(), env, now, 2, next));
  }
  const keys = await database().select().from(idempotency).where(eq(idempotency.brandId, brandId));
  expect(keys.map(({ key }) => key).sort()).toEqual(["1", "29"]);
  const left = await database().select().from(outbox).where(eq(outbox.brandId, brandId));
  const ours = left.filter(({ type }) => type === "test").map(({ id }) => id);
  expect(ours.sort()).toEqual(["new", "waits"]);
});
