/**
 * `npm run faults`: breaks what can break under a running platform, and counts whether anything was lost.
 *
 * --only A,B     these scenarios alone
 * --kills N      how often things are killed or cut, in each scenario; 100
 * --seconds N    how long the platform is overloaded; 120
 * --seed TEXT    the same writes and faults again; 1
 * --json         one JSON document in place of the table
 *
 * The database is a real sqld, and the Worker its production bundle in plain workerd, both in a temporary
 * folder; between them is a proxy that can do whatever a network does. Clients write over GraphQL and note
 * what they were told: acknowledged, refused, or unknown. What is unknown is sent again with its key until
 * it is known; then everything is counted in the database, and what must always hold is checked. Exits
 * with 1 when anything was lost, is there twice, or does not hold. All of it takes about 15 minutes.
 */
import { isSound, type Reported, tableOf, teller } from "./faults/report.ts";
import type { Outcome, Scenario } from "./faults/scenario.ts";
import { scenarios } from "./faults/scenarios.ts";
import { startWorld } from "./faults/world.ts";
import { endWith, readOptions } from "./support/options.ts";
import { askedToEnd } from "./support/run.ts";

const options = readOptions({
  ...{ only: { type: "string" }, json: { type: "boolean", default: false } },
  kills: { type: "string", default: "100" },
  seconds: { type: "string", default: "120" },
  seed: { type: "string", default: "1" },
});

// What the world has started is ended before this is.
const asked = askedToEnd();

try {
  const rows = await runAll(choose());
  console.log(options.json ? JSON.stringify({ seed: options.seed, rows }, null, 2) : `\n${tableOf(rows)}`);
  if (!options.json) console.log(`\n${whatNext(rows)}`);
  process.exitCode = rows.every(isSound) ? 0 : 1;
} catch (error) {
  if (!asked.aborted) endWith(error);
  process.exitCode = 130;
}
// A connection that a fault left open must not keep this alive.
process.exit();

function choose(): readonly Scenario[] {
  const names = scenarios.map(({ name }) => name);
  const wanted = options.only?.split(",") ?? names;
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new Error(`There is no scenario ${unknown}. There are: ${names.join(", ")}.`);
  return scenarios.filter(({ name }) => wanted.includes(name));
}

function countOf(name: "kills" | "seconds"): number {
  const count = Number(options[name]);
  if (!Number.isInteger(count) || count < 1) throw new Error(`--${name} takes a number from 1 on.`);
  return count;
}

async function runAll(chosen: readonly Scenario[]): Promise<Reported[]> {
  const [kills, seconds] = [countOf("kills"), countOf("seconds")];
  const { tell, end } = teller(process.stderr);
  const say = (text: string) => {
    end();
    console.error(text);
  };
  const world = await startWorld((step) => say(`${step} …`));
  const ended = new Promise<never>((_, reject) => {
    asked.addEventListener("abort", () => reject(new Error("It was ended.")));
  });
  ended.catch(() => undefined);
  const rows: Reported[] = [];
  try {
    for (const { name, title, run } of chosen) {
      say(`${name}: ${title} …`);
      const startedAt = performance.now();
      const running = run({ world, seed: options.seed, kills, seconds, tell });
      // After an end that was asked for, what it still tries fails, and nobody minds.
      running.catch(() => undefined);
      const outcome = await Promise.race([running.catch(brokenOff), ended]);
      rows.push({ name, ...outcome, ms: performance.now() - startedAt });
    }
    return rows;
  } finally {
    end();
    await world.stop();
  }
}

/** One that cannot be carried out is not as it must be; those before it, and after, keep their rows. */
function brokenOff(error: unknown): Outcome {
  const { message, cause } = error as Error;
  const why = cause instanceof Error ? cause.message : message;
  return {
    ...{ operations: 0, faults: 0, acknowledged: 0, refused: 0, unknown: 0, slowestMs: 0 },
    ...{ lost: [], twice: [], broken: [`it broke off: ${why}`], notes: [] },
  };
}

function whatNext(rows: readonly Reported[]): string {
  const wrong = rows.filter((row) => !isSound(row)).map(({ name }) => name);
  return wrong.length === 0
    ? "Nothing was lost, nothing is there twice, and everything holds. Another seed tries other faults: npm run faults -- --seed 2"
    : `Not as it must be. To see it again: npm run faults -- --only ${wrong.join(",")} --seed ${options.seed} --kills ${options.kills}`;
}
