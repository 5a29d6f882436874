import type { StartContender } from "../support/contender.ts";
import { startByHand } from "./by-hand.ts";
import { startGraphqlServer } from "./graphql-servers.ts";
import { startPostgraphile } from "./postgraphile.ts";
import { startTessera } from "./tessera.ts";
import { startVendure } from "./vendure.ts";

/** Whom Tessera is measured beside, by name. */
export const contenders: Readonly<Record<string, StartContender>> = {
  tessera: startTessera,
  "hono-sql-new-stream": startByHand("new"),
  "hono-sql-warm-stream": startByHand("warm"),
  "hono-sql-own-client": startByHand("own"),
  "apollo-one-sql": startGraphqlServer("apollo", "one-sql"),
  "apollo-loaders": startGraphqlServer("apollo", "loaders"),
  "mercurius-one-sql": startGraphqlServer("mercurius", "one-sql"),
  "mercurius-loaders": startGraphqlServer("mercurius", "loaders"),
  postgraphile: startPostgraphile,
  vendure: startVendure,
};
