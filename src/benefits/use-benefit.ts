import type { Context } from "../context.ts";
import type { Read } from "../database/commit.ts";
import { type TakeBenefitInput, type TakeBenefitOutcome, takeBenefit } from "./take-benefit.ts";

/** Records that a member used a benefit once: a discount was given, a parcel sent free of charge. */
export const useBenefit = <Row>(
  context: Context,
  input: TakeBenefitInput,
  read: Read<TakeBenefitOutcome, Row>,
) => takeBenefit(context, "USED", input, read);
