/** The same view, a field at a time: what DataLoader makes of it. */
import type { Client, Row } from "@libsql/client/http";
import DataLoader from "dataloader";
import { openDataKey } from "../../src/brands/data-key.ts";
import { formatCode } from "../../src/codes/code.ts";
import { displayNameOf, openProfile } from "../../src/members/profile.ts";
import { periodStarts } from "../support/data.ts";
import type { Context } from "./schema.ts";

/** Rows by one of their columns, all that are asked for in one turn by one statement. */
const manyBy = (client: Client, column: string, sql: string, args: (string | bigint)[]) =>
  new DataLoader<string, Row[]>(async (keys) => {
    const places = keys.map((_, position) => `?${args.length + 1 + position}`).join(", ");
    const { rows } = await client.execute({ sql: sql.replace("KEYS", places), args: [...args, ...keys] });
    return keys.map((key) => rows.filter((row) => row[column] === key));
  });

export type Loaders = ReturnType<typeof loadersFor>;

export function loadersFor(client: Client, brandId: string, now: number) {
  const many = (column: string, sql: string, args: (string | bigint)[] = []) =>
    manyBy(client, column, sql, [brandId, ...args]);
  const { month, year } = periodStarts(now);
  return {
    brands: many("id", "select * from brands where id = ?1 and id in (KEYS)"),
    members: many("id", "select * from members where brand_id = ?1 and state = 'ACTIVE' and id in (KEYS)"),
    tiers: many(
      "brand_id",
      "select *, name ->> '$.en' as en, requirement ->> '$.growthValue' as required from tiers where brand_id = ?1 and brand_id in (KEYS) order by rank",
    ),
    accounts: many("member_id", "select * from accounts where brand_id = ?1 and member_id in (KEYS)"),
    expiredLots: many(
      "member_id",
      "select * from lots where brand_id = ?1 and expires_at <= ?2 and remaining > 0 and member_id in (KEYS)",
      [BigInt(now)],
    ),
    benefits: many(
      "tier_id",
      `select x.tier_id, e.*, e.name ->> '$.en' as en from tier_benefits x join benefits e on e.brand_id = x.brand_id and e.id = x.benefit_id
       where x.brand_id = ?1 and x.tier_id in (KEYS) order by e.id`,
    ),
    uses: many(
      "member_id",
      "select * from benefit_uses where brand_id = ?1 and period_start in (0, ?2, ?3) and member_id in (KEYS)",
      [BigInt(month), BigInt(year)],
    ),
    coupons: many(
      "member_id",
      `select * from coupons where brand_id = ?1 and state = 'AVAILABLE' and (starts_at is null or starts_at <= ?2)
       and (expires_at is null or expires_at > ?2) and member_id in (KEYS) order by expiry_order, id limit 10`,
      [BigInt(now)],
    ),
    offers: many("id", "select *, title ->> '$.en' as en from offers where brand_id = ?1 and id in (KEYS)"),
  };
}

type Member = Row;

const balanceOf = async ({ id }: Member, unit: string, { loaders }: Context) =>
  Number(
    (await loaders.accounts.load(id as string)).find((row) => row.unit === unit && row.kind === "AVAILABLE")
      ?.balance,
  );

const ladderOf = ({ brand_id }: Member, { loaders }: Context) => loaders.tiers.load(brand_id as string);
const tierOf = async (member: Member, context: Context) =>
  (await ladderOf(member, context)).find(({ id }) => id === member.tier_id) as Row;

export const memberByLoaders = {
  Query: {
    me: async (_root: unknown, _args: unknown, { loaders, actor }: Context) =>
      (await loaders.members.load(actor.memberId ?? ""))[0],
  },
  Member: {
    externalId: ({ external_id }: Member) => external_id,
    points: async (member: Member, _args: unknown, context: Context) => {
      const lots = await context.loaders.expiredLots.load(member.id as string);
      const expired = lots.reduce((sum, { remaining }) => sum + Number(remaining), 0);
      return (await balanceOf(member, "POINTS", context)) - expired;
    },
    tier: (member: Member, _args: unknown, context: Context) => tierOf(member, context),
    tierProgress: async (member: Member, _args: unknown, context: Context) => {
      const growthValue = await balanceOf(member, "GROWTH_VALUE", context);
      const { rank } = await tierOf(member, context);
      const next = (await ladderOf(member, context)).find((tier) => Number(tier.rank) > Number(rank));
      return {
        growthValue,
        next: next ?? null,
        missing: next ? Math.max(0, Number(next.required) - growthValue) : null,
      };
    },
    entitlements: async (member: Member, _args: unknown, { loaders, now }: Context) => {
      const [benefits, uses] = await Promise.all([
        loaders.benefits.load(member.tier_id as string),
        loaders.uses.load(member.id as string),
      ]);
      const { month, year } = periodStarts(now);
      return benefits.map((benefit) => {
        const start = { MONTH: month, YEAR: year }[String(benefit.quota_period)] ?? 0;
        const own = uses.find((use) => use.benefit_id === benefit.id && Number(use.period_start) === start);
        const used = Number(own?.used ?? 0);
        const left = benefit.quota === null ? null : Math.max(0, Number(benefit.quota) - used);
        return { usable: left !== 0, used, left, benefit };
      });
    },
    availableCoupons: async ({ id }: Member, _args: unknown, { loaders }: Context) => ({
      nodes: await loaders.coupons.load(id as string),
    }),
    card: async (member: Member, _args: unknown, { loaders, environment }: Context) => {
      const [brand] = await loaders.brands.load(member.brand_id as string);
      const key = await openDataKey(environment.encryptionKeys, brand?.wrapped_data_key as string);
      const { name } = await openProfile(member as unknown as { id: string; profile: string }, key);
      const number = (member.card_number as string).replace(/(\d{4})(?=\d)/g, "$1 ");
      return { number, displayName: displayNameOf(name) };
    },
  },
  Tier: { name: ({ en }: Row) => en },
  Benefit: { name: ({ en }: Row) => en },
  Offer: { title: ({ en }: Row) => en },
  Coupon: {
    code: ({ code }: Row) => formatCode(code as string),
    status: ({ state, status }: Row) => status ?? state,
    expiresAt: ({ expires_at }: Row) => new Date(Number(expires_at)).toISOString(),
    offer: async ({ offer_id }: Row, _args: unknown, { loaders }: Context) =>
      (await loaders.offers.load(offer_id as string))[0],
  },
};
