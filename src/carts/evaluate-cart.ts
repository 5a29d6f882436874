import { actorOf, type Context, hasScope } from "../context.ts";
import { InvalidValue, isRefusal, NotFound, type Refusal } from "../errors.ts";
import type { CartEvaluation, CartFacts } from "./cart.ts";
import { evaluate } from "./evaluate.ts";
import { openCart } from "./open-cart.ts";
import { type CartInput, readCart } from "./read-cart.ts";

/** An answer with what it was made from, which its words need. */
export interface EvaluatedCart {
  facts: CartFacts;
  evaluation: CartEvaluation;
}

/**
 * What a cart costs with the best of what its buyer can use, with what checkouts that are over held. One request
 * to the database; nothing is changed.
 */
export async function evaluateCart(context: Context, input: CartInput): Promise<EvaluatedCart | Refusal> {
  const own = ofCaller(context, input);
  if (isRefusal(own)) return own;
  const cart = await openCart(context, own, await context.database.batch([...readCart(context, own)]));
  return isRefusal(cart) ? cart : { facts: cart.facts, evaluation: evaluate(cart.facts) };
}

/** A cart as the caller may tell of it: a member's own where nobody is named, and of whom the caller may see. */
export function ofCaller(context: Context, input: CartInput): CartInput | Refusal {
  const { memberId: own } = actorOf(context);
  const memberId = input.memberId ?? own ?? null;
  const maySee =
    own === undefined
      ? (["members:read", "cards:scan", "checkouts:write"] as const).some((scope) => hasScope(context, scope))
      : own === memberId;
  if (memberId !== null && !maySee) return NotFound({ id: memberId });
  if (own !== undefined && input.segments.length > 0) {
    return InvalidValue({ field: "segments", reason: "must be left out: a member's token cannot say them" });
  }
  return { ...input, memberId };
}
