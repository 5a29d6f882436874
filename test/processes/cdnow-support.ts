import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { Temporal } from "temporal-polyfill";
import type { EarningRules, TierRules } from "../../schema/tables/rules.ts";
import type { BulkBrand } from "../../scripts/bulk/bulk-brand.ts";
import { cdnowFormat } from "../../scripts/bulk/cdnow.ts";
import { readRows } from "../../scripts/bulk/csv.ts";
import { root } from "../../scripts/support/packages.ts";
import { setEarningRules } from "../../src/earning/set-earning-rules.ts";
import { isRefusal } from "../../src/errors.ts";
import type { SentOrder } from "../../src/orders/order-book.ts";
import { updatePointsPolicy } from "../../src/points/update-points-policy.ts";
import { createTier } from "../../src/tiers/create-tier.ts";
import { setTierRules } from "../../src/tiers/set-tier-rules.ts";

export const CDNOW = join(root, "test/data/cdnow-sample.txt");
export const ZONE = "America/New_York";

/** The orders of the log, in the order of the file. */
export async function readCdnow(): Promise<SentOrder[]> {
  const { groupsOf, isWhole } = cdnowFormat(ZONE);
  const rows = readRows(createReadStream(CDNOW), { position: 0, line: 1 }, isWhole);
  const orders: SentOrder[] = [];
  for await (const group of groupsOf(rows, undefined))
    for (const entry of group) if ("item" in entry) orders.push(entry.item);
  return orders;
}

/** Spent in a year of days, in cents, for each tier above the first. */
export const LADDER = [
  { rank: 2, name: "Silver", spend: 10_000 },
  { rank: 3, name: "Gold", spend: 40_000 },
] as const;

/**
 * A point a dollar, spendable 14 days after, for 12 months to the month's end; and a ladder by what was
 * spent in a year. Answers the tiers' ids by rank.
 */
export async function foundProgram(brand: BulkBrand, now: number): Promise<string[]> {
  const context = brand.context(now);
  const nothing = () => context.database.query.guard.findFirst();
  const perDollar = { points: 1, perAmountMinor: 100, rounding: "DOWN" } as const;
  const rules: EarningRules = {
    ...{ points: perDollar, growthValue: perDollar, multipliers: [], combination: "BEST", activities: [] },
    ...{ pointsPerOrder: null, pointsPerDay: null, pointsPerMonth: null, pendingDays: 14 },
  };
  await done(setEarningRules(context, { startsAt: now, rules }, nothing));
  const expiry = { rule: "AFTER_MONTHS_AT_MONTH_END", months: 12 } as const;
  await done(updatePointsPolicy(context, { expiry }, nothing));
  const tierIds: string[] = [];
  for (const { rank, name } of LADDER) {
    const tier = { rank, name: { en: name }, description: null, color: "#888888" };
    const { tierId } = await done(
      createTier(context, { ...tier, requiredGrowthValue: rank * 1_000_000 }, nothing),
    );
    tierIds.push(tierId);
  }
  const tierRules: TierRules = {
    tiers: LADDER.map(({ spend }, position) => ({
      tierId: tierIds[position] as string,
      reach: {
        match: "ALL",
        conditions: [{ measure: "SPEND", atLeast: spend, window: { kind: "ROLLING_DAYS", days: 365 } }],
      },
      keep: null,
    })),
    ...{ upgrade: "AT_ONCE", term: { months: 12 }, downgrade: "TO_EARNED" },
    ...{ graceDays: 0, warnDaysBefore: [30] },
  };
  await done(setTierRules(context, { startsAt: null, rules: tierRules }, nothing));
  return tierIds;
}

async function done<Outcome>(result: Promise<{ outcome: Outcome } | object>): Promise<Outcome> {
  const answer = await result;
  if (isRefusal(answer)) throw new Error(JSON.stringify(answer));
  return (answer as { outcome: Outcome }).outcome;
}

/**
 * How many faults of each kind a brand's ledger has at a moment after which every job has run; none, if all
 * is well. The same as `faultsOf` says of a ledger that fits into memory, asked of the database.
 */
export async function faultsAt({ brandId, open }: BulkBrand, asOf: number): Promise<Record<string, number>> {
  const of = (alias: string) => sql.raw(`${alias}.brand_id = '${brandId}'`);
  const flow = (kind: string) =>
    sql.raw(`coalesce((select sum(case
      when c.kind = '${kind}' and d.kind <> '${kind}' then u.amount
      when d.kind = '${kind}' and c.kind <> '${kind}' then -u.amount else 0 end)
    from lot_uses u join transfers t on t.brand_id = u.brand_id and t.id = u.transfer_id
    join accounts c on c.brand_id = t.brand_id and c.id = t.credit_account_id
    join accounts d on d.brand_id = t.brand_id and d.id = t.debit_account_id
    where u.brand_id = l.brand_id and u.lot_id = l.id), 0)`);
  const [row] = await open().all<Record<string, number>>(sql`
    with moved as (
      select account_id, sum(amount) as amount from (
        select credit_account_id as account_id, amount from transfers t where ${of("t")}
        union all select debit_account_id, -amount from transfers t where ${of("t")}) group by account_id),
    held as (select member_id, sum(remaining) as remaining from lots l where ${of("l")} group by member_id),
    pending as (select member_id, sum(points - points_back) as points from awards w
      where ${of("w")} and w.state = 'PENDING' group by member_id)
    select
      (select count(*) from accounts a left join moved m on m.account_id = a.id
        where ${of("a")} and a.balance <> coalesce(m.amount, 0)) as "balances that are not their transfers",
      (select count(*) from accounts a where ${of("a")} and a.member_id is not null and a.balance < 0)
        as "members below zero",
      (select count(*) from (select unit from accounts a where ${of("a")} group by unit having sum(balance) <> 0))
        as "units that do not add up to zero",
      (select count(*) from lots l where ${of("l")} and l.remaining <> l.amount + ${flow("AVAILABLE")})
        as "lots that are not what was used of them",
      (select count(*) from accounts a left join held h on h.member_id = a.member_id
        where ${of("a")} and a.member_id is not null and a.unit = 'POINTS' and a.kind = 'AVAILABLE'
        and a.balance <> coalesce(h.remaining, 0)) as "balances that are not their lots",
      (select count(*) from accounts a left join pending p on p.member_id = a.member_id
        where ${of("a")} and a.unit = 'POINTS' and a.kind = 'PENDING' and a.balance <> coalesce(p.points, 0))
        as "pending points that are not their awards",
      (select count(*) from lots l where ${of("l")} and l.remaining > 0 and l.expires_at <= ${asOf})
        as "lots that should have expired",
      (select count(*) from awards w where ${of("w")} and w.state = 'PENDING' and w.spendable_at <= ${asOf})
        as "awards that should be spendable",
      (select count(*) from members m join standings s on s.brand_id = m.brand_id and s.member_id = m.id
        where ${of("m")} and m.tier_id <> s.tier_id) as "tiers that are not their standing",
      (select count(*) from standings s where ${of("s")} and s.review_at <= ${asOf})
        as "standings that should have been reviewed"`);
  return Object.fromEntries(Object.entries(row ?? { "no answer": 1 }).filter(([, count]) => count !== 0));
}

/** A row of the log, with the days, counted since 1970, on which what it earned changes. */
export interface LogRow {
  customer: string;
  cents: number;
  /** The first days on which it is bought, spendable and expired, as the day begins. */
  bought: number;
  spendable: number;
  expired: number;
}

/** The log's rows as they are in the file, read in no way of the platform's. */
export async function readLog(): Promise<LogRow[]> {
  const rows = (await readFile(CDNOW, "latin1")).trim().split(/\r?\n/);
  return rows.map((row) => {
    const [customer = "", , day = "", , dollars = ""] = row.trim().split(/\s+/);
    const bought = Temporal.PlainDate.from(day);
    const spendable = bought.add({ days: 15 });
    const later = spendable.add({ months: 12 });
    return {
      ...{ customer: `cdnow-${customer}`, cents: Number(dollars.replace(".", "")) },
      ...{ bought: numberOf(bought) + 1, spendable: numberOf(spendable) },
      expired: numberOf(later.with({ day: later.daysInMonth })) + 1,
    };
  });
}

const EPOCH = Temporal.PlainDate.from("1970-01-01");

/** A day as the number of days since 1970. */
export const numberOf = (day: Temporal.PlainDate): number => EPOCH.until(day, { largestUnit: "days" }).days;

/** What a member of the log has as a day begins, worked out from the log alone. */
export interface Expected {
  earned: number;
  pending: number;
  expired: number;
  /** In the 365 days to that moment, in cents. */
  spentInYear: number;
}

/** PURE. @param today the number of a day. */
export function expectedAt(log: readonly LogRow[], today: number): Map<string, Expected> {
  const expected = new Map<string, Expected>();
  for (const { customer, cents, bought, spendable, expired } of log) {
    if (bought > today) continue;
    const own = expected.get(customer) ?? { earned: 0, pending: 0, expired: 0, spentInYear: 0 };
    const points = Math.floor(cents / 100);
    own.earned += points;
    if (spendable > today) own.pending += points;
    if (expired <= today) own.expired += points;
    if (today - bought < 364) own.spentInYear += cents;
    expected.set(customer, own);
  }
  return expected;
}
