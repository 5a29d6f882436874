/**
 * `node bench/profile.ts`: a CPU profile of workerd under one piece of work, by package and by function.
 *
 * --asked NAME   view, list, redeem or program; view
 * --seconds N    of load while it is taken, after as many to warm up; 10
 * --top N        functions that are shown; 40
 *
 * Writes `bench/results/NAME.cpuprofile`, which the browser's developer tools open.
 */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleWorker } from "../scripts/support/bundle.ts";
import { endWith, readOptions } from "../scripts/support/options.ts";
import { root } from "../scripts/support/packages.ts";
import { freePort } from "../scripts/support/sqld.ts";
import { startWorkerd } from "../scripts/support/workerd.ts";
import { tesseraAsks } from "./contenders/tessera.ts";
import { installPeers } from "./support/install.ts";
import { load } from "./support/load.ts";
import { seed, startCopy } from "./support/seed.ts";
import { tableOf } from "./support/table.ts";

interface Frame {
  functionName: string;
  url: string;
  lineNumber: number;
}
interface Profile {
  nodes: { id: number; callFrame: Frame; children?: number[] }[];
  samples: number[];
  timeDeltas: number[];
}

const options = readOptions({
  asked: { type: "string", default: "view" },
  seconds: { type: "string", default: "10" },
  top: { type: "string", default: "40" },
});
const seconds = Number(options.seconds);

installPeers(console.log);
const seeded = await seed(1_000);
const asking = Object.entries(tesseraAsks(seeded)).find(([name]) => name === options.asked)?.[1];
if (!asking) endWith(`--asked takes view, list, redeem or program, not ${options.asked}.`);
const folder = await mkdtemp(join(tmpdir(), "tessera-bench-profile-"));
const sqld = await startCopy(seeded);
// With its names, so that functions can be told apart.
const { file } = await bundleWorker(folder, { minify: false });
const first = await startWorkerd(file, { ...seeded.bindings, DATABASE_URL: sqld.url });
await first.stop();
const inspector = await freePort();
const worker = spawn(
  join(root, "node_modules/.bin/workerd"),
  ["serve", "workerd.capnp", `--inspector-addr=127.0.0.1:${inspector}`],
  { cwd: folder, stdio: "ignore" },
);
try {
  const { url } = first;
  while (!(await fetch(`${url}/.well-known/jwks.json`).catch(() => undefined)))
    await new Promise((resolve) => setTimeout(resolve, 50));
  const askFor = async (from: number) =>
    load({
      ...{ url, seconds, connections: 16, expect: asking.expect },
      requests: await asking.requests(from, seconds * (options.asked === "redeem" ? 300 : 900)),
    });
  const warm = await askFor(0);
  const send = await inspect(inspector);
  await send("Profiler.enable");
  await send("Profiler.setSamplingInterval", { interval: 200 });
  await send("Profiler.start");
  const answer = await askFor(warm.used);
  const { profile } = (await send("Profiler.stop")) as { profile: Profile };
  await mkdir(join(root, "bench/results"), { recursive: true });
  await writeFile(join(root, `bench/results/${options.asked}.cpuprofile`), JSON.stringify(profile));
  console.log(`${answer.answers} answers in ${answer.seconds} s\n`);
  report(profile, answer.answers, await packagesByLine(file));
} finally {
  worker.kill("SIGKILL");
  await sqld.stop();
  for (const used of [folder, seeded.folder]) await rm(used, { recursive: true, force: true });
}
process.exit();

/** A session with the inspector of the Worker's isolate. */
async function inspect(port: number) {
  const listed = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as { id: string }[];
  const socket = new WebSocket(`ws://127.0.0.1:${port}/${listed[0]?.id}`);
  await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
  let number = 0;
  return (method: string, params: object = {}): Promise<unknown> => {
    number += 1;
    const id = number;
    return new Promise((resolve, reject) => {
      const hear = ({ data }: MessageEvent) => {
        const message = JSON.parse(String(data)) as { id?: number; result?: unknown; error?: object };
        if (message.id !== id) return;
        socket.removeEventListener("message", hear);
        if (message.error) reject(new Error(JSON.stringify(message.error)));
        else resolve(message.result);
      };
      socket.addEventListener("message", hear);
      socket.send(JSON.stringify({ id, method, params }));
    });
  };
}

/** Which package each line of the bundle is of, as the bundler's own remarks say. */
async function packagesByLine(bundle: string): Promise<string[]> {
  let current = "?";
  return (await readFile(bundle, "utf8")).split("\n").map((line) => {
    const [, path] = /^\s*\/\/ ((?:\.\.\/)*(?:[\w@.-]+\/)+[\w@.-]+\.(?:m?[jt]s|cjs))$/.exec(line) ?? [];
    if (path) {
      const [, name] = /.*node_modules\/((?:@[\w.-]+\/)?[\w.-]+)\//.exec(path) ?? [];
      current =
        name ??
        path
          .split("/")
          .filter((part) => part !== "..")
          .slice(0, 2)
          .join("/");
    }
    return current;
  });
}

function report({ nodes, samples, timeDeltas }: Profile, answers: number, packages: readonly string[]): void {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const [byPackage, byFunction] = [new Map<string, number>(), new Map<string, number>()];
  let busyMs = 0;
  for (const [position, id] of samples.entries()) {
    const { functionName, lineNumber, url } = (byId.get(id) as Profile["nodes"][0]).callFrame;
    if (functionName === "(idle)" || functionName === "(program)") continue;
    const ms = (timeDeltas[position] ?? 0) / 1_000;
    busyMs += ms;
    const of = lineNumber > 0 && url !== "" ? (packages[lineNumber] ?? "?") : "(native)";
    byPackage.set(of, (byPackage.get(of) ?? 0) + ms);
    const name = `${functionName || "(anonymous)"}  ${of}:${lineNumber + 1}`;
    byFunction.set(name, (byFunction.get(name) ?? 0) + ms);
  }
  const table = (sums: Map<string, number>, most: number) =>
    tableOf(
      [...sums]
        .sort(([, a], [, b]) => b - a)
        .slice(0, most)
        .map(([what, ms]) => ({
          ...{ what, share: `${((100 * ms) / busyMs).toFixed(1)} %`, msEach: (ms / answers).toFixed(3) },
        })),
    );
  console.log(`${(busyMs / answers).toFixed(2)} ms of JavaScript each\n`);
  console.log(`${table(byPackage, 25)}\n`);
  console.log(table(byFunction, Number(options.top)));
}
