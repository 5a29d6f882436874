import { type AccountKind, type Cause, lots, lotUses, transfers } from "../../schema/tables/points.ts";
import { actorOf, type Context } from "../context.ts";
import type { Statement } from "../database/commit.ts";
import type { LotUse } from "./take-lots.ts";

/** Points that come in together. */
export interface NewLot {
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
  const { database, newId, now } = context;
  const { brandId } = actorOf(context);
  const { uses = [], newLots = [], ...transfer } = move;
  const { transferId, memberId, amount } = transfer;
  const accounted = [...uses, ...newLots].reduce((sum, part) => sum + part.amount, 0);
  if (accounted !== amount) throw new Error(`${transferId} moves ${amount} points of ${accounted} in lots.`);
  return [
    database.insert(transfers).values({ ...transfer, brandId, id: transferId, createdAt: now }),
    ...(uses.length > 0
      ? [database.insert(lotUses).values(uses.map((use) => ({ brandId, transferId, ...use })))]
      : []),
    ...(newLots.length > 0
      ? [
          database.insert(lots).values(
            newLots.map((lot) => ({
              ...{ brandId, id: newId("Lot"), memberId, transferId, remaining: lot.amount, createdAt: now },
              ...{ issuedByBrandId: brandId, fundedByBrandId: brandId, ...lot },
            })),
          ),
        ]
      : []),
  ];
}
