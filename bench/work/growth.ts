import { rm } from "node:fs/promises";
import { startTessera } from "../contenders/tessera.ts";
import type { Work } from "../support/bench.ts";
import { beside } from "../support/beside.ts";
import type { Contender } from "../support/contender.ts";
import { type Seeded, seed } from "../support/seed.ts";

export const growth: Work = {
  title: "The same view with 10,000, 100,000 and 1,000,000 members",
  run: async ({ growth, settings, print }) => {
    if (!growth) {
      print("  left out; with --growth it is measured, which takes some minutes and GB");
      return [];
    }
    const running = new Map<string, Contender>();
    const written: Seeded[] = [];
    try {
      for (const members of [10_000, 100_000, 1_000_000]) {
        print(`  writing ${members.toLocaleString("en")} members …`);
        const data = await seed(members, true);
        written.push(data);
        running.set(`${members.toLocaleString("en")} members`, await startTessera(data));
      }
      return await beside("view", running, { "1,000,000 members": 1.2 }, settings, false);
    } finally {
      for (const contender of running.values()) await contender.stop();
      for (const { folder } of written) await rm(folder, { recursive: true, force: true });
    }
  },
};
