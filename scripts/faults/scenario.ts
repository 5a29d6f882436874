import { type Account, accountOf, readStored } from "./account.ts";
import { type ClientsOptions, type Entry, settle } from "./clients.ts";
import { faultsIn, faultsOfBalances, faultsOfService } from "./invariants.ts";
import type { World } from "./world.ts";

/** What a scenario is given. */
export interface Run {
  world: World;
  seed: string;
  /** How much of it: how often something is killed, and how long it is overloaded. */
  kills: number;
  seconds: number;
  /** Says how far it is. */
  tell: (text: string) => void;
}

/** What came of a scenario. */
export interface Outcome extends Account {
  faults: number;
  /** How many writes were unknown at the end, and were sent again until they were not. */
  unknown: number;
  /** What is worth knowing besides. */
  notes: string[];
}

export interface Scenario {
  name: string;
  /** What it does, in a line. */
  title: string;
  run: (run: Run) => Promise<Outcome>;
}

/** The Worker's deadline, and a second for the answer's way on a busy machine. */
const SLOWEST_MS = 11_000;

/** Ends a scenario of writes: everything works again, what is unknown is settled, and all is counted. */
export async function conclude(
  { world, tell }: Pick<Run, "world" | "tell">,
  clients: ClientsOptions,
  entries: readonly Entry[],
  faults: number,
): Promise<Outcome> {
  const { stock } = clients;
  world.proxy.plan();
  tell("settling what is unknown");
  const unknown = await settle(clients, entries);
  tell("counting");
  const [account, broken] = await world.withDatabase(async (database) => [
    accountOf(entries, await readStored(database, stock.brandId)),
    [...(await faultsIn(database, stock.brandId)), ...(await faultsOfBalances(database, stock, entries))],
  ]);
  account.broken.push(...broken, ...(await faultsOfService(world, stock)));
  if (account.slowestMs > SLOWEST_MS)
    account.broken.push(`an answer took ${Math.round(account.slowestMs)} ms`);
  return { ...account, faults, unknown, notes: [] };
}
