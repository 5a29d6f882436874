import type { Context } from "../context.ts";
import { commit, type Read } from "../database/commit.ts";
import { isRefusal } from "../errors.ts";
import { decisionRow } from "./decision.ts";
import { evaluate } from "./evaluate.ts";
import { ofCaller } from "./evaluate-cart.ts";
import { openCart } from "./open-cart.ts";
import { type CartInput, readCart } from "./read-cart.ts";

/** Evaluates a cart and keeps what it was decided on, with the answer. @param input as the caller sent it. */
export async function keepEvaluation<Row>(
  context: Context,
  input: { idempotencyKey: string },
  told: CartInput,
  read: Read<{ decisionId: string }, Row>,
) {
  const cart = ofCaller(context, told);
  if (isRefusal(cart)) return cart;
  return commit(context, {
    name: "keepEvaluation",
    input,
    load: () => readCart(context, cart),
    decide: async (rows) => {
      const opened = await openCart(context, cart, rows);
      if (isRefusal(opened)) return opened;
      const { id, effects } = decisionRow(context, opened.facts, evaluate(opened.facts));
      return {
        outcome: { decisionId: id },
        effects,
        audit: [{ subjectId: id, ...(cart.memberId ? { detail: { memberId: cart.memberId } } : {}) }],
      };
    },
    read,
  });
}
