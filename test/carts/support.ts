import type { TestBrand } from "../support/brand.ts";
import type { Answer, Caller } from "../support/caller.ts";
import { outcomeOf } from "../support/member.ts";

/** All of an evaluation that a shop shows. */
export const EVALUATION = `subtotalMinor shippingMinor shippingDiscountMinor discountMinor payableMinor currency isBest
  lines { lineId amountMinor discountMinor payableMinor }
  steps { kind name discountMinor lines { lineId discountMinor } shippingMinor benefitId couponId offerId gift { sku name } points }
  offers { offerId title couponId code source state discountMinor
    reasons { code message missingMinor missingQuantity from until oneOf limit leftMinor otherOfferId } }
  points { spent worthMinor reason { code message mostPoints } }
  earning { points growthValue steps { description } }`;

export const EVALUATE = `query ($input: CartInput!) { evaluateCart(input: $input) {
  __typename ... on CartEvaluation { ${EVALUATION} } ... on Refusal { code message } } }`;

/** ¥168 of tea and shipping for ¥12, unless a test says otherwise. */
export const aCart = {
  lines: [{ lineId: "L1", sku: "TEA", brand: "Hill", categories: ["tea"], quantity: 2, amountMinor: 16_800 }],
  shippingMinor: 1_200,
};

/** Evaluates a cart, which takes one request to the database, and answers the evaluation or the refusal. */
export async function evaluated(caller: Caller, input: object = {}, language = "en") {
  const answer: Answer = await caller(
    EVALUATE,
    { input: { ...aCart, ...input } },
    { "accept-language": language },
  );
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  if (answer.databaseRequests > 1) throw new Error(`${answer.databaseRequests} requests`);
  return answer.data.evaluateCart;
}

// biome-ignore lint/suspicious/noExplicitAny: an answer's offers are as the operation above asks for them
export const offerIn = (evaluation: any, offerId: string | null) =>
  // biome-ignore lint/suspicious/noExplicitAny: as above
  evaluation.offers.find((offer: any) => offer.offerId === offerId);

/** Sends a mutation of the operator's that must succeed. */
export async function changed({ operator }: TestBrand, name: string, input: object) {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const outcome = outcomeOf(
    await operator(
      `mutation ($input: ${type}Input!) { ${name}(input: $input) { __typename ... on Refusal { message } } }`,
      { input },
    ),
  );
  if (outcome.message) throw new Error(`${name}: ${outcome.message}`);
}
