import { sql } from "drizzle-orm";
import { checkouts } from "../../schema/tables/carts.ts";
import type { Context } from "../context.ts";
import { commit, type Read } from "../database/commit.ts";
import { NotFound } from "../errors.ts";
import { endCheckouts, recordsOfEnded } from "./end-checkouts.ts";
import { readHeldCheckouts } from "./held-checkouts.ts";
import { CheckoutAlreadySettled } from "./refusals.ts";

export interface CancelCheckoutInput {
  checkoutId: string;
  idempotencyKey: string;
}

/** Lets go of all that a checkout holds, also after its time: coupons, limits, quotas and points. */
export async function cancelCheckout<Row>(
  context: Context,
  input: CancelCheckoutInput,
  read: Read<{ checkoutId: string }, Row>,
) {
  const { checkoutId } = input;
  return commit(context, {
    name: "cancelCheckout",
    input,
    load: () => [readHeldCheckouts(context, sql`${checkouts.id} = ${checkoutId}`)],
    decide: ([[checkout]]) => {
      if (!checkout) return NotFound({ id: checkoutId });
      const { state, settledAt } = checkout;
      if (state !== "OPEN") return CheckoutAlreadySettled({ checkoutId, state, settledAt });
      return {
        outcome: { checkoutId },
        effects: endCheckouts(context, [checkout], "releaseHold"),
        ...recordsOfEnded([checkout], "CANCELLED"),
      };
    },
    read,
  });
}
