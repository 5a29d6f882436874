import { InvalidValue, isRefusal, NotFound } from "../errors.ts";
import { builder } from "../graphql/builder.ts";
import { refusalRef } from "../graphql/refusals.ts";
import { MemberClosed } from "../members/refusals.ts";
import { evaluateCart } from "./evaluate-cart.ts";
import { CartInputType, cartOf } from "./graphql-cart.ts";
import { EvaluationType } from "./graphql-evaluation.ts";

const Result = builder.unionType("EvaluateCartResult", {
  description: "What `evaluateCart` answers: the evaluation, or why there is none.",
  types: [EvaluationType, ...[NotFound, InvalidValue, MemberClosed].map(refusalRef)] as never,
  resolveType: (value) => (isRefusal(value) ? value.refusal : EvaluationType.name) as never,
});

builder.queryField("evaluateCart", (t) =>
  t.field({
    type: Result,
    description:
      "What a cart costs with the best of what its buyer can use: benefits, then coupons, codes and automatic offers as they go together, then points. Says of every offer why it is used or is not. Nothing is held or changed.",
    authScopes: { anyOf: ["program:read", "members:read", "cards:scan", "member:self", "checkouts:write"] },
    // Each has a request to the database and a cart of its own, so a few are what an operation may ask for.
    complexity: 1_000,
    args: { input: t.arg({ type: CartInputType, required: true, description: "The cart." }) },
    resolve: ((
      _root: unknown,
      { input }: { input: typeof CartInputType.$inferInput },
      context: Parameters<typeof evaluateCart>[0],
    ) => evaluateCart(context, cartOf(input, context.now))) as never,
  }),
);
