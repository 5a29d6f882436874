-- The same rows as PostgreSQL and PostGraphile would have them: relations, and functions for what is worked out.
create schema app;
create schema private;

create table app.tiers (
  id text primary key, rank int not null unique, name text not null, color text not null, required_growth_value int not null
);
create table app.benefits (
  id text primary key, kind text not null, name text not null, quota int, quota_period text
);
create table app.tier_benefits (
  tier_id text not null references app.tiers, benefit_id text not null references app.benefits, primary key (tier_id, benefit_id)
);
create table app.members (
  id text primary key, external_id text not null unique, state text not null, card_number text not null unique,
  tier_id text not null references app.tiers, display_name text, points int not null, growth_value int not null
);
create index on app.members (tier_id);
create table app.benefit_uses (
  member_id text not null references app.members, benefit_id text not null references app.benefits,
  period_start timestamptz not null, used int not null, primary key (member_id, benefit_id, period_start)
);
create index on app.benefit_uses (benefit_id);
create table app.offers (id text primary key, title text not null, amount_off_minor int not null);
create table app.coupons (
  id text primary key, offer_id text not null references app.offers, member_id text not null references app.members,
  code text not null unique, state text not null, starts_at timestamptz, expires_at timestamptz
);
create index on app.coupons (member_id, state, id);
create index on app.coupons (offer_id);

create table private.redemptions (
  id text primary key, coupon_id text not null references app.coupons, member_id text not null references app.members,
  order_reference text not null, order_amount_minor int not null, discount_minor int not null, currency text not null,
  redeemed_at timestamptz not null, rolled_back_at timestamptz
);
create unique index on private.redemptions (coupon_id) where rolled_back_at is null;
create table private.idempotency (key text primary key, input_hash text not null, outcome jsonb not null, created_at timestamptz not null);
create table private.audit (id text primary key, operation text not null, subject_id text not null, detail jsonb not null, created_at timestamptz not null);
create index on private.audit (subject_id);
create table private.outbox (id text primary key, type text not null, payload jsonb not null, created_at timestamptz not null);

create function app.current_member() returns app.members language sql stable as $$
  select * from app.members where id = nullif(current_setting('app.member_id', true), '') and state = 'ACTIVE'
$$;

create function app.members_next_tier(m app.members) returns app.tiers language sql stable as $$
  select n.* from app.tiers n where n.rank > (select rank from app.tiers where id = m.tier_id) order by n.rank limit 1
$$;

create function app.members_missing(m app.members) returns int language sql stable as $$
  select greatest(0, n.required_growth_value - m.growth_value) from app.members_next_tier(m) n where n.id is not null
$$;

create type app.entitlement as (usable boolean, used int, "left" int, kind text, name text, quota int);

create function app.members_entitlements(m app.members) returns setof app.entitlement language sql stable as $$
  select e.quota is null or e.quota > coalesce(u.used, 0), coalesce(u.used, 0), case when e.quota is not null then greatest(0, e.quota - coalesce(u.used, 0)) end, e.kind, e.name, e.quota
  from app.tier_benefits x join app.benefits e on e.id = x.benefit_id
  left join app.benefit_uses u on u.member_id = m.id and u.benefit_id = e.id and u.period_start = case e.quota_period
    when 'MONTH' then date_trunc('month', now(), 'Asia/Shanghai') when 'YEAR' then date_trunc('year', now(), 'Asia/Shanghai') else 'epoch' end
  where x.tier_id = m.tier_id order by e.id
$$;

create function app.members_available_coupons(m app.members) returns setof app.coupons language sql stable as $$
  select * from app.coupons c where c.member_id = m.id and c.state = 'AVAILABLE'
    and (c.starts_at is null or c.starts_at <= now()) and (c.expires_at is null or c.expires_at > now()) order by c.id
$$;

create type app.redeemed as (redemption_id text, discount_minor int, payable_minor int, status text);

create function app.redeem_coupon(
  code text, member_id text, order_reference text, order_amount_minor int, idempotency_key text
) returns app.redeemed language plpgsql volatile as $$
declare
  coupon app.coupons;
  result app.redeemed;
begin
  insert into private.idempotency values (idempotency_key, idempotency_key, '{}', now());
  update app.coupons c set state = 'REDEEMED' where c.code = redeem_coupon.code and c.member_id = redeem_coupon.member_id
    and c.state = 'AVAILABLE' and (c.starts_at is null or c.starts_at <= now()) and (c.expires_at is null or c.expires_at > now())
    returning * into coupon;
  if not found then raise exception 'It cannot be used.'; end if;
  if not exists (select 1 from app.members m where m.id = coupon.member_id and m.state = 'ACTIVE') then
    raise exception 'The membership is closed.';
  end if;
  result.redemption_id := gen_random_uuid()::text;
  select least(o.amount_off_minor, order_amount_minor) into result.discount_minor from app.offers o where o.id = coupon.offer_id;
  result.payable_minor := order_amount_minor - result.discount_minor;
  result.status := coupon.state;
  insert into private.redemptions values (result.redemption_id, coupon.id, coupon.member_id, order_reference,
    order_amount_minor, result.discount_minor, 'CNY', now());
  insert into private.audit values (gen_random_uuid()::text, 'redeemCoupon', coupon.id, to_jsonb(result), now());
  insert into private.outbox values (gen_random_uuid()::text, 'coupon.redeemed', to_jsonb(result), now());
  return result;
end
$$;
