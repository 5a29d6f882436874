import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleWorker } from "../../scripts/support/bundle.ts";
import { root } from "../../scripts/support/packages.ts";
import type { RunningSqld } from "../../scripts/support/sqld.ts";
import { startWorkerd } from "../../scripts/support/workerd.ts";
import type { Contender } from "../support/contender.ts";
import { tiers } from "../support/data.ts";
import type { Request } from "../support/load.ts";
import { asClient, askedMembers, redemptions } from "../support/orders.ts";
import { type Seeded, startCopy } from "../support/seed.ts";

const byHandWorker = join(root, "bench/workers/by-hand/worker.ts");

const get = (path: string, headers: Record<string, string> = {}): Request => ({
  ...{ method: "GET", path, headers },
});

/** What the hand-written handlers are asked: the same, without GraphQL. */
const asksOf = (seeded: Seeded): Contender["asks"] => ({
  view: {
    requests: async (from, count) =>
      (await askedMembers(seeded, from, count)).map(({ headers }) => get("/view", headers)),
    dataOf: ({ data }) => data.me,
    expect: '"displayName"',
  },
  list: {
    requests: async (from) => {
      const headers = await asClient(seeded, "OPERATOR");
      return tiers.map((_, step) => get(`/list/${tiers[(from + step) % tiers.length]?.id}`, headers));
    },
    dataOf: ({ data }) => data.members.nodes,
    expect: '"displayName"',
  },
  redeem: {
    requests: async (from, count) => {
      const headers = { "content-type": "application/json", ...(await asClient(seeded, "TILL")) };
      return redemptions(seeded, from, count).map((order) => ({
        ...{ method: "POST", path: "/redeem", headers, body: JSON.stringify(order) },
      }));
    },
    dataOf: ({ data: { redeemCoupon } }) => ({ ...redeemCoupon, redemptionId: undefined }),
    expect: '"REDEEMED"',
  },
});

/** The hand-written Worker on a copy of the data, with streams of that kind. */
export const startByHand =
  (streams: "new" | "warm" | "own") =>
  async (seeded: Seeded): Promise<Contender> => ({
    ...(await startByHandOn(await startCopy(seeded), seeded, streams)),
    asks: asksOf(seeded),
  });

/** The hand-written Worker on a database of one's own. */
export async function startByHandOn(
  sqld: RunningSqld,
  { bindings }: Seeded,
  streams: "new" | "warm" | "own",
): Promise<Contender> {
  const folder = await mkdtemp(join(tmpdir(), "tessera-bench-worker-"));
  try {
    const { file } = await bundleWorker(folder, { entry: byHandWorker });
    const given = { ...bindings, DATABASE_URL: sqld.url, STREAMS: streams };
    const worker = await startWorkerd(file, given);
    return {
      url: worker.url,
      pids: () => [worker.pid, sqld.process.pid as number],
      asks: {},
      stop: async () => {
        await worker.stop();
        await sqld.stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await sqld.stop();
    throw error;
  }
}
