import { eq, type SQL, type SQLWrapper, sql } from "drizzle-orm";
import { brands } from "../../schema/tables/brands.ts";
import { actorOf, type Context } from "../context.ts";

/** Selects how many orders a member has paid that were not cancelled. */
export const paidOrdersOf = (brandId: string, memberId: string | SQLWrapper): SQL<number> =>
  sql`(select count(*) from orders o where o.brand_id = ${brandId}
    and o.member_id = ${memberId} and o.paid_at is not null and o.cancelled_at is null)`;

/** Reads it of one member. */
export function readPaidOrders({ actor, database }: Context, memberId: string) {
  const { brandId } = actorOf({ actor });
  return database
    .select({ paid: paidOrdersOf(brandId, memberId) })
    .from(brands)
    .where(eq(brands.id, brandId));
}
