import type { AccountKind, Cause } from "../../schema/tables/points.ts";
import type { Accounts, Move, NewLot } from "./move-points.ts";
import { amountOf } from "./reversal.ts";
import { isSpendable, type LotUse } from "./take-lots.ts";

/** What a member owes; growth value never is. @param accounts its own. */
export const debtOf = (accounts: readonly { kind: AccountKind; balance: number }[]): number =>
  accounts.find(({ kind }) => kind === "DEBT")?.balance ?? 0;

/** How much of what a member owes is paid from a lot that comes in: all that it can, unless it is over. */
export const repayment = (debt: number, lot: NewLot & { id: string }, now: number): number =>
  isSpendable({ ...lot, remaining: lot.amount }, now) ? Math.min(debt, lot.amount) : 0;

/**
 * The moves that pay debt from points: of a lot that comes in, after the move that made it, or of lots whose time is
 * over. The points are redeemed, for what was spent without them, and the debt is gone.
 */
export function repayDebt(
  {
    memberId,
    accounts,
    brandAccounts,
  }: { memberId: string; accounts: Pick<Accounts, "AVAILABLE" | "DEBT">; brandAccounts: Accounts },
  { uses, cause }: { uses: readonly LotUse[]; cause: Omit<Cause, "operation"> },
  newTransferId: () => string,
): Move[] {
  const amount = amountOf(uses);
  if (amount === 0) return [];
  const repaid = { memberId, amount, cause: { ...cause, operation: "repayDebt" } };
  return [
    {
      ...{ ...repaid, transferId: newTransferId(), uses },
      ...{ debitAccountId: accounts.AVAILABLE, creditAccountId: brandAccounts.REDEMPTION },
    },
    {
      ...{ ...repaid, transferId: newTransferId(), withoutLots: true },
      ...{ debitAccountId: accounts.DEBT, creditAccountId: brandAccounts.ISSUANCE },
    },
  ];
}
