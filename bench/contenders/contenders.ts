import type { StartContender } from "../support/contender.ts";
import { startByHand } from "./by-hand.ts";
import { startTessera } from "./tessera.ts";

/** Whom Tessera is measured beside, by name. */
export const contenders: Readonly<Record<string, StartContender>> = {
  tessera: startTessera,
  "hono-sql-new-stream": startByHand("new"),
  "hono-sql-warm-stream": startByHand("warm"),
};
