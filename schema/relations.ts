import { defineRelations } from "drizzle-orm";
import { tables } from "./all-tables.ts";
import { alliances } from "./relations/alliances.ts";
import { carts } from "./relations/carts.ts";
import { members } from "./relations/members.ts";
import { offers } from "./relations/offers.ts";
import { orders } from "./relations/orders.ts";
import { points } from "./relations/points.ts";
import { program } from "./relations/program.ts";
import { standings } from "./relations/standings.ts";

/** How the tables hang together; a relation inside a tenant always joins on the brand as well. */
export const relations = defineRelations(tables, (r) => ({
  ...program(r),
  ...standings(r),
  ...members(r),
  ...points(r),
  ...offers(r),
  ...carts(r),
  ...orders(r),
  ...alliances(r),
}));
