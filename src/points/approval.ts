import type { PointsPolicy } from "../../schema/tables/brands.ts";
import type { adjustmentStates, PointUnit } from "../../schema/tables/points.ts";
import { InvalidValue, type Refusal } from "../errors.ts";
import { LARGEST_AMOUNT } from "../shares.ts";
import { policyOf } from "./policy.ts";
import { AdjustmentAlreadyDecided, AdjustmentProposedByCaller, ApprovalRequired } from "./refusals.ts";

/** A change of a member's balance by hand. */
export interface BalanceChange {
  memberId: string;
  unit: PointUnit;
  /** Credits when positive, debits when negative. */
  amount: number;
  reason: string;
}

/** Why an amount is none that a balance can be changed by. */
export const faultOfAmount = (amount: number): Refusal | undefined =>
  amount === 0 || Math.abs(amount) > LARGEST_AMOUNT
    ? InvalidValue({ field: "amount", reason: `must not be 0, nor exceed ${LARGEST_AMOUNT}` })
    : undefined;

/** Why one client cannot make such a change alone. @param policy what the brand set of it. */
export function whyNotAlone(
  policy: Partial<PointsPolicy> | null | undefined,
  amount: number,
): Refusal | undefined {
  const threshold = policyOf(policy ?? null).approvalAbovePoints;
  return threshold !== null && Math.abs(amount) > threshold ? ApprovalRequired({ threshold }) : undefined;
}

/** Why a caller cannot decide on an adjustment. */
export function whyNotDecidable(
  {
    id,
    state,
    proposedBy,
    decidedAt,
  }: {
    id: string;
    state: (typeof adjustmentStates)[number];
    proposedBy: string;
    decidedAt: number | null;
  },
  caller: string,
): Refusal | undefined {
  if (state !== "PROPOSED") return AdjustmentAlreadyDecided({ adjustmentId: id, state, decidedAt });
  return proposedBy === caller ? AdjustmentProposedByCaller({ adjustmentId: id }) : undefined;
}
