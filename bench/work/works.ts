import type { Work } from "../support/bench.ts";
import { coldStart } from "./cold-start.ts";
import { growth } from "./growth.ts";
import { list } from "./list.ts";
import { peersCoupon, peersView, vendureCoupon, vendureView } from "./peers.ts";
import { program } from "./program.ts";
import { redeem } from "./redeem.ts";
import { script } from "./scripts.ts";
import { selectOne } from "./select-1.ts";
import { statements } from "./statements.ts";
import { tokens } from "./tokens.ts";
import { view } from "./view.ts";
import { writers } from "./writers.ts";

/** The pieces of work, in the order that they are measured in. */
export const works: Readonly<Record<string, Work>> = {
  view,
  list,
  redeem,
  "select-1": selectOne,
  program,
  "peers-view": peersView,
  "peers-coupon": peersCoupon,
  "vendure-view": vendureView,
  "vendure-coupon": vendureCoupon,
  tokens,
  writers,
  "cold-start": coldStart,
  statements,
  growth,
  evaluate: script("evaluate", "A cart is evaluated: 50 lines, 200 offers"),
  codes: script("codes", "A million codes, beside a million raw inserts"),
  import: script("import", "Orders are imported, beside raw batched inserts of the same rows"),
};
