import { openDataKey } from "../../src/brands/data-key.ts";
import { formatCode } from "../../src/codes/code.ts";
import type { Environment } from "../../src/environment.ts";
import { displayNameOf, openProfile } from "../../src/members/profile.ts";
import { CURRENCY, periodStarts } from "./data.ts";

export interface Statement {
  sql: string;
  args: (string | number | bigint)[];
}

type Row = Record<string, unknown>;

/** All of a member's view in one statement, as someone would write it who needs nothing else. */
const SELECT_VIEW = `select m.id, m.external_id, m.card_number, m.profile, b.wrapped_data_key,
  t.name ->> '$.en' as tier_name, t.rank, t.color,
  (select a.balance from accounts a where a.brand_id = m.brand_id and a.member_id = m.id and a.unit = 'POINTS' and a.kind = 'AVAILABLE')
    - (select coalesce(sum(l.remaining), 0) from lots l where l.brand_id = m.brand_id and l.member_id = m.id and l.remaining > 0 and l.expires_at <= :now) as points,
  (select a.balance from accounts a where a.brand_id = m.brand_id and a.member_id = m.id and a.unit = 'GROWTH_VALUE' and a.kind = 'AVAILABLE') as growth_value,
  (select json_object('name', n.name ->> '$.en', 'rank', n.rank, 'growthValue', n.requirement ->> '$.growthValue')
    from tiers n where n.brand_id = m.brand_id and n.rank > t.rank order by n.rank limit 1) as next,
  (select json_group_array(json_object('kind', kind, 'name', name, 'quota', quota, 'used', used)) from (
    select e.kind, e.name ->> '$.en' as name, e.quota, coalesce(u.used, 0) as used
    from tier_benefits x join benefits e on e.brand_id = x.brand_id and e.id = x.benefit_id
    left join benefit_uses u on u.brand_id = m.brand_id and u.member_id = m.id and u.benefit_id = e.id
      and u.period_start = case e.quota_period when 'MONTH' then :month when 'YEAR' then :year else 0 end
    where x.brand_id = m.brand_id and x.tier_id = m.tier_id
      and (e.starts_at is null or e.starts_at <= :now) and (e.ends_at is null or e.ends_at > :now)
    order by e.id)) as entitlements,
  (select json_group_array(json_object('id', id, 'code', code, 'expiresAt', expires_at, 'title', title)) from (
    select c.id, c.code, c.expires_at, o.title ->> '$.en' as title
    from coupons c join offers o on o.brand_id = c.brand_id and o.id = c.offer_id
    where c.brand_id = m.brand_id and c.member_id = m.id and c.state = 'AVAILABLE'
      and (c.starts_at is null or c.starts_at <= :now) and (c.expires_at is null or c.expires_at > :now)
    order by c.expiry_order, c.id limit 10)) as coupons
  from members m join tiers t on t.brand_id = m.brand_id and t.id = m.tier_id join brands b on b.id = m.brand_id`;

function viewsWhere(condition: string, values: (string | number)[], now: number): Statement {
  const { month, year } = periodStarts(now);
  const sql = `${SELECT_VIEW} where ${condition}`
    .replaceAll(":now", "?1")
    .replaceAll(":month", "?2")
    .replaceAll(":year", "?3");
  return { sql, args: [BigInt(now), BigInt(month), BigInt(year), ...values] };
}

export const selectView = (brandId: string, memberId: string, now: number): Statement =>
  viewsWhere("m.brand_id = ?4 and m.id = ?5 and m.state = 'ACTIVE'", [brandId, memberId], now);

/** The newest 20 of a tier. */
export const selectList = (brandId: string, tierId: string, now: number): Statement =>
  viewsWhere("m.brand_id = ?4 and m.tier_id = ?5 order by m.id desc limit 20", [brandId, tierId], now);

/** What the API answers of such a row. */
export async function viewOf(row: Row, secrets: Environment["encryptionKeys"]) {
  const parse = <Shape>(column: string) => JSON.parse(row[column] as string) as Shape;
  const key = await openDataKey(secrets, row.wrapped_data_key as string);
  const { name } = await openProfile(row as { id: string; profile: string }, key);
  const growthValue = Number(row.growth_value);
  const next = row.next === null ? null : parse<{ name: string; rank: number; growthValue: number }>("next");
  const entitled =
    parse<{ kind: string; name: string; quota: number | null; used: number }[]>("entitlements");
  const coupons = parse<{ id: string; code: string; expiresAt: number; title: string }[]>("coupons");
  return {
    id: row.id as string,
    externalId: row.external_id as string,
    points: Number(row.points),
    tier: { name: row.tier_name as string, rank: Number(row.rank), color: row.color as string },
    tierProgress: {
      growthValue,
      missing: next && Math.max(0, next.growthValue - growthValue),
      next: next && { name: next.name, rank: next.rank },
    },
    entitlements: entitled.map(({ used, ...benefit }) => {
      const left = benefit.quota === null ? null : Math.max(0, benefit.quota - used);
      return { usable: left !== 0, used, left, benefit };
    }),
    availableCoupons: {
      nodes: coupons.map(({ id, code, expiresAt, title }) => ({
        ...{ id, code: formatCode(code), status: "AVAILABLE", offer: { title } },
        expiresAt: new Date(expiresAt).toISOString(),
      })),
    },
    card: {
      number: (row.card_number as string).replace(/(\d{4})(?=\d)/g, "$1 "),
      displayName: displayNameOf(name),
    },
  };
}

export interface Redemption {
  code: string;
  memberId: string;
  orderReference: string;
  orderAmountMinor: number;
  idempotencyKey: string;
}

/**
 * A coupon is redeemed, guarded, on record and remembered by its key, in one batch without a look before it.
 * Whatever does not hold aborts it, and nobody is told what it was.
 */
export function redeem(brandId: string, id: string, order: Redemption, now: number): Statement[] {
  const { code, memberId, orderReference, orderAmountMinor, idempotencyKey } = order;
  const [moment, amount] = [BigInt(now), BigInt(orderAmountMinor)];
  const detail = JSON.stringify({ redemptionId: `rdm_${id}`, orderReference });
  const mustChange = "insert into guard (must_hold) select null where changes() <> 1";
  const discount = "min(cast(o.terms ->> '$.amountOffMinor' as integer), ?3)";
  return [
    {
      sql: "insert into idempotency (brand_id, caller, operation, key, input_hash, outcome, created_at) values (?, 'till', 'redeemCoupon', ?, ?, '{}', ?)",
      args: [brandId, idempotencyKey, idempotencyKey, moment],
    },
    {
      sql: `update coupons set state = 'REDEEMED' where brand_id = ? and code = ? and member_id = ? and state = 'AVAILABLE'
        and (starts_at is null or starts_at <= ?4) and (expires_at is null or expires_at > ?4)`,
      args: [brandId, code, memberId, moment],
    },
    { sql: mustChange, args: [] },
    {
      sql: "insert into guard (must_hold) select null where not exists (select 1 from members where brand_id = ? and id = ? and state = 'ACTIVE')",
      args: [brandId, memberId],
    },
    {
      sql: `insert into redemptions (brand_id, id, coupon_id, offer_id, member_id, order_reference, order_amount_minor, discount_minor,
          currency, redeemed_at, redeemed_by)
        select c.brand_id, ?4, c.id, c.offer_id, c.member_id, ?5, ?3, ${discount}, '${CURRENCY}', ?6, 'till'
        from coupons c join offers o on o.brand_id = c.brand_id and o.id = c.offer_id
        where c.brand_id = ?1 and c.code = ?2`,
      args: [brandId, code, amount, `rdm_${id}`, orderReference, moment],
    },
    { sql: mustChange, args: [] },
    {
      sql: "insert into audit (brand_id, id, caller, operation, subject_id, detail, created_at) values (?, ?, 'till', 'redeemCoupon', ?, ?, ?)",
      args: [brandId, `adt_${id}`, code, detail, moment],
    },
    {
      sql: "insert into outbox (brand_id, id, type, payload, created_at) values (?, ?, 'coupon.redeemed', ?, ?)",
      args: [brandId, `evt_${id}`, detail, moment],
    },
    {
      sql: `select r.discount_minor, c.state from redemptions r join coupons c on c.brand_id = r.brand_id and c.id = r.coupon_id
        where r.brand_id = ? and r.id = ?`,
      args: [brandId, `rdm_${id}`],
    },
  ];
}

/** What the API answers of the batch's last row. */
export function redeemedOf(row: Row | undefined, id: string, { orderAmountMinor }: Redemption) {
  const discountMinor = Number(row?.discount_minor);
  return {
    redemptionId: `rdm_${id}`,
    ...{ discountMinor, payableMinor: orderAmountMinor - discountMinor },
    coupon: { status: row?.state as string },
  };
}
