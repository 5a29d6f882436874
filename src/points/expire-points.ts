import { inArray, sql } from "drizzle-orm";
import { brands } from "../../schema/tables/brands.ts";
import { lots } from "../../schema/tables/points.ts";
import type { Database } from "../database/client.ts";
import { commit, mustHold } from "../database/commit.ts";
import type { Environment } from "../environment.ts";
import { isRefusal } from "../errors.ts";
import { type Place, readDue } from "../jobs/due.ts";
import { asPlatform, eachBrand } from "../jobs/platform.ts";
import { isInGrace } from "./expiry.ts";
import { byKind, type Move, moveManyPoints } from "./move-points.ts";
import { policyOf } from "./policy.ts";
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
      const breakage = byKind(brandAccounts).BREAKAGE;
      const ofMembers = Object.values(Object.groupBy(found, ({ memberId }) => memberId)).map((own = []) => {
        const amount = own.reduce((sum, { remaining }) => sum + remaining, 0);
        return { own, amount, memberId: own[0]?.memberId ?? "", transferId: context.newId("Transfer") };
      });
      const moves = ofMembers.map(
        ({ own, amount, memberId, transferId }): Move => ({
          ...{ transferId, memberId, amount, creditAccountId: breakage },
          debitAccountId: byKind(own[0]?.member.accounts ?? []).AVAILABLE,
          cause: { operation: "expirePoints" },
          uses: own.map((lot) => ({ lotId: lot.id, amount: lot.remaining })),
        }),
      );
      const details = ofMembers.map(({ amount: points, memberId, transferId }) => ({
        ...{ memberId, points, transferId },
      }));
      return {
        outcome: details.reduce((sum, detail) => sum + detail.points, 0),
        // Someone may have let them expire later in the meantime.
        effects: [...moveManyPoints(context, moves), mustHold(database, areExpired(brandId, found, now))],
        audit: details.map(({ memberId, ...detail }) => ({ subjectId: memberId, detail })),
        events: details.map((payload) => ({ type: "points.expired", payload })),
      };
    },
  });
  return isRefusal(result) ? 0 : result.outcome;
}

const areExpired = (brandId: string, found: readonly { id: string }[], now: number) =>
  sql`not exists (select 1 from ${lots} where ${lots.brandId} = ${brandId} and ${inArray(
    lots.id,
    found.map(({ id }) => id),
  )} and ${lots.expiresAt} > ${now})`;
