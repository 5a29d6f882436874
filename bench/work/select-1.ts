import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSqld } from "../../scripts/support/sqld.ts";
import { startByHandOn } from "../contenders/by-hand.ts";
import type { Work } from "../support/bench.ts";
import { beside } from "../support/beside.ts";
import type { Asking, Contender } from "../support/contender.ts";
import { startCopy } from "../support/seed.ts";

const asking = (path: string): Asking => ({
  requests: async () => [{ method: "GET", path }],
  dataOf: (answer) => answer,
  expect: '"one":1',
});

export const selectOne: Work = {
  title: "SELECT 1 by Tessera's client with every table in place, beside a database without any",
  run: async ({ seeded, settings }) => {
    const data = await seeded();
    const folder = await mkdtemp(join(tmpdir(), "tessera-bench-empty-"));
    const running: Contender[] = [];
    try {
      const ours = await startByHandOn(await startCopy(data), data, "warm");
      running.push(ours);
      const plain = await startByHandOn(await startSqld(join(folder, "database")), data, "new");
      running.push(plain);
      const contenders = new Map([
        ["tessera's client", { ...ours, asks: { "select-1": asking("/select-1/ours") } }],
        ["plain, no tables, new stream", { ...plain, asks: { "select-1": asking("/select-1/plain") } }],
      ]);
      return await beside("select-1", contenders, { "plain, no tables, new stream": 1 }, settings);
    } finally {
      for (const contender of running) await contender.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};
