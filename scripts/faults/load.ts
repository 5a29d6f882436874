import { execFileSync } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { type ClientsOptions, type Entry, isOverload, runClients, type Send } from "./clients.ts";
import { conclude, type Scenario } from "./scenario.ts";
import { foundStock, type Stock } from "./stock.ts";
import type { World } from "./world.ts";
import { post, type Reply, sendWrite } from "./writes.ts";

const FEW = 16;
const MANY = 400;
const READ = "{ brand { id name } }";
/** Of what is sent under load, four in five are reads, as of a storefront. */
const READS_A_WRITE = 4;
/** What an isolate works on at once, unless its bindings say otherwise. */
const AT_ONCE = 64;
/** On a machine that others use as well, a wait can be so many times what it should be. */
const NOISE = 4;
const DEADLINE_MS = 10_000;
const MOST_GROWTH = 1.35;

/** How an answer was, for whoever waits for it. */
interface Waited {
  ms: number;
  kind: "ADMITTED" | "TURNED_AWAY" | "GAVE_UP" | "UNTYPED";
}

/** More clients than can be served. */
export const load: Scenario = {
  name: "load",
  title: `${MANY} clients send as fast as they are answered, waiting as they are told to when turned away`,
  run: async (run) => {
    const { world, seed, seconds, tell } = run;
    const stock = await foundStock(world, { seed, coupons: Math.max(300, seconds * 40) });
    const entries: Entry[] = [];
    const phase = async (name: string, clients: number, ms: number) => {
      const startedAt = performance.now();
      const until = startedAt + ms;
      const waited: Waited[] = [];
      const memory: number[] = [];
      const goesOn = () => performance.now() < until;
      const watching = (async () => {
        while (goesOn()) {
          memory.push(memoryOf(world));
          const left = Math.max(0, Math.ceil((until - performance.now()) / 1_000));
          tell(`${name}: ${waited.length} answers, ${left} s left`);
          await wait(1_000);
        }
      })();
      const send = patient(world, stock, waited, goesOn);
      entries.push(...(await runClients({ url: world.url, stock, clients, goesOn, send })));
      await watching;
      const served = waited.filter(({ kind }) => kind === "ADMITTED").length;
      return { waited, memory, rate: (served * 1_000) / (performance.now() - startedAt) };
    };

    const calm = Math.min(10_000, seconds * 200);
    const before = await phase("before", FEW, calm);
    const under = await phase("overloaded", MANY, seconds * 1_000);
    const after = await phase("afterwards", FEW, calm);
    const clients: ClientsOptions = { url: world.url, stock, clients: FEW, goesOn: () => false };
    const turnedAway = under.waited.filter(({ kind }) => kind === "TURNED_AWAY");
    const outcome = await conclude(run, clients, entries, turnedAway.length);
    const [early, late] = [highest(firstThird(under.memory)), under.memory.at(-1) ?? 0];
    outcome.broken.push(
      ...faultsUnder(under.waited, Math.max(3_000, (NOISE * AT_ONCE * 1_000) / before.rate)),
    );
    // In less than a minute a heap only finds its size.
    if (seconds >= 60 && late > early * MOST_GROWTH)
      outcome.broken.push(`memory grew from ${early} to ${late} MiB`);
    if (after.rate < before.rate / 2)
      outcome.broken.push(`afterwards ${after.rate.toFixed(0)} a second, before ${before.rate.toFixed(0)}`);
    outcome.notes.push(
      `served a second: ${before.rate.toFixed(0)} before, ${under.rate.toFixed(0)} overloaded, ${after.rate.toFixed(0)} afterwards`,
      `admitted: ${describe(under.waited.filter(({ kind }) => kind === "ADMITTED"))}`,
      `turned away: ${describe(turnedAway)}`,
      `memory of workerd: ${early} MiB in the first third, ${late} MiB at the end`,
    );
    return outcome;
  },
};

/** Reads, then writes; who is turned away waits as the answer says, and a little by chance. */
const patient =
  ({ url }: World, stock: Stock, waited: Waited[], goesOn: () => boolean): Send =>
  async (_url, token, write) => {
    for (let reads = 0; reads < READS_A_WRITE && goesOn(); reads += 1) {
      const startedAt = performance.now();
      const kind = await post(url, await stock.token(), { query: READ }).then(
        async (response): Promise<Waited["kind"]> => kindOf(response, await response.text()),
        (): Waited["kind"] => "UNTYPED",
      );
      waited.push({ ms: performance.now() - startedAt, kind });
      if (kind === "TURNED_AWAY") await wait(1_000 + Math.random() * 500);
    }
    const reply = await sendWrite(url, token, write);
    waited.push({ ms: reply.ms, kind: kindOfReply(reply) });
    if (isOverload(reply.verdict)) await wait(1_000 + Math.random() * 500);
    return reply;
  };

const kindOf = ({ status, headers }: Response, text: string): Waited["kind"] => {
  if (status === 200 && text.includes('"data"')) return "ADMITTED";
  if (status !== 503 || !headers.has("retry-after")) return "UNTYPED";
  if (text.includes('"OVERLOADED"')) return "TURNED_AWAY";
  return text.includes('"UNAVAILABLE"') ? "GAVE_UP" : "UNTYPED";
};

const kindOfReply = ({ verdict, status, retryAfter }: Reply): Waited["kind"] => {
  if (isOverload(verdict)) return status === 503 && retryAfter ? "TURNED_AWAY" : "UNTYPED";
  if (verdict.state !== "UNKNOWN") return "ADMITTED";
  return verdict.code === "UNAVAILABLE" && retryAfter ? "GAVE_UP" : "UNTYPED";
};

/** @param boundMs how long one may wait that was admitted: for what is before it, at the pace of before. */
function faultsUnder(waited: readonly Waited[], boundMs: number): string[] {
  const count = (kind: Waited["kind"]) => waited.filter((one) => one.kind === kind).length;
  const slowest = Math.max(0, ...waited.filter(({ kind }) => kind === "ADMITTED").map(({ ms }) => ms));
  const [untyped, gaveUp] = [count("UNTYPED"), count("GAVE_UP")];
  return [
    ...(untyped > 0 ? [`${untyped} answers under load were neither an answer nor typed`] : []),
    ...(gaveUp > 0 && boundMs < DEADLINE_MS ? [`${gaveUp} that were admitted met their deadline`] : []),
    ...(slowest > boundMs
      ? [`one that was admitted waited ${slowest.toFixed(0)} ms, and not ${boundMs.toFixed(0)}`]
      : []),
  ];
}

function describe(waited: readonly Waited[]): string {
  const sorted = waited.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(0);
  return `${sorted.length}, half within ${at(0.5)} ms, 99 % within ${at(0.99)} ms, all within ${(sorted.at(-1) ?? 0).toFixed(0)} ms`;
}

const firstThird = (values: readonly number[]) => values.slice(0, Math.max(1, Math.ceil(values.length / 3)));
const highest = (values: readonly number[]) => Math.max(0, ...values);

/** In MiB, of all processes of the Worker. */
function memoryOf({ worker }: World): number {
  const rows = execFileSync("ps", ["-A", "-o", "pgid=,rss="], { encoding: "utf8" }).trim().split("\n");
  const own = rows
    .map((row) => row.trim().split(/\s+/).map(Number))
    .filter(([group]) => group === worker.pid);
  return Math.round(own.reduce((sum, [, kib = 0]) => sum + kib, 0) / 1_024);
}
