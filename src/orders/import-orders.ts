import type { Context } from "../context.ts";
import { isRefusal } from "../errors.ts";
import type { FactResult } from "./fact.ts";
import type { SentOrder } from "./order-book.ts";
import { recordOrders } from "./record-orders.ts";

/** As many as one commit takes in well under a second. */
export const MOST_IMPORTED_AT_ONCE = 1_000;

/**
 * Records up to 1,000 orders in one commit, with all that `recordOrders` does with fewer. There is no
 * idempotency key to give: each order is recorded once anyway, so the same call can be made again.
 *
 * @param dryRun decides what would become of each, and writes nothing.
 * @throws CallerError as `commit` does.
 */
export async function importOrders(
  context: Context,
  orders: SentOrder[],
  { dryRun = false }: { dryRun?: boolean } = {},
): Promise<FactResult[]> {
  const recording = { name: "importOrders", most: MOST_IMPORTED_AT_ONCE, dryRun };
  const result = await recordOrders(context, { orders }, undefined, recording);
  if (isRefusal(result)) throw new Error(`The orders were refused: ${JSON.stringify(result)}`);
  return result.outcome.results;
}
