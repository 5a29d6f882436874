import { and, count, eq, isNotNull, isNull, type SQL } from "drizzle-orm";
import { orders } from "../../schema/tables/orders.ts";
import { actorOf, type Context } from "../context.ts";

/** Reads how many orders a member has paid that were not cancelled. @param memberId its id, or a query of it. */
export const readPaidOrders = ({ actor, database }: Context, memberId: string | SQL) =>
  database
    .select({ paid: count() })
    .from(orders)
    .where(
      and(
        ...[eq(orders.brandId, actorOf({ actor }).brandId), eq(orders.memberId, memberId)],
        ...[isNotNull(orders.paidAt), isNull(orders.cancelledAt)],
      ),
    );
