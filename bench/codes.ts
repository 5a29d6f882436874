/**
 * `npm run bench:codes`: how long a batch of codes takes to make, beside a row for each; and how fast its codes
 * are computed.
 *
 * --rounds N  of each, by turns; 3
 * --count N   how many codes; 1000000
 *
 * Starts a libSQL server of its own for each round; writes `bench/results/codes.json`.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { coupons } from "../schema/tables/coupons.ts";
import { offers } from "../schema/tables/offers.ts";
import { type BulkBrand, brandIn } from "../scripts/bulk/bulk-brand.ts";
import { endWith, readOptions } from "../scripts/support/options.ts";
import { root } from "../scripts/support/packages.ts";
import { HOUSE_FORMAT, newCode } from "../src/codes/code.ts";
import { createCodec } from "../src/codes/codec.ts";
import { createCodeBatch } from "../src/codes/create-code-batch.ts";
import { insertRows } from "../src/database/bulk.ts";
import { isRefusal } from "../src/errors.ts";
import { newId } from "../src/ids.ts";
import { median, onFreshServer, SLUG } from "./support/fresh-server.ts";

const AT_ONCE = 5_000;
const given = readOptions({
  rounds: { type: "string", default: "3" },
  count: { type: "string", default: "1000000" },
});
const [rounds, count] = [Number(given.rounds), Number(given.count)];
if (!Number.isInteger(rounds) || rounds < 1) endWith("--rounds takes a number from 1 on.");
if (!Number.isInteger(count) || count < 1) endWith("--count takes a number from 1 on.");

/** With its decision, audit and event. */
const batched = () =>
  onFreshServer(async (environment) => {
    const brand = await brandIn(environment, SLUG);
    const offerId = await newOffer(brand);
    const startedAt = performance.now();
    const made = await createCodeBatch(brand.context(), { offerId, count });
    const ms = performance.now() - startedAt;
    if (isRefusal(made)) throw new Error(JSON.stringify(made));
    return ms;
  });

/** A coupon's row for each code, 5,000 a statement, and nothing else; the rows are there before. */
const inserted = () =>
  onFreshServer(async (environment) => {
    const brand = await brandIn(environment, SLUG);
    const offerId = await newOffer(brand);
    let ms = 0;
    for (let from = 0; from < count; from += AT_ONCE) {
      const rows = Array.from({ length: Math.min(AT_ONCE, count - from) }, () => ({
        ...{ brandId: brand.brandId, id: newId("Coupon", Date.now()), offerId, memberId: null },
        ...{ code: newCode(), state: "AVAILABLE" as const, issuedAt: 0, claimedAt: null, startsAt: null },
        ...{ expiresAt: null, jointCampaignId: null, issuedByBrandId: brand.brandId, offerVersion: 1 },
        heldUntil: null,
      }));
      const startedAt = performance.now();
      const [statement] = insertRows(brand.open(), coupons, rows);
      await statement;
      ms += performance.now() - startedAt;
    }
    const [found] = await brand.open().all<{ count: number }>(sql`select count(*) as count from coupons`);
    if (found?.count !== count) throw new Error("Not all rows were inserted.");
    return ms;
  });

async function newOffer({ brandId, open }: BulkBrand): Promise<string> {
  const id = newId("Offer", Date.now());
  const terms = { amountOffMinor: 500 };
  await open()
    .insert(offers)
    .values({ brandId, id, title: { en: "Spring" }, state: "ACTIVE", terms, createdAt: Date.now() });
  return id;
}

/** Computes the codes, 500 at a time, as an export does; in milliseconds. */
function computed(): number {
  const codec = createCodec(new Uint8Array(32), HOUSE_FORMAT);
  const startedAt = performance.now();
  for (let from = 0; from < count; from += 500) codec.codesOf(from, Math.min(500, count - from));
  return performance.now() - startedAt;
}

const times = { batch: [] as number[], insert: [] as number[], compute: [] as number[] };
for (let round = 1; round <= rounds; round += 1) {
  times.batch.push(await batched());
  times.insert.push(await inserted());
  times.compute.push(computed());
  const [batch, insert, compute] = Object.values(times).map((ms) => (ms.at(-1) ?? 0).toFixed(0));
  console.log(`round ${round}: batch ${batch} ms, rows ${insert} ms, computing the codes ${compute} ms`);
}

const result = Object.entries(times).map(([way, ms]) => ({
  ...{ way, codes: count, medianMs: Number(median(ms).toFixed(1)) },
  codesASecond: Math.round((count * 1_000) / median(ms)),
  rounds: ms.map((one) => Number(one.toFixed(1))),
}));
const ratio = Math.round(median(times.insert) / median(times.batch));
console.table(result.map(({ rounds: _, ...row }) => row));
console.log(`A row for each code takes ${ratio} times as long as the batch.`);
const machine = { cpu: cpus()[0]?.model, cores: availableParallelism(), node: process.version };
await mkdir(join(root, "bench/results"), { recursive: true });
await writeFile(
  join(root, "bench/results/codes.json"),
  `${JSON.stringify({ at: new Date().toISOString(), machine, result, ratio }, null, 2)}\n`,
);
