import { type AccountKind, type Cause, lots, lotUses, transfers } from "../../schema/tables/points.ts";
import { actorOf, type Context } from "../context.ts";
import { insertRows } from "../database/bulk.ts";
import type { Statement } from "../database/commit.ts";
import type { LotUse } from "./take-lots.ts";

/** Points that come in together. */
export interface NewLot {
  /** A new one, unless another move of the same commit needs to name it. */
  id?: string;
  amount: number;
  expiresAt: number | null;
  spendableAt: number;
  /** The caller's brand, unless said otherwise. */
  issuedByBrandId?: string;
  fundedByBrandId?: string;
  /** Millionths of a minor unit a point. */
  costMicroMinor: number;
}

export interface Move {
  transferId: string;
  memberId: string;
  debitAccountId: string;
  creditAccountId: string;
  amount: number;
  cause: Cause;
  reversesTransferId?: string;
  /** The lots whose points move … */
  uses?: readonly LotUse[];
  /** … and those that come to be. Together they are the amount. */
  newLots?: readonly NewLot[];
  /** Of what is in no lot: points that are pending or owed, and growth value. */
  withoutLots?: true;
}

/** The ids of a member's or a brand's accounts of points, by kind. */
export type Accounts = Record<AccountKind, string>;

export const byKind = (accounts: readonly { kind: AccountKind; id: string }[]): Accounts =>
  Object.fromEntries(accounts.map(({ kind, id }) => [kind, id])) as Accounts;

/**
 * The statements that move a member's points from one account to another. The database keeps balances
 * and what remains of lots; a lot that had fewer left aborts the commit.
 *
 * @throws Error when the lots do not account for every point: a fault of ours, and nothing is written.
 */
export const movePoints = (context: Context, move: Move): Statement[] => moveManyPoints(context, [move]);

/** The same for many moves, one after the other, in three statements however many they are. */
export function moveManyPoints(context: Context, moves: readonly Move[]): Statement[] {
  const { database, newId, now } = context;
  const { brandId } = actorOf(context);
  const rows = moves.map(({ uses = [], newLots = [], withoutLots, transferId, ...move }) => {
    const accounted = [...uses, ...newLots].reduce((sum, part) => sum + part.amount, 0);
    if (accounted !== (withoutLots ? 0 : move.amount))
      throw new Error(`${transferId} moves ${move.amount} points of ${accounted} in lots.`);
    const own = { brandId, memberId: move.memberId, transferId, createdAt: now };
    return {
      transfer: { reversesTransferId: null, ...move, brandId, id: transferId, createdAt: now },
      uses: uses.map((use) => ({ brandId, transferId, ...use })),
      newLots: newLots.map((lot) => ({
        ...{ ...own, id: newId("Lot"), remaining: lot.amount },
        ...{ issuedByBrandId: brandId, fundedByBrandId: brandId, ...lot },
      })),
    };
  });
  return [
    ...insertRows(
      database,
      transfers,
      rows.map(({ transfer }) => transfer),
    ),
    ...insertRows(
      database,
      lots,
      rows.flatMap(({ newLots }) => newLots),
    ),
    ...insertRows(
      database,
      lotUses,
      rows.flatMap(({ uses }) => uses),
    ),
  ];
}
