import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/support/packages.ts";
import type { Work } from "../support/bench.ts";

/** A bench of its own, with a table and a file of results of its own. */
export const script = (name: string, title: string): Work => ({
  title,
  run: async ({ print, settings }) => {
    const file = join(root, "bench", `${name}.ts`);
    if (!existsSync(file)) {
      print("  there is no such bench yet");
      return [];
    }
    const takesRounds = name === "import" ? ["--rounds", String(settings.rounds)] : [];
    const child = spawn(process.execPath, ["--no-warnings", file, ...takesRounds], {
      ...{ cwd: root, stdio: ["ignore", "inherit", "inherit"] },
    });
    const [code] = await once(child, "exit");
    if (code !== 0) throw new Error(`bench/${name}.ts ended with code ${code}.`);
    return [{ script: `bench/${name}.ts`, results: `bench/results/${name}.json` }];
  },
});
