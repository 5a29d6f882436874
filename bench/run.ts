/**
 * `npm run bench`: Tessera beside the physical limit and beside what one would use in its place. Prints
 * tables, and keeps every round in `bench/results/bench.json`, beside what was measured before of other pieces of
 * work; `bench/README.md` says how each is measured.
 *
 * --only NAMES   of the pieces of work, with commas between: view,redeem
 * --rounds N     of each, by turns; 5
 * --seconds N    of load in each round; 5
 * --quick        2 rounds of 1 second with 1,000 members and 16 connections: to see that it runs, not for figures
 * --growth       also with 100,000 and 1,000,000 members, which takes long and some GB of disk
 */
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import { dirname, join } from "node:path";
import { endWith, readOptions } from "../scripts/support/options.ts";
import { root } from "../scripts/support/packages.ts";
import { contenders } from "./contenders/contenders.ts";
import type { Bench, Rows } from "./support/bench.ts";
import type { Contender } from "./support/contender.ts";
import { installPeers } from "./support/install.ts";
import { familiesOf } from "./support/processor.ts";
import { type Seeded, seed } from "./support/seed.ts";
import { tableOf } from "./support/table.ts";
import { works } from "./work/works.ts";

const options = readOptions({
  only: { type: "string" },
  rounds: { type: "string" },
  seconds: { type: "string" },
  quick: { type: "boolean", default: false },
  growth: { type: "boolean", default: false },
});
const { quick, growth } = options;
const rounds = numberOf("rounds", options.rounds ?? (quick ? "2" : "5"));
const seconds = numberOf("seconds", options.seconds ?? (quick ? "1" : "5"));
const names = options.only?.split(",") ?? Object.keys(works);
const unknown = names.find((name) => !works[name]);
if (unknown) endWith(`There is no ${unknown}: --only takes some of ${Object.keys(works).join(", ")}.`);

function numberOf(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) endWith(`--${name} takes a number from 1 on.`);
  return number;
}

const print = (line: string) => console.log(line);
const started = new Map<string, Contender>();
const missing = new Map<string, string>();
let seeded: Promise<Seeded> | undefined;

const bench: Bench = {
  settings: { rounds, seconds, warmUpSeconds: Math.min(3, seconds), connections: quick ? [16] : [16, 64] },
  growth,
  print,
  seeded: () => {
    seeded ??= seed(quick ? 1_000 : 10_000);
    return seeded;
  },
  contenders: async (wanted, fresh = []) => {
    const data = await bench.seeded();
    for (const name of fresh) {
      await started.get(name)?.stop();
      started.delete(name);
    }
    for (const name of wanted.filter((one) => contenders[one] && !started.has(one) && !missing.has(one))) {
      try {
        started.set(name, await (contenders[name] as (typeof contenders)[string])(data));
      } catch (error) {
        if (name === "tessera") throw error;
        missing.set(name, (error as Error).message);
        print(`${name} is left out: ${(error as Error).message}`);
      }
    }
    return new Map(
      wanted.flatMap((name) => (started.has(name) ? [[name, started.get(name) as Contender]] : [])),
    );
  },
};

async function stopAll(): Promise<void> {
  const running = [...started.values()];
  started.clear();
  for (const contender of running) await contender.stop();
  const data = await seeded?.catch(() => undefined);
  if (data) await rm(data.folder, { recursive: true, force: true });
}
/** Ends what a piece of work has started for itself, and was not let to end. */
function endTheRest(): void {
  for (const pid of familiesOf([process.pid]).slice(1)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.once(signal, () =>
    stopAll()
      .then(endTheRest)
      .finally(() => process.exit(1)),
  );

const machine = { cpu: cpus()[0]?.model, cores: availableParallelism(), node: process.version };
const results: Record<string, { title: string; rows: Rows } & Record<string, unknown>> = {};
try {
  installPeers(print);
  for (const name of names) {
    const work = works[name] as (typeof works)[string];
    print(`\n${work.title}  (${name})`);
    try {
      const rows = await work.run(bench);
      results[name] = { title: work.title, at: new Date().toISOString(), machine, rounds, seconds, rows };
      print(tableOf(rows));
    } catch (error) {
      // The others are measured all the same.
      console.error(error);
      process.exitCode = 1;
    }
  }
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await stopAll();
}

// What was measured before stays, each piece of work with when and how.
const file = join(root, `bench/results/${quick ? "quick" : "bench"}.json`);
const before = existsSync(file)
  ? (JSON.parse(readFileSync(file, "utf8")) as { results: typeof results })
  : undefined;
const kept = { missing: Object.fromEntries(missing), results: { ...before?.results, ...results } };
await mkdir(dirname(file), { recursive: true });
await writeFile(file, `${JSON.stringify(kept, null, 2)}\n`);
process.exit();
