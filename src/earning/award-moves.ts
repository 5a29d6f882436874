import type { EarningDecision } from "../../schema/tables/earning.ts";
import type { AccountKind, PointUnit } from "../../schema/tables/points.ts";
import type { Context } from "../context.ts";
import { type Accounts, byKind, type Move } from "../points/move-points.ts";
import { repayDebt } from "../points/repay-debt.ts";
import type { NewAward } from "./award-book.ts";
import type { EarningRows } from "./earning-facts.ts";

const ofUnit = (
  accounts: readonly { unit: PointUnit; kind: AccountKind; id: string }[],
  unit: PointUnit,
): Accounts => byKind(accounts.filter((account) => account.unit === unit));

/** An award's points and growth value come in, and some of the points pay what the member owes. */
export function movesOfAward(
  { newId }: Pick<Context, "newId">,
  { award, earner, lot, repaid, reference }: NewAward,
  brandAccounts: EarningRows[1],
  operation: string,
): Move[] {
  const { memberId, points, growthValue, transferId } = award;
  const [own, brand] = [ofUnit(earner.accounts, "POINTS"), ofUnit(brandAccounts, "POINTS")];
  const about = { reference, awardId: award.id, ...(award.orderId ? { orderId: award.orderId } : {}) };
  const cause = { ...about, operation };
  const issued = { memberId, debitAccountId: brand.ISSUANCE };
  const moves: Move[] = [];
  if (lot && transferId) {
    moves.push({
      ...{ ...issued, transferId, amount: points, newLots: [lot], creditAccountId: own.AVAILABLE },
      cause: { ...cause, steps: toldSteps(award.decision) },
    });
    const owes = { memberId, accounts: own, brandAccounts: brand };
    const uses = [{ lotId: lot.id, amount: repaid }];
    moves.push(...repayDebt(owes, { uses, cause: about }, () => newId("Transfer")));
  } else if (points > 0) {
    moves.push({
      ...{ ...issued, transferId: newId("Transfer"), amount: points, withoutLots: true, cause },
      creditAccountId: own.PENDING,
    });
  }
  if (growthValue > 0) {
    moves.push({
      ...{ memberId, transferId: newId("Transfer"), amount: growthValue, withoutLots: true, cause },
      debitAccountId: ofUnit(brandAccounts, "GROWTH_VALUE").ISSUANCE,
      creditAccountId: ofUnit(earner.accounts, "GROWTH_VALUE").AVAILABLE,
    });
  }
  return moves;
}

/** What of a decision a statement says: why the points are more, or fewer. */
export const toldSteps = ({ steps }: EarningDecision) =>
  steps.filter(({ kind, unit }) => unit === "POINTS" && (kind === "MULTIPLIER" || kind === "CAP"));
