import { type SQL, type SQLWrapper, sql } from "drizzle-orm";

/** Every time zone's days begin at a multiple of it, so that slots can be told apart by day once it is known. */
export const SLOT_MS = 900_000;

/** What happened to an offer's coupons in a quarter of an hour. */
export type PerformanceRow = [
  slot: number,
  channel: string | null,
  issued: number,
  claimed: number,
  held: number,
  redeemed: number,
  rolledBack: number,
  discountMinor: number,
  revenueMinor: number,
];

/**
 * Sums of an offer's coupons and redemptions between two moments, as JSON: to be read with its row, in the
 * same statement. All by the indexes of what belongs to the offer.
 */
export function performanceOf(
  { brandId, id }: Record<"brandId" | "id", SQLWrapper>,
  from: number,
  until: number,
): SQL<string> {
  const during = (at: SQL) => sql`${at} >= ${from} and ${at} < ${until}`;
  const slotOf = (at: SQL) => sql`${at} / ${SLOT_MS} as slot`;
  const coupons = sql`coupons c where c.brand_id = ${brandId} and c.offer_id = ${id}`;
  // A cross join is taken in this order: from the offer's coupons to what happened to them.
  const holds = sql`coupons c cross join coupon_changes h on h.brand_id = c.brand_id and h.coupon_id = c.id
    where c.brand_id = ${brandId} and c.offer_id = ${id} and h.kind = 'HELD' and ${during(sql`h.created_at`)}`;
  return sql`(select json_group_array(json_array(slot, channel, issued, claimed, held, redeemed, rolled_back, discount, revenue)) from (
    select ${slotOf(sql`c.issued_at`)}, null as channel, count(*) as issued, 0 as claimed, 0 as held,
      0 as redeemed, 0 as rolled_back, 0 as discount, 0 as revenue
    from ${coupons} and ${during(sql`c.issued_at`)} group by 1
    union all select ${slotOf(sql`c.claimed_at`)}, null, 0, count(*), 0, 0, 0, 0, 0
    from ${coupons} and ${during(sql`c.claimed_at`)} group by 1
    union all select ${slotOf(sql`h.created_at`)}, null, 0, 0, count(*), 0, 0, 0, 0 from ${holds} group by 1
    union all select ${slotOf(sql`d.redeemed_at`)}, d.channel, 0, 0, 0, count(*), count(d.rolled_back_at),
      sum(case when d.rolled_back_at is null then d.discount_minor - d.rolled_back_minor else 0 end),
      sum(case when d.rolled_back_at is null then d.order_amount_minor - d.discount_minor else 0 end)
    from redemptions d where d.brand_id = ${brandId} and d.offer_id = ${id} and ${during(sql`d.redeemed_at`)}
    group by 1, 2))`;
}
