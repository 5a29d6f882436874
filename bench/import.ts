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
import { getTableName, sql } from "drizzle-orm";
import { audit, outbox } from "../schema/tables/commits.ts";
import { orders } from "../schema/tables/orders.ts";
import { standings } from "../schema/tables/standings.ts";
import { type BulkBrand, brandIn } from "../scripts/bulk/bulk-brand.ts";
import { importOrdersFile } from "../scripts/bulk/import-kinds.ts";
import { endWith, readOptions } from "../scripts/support/options.ts";
import { root } from "../scripts/support/packages.ts";
import { changesOf, insertRows } from "../src/database/bulk.ts";
import type { Database } from "../src/database/client.ts";
import type { Environment } from "../src/environment.ts";
import { importMembers } from "../src/members/import-members.ts";
import { median, prepareServer, SLUG } from "./support/fresh-server.ts";
import { processorMs } from "./support/processor.ts";

const FILE = join(root, "test/data/cdnow-sample.txt");
const AT_ONCE = 5_000;

const { rounds: asked } = readOptions({ rounds: { type: "string", default: "5" } });
const rounds = Number(asked);
if (!Number.isInteger(rounds) || rounds < 1) endWith("--rounds takes a number from 1 on.");

const options = { file: FILE, mapping: "cdnow", source: "cdnow", enrol: false } as const;
const silence = { write: () => true };

/** Everyone whom the file names is a member before. */
const prepared = await prepareServer(async (environment) => {
  const brand = await brandIn(environment, SLUG);
  const ids = (await readFile(FILE, "latin1")).match(/^\s*\d{5}/gm) ?? [];
  const names = [...new Set(ids)].map((id) => ({ externalId: `cdnow-${id.trim()}` }));
  for (let from = 0; from < names.length; from += 1_000)
    await importMembers(brand.context(), names.slice(from, from + 1_000));
});

interface Measured {
  ms: number;
  /** The processor's time: of this process, and of the database. */
  scriptMs: number;
  databaseMs: number;
}

async function measured(pid: number, work: () => Promise<void>): Promise<Measured> {
  const [startedAt, before, databaseBefore] = [
    performance.now(),
    process.cpuUsage(),
    processorMs([pid]) ?? 0,
  ];
  await work();
  const ms = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(before);
  return { ms, scriptMs: (user + system) / 1_000, databaseMs: (processorMs([pid]) ?? 0) - databaseBefore };
}

/** How many rows there are, by table. */
async function countsIn(database: Database): Promise<Map<string, number>> {
  const tables = await database.all<{ name: string }>(
    sql`select name from sqlite_master where type = 'table' and name not like 'sqlite%' and name not like '%libsql%'`,
  );
  const counts = tables.map(
    ({ name }) => sql`select ${name} as name, count(*) as count from ${sql.identifier(name)}`,
  );
  const rows = await database.all<{ name: string; count: number }>(sql.join(counts, sql` union all `));
  return new Map(rows.map(({ name, count }) => [name, count]));
}

/** All that an import leaves behind: what it adds, and the versions of the standings that it moves on. */
async function leftBehind({ open }: BulkBrand, before: ReadonlyMap<string, number>) {
  const isOfImport = sql`operation = 'importOrders'`;
  const left = {
    orders: await open().select().from(orders),
    audit: await open().select().from(audit).where(isOfImport),
    outbox: await open().select().from(outbox).where(sql`type = 'order.recorded'`),
    moved: await open().select().from(standings).where(sql`version > 0`),
  };
  for (const [name, count] of await countsIn(open())) {
    const added = { orders: left.orders, audit: left.audit, outbox: left.outbox }[name]?.length ?? 0;
    if (count !== (before.get(name) ?? 0) + added) throw new Error(`The import also adds to ${name}.`);
  }
  return left;
}
type Left = Awaited<ReturnType<typeof leftBehind>>;

/** With decisions, guards, audit, events and the note of how far it is. */
const imported = (keep: (rows: Left) => void) =>
  prepared.onCopy(async (environment: Environment, pid) => {
    const brand = await brandIn(environment, SLUG);
    const before = await countsIn(brand.open());
    const figures = await measured(pid, async () => {
      const { counts } = await importOrdersFile(brand, { ...options, output: silence, dryRun: false });
      if (counts.REFUSED) throw new Error(`Not all were recorded: ${JSON.stringify(counts)}`);
    });
    keep(await leftBehind(brand, before));
    return figures;
  });

/** The same rows, those of 5,000 orders a request, a statement a table: nothing is read, decided or guarded. */
const inserted = (left: Left) =>
  prepared.onCopy(async (environment, pid) => {
    const { open, brandId } = await brandIn(environment, SLUG);
    const figures = await measured(pid, async () => {
      for (let from = 0; from < left.orders.length; from += AT_ONCE) {
        const database = open();
        const of = <Row>(rows: readonly Row[]) => rows.slice(from, from + AT_ONCE);
        const moved = of(left.moved).map(({ memberId, version }) => ({ memberId, version }));
        const moves = sql`update ${standings} set version = f.value ->> '$.version' from ${changesOf(brandId, moved)}
          where ${standings.brandId} = f.value ->> '$.brandId' and ${standings.memberId} = f.value ->> '$.memberId'`;
        await database.batch([
          database.run(moves),
          ...insertRows(database, orders, of(left.orders)),
          ...insertRows(database, audit, of(left.audit)),
          ...insertRows(database, outbox, of(left.outbox)),
        ]);
      }
    });
    const [found] = await open().all<{ count: number }>(sql`select count(*) as count from orders`);
    if (found?.count !== left.orders.length) throw new Error("Not all rows were inserted.");
    return figures;
  });

const figures = { import: [] as Measured[], insert: [] as Measured[] };
let left: Left | undefined;
try {
  for (let round = 1; round <= rounds; round += 1) {
    figures.import.push(
      await imported((rows) => {
        left = rows;
      }),
    );
    figures.insert.push(await inserted(left as Left));
    const [ofImport, ofInsert] = [figures.import.at(-1)?.ms ?? 0, figures.insert.at(-1)?.ms ?? 0];
    console.log(`round ${round}: import ${ofImport.toFixed(0)} ms, insert ${ofInsert.toFixed(0)} ms`);
  }
} finally {
  await prepared.remove();
}

const { orders: recorded = [], audit: audits = [], outbox: events = [], moved = [] } = left ?? {};
const rowsOf = {
  orders: recorded.length,
  audit: audits.length,
  outbox: events.length,
  [getTableName(standings)]: moved.length,
};
const medianOf = (all: readonly Measured[], of: keyof Measured) => median(all.map((one) => one[of]));
const result = Object.entries(figures).map(([way, all]) => ({
  way,
  orders: recorded.length,
  medianMs: Math.round(medianOf(all, "ms")),
  scriptMs: Math.round(medianOf(all, "scriptMs")),
  databaseMs: Math.round(medianOf(all, "databaseMs")),
  ordersASecond: Math.round((recorded.length * 1_000) / medianOf(all, "ms")),
  rounds: all.map(({ ms }) => Math.round(ms)),
}));
const inRounds = figures.insert.map(({ ms }, round) => ms / (figures.import[round]?.ms ?? ms));
const speed = Number(median(inRounds).toFixed(2));
console.table(result.map(({ rounds: _, ...row }) => row));
console.log(`Rows: ${JSON.stringify(rowsOf)}. The import has ${speed} of the speed of the insert.`);
const machine = { cpu: cpus()[0]?.model, cores: availableParallelism(), node: process.version };
await mkdir(join(root, "bench/results"), { recursive: true });
await writeFile(
  join(root, "bench/results/import.json"),
  `${JSON.stringify({ at: new Date().toISOString(), machine, rows: rowsOf, result, speed }, null, 2)}\n`,
);
