/**
 * `node bench/import.ts`: how fast orders are imported, beside the same rows inserted without anything else.
 *
 * --rounds N  of each, by turns; 5
 *
 * Starts a libSQL server of its own for each round; writes `bench/results/import.json`.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { orders } from "../schema/tables/orders.ts";
import { type BulkBrand, brandIn } from "../scripts/bulk/bulk-brand.ts";
import { importOrdersFile } from "../scripts/bulk/import-kinds.ts";
import { endWith, readOptions } from "../scripts/support/options.ts";
import { root } from "../scripts/support/packages.ts";
import { insertRows } from "../src/database/bulk.ts";
import { importMembers } from "../src/members/import-members.ts";
import { median, onFreshServer, SLUG } from "./support/fresh-server.ts";

const FILE = join(root, "test/data/cdnow-sample.txt");
const AT_ONCE = 5_000;

const { rounds: asked } = readOptions({ rounds: { type: "string", default: "5" } });
const rounds = Number(asked);
if (!Number.isInteger(rounds) || rounds < 1) endWith("--rounds takes a number from 1 on.");

type OrderRow = typeof orders.$inferSelect;

const options = { file: FILE, mapping: "cdnow", source: "cdnow", enrol: false } as const;
const silence = { write: () => true };

/** With decisions, audit, events and the note of how far it is; the members are there before. */
const imported = (keep?: (rows: OrderRow[]) => void) =>
  onFreshServer(async (environment) => {
    const brand = await brandIn(environment, SLUG);
    await enrolAll(brand);
    const startedAt = performance.now();
    const { counts } = await importOrdersFile(brand, { ...options, output: silence, dryRun: false });
    const ms = performance.now() - startedAt;
    const rows = await brand.open().select().from(orders);
    if (counts.RECORDED !== rows.length) throw new Error(`Not all were recorded: ${JSON.stringify(counts)}`);
    keep?.(rows);
    return ms;
  });

/** Everyone whom the file names. */
async function enrolAll(brand: BulkBrand): Promise<void> {
  const ids = (await readFile(FILE, "latin1")).match(/^\s*\d{5}/gm) ?? [];
  const names = [...new Set(ids)].map((id) => ({ externalId: `cdnow-${id.trim()}` }));
  for (let from = 0; from < names.length; from += 1_000)
    await importMembers(brand.context(), names.slice(from, from + 1_000));
}

/** The same rows, 5,000 a statement, and nothing else: no rules, no record, no members. */
const inserted = (rows: readonly OrderRow[]) =>
  onFreshServer(async (environment) => {
    const { brandId, open } = await brandIn(environment, SLUG);
    const bare = rows.map((row) => ({ ...row, brandId, memberId: null }));
    const startedAt = performance.now();
    for (let from = 0; from < bare.length; from += AT_ONCE) {
      const [statement] = insertRows(open(), orders, bare.slice(from, from + AT_ONCE));
      await statement;
    }
    const ms = performance.now() - startedAt;
    const [found] = await open().all<{ count: number }>(sql`select count(*) as count from orders`);
    if (found?.count !== rows.length) throw new Error("Not all rows were inserted.");
    return ms;
  });

const times = { import: [] as number[], insert: [] as number[] };
let rows: OrderRow[] = [];
for (let round = 1; round <= rounds; round += 1) {
  times.import.push(
    await imported((kept) => {
      rows = kept;
    }),
  );
  times.insert.push(await inserted(rows));
  const [importMs, insertMs] = [times.import.at(-1) ?? 0, times.insert.at(-1) ?? 0];
  console.log(`round ${round}: import ${importMs.toFixed(0)} ms, insert ${insertMs.toFixed(0)} ms`);
}

const result = Object.entries(times).map(([way, ms]) => ({
  way,
  orders: rows.length,
  medianMs: Math.round(median(ms)),
  ordersASecond: Math.round((rows.length * 1_000) / median(ms)),
  rounds: ms.map(Math.round),
}));
const ratio = Number((median(times.import) / median(times.insert)).toFixed(2));
console.table(result.map(({ rounds: _, ...row }) => row));
console.log(`The import takes ${ratio} times as long.`);
const machine = { cpu: cpus()[0]?.model, cores: availableParallelism(), node: process.version };
await mkdir(join(root, "bench/results"), { recursive: true });
await writeFile(
  join(root, "bench/results/import.json"),
  `${JSON.stringify({ at: new Date().toISOString(), machine, result, ratio }, null, 2)}\n`,
);
