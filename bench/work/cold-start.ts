import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Bundle, bundleWorker } from "../../scripts/support/bundle.ts";
import { root } from "../../scripts/support/packages.ts";
import { startWorkerd } from "../../scripts/support/workerd.ts";
import type { Work } from "../support/bench.ts";
import { median, rounded, spread } from "../support/statistics.ts";

const GOAL_KIB = 300;
const GOAL_TIMES = 4;

export const coldStart: Work = {
  title: "The bundle, and from the start of workerd to the first answer, beside an empty Hono Worker",
  run: async ({ settings, seeded }) => {
    const { bindings } = await seeded();
    const folder = await mkdtemp(join(tmpdir(), "tessera-bench-bundles-"));
    try {
      const empty = await bundleWorker(join(folder, "empty"), { entry: "bench/workers/empty/worker.ts" });
      const tessera = await bundleWorker(join(folder, "tessera"));
      const [emptyUrl, tesseraUrl] = [
        await configured(empty, bindings),
        `${await configured(tessera, bindings)}/graphql?query={__typename}`,
      ];
      const times = { empty: [] as number[], tessera: [] as number[] };
      // The first of each reads files that the others find in memory.
      for (let round = -1; round < 3 * settings.rounds; round += 1) {
        const ms = { empty: await startOf(empty, emptyUrl), tessera: await startOf(tessera, tesseraUrl) };
        if (round < 0) continue;
        times.empty.push(ms.empty);
        times.tessera.push(ms.tessera);
      }
      const ratios = times.tessera.map((ms, round) => ms / (times.empty[round] as number));
      return [
        { worker: "empty Hono", ...sizeOf(empty), ...timeOf(times.empty) },
        {
          ...{ worker: "tessera", ...sizeOf(tessera), ...timeOf(times.tessera) },
          ...{ timesTheEmpty: rounded(median(ratios)), spread: rounded(spread(ratios)) },
          ...{ goalKiB: GOAL_KIB, goalTimes: GOAL_TIMES },
        },
      ];
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

const sizeOf = ({ bytes, gzipBytes }: Bundle) => ({
  ...{ KiB: rounded(bytes / 1_024, 0), gzipKiB: rounded(gzipBytes / 1_024, 1) },
});
const timeOf = (rounds: number[]) => ({
  ...{ firstAnswerMs: rounded(median(rounds), 1), msSpread: rounded(spread(rounds), 1), rounds },
});

/** Has the configuration written; answers where the Worker will listen. */
async function configured({ file }: Bundle, bindings: Parameters<typeof startWorkerd>[1]): Promise<string> {
  const { stop } = await startWorkerd(file, bindings);
  await stop();
  const text = await readFile(join(dirname(file), "workerd.capnp"), "utf8");
  return `http://${/address = "([^"]+)"/.exec(text)?.[1]}`;
}

/** Milliseconds from the start of the process to the end of its first answer. */
async function startOf({ file }: Bundle, url: string): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(join(root, "node_modules/.bin/workerd"), ["serve", "workerd.capnp"], {
    ...{ cwd: dirname(file), stdio: "ignore" },
  });
  const ended = once(child, "exit");
  try {
    for (;;) {
      const answered = await fetch(url, { headers: { accept: "application/json" } }).then(
        (response) => response.arrayBuffer(),
        () => undefined,
      );
      if (answered) return performance.now() - startedAt;
      if (child.exitCode !== null || performance.now() - startedAt > 30_000)
        throw new Error("workerd did not answer.");
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
}
