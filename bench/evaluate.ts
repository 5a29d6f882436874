/**
 * `npm run bench:evaluate`: how much CPU it takes to price a cart, beside reading its facts from JSON.
 *
 * --rounds N  of each case; 15
 *
 * Needs no database; writes `bench/results/evaluate.json`.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { endWith, readOptions } from "../scripts/support/options.ts";
import { root } from "../scripts/support/packages.ts";
import { evaluate } from "../src/carts/evaluate.ts";
import { cartCases } from "./cart-cases.ts";

const WARM_UP_MS = 1_000;
const ROUND_MS = 200;

const { rounds: asked } = readOptions({ rounds: { type: "string", default: "15" } });
const rounds = Number(asked);
if (!Number.isInteger(rounds) || rounds < 1) endWith("--rounds takes a number from 1 on.");

/** Repeats work for so long; answers the CPU that one takes, of all threads, in milliseconds. */
function cpuOf(work: () => unknown, forMs: number): number {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  let times = 0;
  do {
    work();
    times += 1;
  } while (performance.now() - startedAt < forMs);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / times;
}

const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[middle - 1 + (sorted.length % 2)], sorted[middle]];
  return (low + high) / 2;
};
const rounded = (ms: number) => Number(ms.toPrecision(3));

const cases = Object.entries(cartCases).map(([name, facts]) => {
  const text = JSON.stringify(facts);
  const ways = { evaluate: () => evaluate(facts), parse: () => JSON.parse(text) };
  return { name, ways, answer: evaluate(facts), times: { evaluate: [] as number[], parse: [] as number[] } };
});
for (const { ways } of cases) for (const work of Object.values(ways)) cpuOf(work, WARM_UP_MS);
for (let round = 0; round < rounds; round += 1)
  for (const { ways, times } of cases)
    for (const way of ["evaluate", "parse"] as const) times[way].push(cpuOf(ways[way], ROUND_MS));

const result = cases.map(({ name, answer, times }) => ({
  cart: name,
  medianMs: rounded(median(times.evaluate)),
  fastestMs: rounded(Math.min(...times.evaluate)),
  slowestMs: rounded(Math.max(...times.evaluate)),
  ratioToParse: rounded(median(times.evaluate) / median(times.parse)),
  used: answer.considered.filter(({ state }) => state === "USED").length,
  usable: answer.considered.filter(({ state }) => state !== "NOT_USABLE").length,
  isBest: answer.isBest,
  rounds: times.evaluate.map(rounded),
}));
console.table(result.map(({ rounds: _, ...row }) => row));
const machine = { cpu: cpus()[0]?.model, cores: availableParallelism(), node: process.version };
await mkdir(join(root, "bench/results"), { recursive: true });
await writeFile(
  join(root, "bench/results/evaluate.json"),
  `${JSON.stringify({ at: new Date().toISOString(), machine, result }, null, 2)}\n`,
);
