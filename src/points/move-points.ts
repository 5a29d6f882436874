import { type AccountKind, type Cause, lots, lotUses, transfers } from "../../schema/tables/points.ts";
import { actorOf, type Context } from "../context.ts";
import { insertRows } from "../database/bulk.ts";
import type { Statement } from "../database/commit.ts";
import type { LotUse } from "./take-lots.ts";

/** Points that come in together. */
export interface NewLot {
  /** A new one, unless the caller needs to know it. */
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
  /** Growth value, and points that no lot has: pending ones before they can be spent, and what is owed. */
  withoutLots?: boolean;
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
export function movePoints(context: Context, move: Move): Statement[] {
  const { database } = context;
  const rows = rowsOf(context, [move]);
  return [
    database.insert(transfers).values(rows.transfers),
    ...(rows.uses.length > 0 ? [database.insert(lotUses).values(rows.uses)] : []),
    ...(rows.lots.length > 0 ? [database.insert(lots).values(rows.lots)] : []),
  ];
}

/**
 * The same for many at once, in three statements however many they are: all transfers in turn, then the
 * lots that they make, then what they use. No text of theirs may hold U+0000.
 */
export function moveManyPoints(context: Context, moves: readonly Move[]): Statement[] {
  const { database } = context;
  const rows = rowsOf(context, moves);
  return [
    ...insertRows(database, transfers, rows.transfers),
    ...insertRows(database, lots, rows.lots),
    ...insertRows(database, lotUses, rows.uses),
  ];
}

function rowsOf(context: Context, moves: readonly Move[]) {
  const { newId, now } = context;
  const { brandId } = actorOf(context);
  for (const move of moves) mustBeAccountedFor(move);
  return {
    transfers: moves.map(
      ({ transferId, uses, newLots, withoutLots, reversesTransferId = null, ...move }) => ({
        ...{ ...move, brandId, id: transferId, reversesTransferId, createdAt: now },
      }),
    ),
    uses: moves.flatMap(({ transferId, uses = [] }) => uses.map((use) => ({ brandId, transferId, ...use }))),
    lots: moves.flatMap(({ transferId, memberId, newLots = [] }) =>
      newLots.map((lot) => ({
        ...{ brandId, id: newId("Lot"), memberId, transferId, remaining: lot.amount, createdAt: now },
        ...{ issuedByBrandId: brandId, fundedByBrandId: brandId, ...lot },
      })),
    ),
  };
}

function mustBeAccountedFor({
  transferId,
  amount,
  uses = [],
  newLots = [],
  withoutLots = false,
}: Move): void {
  const accounted = [...uses, ...newLots].reduce((sum, part) => sum + part.amount, 0);
  if (accounted !== (withoutLots ? 0 : amount))
    throw new Error(`${transferId} moves ${amount} points of ${accounted} in lots.`);
}
