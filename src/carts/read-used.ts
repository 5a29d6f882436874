import { type SQL, type SQLWrapper, sql } from "drizzle-orm";
import type { checkouts } from "../../schema/tables/carts.ts";
import { actorOf, type Context } from "../context.ts";
import { isAmong, type Pairs } from "../database/bulk.ts";
import type { OrderDiscount } from "../orders/discount-back.ts";
import { expiryParts } from "../points/expired-of.ts";

/** A condition: the completed checkout of an order. @param keys source and external id. */
export const isUsedFor = (
  { state, source, orderReference }: Record<"state" | "source" | "orderReference", SQLWrapper>,
  keys: Pairs,
): SQL =>
  // Written out, so that the index of an order's checkout answers it.
  sql`${state} <> 'CANCELLED' and ${state} = 'COMPLETED' and ${isAmong([source, orderReference], keys)}`;

/** What points took off, as the price was decided; null where none were spent. */
const tookOff = ({ brandId, decisionId }: typeof checkouts) =>
  sql`(select json_object('discountMinor', s.value -> 'discountMinor', 'lines', s.value -> 'lines')
    from decisions d join json_each(d.outcome, '$.steps') s on s.value ->> 'kind' = 'POINTS'
    where d.brand_id = ${brandId} and d.id = ${decisionId})`.mapWith((text: unknown): OrderDiscount | null =>
    JSON.parse(text as string),
  );

/** Reads what the completed checkouts of orders used: coupons, benefits and points. @param keys source and external id. */
export const readUsed = ({ actor, database }: Context, keys: Pairs) =>
  database.query.checkouts.findMany({
    where: { brandId: actorOf({ actor }).brandId, RAW: (t) => isUsedFor(t, keys) },
    extras: { tookOff },
    with: {
      coupons: {
        with: { redemption: true, lot: { columns: { id: true, amount: true }, with: expiryParts } },
      },
      benefits: true,
    },
  });

export type UsedRow = Awaited<ReturnType<typeof readUsed>>[number];
