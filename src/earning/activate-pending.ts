import { sql } from "drizzle-orm";
import { brands } from "../../schema/tables/brands.ts";
import { awards } from "../../schema/tables/earning.ts";
import { changesOf } from "../database/bulk.ts";
import type { Database } from "../database/client.ts";
import { commit, mustChange, type Statement } from "../database/commit.ts";
import type { Environment } from "../environment.ts";
import { isRefusal } from "../errors.ts";
import { type Place, readDue } from "../jobs/due.ts";
import { asPlatform, eachBrand } from "../jobs/platform.ts";
import { byKind, type Move, moveManyPoints } from "../points/move-points.ts";
import { policyOf } from "../points/policy.ts";
import { debtOf, repayDebt, repayment } from "../points/repay-debt.ts";
import { nextStandingVersions } from "../tiers/standing-version.ts";
import { toldSteps } from "./award-moves.ts";
import { lotOfAward } from "./spendable.ts";

/**
 * Lets pending points be spent whose time has come: of at most `limit` awards, a commit a brand. What was
 * taken back meanwhile stays away, and what the members owe is paid first. Going on after `next`, until it
 * is null, takes all; doing it again changes nothing.
 *
 * @param now milliseconds since 1970.
 * @param after where an earlier call stopped.
 * @returns `failed`: how many brands' commits failed; theirs stay due.
 */
export async function activatePending(
  database: Database,
  environment: Environment,
  now: number,
  limit: number,
  after?: Place | null,
): Promise<{ points: number; awards: number; failed: number; next: Place | null }> {
  const due = { at: awards.spendableAt, brandId: awards.brandId, id: awards.id };
  const isDue = sql`${awards.state} = 'PENDING'`;
  const { byBrand, count, next } = await readDue(database, awards, due, isDue, { now, limit, after });
  const { done, failed } = await eachBrand("activatePending", byBrand, (brandId, ids) =>
    activateAwards(database, environment, { brandId, ids }, now),
  );
  return { points: done, awards: count, failed, next };
}

/** Lets some of a brand's awards be spent. Answers how many points. */
async function activateAwards(
  database: Database,
  environment: Environment,
  { brandId, ids }: { brandId: string; ids: string[] },
  now: number,
): Promise<number> {
  const context = asPlatform(database, environment, brandId, now);
  const { newId } = context;
  const result = await commit(context, {
    name: "activatePending",
    input: {},
    load: () => [
      database
        .select({ timeZone: brands.timeZone, pointsPolicy: brands.pointsPolicy })
        .from(brands)
        .where(sql`${brands.id} = ${brandId}`),
      database.query.accounts.findMany({ where: { brandId, unit: "POINTS", memberId: { isNull: true } } }),
      database.query.awards.findMany({
        where: { brandId, id: { in: ids }, state: "PENDING", spendableAt: { lte: now } },
        with: {
          order: { columns: { externalId: true } },
          member: {
            columns: { id: true },
            with: { accounts: { where: { unit: "POINTS" } }, standing: { columns: { version: true } } },
          },
        },
        orderBy: { spendableAt: "asc", id: "asc" },
      }),
    ],
    decide: ([[brand], brandAccounts, found]) => {
      if (!brand) throw new Error(`Brand ${brandId} of a due award does not exist.`);
      const terms = { policy: policyOf(brand.pointsPolicy), timeZone: brand.timeZone };
      const debts = new Map(found.map(({ memberId, member }) => [memberId, debtOf(member.accounts)]));
      const activations = found.map((award): Activation => {
        const { memberId, spendableAt } = award;
        const points = award.points - award.pointsBack;
        if (points === 0) return { award, points, lot: null, repaid: 0, transferId: null };
        const lot = lotOfAward({ id: newId("Lot"), points, since: spendableAt ?? now }, terms, now);
        const debt = debts.get(memberId) ?? 0;
        const repaid = repayment(debt, lot, now);
        debts.set(memberId, debt - repaid);
        return { award, points, lot, repaid, transferId: newId("Transfer") };
      });
      const brandKinds = byKind(brandAccounts);
      const details = activations.map(({ award: { id, memberId }, points, repaid }) => ({
        ...{ memberId, awardId: id, points, repaid },
      }));
      return {
        outcome: activations.reduce((sum, { points }) => sum + points, 0),
        effects: [
          ...moveManyPoints(
            context,
            activations.flatMap((activation) => movesOf(activation, brandKinds, () => newId("Transfer"))),
          ),
          ...settle(database, brandId, activations, now),
          ...nextStandingVersions(
            database,
            brandId,
            found.map(({ memberId, member }) => ({ memberId, version: member.standing.version })),
          ),
        ],
        audit: details.map(({ memberId, ...detail }) => ({ subjectId: memberId, detail })),
        events: details.map((payload) => ({ type: "points.spendable", payload })),
      };
    },
  });
  return isRefusal(result) ? 0 : result.outcome;
}

interface Activation {
  award: typeof awards.$inferSelect & {
    order: { externalId: string } | null;
    member: { accounts: Parameters<typeof byKind>[0] };
  };
  /** What is left of the award's. */
  points: number;
  lot: ReturnType<typeof lotOfAward> | null;
  repaid: number;
  transferId: string | null;
}

function movesOf(
  { award, points, lot, repaid, transferId }: Activation,
  brandAccounts: ReturnType<typeof byKind>,
  newTransferId: () => string,
): Move[] {
  if (!lot || !transferId) return [];
  const { id, memberId, orderId, order, decision } = award;
  const accounts = byKind(award.member.accounts);
  const about = {
    ...{ awardId: id, ...(orderId ? { orderId } : {}) },
    ...(order ? { reference: order.externalId } : {}),
  };
  return [
    {
      ...{ transferId, memberId, amount: points, newLots: [lot] },
      ...{ debitAccountId: accounts.PENDING, creditAccountId: accounts.AVAILABLE },
      cause: { ...about, operation: "activatePending", steps: toldSteps(decision) },
    },
    ...repayDebt(
      { memberId, accounts, brandAccounts },
      { uses: [{ lotId: lot.id, amount: repaid }], cause: about },
      newTransferId,
    ),
  ];
}

/** Each award from what was read of it, and nothing else. */
function settle(
  database: Database,
  brandId: string,
  activations: readonly Activation[],
  now: number,
): Statement[] {
  if (activations.length === 0) return [];
  const changes = activations.map(({ award: { id, pointsBack }, lot, transferId }) => ({
    ...{ id, pointsBack, lotId: lot?.id ?? null, transferId },
  }));
  return [
    database.run(sql`
      update ${awards} set state = 'SPENDABLE', lot_id = f.value ->> '$.lotId',
        transfer_id = f.value ->> '$.transferId', updated_at = ${now}
      from ${changesOf(brandId, changes)}
      where ${awards.brandId} = f.value ->> '$.brandId' and ${awards.id} = f.value ->> '$.id'
        and ${awards.state} = 'PENDING' and ${awards.pointsBack} = f.value ->> '$.pointsBack'`),
    mustChange(database, changes.length),
  ];
}
