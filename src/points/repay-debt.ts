import type { AccountKind, Cause } from "../../schema/tables/points.ts";
import type { Accounts, Move } from "./move-points.ts";

/** What a member owes; growth value never is. @param accounts its own. */
export const debtOf = (accounts: readonly { kind: AccountKind; balance: number }[]): number =>
  accounts.find(({ kind }) => kind === "DEBT")?.balance ?? 0;

/** How much of what a member owes is paid from points that come in: all that they can. */
export const repayment = (debt: number, amount: number): number => Math.min(debt, amount);

/**
 * The moves that pay debt from points that have just come in, after the move that made their lot: the
 * points are redeemed, for what was spent without them, and the debt is gone.
 */
export function repayDebt(
  {
    memberId,
    accounts,
    brandAccounts,
  }: { memberId: string; accounts: Pick<Accounts, "AVAILABLE" | "DEBT">; brandAccounts: Accounts },
  { lotId, amount, cause }: { lotId: string; amount: number; cause: Omit<Cause, "operation"> },
  newTransferId: () => string,
): Move[] {
  if (amount === 0) return [];
  const repaid = { memberId, amount, cause: { ...cause, operation: "repayDebt" } };
  return [
    {
      ...{ ...repaid, transferId: newTransferId(), uses: [{ lotId, amount }] },
      ...{ debitAccountId: accounts.AVAILABLE, creditAccountId: brandAccounts.REDEMPTION },
    },
    {
      ...{ ...repaid, transferId: newTransferId(), withoutLots: true },
      ...{ debitAccountId: accounts.DEBT, creditAccountId: brandAccounts.ISSUANCE },
    },
  ];
}
