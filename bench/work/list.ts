import type { Work } from "../support/bench.ts";
import { beside } from "../support/beside.ts";

export const list: Work = {
  title: "A list of 20 members with the same",
  run: async ({ contenders, settings }) => {
    const names = ["tessera", "hono-sql-new-stream", "hono-sql-warm-stream", "hono-sql-own-client"];
    return beside("list", await contenders(names), { "hono-sql-warm-stream": 0.85 }, settings);
  },
};
