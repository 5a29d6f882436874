import { sql } from "drizzle-orm";
import { actorOf, type Context } from "../context.ts";
import { isAmong, type Pairs } from "../database/bulk.ts";
import { expiryParts } from "../points/expired-of.ts";

/** Reads what the completed checkouts of orders used: coupons, and benefits. @param keys source and external id. */
export const readUsed = ({ actor, database }: Context, keys: Pairs) =>
  database.query.checkouts.findMany({
    where: {
      brandId: actorOf({ actor }).brandId,
      // Written out, so that the index of an order's checkout answers it.
      RAW: (t) => sql`${t.state} <> 'CANCELLED' and ${t.state} = 'COMPLETED'
        and ${isAmong([t.source, t.orderReference], keys)}`,
    },
    with: {
      coupons: {
        with: { redemption: true, lot: { columns: { id: true, amount: true }, with: expiryParts } },
      },
      benefits: true,
    },
  });

export type UsedRow = Awaited<ReturnType<typeof readUsed>>[number];
