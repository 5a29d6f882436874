import { setTimeout as wait } from "node:timers/promises";
import { seeded } from "../demo/seeded.ts";
import { type ClientsOptions, runClients } from "./clients.ts";
import { conclude, type Scenario } from "./scenario.ts";
import { foundStock } from "./stock.ts";

const CLIENTS = 16;
/** Longer than the Worker waits for anything. */
const STOPPED_MS = 11_500;

/** The database is killed again and again, and comes back where it was or elsewhere. */
export const killed: Scenario = {
  name: "kill",
  title: `sqld is killed while ${CLIENTS} clients write; each fourth time it comes back on another port`,
  run: async (run) => {
    const { world, seed, kills, tell } = run;
    const stock = await foundStock(world, { seed, coupons: Math.max(400, kills * 60) });
    const random = seeded(`${seed} kills`);
    let goesOn = true;
    const clients: ClientsOptions = { url: world.url, stock, clients: CLIENTS, goesOn: () => goesOn };
    const writing = runClients(clients);
    try {
      for (let kill = 1; kill <= kills; kill += 1) {
        await wait(100 + random() * 400);
        await world.kill();
        await wait(random() * 200);
        await world.restart(kill % 4 === 0);
        tell(`${kill} of ${kills} kills`);
      }
      await wait(300);
    } finally {
      goesOn = false;
    }
    return conclude(run, clients, await writing, kills);
  },
};

/** The database stops for longer than any answer may take, and goes on as if nothing had been. */
export const stopped: Scenario = {
  name: "stop",
  title: `sqld stands still for ${STOPPED_MS / 1_000} s, longer than the Worker's deadline, and goes on`,
  run: async (run) => {
    const { world, seed, kills, tell } = run;
    const stops = kills >= 20 ? 3 : 1;
    const stock = await foundStock(world, { seed, coupons: 600 });
    let goesOn = true;
    const clients: ClientsOptions = { url: world.url, stock, clients: CLIENTS, goesOn: () => goesOn };
    const writing = runClients(clients);
    try {
      for (let stop = 1; stop <= stops; stop += 1) {
        await wait(400);
        world.sqld().process.kill("SIGSTOP");
        try {
          tell(`${stop} of ${stops} stops`);
          await wait(STOPPED_MS);
        } finally {
          world.sqld().process.kill("SIGCONT");
        }
      }
      await wait(500);
    } finally {
      goesOn = false;
    }
    return conclude(run, clients, await writing, stops);
  },
};
