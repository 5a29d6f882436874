import { sql } from "drizzle-orm";
import type { Database } from "../../src/database/client.ts";
import { faultsOf, readLedger } from "../support/ledger.ts";
import type { Entry } from "./clients.ts";
import type { Stock } from "./stock.ts";
import type { World } from "./world.ts";
import { post } from "./writes.ts";

/** What must hold at every commit in a brand without checkouts, and is asked of the tables themselves. */
const counted = {
  "offers that issued what they do not have": `select count(*) from offers o where o.brand_id = ? and o.issued_count <>
    (select count(*) from coupons c where c.brand_id = o.brand_id and c.offer_id = o.id)`,
  "offers above their limit":
    "select count(*) from offers where brand_id = ? and issue_limit is not null and issued_count > issue_limit",
  "coupons that are redeemed more than once": `select count(*) from (select 1 from redemptions where brand_id = ?
    and rolled_back_at is null group by coupon_id having count(*) > 1)`,
  "coupons whose state is not what happened to them": `select count(*) from coupons c where c.brand_id = ?
    and (c.state = 'REDEEMED') <> exists (select 1 from redemptions r where r.brand_id = c.brand_id
      and r.coupon_id = c.id and r.rolled_back_at is null)`,
  "quotas that are exceeded": "select count(*) from benefit_uses where brand_id = ? and used > quota",
  "quotas that are not what was used of them": `select count(*) from benefit_uses u where u.brand_id = ? and u.used <>
    (select count(*) from benefit_usages g where g.brand_id = u.brand_id and g.member_id = u.member_id
      and g.benefit_id = u.benefit_id and g.period_start = u.period_start)`,
  "limits of offers that are exceeded": `select count(*) from offer_counters where brand_id = ?
    and (uses > uses_limit or discount_minor > discount_limit_minor)`,
} as const;

/** What does not hold in a brand, in words; nothing, if all is well. */
export async function faultsIn(database: Database, brandId: string): Promise<string[]> {
  const faults = faultsOf(await readLedger(database, brandId));
  for (const [what, query] of Object.entries(counted)) {
    const [before = "", after = ""] = query.split("?");
    const [row] = await database.all<Record<string, number>>(
      sql`${sql.raw(before)}${brandId}${sql.raw(after)}`,
    );
    const count = Object.values(row ?? {})[0] ?? 1;
    if (count > 0) faults.push(`${count} ${what}`);
  }
  return faults;
}

/** Whether members have what they had, less what the clients know that they spent. */
export async function faultsOfBalances(
  database: Database,
  { brandId, points }: Stock,
  entries: readonly Entry[],
): Promise<string[]> {
  const left = new Map(points);
  for (const { verdict, write } of entries) {
    if (write.kind !== "spendPoints" || verdict.state !== "ACKNOWLEDGED") continue;
    const { memberId, points: spent } = write.input as { memberId: string; points: number };
    left.set(memberId, (left.get(memberId) ?? 0) - spent);
  }
  const accounts = await database.query.accounts.findMany({
    where: { brandId, unit: "POINTS", kind: "AVAILABLE", memberId: { isNotNull: true } },
  });
  return accounts.flatMap(({ memberId, balance }) =>
    balance === left.get(memberId ?? "")
      ? []
      : [`${memberId} has ${balance} points, and the clients know of ${left.get(memberId ?? "")}`],
  );
}

/** Whether the Worker says that it is well. */
export async function faultsOfHealth({ url }: World): Promise<string[]> {
  const health = await fetch(`${url}/health`).then(
    async (response) => ((await response.json()) as { status: string }).status,
    (error: Error) => error.message,
  );
  return health === "ok" ? [] : [`/health says: ${health}`];
}

/** Whether it answers as on any other day: its health, and more reads at once than it keeps streams. */
export async function faultsOfService(world: World, { token }: Stock): Promise<string[]> {
  const reads = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const startedAt = performance.now();
      const answer = await post(world.url, await token(), { query: "{ brand { id } }" }).then(
        (response) => response.json() as Promise<{ data?: { brand: object | null } }>,
        () => undefined,
      );
      return answer?.data?.brand ? performance.now() - startedAt : Number.POSITIVE_INFINITY;
    }),
  );
  const inTime = Math.max(...reads) < 5_000;
  return [...(await faultsOfHealth(world)), ...(inTime ? [] : ["a read was not answered afterwards"])];
}
