import type { TestBrand } from "./brand.ts";
import { outcomeOf } from "./member.ts";

/** Gives a member 100 points, of which 10 are spent and 10 are held; answers the ids of these. */
export async function newPoints(
  { service, till }: TestBrand,
  memberId: string,
): Promise<{ transferId: string; holdId: string }> {
  const idempotencyKey = () => crypto.randomUUID();
  await service(`mutation ($input: AdjustBalanceInput!) { adjustBalance(input: $input) { __typename } }`, {
    input: { memberId, unit: "POINTS", amount: 100, reason: "test", idempotencyKey: idempotencyKey() },
  });
  const input = { memberId, points: 10, orderReference: "A-1", orderAmountMinor: 5_000 };
  const spent = await till(
    `mutation ($input: SpendPointsInput!) { spendPoints(input: $input) { ... on SpendPointsPayload { transferId } } }`,
    { input: { ...input, idempotencyKey: idempotencyKey() } },
  );
  const held = await till(
    `mutation ($input: HoldPointsInput!) { holdPoints(input: $input) { ... on HoldPointsPayload { holdId } } }`,
    { input: { ...input, idempotencyKey: idempotencyKey() } },
  );
  return { transferId: outcomeOf(spent).transferId, holdId: outcomeOf(held).holdId };
}
