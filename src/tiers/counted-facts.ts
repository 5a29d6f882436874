import { type SQL, type SQLWrapper, sql } from "drizzle-orm";
import type { Measure } from "../../schema/tables/rules.ts";
import type { Database } from "../database/client.ts";
import type { CountedFact } from "./counted-fact.ts";

const FOUR_YEARS_MS = 4 * 366 * 86_400_000;

/**
 * What tiers count, of the members whose standings (`s`) are selected: the one statement of it. Facts of
 * more than four years ago are one before the running term and one in it: so it stays bounded, and windows,
 * which are no longer than that, stay exact.
 */
function countedFacts(selected: SQL, now: number): SQL {
  const ago = now - FOUR_YEARS_MS;
  const factsOf = (measure: Measure, at: SQL, amount: SQL, from: SQL) => sql`
    select s.member_id as "memberId",
      case when ${at} >= ${ago} then ${at} when ${at} >= s.since then s.since else 0 end as "at",
      ${sql.raw(`'${measure}'`)} as "measure", sum(${amount}) as "amount"
    from standings s ${from} where ${selected} group by 1, 2`;
  // A cross join is taken in this order: from the members to what is theirs, by index.
  const paid = sql`cross join orders f on f.brand_id = s.brand_id and f.member_id = s.member_id
    and f.paid_at is not null and f.cancelled_at is null`;
  const awarded = sql`cross join awards f on f.brand_id = s.brand_id and f.member_id = s.member_id`;
  const account = sql`cross join accounts a on a.brand_id = s.brand_id and a.member_id = s.member_id
    and a.unit = 'GROWTH_VALUE' and a.kind = 'AVAILABLE'`;
  const isByHand = sql`f.cause ->> 'awardId' is null`;
  return sql.join(
    [
      factsOf("SPEND", sql`f.paid_at`, sql`f.total_minor - f.refunded_minor`, paid),
      factsOf("ORDERS", sql`f.paid_at`, sql`1`, sql`${paid} and f.state <> 'REFUNDED'`),
      factsOf("POINTS_EARNED", sql`f.earned_at`, sql`f.points - f.points_back`, awarded),
      factsOf("GROWTH_VALUE", sql`f.earned_at`, sql`f.growth_value - f.growth_value_back`, awarded),
      // What an award gave or lost is counted with the award, whenever it was moved.
      factsOf(
        "GROWTH_VALUE",
        sql`f.created_at`,
        sql`f.amount`,
        sql`${account} cross join transfers f on f.brand_id = a.brand_id and f.credit_account_id = a.id and ${isByHand}`,
      ),
      factsOf(
        "GROWTH_VALUE",
        sql`f.created_at`,
        sql`-f.amount`,
        sql`${account} cross join transfers f on f.brand_id = a.brand_id and f.debit_account_id = a.id and ${isByHand}`,
      ),
      factsOf(
        "VISITS",
        sql`f.occurred_at`,
        sql`1`,
        sql`cross join activities f on f.brand_id = s.brand_id and f.member_id = s.member_id and f.kind = 'CHECK_IN'`,
      ),
    ],
    sql` union all `,
  );
}

/** Reads what tiers count of members; `memberIds` is what stands between the brackets of an `in (…)`. */
export const readCountedFacts = (database: Database, brandId: string, memberIds: SQL, now: number) =>
  database.all<CountedFact>(
    sql`select * from (${countedFacts(sql`s.brand_id = ${brandId} and s.member_id in (${memberIds})`, now)})`,
  );

/** The same of one row of `members`, as JSON, to be read with the row. */
export const countedFactsOf = (
  { brandId, id }: { brandId: SQLWrapper; id: SQLWrapper },
  now: number,
): SQL<string> =>
  sql`(select json_group_array(json_object('memberId', "memberId", 'at', "at", 'measure', "measure", 'amount', "amount"))
    from (${countedFacts(sql`s.brand_id = ${brandId} and s.member_id = ${id}`, now)}))`;
