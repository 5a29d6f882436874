import { decisions } from "../../schema/tables/carts.ts";
import { actorOf, type Context } from "../context.ts";
import type { Statement } from "../database/commit.ts";
import type { CartEvaluation, CartFacts } from "./cart.ts";
import { evaluate } from "./evaluate.ts";
import type { EvaluatedCart } from "./evaluate-cart.ts";

/** A new decision, which keeps what a cart was decided on and the very text of the answer. */
export function decisionRow(
  context: Context,
  facts: CartFacts,
  evaluation: CartEvaluation,
): { id: string; effects: Statement[] } {
  const { database, newId, now } = context;
  const id = newId("Decision");
  return {
    id,
    effects: [
      database.insert(decisions).values({
        ...{ brandId: actorOf(context).brandId, id, memberId: facts.buyer?.memberId ?? null },
        facts: facts as unknown as Record<string, unknown>,
        ...{ outcome: JSON.stringify(evaluation), createdAt: now },
      }),
    ],
  };
}

/** A decision as it is kept. */
export interface KeptDecision {
  facts: unknown;
  outcome: string;
}

/** What was answered then. */
export const keptAnswer = ({ facts, outcome }: KeptDecision): EvaluatedCart => ({
  facts: facts as CartFacts,
  evaluation: JSON.parse(outcome) as CartEvaluation,
});

/** What the same facts give now, and whether it is the same, byte for byte. PURE. */
export function replayOf({ facts, outcome }: KeptDecision): EvaluatedCart & { isSame: boolean } {
  const evaluation = evaluate(facts as CartFacts);
  return { facts: facts as CartFacts, evaluation, isSame: JSON.stringify(evaluation) === outcome };
}
