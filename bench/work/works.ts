import type { Work } from "../support/bench.ts";
import { list } from "./list.ts";
import { peersCoupon, peersView } from "./peers.ts";
import { redeem } from "./redeem.ts";
import { view } from "./view.ts";

/** The pieces of work, in the order that they are measured in. */
export const works: Readonly<Record<string, Work>> = {
  view,
  list,
  redeem,
  "peers-view": peersView,
  "peers-coupon": peersCoupon,
};
