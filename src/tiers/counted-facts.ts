import { type SQL, type SQLWrapper, sql } from "drizzle-orm";
import { type Measure, measures } from "../../schema/tables/rules.ts";
import { DAY_MS } from "../calendar.ts";
import type { Database } from "../database/client.ts";
import type { CountedFact } from "./counted-fact.ts";

const FOUR_YEARS_MS = 4 * 366 * DAY_MS;

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
      ${sql.raw(String(measures.indexOf(measure)))} as "measure", sum(${amount}) as "amount"
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

/** What tiers count of one member, as JSON: so that thousands of members are no too large an answer. */
export interface CountedRow {
  memberId: string;
  facts: string;
}

/** Reads what tiers count of members; `memberIds` is a list in brackets, of ids or a query. */
export const readCountedFacts = (database: Database, brandId: string, memberIds: SQL, now: number) =>
  database.all<CountedRow>(
    sql`select "memberId", ${asJson} as "facts"
      from (${countedFacts(sql`s.brand_id = ${brandId} and s.member_id in ${memberIds}`, now)}) group by 1`,
  );

/** The same of one row of `members`, to be read with the row. */
export const countedFactsOf = (
  { brandId, id }: { brandId: SQLWrapper; id: SQLWrapper },
  now: number,
): SQL<string> =>
  sql`(select ${asJson} from (${countedFacts(sql`s.brand_id = ${brandId} and s.member_id = ${id}`, now)}))`;

/** Measures by their place in the list of them. */
const asJson = sql`json_group_array(json_array("measure", "at", "amount"))`;

/** What was read of a member. Text where JSON stands by itself; in JSON around it, it is part of that. */
export function countedIn(memberId: string, facts: unknown): CountedFact[] {
  const rows = (typeof facts === "string" ? JSON.parse(facts) : facts) as [number, number, number][];
  return rows.map(([measure, at, amount]) => ({
    ...{ memberId, at, amount },
    measure: measures[measure] as Measure,
  }));
}

/** What was read of members, by member. */
export const countedByMember = (rows: readonly CountedRow[]): Map<string, CountedFact[]> =>
  new Map(rows.map(({ memberId, facts }) => [memberId, countedIn(memberId, facts)]));
