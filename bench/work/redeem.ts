import type { Work } from "../support/bench.ts";
import { beside } from "../support/beside.ts";

export const redeem: Work = {
  title: "A coupon is redeemed, beside the raw guarded batch",
  run: async ({ contenders, settings }) => {
    const names = ["tessera", "hono-sql-warm-stream", "hono-sql-own-client"];
    return beside("redeem", await contenders(names, names), { "hono-sql-warm-stream": 0.8 }, settings);
  },
};
