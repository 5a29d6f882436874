import { and, eq, type SQL, sql } from "drizzle-orm";
import type { PointsPolicy } from "../../schema/tables/brands.ts";
import { holds, type lots } from "../../schema/tables/points.ts";
import { actorOf, type Context } from "../context.ts";
import { mustChange, type Statement } from "../database/commit.ts";
import { NotFound, type Refusal } from "../errors.ts";
import { MemberClosed } from "../members/refusals.ts";
import { isInGrace } from "./expiry.ts";
import { type Accounts, byKind, movePoints } from "./move-points.ts";
import { policyOf } from "./policy.ts";
import { BalanceTooLow } from "./refusals.ts";
import { debtOf } from "./repay-debt.ts";
import { balanceIn, isSpendable, type LotUse, takeLots } from "./take-lots.ts";

/** Written out, so that the index of the lots that have points left answers it. */
export const hasRemaining = { RAW: (lot: { remaining: unknown }) => sql`${lot.remaining} > 0` } as const;
/** The same for the index of open holds. */
export const isOpen = { RAW: (hold: { state: unknown }) => sql`${hold.state} = 'OPEN'` } as const;

/** What is read of a member whose points are to be taken: its lots, and the holds that time has ended. */
export const walletParts = (now: number) =>
  ({
    brand: { columns: { timeZone: true, pointsPolicy: true } },
    lots: { where: hasRemaining },
    holds: { where: { ...isOpen, expiresAt: { lte: now } }, with: { uses: { with: { lot: true } } } },
  }) as const;

/** Reads it of one member. @param memberId its id, or what finds it. */
export const readWallet = ({ actor, database, now }: Context, memberId: string | SQL) =>
  database.query.members.findFirst({
    where: { brandId: actorOf({ actor }).brandId, RAW: ({ id }) => sql`${id} in (${memberId})` },
    columns: { id: true, state: true, closedAt: true },
    with: { ...walletParts(now), accounts: { where: { unit: "POINTS" } } },
  });

/** The brand's own accounts of points. */
export const readBrandAccounts = ({ actor, database }: Context) =>
  database.query.accounts.findMany({
    where: { brandId: actorOf({ actor }).brandId, unit: "POINTS", memberId: { isNull: true } },
  });

type WalletLot = typeof lots.$inferSelect;

export interface Wallet {
  memberId: string;
  timeZone: string;
  policy: PointsPolicy;
  accounts: Accounts;
  /** What can be taken now, the points of ended holds included. */
  lots: WalletLot[];
  /** What the member owes, which later earnings pay: so much of the lots stays where it is. */
  owed: number;
  /** What has expired, and can still be exchanged for a coupon. */
  lotsInGrace: WalletLot[];
  /** Gives the points of ended holds back; goes before what takes from the lots. */
  releases: Statement[];
}

type WalletRow = Awaited<ReturnType<typeof readWallet>>;

/** A member's points as they can be spent now, or why they cannot. */
export function openWallet(context: Context, memberId: string, row: WalletRow): Wallet | Refusal {
  if (!row) return NotFound({ id: memberId });
  if (row.state === "CLOSED") return MemberClosed({ memberId, closedAt: row.closedAt });
  const accounts = byKind(row.accounts);
  const { now } = context;
  const { timeZone, pointsPolicy } = row.brand;
  const policy = policyOf(pointsPolicy);
  const grace = { now, graceDays: policy.expiredGraceDays, timeZone };
  const found = lotsOf(row);
  return {
    ...{ memberId, accounts, timeZone, policy },
    lots: found.filter((lot) => isSpendable(lot, now)),
    owed: debtOf(row.accounts),
    lotsInGrace: found.filter((lot) => isInGrace(lot, grace)),
    releases: row.holds.flatMap((hold) => endHold(context, hold, accounts, "releaseStaleHolds")),
  };
}

/** A member's lots with what remains of each, the points of ended holds and those that expired included. */
export function lotsOf(row: Pick<NonNullable<WalletRow>, "lots" | "holds">): WalletLot[] {
  const lots = new Map(row.lots.map((lot) => [lot.id, lot]));
  for (const { lot, amount } of row.holds.flatMap(({ uses }) => uses)) {
    lots.set(lot.id, { ...lot, remaining: (lots.get(lot.id)?.remaining ?? 0) + amount });
  }
  return [...lots.values()];
}

/** The lots that so many points come from, or a refusal that says how many are missing. */
export function takeFrom(wallet: Pick<Wallet, "lots" | "owed">, points: number): LotUse[] | Refusal {
  const { lots } = wallet;
  const balance = balanceIn(wallet);
  return balance < points ? BalanceTooLow({ balance, missing: points - balance }) : takeLots(lots, points);
}

export interface HeldPoints {
  id: string;
  memberId: string;
  orderReference: string;
  uses: readonly LotUse[];
}

/** Ends a hold that is still open, and gives its points back to their lots with the expiry that they had. */
export function endHold(context: Context, hold: HeldPoints, accounts: Accounts, operation: string) {
  return [
    ...settleHold(context, hold.id, "RELEASED"),
    ...giveBack(context, hold, accounts, hold.uses, operation),
  ];
}

/** Gives held points back to their lots. */
export function giveBack(
  context: Context,
  { memberId, orderReference }: HeldPoints,
  accounts: Accounts,
  uses: readonly LotUse[],
  operation: string,
): Statement[] {
  if (uses.length === 0) return [];
  return movePoints(context, {
    transferId: context.newId("Transfer"),
    ...{ memberId, debitAccountId: accounts.HELD, creditAccountId: accounts.AVAILABLE },
    amount: uses.reduce((sum, use) => sum + use.amount, 0),
    cause: { operation, reference: orderReference },
    uses: uses.map(({ lotId, amount }) => ({ lotId, amount })),
  });
}

/** Settles an open hold, or aborts the commit: one of those that try comes first. */
export function settleHold(context: Context, holdId: string, state: "CAPTURED" | "RELEASED"): Statement[] {
  const { database, now } = context;
  const isTheHold = and(eq(holds.brandId, actorOf(context).brandId), eq(holds.id, holdId));
  return [
    database
      .update(holds)
      .set({ state, settledAt: now })
      .where(and(isTheHold, eq(holds.state, "OPEN"))),
    mustChange(database),
  ];
}
