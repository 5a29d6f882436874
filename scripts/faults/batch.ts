import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { eq, sql } from "drizzle-orm";
import { brands } from "../../schema/tables/brands.ts";
import { foundBrand } from "../../src/brands/found-brand.ts";
import type { Database } from "../../src/database/client.ts";
import { setEarningRules } from "../../src/earning/set-earning-rules.ts";
import { isRefusal } from "../../src/errors.ts";
import { asPlatform } from "../../src/jobs/platform.ts";
import { seeded } from "../demo/seeded.ts";
import { root } from "../support/packages.ts";
import { faultsIn, faultsOfHealth } from "./invariants.ts";
import type { Run, Scenario } from "./scenario.ts";
import type { World } from "./world.ts";

const FILE = join(root, "test/data/cdnow-sample.txt");
const ZONE = "America/New_York";
const FOUNDED = Date.parse("1996-12-01T00:00:00Z");
const ORDERS_A_KILL = 40;
const MOST_RUNS = 30;

/** An import and the jobs, ended anywhere, run twice and side by side, give what undisturbed ones give. */
export const batch: Scenario = {
  name: "batch",
  title: "import and jobs are killed on their way, run side by side and again, while sqld is killed too",
  run: async (run) => {
    const { world, seed, kills, tell } = run;
    const startedAt = performance.now();
    const rows = (await readFile(FILE, "latin1")).split("\n").slice(0, Math.max(300, kills * ORDERS_A_KILL));
    const orders = rows.filter((row) => row.trim() !== "");
    const [calm, killed] = [await foundShop(world, "calm"), await foundShop(world, "killed")];
    const importing = async (slug: string, copy: string) => {
      const file = join(world.folder, `${copy}.txt`);
      await writeFile(file, orders.join("\n"), "latin1");
      return [
        join(root, "scripts/import.ts"),
        "orders",
        file,
        "--brand",
        slug,
        "--mapping",
        "cdnow",
        "--enrol",
      ];
    };
    tell("importing undisturbed");
    const undisturbed = await finish(world, await importing(calm.slug, "calm"));
    const kill = disturber(run, seeded(`${seed} batch`));
    const side = [await importing(killed.slug, "one"), await importing(killed.slug, "two")];
    await kill("import", side);
    for (const script of side) await finish(world, script);
    const [asImported, again] = await world.withDatabase(async (database) => [
      await importedOf(database, calm.brandId),
      await importedOf(database, killed.brandId),
    ]);

    const work = [join(root, "scripts/jobs.ts")];
    await kill("jobs", [work, work]);
    await finish(world, work);
    const last = await finish(world, work);
    const points = orders.reduce((sum, row) => sum + Math.floor(centsOf(row) / 100), 0);
    const broken = await world.withDatabase(async (database) => [
      ...(asImported === again ? [] : [`imported undisturbed: ${asImported}; killed: ${again}`]),
      ...(await faultsIn(database, calm.brandId)),
      ...(await faultsIn(database, killed.brandId)),
      ...(await faultsOfPoints(database, calm.brandId, points)),
      ...(await faultsOfPoints(database, killed.brandId, points)),
    ]);
    if (!/expirePoints +0 in/.test(last)) broken.push(`a second run of the jobs still found work: ${last}`);
    broken.push(...(await faultsOfHealth(world)));
    const stored = JSON.parse(again) as { orders: number };
    const lost = stored.orders < orders.length ? [`${orders.length - stored.orders} orders`] : [];
    const twice = stored.orders > orders.length ? [`${stored.orders - orders.length} orders`] : [];
    return {
      ...{ operations: orders.length, acknowledged: stored.orders, refused: 0, unknown: 0 },
      ...{ lost, twice, broken, faults: kill.count(), slowestMs: 0 },
      notes: [
        undisturbed.split("\n").at(0) ?? "",
        `${points} points were earned and have expired, twice over, in ${Math.round((performance.now() - startedAt) / 1_000)} s`,
      ],
    };
  },
};

const centsOf = (row: string): number => Number((row.trim().split(/\s+/)[4] ?? "").replace(".", ""));

/** A brand with a point a dollar, spendable after 14 days, for a year. */
async function foundShop(world: World, name: string): Promise<{ brandId: string; slug: string }> {
  const slug = `batch-${name}-${Date.now()}`;
  const environment = await world.environment();
  return world.withDatabase(async (database) => {
    const names = { name: { en: "Shop" }, pointsName: { en: "Points" } };
    const settings = { slug, locale: "en-US", timeZone: ZONE, currency: "USD", ...names };
    const firstTier = { name: { en: "Member" }, color: "#888888" };
    const { brandId } = await foundBrand(
      database,
      environment.encryptionKeys,
      { ...settings, firstTier },
      FOUNDED,
    );
    const pointsPolicy = { expiry: { rule: "AFTER_MONTHS", months: 12 } } as const;
    await database.update(brands).set({ pointsPolicy }).where(eq(brands.id, brandId));
    const context = asPlatform(database, environment, brandId, FOUNDED);
    const perDollar = { points: 1, perAmountMinor: 100, rounding: "DOWN" } as const;
    const rules = {
      ...{
        points: perDollar,
        growthValue: null,
        multipliers: [],
        combination: "BEST" as const,
        activities: [],
      },
      ...{ pointsPerOrder: null, pointsPerDay: null, pointsPerMonth: null, pendingDays: 14 },
    };
    const nothing = () => context.database.query.guard.findFirst();
    const result = await setEarningRules(context, { startsAt: FOUNDED, rules }, nothing);
    if (isRefusal(result)) throw new Error(`The scenario could not be set up: ${JSON.stringify(result)}`);
    return { brandId, slug };
  });
}

/** Starts a script as one does by hand. */
function begin({ bindings }: World, script: readonly string[]): { child: ChildProcess; said: () => string } {
  const child = spawn(process.execPath, ["--no-warnings", ...script], {
    env: { PATH: process.env.PATH, ...bindings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      output += chunk;
    });
  }
  return { child, said: () => output.trim() };
}

/** Runs a script until it says that it is done. @throws Error with what it says, when it never is. */
async function finish(world: World, script: readonly string[]): Promise<string> {
  let output = "";
  for (let runs = 0; runs < 5; runs += 1) {
    const { child, said } = begin(world, script);
    const [code] = await once(child, "close");
    if (code === 0) return said();
    output = said();
  }
  throw new Error(`${script.join(" ")} does not come to an end: ${output}`);
}

/** Runs scripts side by side and kills them, and now and then the database, on the way. */
function disturber({ world, kills, tell }: Run, random: () => number) {
  let count = 0;
  const wanted = Math.max(2, Math.min(MOST_RUNS, Math.round(kills / 5)));
  const kill = async (what: string, scripts: readonly (readonly string[])[]) => {
    for (let round = 1; round <= wanted; round += 1) {
      tell(`${what}: ${round} of ${wanted} kills`);
      const running = scripts.map((script) => begin(world, script));
      const ended = running.map(({ child }) => once(child, "close"));
      for (const { child, said } of running) {
        // From when it is at work, so that the machine's speed does not decide what is hit.
        while (child.exitCode === null && said() === "" && random() < 0.97) await wait(20);
      }
      await wait(50 + random() * 1_500);
      if (round % 2 === 0) {
        await world.kill();
        await world.restart();
        count += 1;
      }
      for (const { child } of running) {
        if (child.exitCode === null && child.kill("SIGKILL")) count += 1;
      }
      await Promise.all(ended);
    }
  };
  return Object.assign(kill, { count: () => count });
}

/** What an import has left, as a text that can be compared. */
async function importedOf(database: Database, brandId: string): Promise<string> {
  const [row] = await database.all<Record<string, number>>(sql`select
    (select count(*) from orders where brand_id = ${brandId}) as orders,
    (select sum(total_minor) from orders where brand_id = ${brandId}) as cents,
    (select count(*) from members where brand_id = ${brandId}) as members,
    (select count(*) from awards where brand_id = ${brandId}) as awards,
    (select sum(points) from awards where brand_id = ${brandId}) as points,
    (select count(*) from audit where brand_id = ${brandId}) as audits,
    (select count(*) from outbox where brand_id = ${brandId}) as events`);
  return JSON.stringify(row);
}

/** Everything that was earned has long expired, once. */
async function faultsOfPoints(database: Database, brandId: string, points: number): Promise<string[]> {
  const accounts = await database.query.accounts.findMany({ where: { brandId, unit: "POINTS" } });
  const of = (kind: string) =>
    accounts.filter((account) => account.kind === kind).reduce((sum, { balance }) => sum + balance, 0);
  return of("BREAKAGE") === points && of("AVAILABLE") === 0 && of("PENDING") === 0
    ? []
    : [
        `of ${points} points ${of("BREAKAGE")} expired, ${of("AVAILABLE")} are left, ${of("PENDING")} pending`,
      ];
}
