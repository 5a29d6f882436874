import { sql } from "drizzle-orm";
import { SQLiteAsyncRelationalQuery } from "drizzle-orm/sqlite-core/async/query";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { relations } from "../../schema/relations.ts";
import { newBrand } from "../support/brand.ts";
import { database } from "../support/caller.ts";

interface Written {
  sql: string;
  params: unknown[];
}

const members = () => database().query.members;
type Config = Parameters<ReturnType<typeof members>["findMany"]>[0];

/** What is sent. */
const sent = (config: object): Written =>
  (members().findMany(config as Config) as unknown as { _prepare(): { getQuery(): Written } })
    ._prepare()
    .getQuery();

/** What Drizzle writes, each time anew. */
function written(config: object): Written {
  const { dialect, session } = members() as unknown as { dialect: unknown; session: unknown };
  const { table } = relations.members;
  const parts = ["async", relations, table, relations.members, dialect, session, config, "many", false];
  const Query = SQLiteAsyncRelationalQuery as unknown as new (...parts: unknown[]) => { toSQL(): Written };
  return new Query(...parts).toSQL();
}

const text = fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom("?", "}", "true", "null"));
const moment = fc.integer({ min: 0, max: 9 });
const isNull = { isNull: true as const };
const filter = fc.letrec<{ filter: object }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3 },
    fc.record({ brandId: text, enrolledAt: fc.record({ gte: moment, lt: moment }, { requiredKeys: [] }) }),
    fc.record({
      locale: fc.oneof(
        text,
        fc.constant(isNull),
        fc.array(text).map((some) => ({ in: some })),
      ),
    }),
    fc.constant({ RAW: sql`1 = 1` }),
    fc.record({ OR: fc.array(tie("filter"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ NOT: tie("filter") }),
    fc.record({ tier: fc.record({ rank: moment }) }),
  ),
})).filter;
const config = fc.record(
  {
    columns: fc.constantFrom({ id: true }, { id: true, locale: true }),
    where: filter,
    limit: fc.integer({ min: 0, max: 3 }),
    offset: fc.integer({ min: 0, max: 3 }),
    orderBy: fc.constantFrom({ id: "asc" }, { id: "desc" }, { enrolledAt: "asc", id: "asc" }),
    with: fc.record(
      {
        tier: fc.constantFrom(true, { columns: { rank: true } }),
        availableCoupons: fc.record({
          where: fc.record({ expiresAt: fc.record({ gt: moment }) }),
          limit: moment,
        }),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ["columns", "where"] },
);

test("a read is what Drizzle writes, whatever was read before in the same shape", () => {
  fc.assert(
    fc.property(fc.array(config, { minLength: 2, maxLength: 6 }), (configs) => {
      for (const one of [...configs, ...configs]) expect(sent(one)).toEqual(written(one));
    }),
    { numRuns: 200 },
  );
});

test("a function that is declared once is part of the shape; one made for a read alone is asked each time", () => {
  const declared = (t: { rank: unknown }) => sql`${t.rank} > 0`;
  const made = (rank: number) => (t: { rank: unknown }) => sql`${t.rank} > ${rank}`;
  const read = (RAW: (t: never) => unknown) => ({
    columns: { id: true },
    with: { tier: { where: { RAW } } },
  });
  for (const _ of [1, 2, 3]) expect(sent(read(declared))).toEqual(written(read(declared)));
  for (const rank of [1, 2, 3]) expect(sent(read(made(rank))).params).toContain(rank);
});

test("two brands that read in the same shape each read their own", async () => {
  const [one, other] = [await newBrand(), await newBrand()];
  for (const { brandId } of [one, other, one]) {
    const found = await database().query.tiers.findMany({ columns: { brandId: true }, where: { brandId } });
    expect(new Set(found.map((tier) => tier.brandId))).toEqual(new Set([brandId]));
  }
});
