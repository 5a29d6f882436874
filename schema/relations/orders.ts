import type { RelationsBuilder } from "drizzle-orm/relations";
import type { tables } from "../all-tables.ts";

/** What members did. */
export const orders = (r: RelationsBuilder<typeof tables>) => ({
  orders: {
    member: r.one.members({
      from: [r.orders.brandId, r.orders.memberId],
      to: [r.members.brandId, r.members.id],
    }),
    refunds: r.many.refunds(),
    award: r.one.awards({
      from: [r.orders.brandId, r.orders.id],
      to: [r.awards.brandId, r.awards.orderId],
    }),
    tierGrants: r.many.tierGrants(),
  },
  refunds: {
    order: r.one.orders({
      from: [r.refunds.brandId, r.refunds.orderId],
      to: [r.orders.brandId, r.orders.id],
      optional: false,
    }),
  },
  activities: {
    member: r.one.members({
      from: [r.activities.brandId, r.activities.memberId],
      to: [r.members.brandId, r.members.id],
      optional: false,
    }),
  },
});
