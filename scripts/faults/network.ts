import { seeded } from "../demo/seeded.ts";
import { type ClientsOptions, isOverload, runClients, type Send } from "./clients.ts";
import type { Fault } from "./proxy.ts";
import { conclude, type Scenario } from "./scenario.ts";
import { foundStock } from "./stock.ts";
import { sendWrite } from "./writes.ts";

const CLIENTS = 16;
const STORM_CLIENTS = 6;
const COPIES = 3;
const FAULTS_A_KILL = 3;

/** Of ten exchanges, three meet a fault, and each kind as often as another; a few outlast every deadline. */
export function anyFault(random: () => number, share = 0.3): () => Fault {
  const kinds: (() => Fault)[] = [
    () => ({ kind: "CUT_BEFORE" }),
    () => ({ kind: "CUT_WITHIN" }),
    () => ({ kind: "CUT_AFTER" }),
    () => ({ kind: "LOSE_ANSWER" }),
    () => ({ kind: "HALF_ANSWER" }),
    () => ({ kind: "DELAY", ms: random() < 0.05 ? 11_000 : 3_000 * random() }),
    () => ({ kind: "DELAY_ANSWER", ms: 3_000 * random() }),
    () => ({ kind: "REFUSE", status: 429 }),
    () => ({ kind: "REFUSE", status: 503 }),
    () => ({ kind: "UNAVAILABLE_AFTER" }),
  ];
  return () =>
    random() < share ? (kinds[Math.floor(random() * kinds.length)] as () => Fault)() : { kind: "PASS" };
}

/** Everything that a network does to an exchange. */
export const network: Scenario = {
  name: "network",
  title: "connections are cut and delayed, answers lost and halved, 429 and 503 come in their place",
  run: async (run) => {
    const { world, seed, kills, tell } = run;
    const wanted = kills * FAULTS_A_KILL;
    const stock = await foundStock(world, { seed, coupons: Math.max(400, wanted * 2) });
    const before = world.proxy.faults();
    const met = () => world.proxy.faults() - before;
    const clients: ClientsOptions = {
      ...{ url: world.url, stock, clients: CLIENTS },
      goesOn: () => met() < wanted,
      onReply: () => tell(`${Math.min(met(), wanted)} of ${wanted} faults`),
    };
    world.proxy.plan(anyFault(seeded(`${seed} network`)));
    const entries = await runClients(clients);
    return conclude(run, clients, entries, met());
  },
};

/** Every request three times at once, on a network that loses answers. */
export const storm: Scenario = {
  name: "storm",
  title: "every write is sent three times at once with its key: one effect, and equal answers",
  run: async (run) => {
    const { world, seed, kills, tell } = run;
    const stock = await foundStock(world, { seed, coupons: Math.max(300, kills * 10) });
    const wanted = Math.max(30, kills * 3);
    const unequal: string[] = [];
    const inThree: Send = async (url, token, write) => {
      const replies = await Promise.all(Array.from({ length: COPIES }, () => sendWrite(url, token, write)));
      const known = replies.filter(({ verdict }) => verdict.state !== "UNKNOWN" && !isOverload(verdict));
      if (new Set(known.map(({ verdict }) => JSON.stringify(verdict))).size > 1)
        unequal.push(
          `${write.kind} ${write.key} was answered differently: ${JSON.stringify(known.map(({ verdict }) => verdict))}`,
        );
      const [first] = known;
      const slowest = Math.max(...replies.map(({ ms }) => ms));
      return { ...(first ?? (replies[0] as (typeof replies)[number])), ms: slowest };
    };
    const before = world.proxy.faults();
    const lost = anyFault(seeded(`${seed} storm`), 0.05);
    let sent = 0;
    const clients: ClientsOptions = {
      ...{ url: world.url, stock, clients: STORM_CLIENTS, send: inThree },
      goesOn: () => sent < wanted,
      onReply: () => {
        sent += 1;
        // The second half meets faults besides.
        world.proxy.plan(sent > wanted / 2 ? lost : undefined);
        tell(`${sent} of ${wanted} writes, each ${COPIES} times`);
      },
    };
    const entries = await runClients(clients);
    const outcome = await conclude(run, clients, entries, world.proxy.faults() - before);
    return { ...outcome, broken: [...unequal, ...outcome.broken] };
  },
};
