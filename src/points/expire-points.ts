import { inArray, sql } from "drizzle-orm";
import { brands } from "../../schema/tables/brands.ts";
import { type AccountKind, lots } from "../../schema/tables/points.ts";
import type { Context } from "../context.ts";
import type { Database } from "../database/client.ts";
import { commit, mustHold } from "../database/commit.ts";
import type { Environment } from "../environment.ts";
import { isRefusal } from "../errors.ts";
import { type Place, readDue } from "../jobs/due.ts";
import { asPlatform, eachBrand } from "../jobs/platform.ts";
import { isInGrace } from "./expiry.ts";
import { type Accounts, byKind, type Move, moveManyPoints } from "./move-points.ts";
import { policyOf } from "./policy.ts";
import { debtOf, repayDebt } from "./repay-debt.ts";
import { amountOf } from "./reversal.ts";
import { type LotFacts, sumOf, takeLots, usesWithout } from "./take-lots.ts";
import { hasRemaining } from "./wallet.ts";

const HOUR_MS = 3_600_000;

/**
 * Moves what remains of lots whose time has passed, and the grace after it, into their brands' breakage:
 * at most `limit` lots, a commit a brand. Going on after `next`, until it is null, takes all; doing it
 * again changes nothing.
 *
 * @param now milliseconds since 1970.
 * @param after where an earlier call stopped.
 * @returns `failed`: how many brands' commits failed; theirs stay due.
 */
export async function expirePoints(
  database: Database,
  environment: Environment,
  now: number,
  limit: number,
  after?: Place | null,
): Promise<{ points: number; lots: number; failed: number; next: Place | null }> {
  const due = { at: lots.expiresAt, brandId: lots.brandId, id: lots.id };
  // Those that are surely in their grace are not looked at; a day is an hour longer or shorter at times.
  const isDue = sql`${lots.remaining} > 0 and not exists (select 1 from ${brands} where ${brands.id} = ${lots.brandId}
    and ${lots.expiresAt} > ${now + 3 * HOUR_MS} - ${24 * HOUR_MS} * (${brands.pointsPolicy} ->> '$.expiredGraceDays'))`;
  const { byBrand, count, next } = await readDue(database, lots, due, isDue, { now, limit, after });
  const { done, failed } = await eachBrand("expirePoints", byBrand, (brandId, ids) =>
    expireLots(database, environment, { brandId, ids }, now),
  );
  return { points: done, lots: count, failed, next };
}

/** Moves what remains of some of a brand's lots, a transfer a member. Answers how many points. */
async function expireLots(
  database: Database,
  environment: Environment,
  { brandId, ids }: { brandId: string; ids: string[] },
  now: number,
): Promise<number> {
  const context = asPlatform(database, environment, brandId, now);
  const result = await commit(context, {
    name: "expirePoints",
    input: {},
    load: () => [
      database.query.lots.findMany({
        where: { brandId, id: { in: ids }, expiresAt: { lte: now }, ...hasRemaining },
        with: {
          member: { columns: { id: true }, with: { accounts: { where: { unit: "POINTS" } } } },
        },
      }),
      database.query.accounts.findMany({ where: { brandId, unit: "POINTS", memberId: { isNull: true } } }),
      database.query.brands.findFirst({
        columns: { timeZone: true, pointsPolicy: true },
        where: { id: brandId },
      }),
    ],
    decide: ([expired, brandAccounts, brand]) => {
      const { expiredGraceDays: graceDays } = policyOf(brand?.pointsPolicy ?? null);
      const grace = { now, graceDays, timeZone: brand?.timeZone ?? "UTC" };
      const found = expired.filter((lot) => !isInGrace(lot, grace));
      const ofBrand = byKind(brandAccounts);
      const byMember = Object.entries(Object.groupBy(found, ({ memberId }) => memberId));
      const expiries = byMember.map(([memberId, own = []]) =>
        expiryOfMember(context, memberId, own, ofBrand),
      );
      const moves = expiries.flatMap((expiry) => expiry.moves);
      return {
        outcome: expiries.reduce((sum, { points }) => sum + points, 0),
        // Someone may have let them expire later in the meantime.
        effects: [...moveManyPoints(context, moves), mustHold(database, areExpired(brandId, found, now))],
        audit: expiries.map(({ memberId: subjectId, moves: _, ...detail }) => ({ subjectId, detail })),
        events: expiries.flatMap(({ memberId, points, transferId }) =>
          points > 0 ? [{ type: "points.expired", payload: { memberId, points, transferId } }] : [],
        ),
      };
    },
  });
  return isRefusal(result) ? 0 : result.outcome;
}

interface ExpiredLot extends LotFacts {
  member: { accounts: { kind: AccountKind; id: string; balance: number }[] };
}

/** What becomes of a member's lots whose time is over: they pay what it owes, and the rest is broken. */
function expiryOfMember({ newId }: Context, memberId: string, own: readonly ExpiredLot[], ofBrand: Accounts) {
  const rows = own[0]?.member.accounts ?? [];
  const accounts = byKind(rows);
  const paid = takeLots(own, debtOf(rows));
  const uses = usesWithout(
    own.map(({ id: lotId, remaining: amount }) => ({ lotId, amount })),
    paid,
  );
  const points = amountOf(uses);
  const transferId = newId("Transfer");
  const broken: Move = {
    ...{ transferId, memberId, amount: points, uses, cause: { operation: "expirePoints" } },
    ...{ debitAccountId: accounts.AVAILABLE, creditAccountId: ofBrand.BREAKAGE },
  };
  const owes = { memberId, accounts, brandAccounts: ofBrand };
  return {
    ...{ memberId, points, transferId, repaid: sumOf(own) - points },
    moves: [
      ...repayDebt(owes, { uses: paid, cause: {} }, () => newId("Transfer")),
      ...(points > 0 ? [broken] : []),
    ],
  };
}

const areExpired = (brandId: string, found: readonly { id: string }[], now: number) =>
  sql`not exists (select 1 from ${lots} where ${lots.brandId} = ${brandId} and ${inArray(
    lots.id,
    found.map(({ id }) => id),
  )} and ${lots.expiresAt} > ${now})`;
