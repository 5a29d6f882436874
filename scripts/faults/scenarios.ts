import { batch } from "./batch.ts";
import { clock } from "./clock.ts";
import { killed, stopped } from "./kills.ts";
import { load } from "./load.ts";
import { network, storm } from "./network.ts";
import type { Scenario } from "./scenario.ts";

/** All of them, in the order that they are run in. */
export const scenarios: readonly Scenario[] = [killed, stopped, network, storm, batch, clock, load];
