import type { TestBrand } from "../support/brand.ts";
import type { Caller } from "../support/caller.ts";
import { outcomeOf } from "../support/member.ts";

export const key = (): string => crypto.randomUUID();

const CHECKOUT_FIELDS = `id state expiresAt settledAt discountMinor payableMinor coupons { discountMinor coupon { id status } } order { id state totalMinor }`;
const REFUSALS = `... on Refusal { code message } ... on PriceChanged { payableMinor } ... on CouponNotUsable { key reason }
  ... on PointsNotUsable { pointsReason: reason mostPoints } ... on CheckoutExists { checkoutId }`;
const operation = (name: string) => {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  return `mutation ($input: ${type}Input!) { ${name}(input: $input) {
    ... on ${type}Payload { checkout { ${CHECKOUT_FIELDS} } }
    ${REFUSALS.split("... on ")
      .filter(
        (part) =>
          name === "checkout" || !/^(PriceChanged|CouponNotUsable|PointsNotUsable|CheckoutExists)/.test(part),
      )
      .join("... on ")} } }`;
};
export const CHECKOUT = operation("checkout");
export const COMPLETE = operation("completeCheckout");
export const CANCEL = operation("cancelCheckout");

/** Two of one thing and one of another, and shipping. */
export const aCart = (changes: object = {}) => ({
  lines: [
    { lineId: "L1", sku: "TEA", categories: ["tea"], quantity: 2, amountMinor: 6_000 },
    { lineId: "L2", sku: "CUP", quantity: 1, amountMinor: 4_000 },
  ],
  ...{ shippingMinor: 1_000, ...changes },
});

/** Checks a cart out and answers the checkout, or the refusal. */
export async function checkOut(caller: Caller, memberId: string, changes: Record<string, unknown> = {}) {
  const { cart, ...rest } = changes;
  const input = { memberId, source: "shop", orderReference: key(), idempotencyKey: key(), ...rest };
  const answer = await caller(CHECKOUT, { input: { ...input, cart: aCart(cart as object) } });
  const outcome = outcomeOf(answer);
  return { ...(outcome.checkout ?? outcome), orderReference: input.orderReference, ...requests(answer) };
}

const requests = ({ databaseRequests }: { databaseRequests: number }) => ({ databaseRequests });

export async function complete(caller: Caller, checkoutId: string, changes: object = {}) {
  const input = { checkoutId, recordOrder: true, idempotencyKey: key(), ...changes };
  const answer = await caller(COMPLETE, { input });
  const outcome = outcomeOf(answer);
  return { ...(outcome.checkout ?? outcome), ...requests(answer) };
}

export async function cancel(caller: Caller, checkoutId: string) {
  const outcome = outcomeOf(await caller(CANCEL, { input: { checkoutId, idempotencyKey: key() } }));
  return outcome.checkout ?? outcome;
}

/** Gives a member points. */
export const givePoints = ({ service }: TestBrand, memberId: string, amount: number) =>
  service(`mutation ($input: AdjustBalanceInput!) { adjustBalance(input: $input) { __typename } }`, {
    input: { memberId, unit: "POINTS", amount, reason: "test", idempotencyKey: key() },
  });
