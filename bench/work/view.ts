import type { Work } from "../support/bench.ts";
import { beside } from "../support/beside.ts";

export const view: Work = {
  title: "A member's view: tier, progress, entitlements, 10 coupons, card",
  run: async ({ contenders, settings }) => {
    const names = ["tessera", "hono-sql-new-stream", "hono-sql-warm-stream", "hono-sql-own-client"];
    const goals = { "hono-sql-new-stream": 2, "hono-sql-warm-stream": 0.9 };
    return beside("view", await contenders(names), goals, settings);
  },
};
