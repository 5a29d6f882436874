import type { Context } from "../context.ts";
import { commit, type Read } from "../database/commit.ts";
import { InvalidValue, isRefusal } from "../errors.ts";
import { type FactResult, MOST_FACTS_AT_ONCE } from "./fact.ts";
import type { SentOrder } from "./order-book.ts";
import { decideOrders, readForOrders } from "./recording.ts";

export interface RecordOrdersInput {
  orders: SentOrder[];
  idempotencyKey?: string;
}

/** In what the ways of recording orders differ. */
export interface Recording {
  /** The operation, as it is on record. */
  name: string;
  /** How many orders a commit takes. */
  most: number;
  /** Decides and writes nothing. */
  dryRun?: boolean;
}

export interface RecordOrdersOutcome {
  results: FactResult[];
  orderIds: string[];
}

/**
 * Records up to 100 orders, each once for its source and external id, and lets those that are known go
 * on: placed, paid, completed, or cancelled. An order that cannot be recorded is refused by itself.
 * What becomes paid earns, and may lift the member's tier; what is cancelled gives back what was spent on
 * it and loses what it earned. Two requests to the database, however many there are.
 */
export async function recordOrders<Row>(
  context: Context,
  input: RecordOrdersInput,
  read?: Read<RecordOrdersOutcome, Row>,
  { name, most, dryRun }: Recording = { name: "recordOrders", most: MOST_FACTS_AT_ONCE },
) {
  // More than may be sent are refused, and not looked up.
  const sent = input.orders.slice(0, most);
  const keysOf = (orders: readonly SentOrder[]) =>
    orders.map(({ source, externalId }) => [source, externalId] as const);
  const namesOf = (orders: readonly SentOrder[]) => orders.flatMap(({ member }) => member ?? []);
  const cancelled = sent.filter(({ cancelledAt }) => cancelledAt !== null);
  return commit(context, {
    name,
    input,
    load: () =>
      readForOrders(context, {
        ...{ keys: keysOf(sent), names: namesOf(sent) },
        payments: sent.flatMap(({ paidAt }) => paidAt ?? []),
        cancelled: { keys: keysOf(cancelled), names: namesOf(cancelled) },
      }),
    decide: (rows) => {
      if (sent.length === 0 || input.orders.length > most)
        return InvalidValue({ field: "orders", reason: `must be 1 to ${most}` });
      const decided = decideOrders(context, sent, rows);
      if (isRefusal(decided)) return decided;
      const { book, ...recorded } = decided;
      const { results } = book;
      const outcome = { results, orderIds: [...new Set(results.flatMap(({ factId }) => factId ?? []))] };
      return dryRun ? { outcome, effects: [], audit: [] } : { outcome, ...recorded };
    },
    read,
  });
}
