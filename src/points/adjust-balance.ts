import type { PointUnit } from "../../schema/tables/points.ts";
import type { Context } from "../context.ts";
import type { Read } from "../database/commit.ts";
import { adjustGrowthValue } from "./adjust-growth-value.ts";
import { adjustPoints } from "./adjust-points.ts";

export interface AdjustBalanceInput {
  memberId: string;
  unit: PointUnit;
  /** Credits when positive, debits when negative. */
  amount: number;
  reason: string;
  idempotencyKey: string;
}

/** Credits or debits a member's points or growth value, by a transfer that says why. */
export const adjustBalance = <Row>(
  context: Context,
  input: AdjustBalanceInput,
  read: Read<{ memberId: string; transferId: string }, Row>,
) => (input.unit === "POINTS" ? adjustPoints(context, input, read) : adjustGrowthValue(context, input, read));
