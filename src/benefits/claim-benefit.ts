import type { Context } from "../context.ts";
import type { Read } from "../database/commit.ts";
import { type TakeBenefitInput, type TakeBenefitOutcome, takeBenefit } from "./take-benefit.ts";

/** Gives a member what a benefit gives: a coupon of its offer, or, without one, the claim to it in a shop. */
export const claimBenefit = <Row>(
  context: Context,
  input: TakeBenefitInput,
  read: Read<TakeBenefitOutcome, Row>,
) => takeBenefit(context, "CLAIMED", input, read);
