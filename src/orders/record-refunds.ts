import type { Context } from "../context.ts";
import { commit, type Read } from "../database/commit.ts";
import { InvalidValue } from "../errors.ts";
import { type FactResult, MOST_FACTS_AT_ONCE } from "./fact.ts";
import type { SentRefund } from "./refund-book.ts";
import { decideRefunds, readForRefunds } from "./refunding.ts";

export interface RecordRefundsInput {
  refunds: SentRefund[];
  idempotencyKey: string;
}

export interface RecordRefundsOutcome {
  results: FactResult[];
  refundIds: string[];
}

/**
 * Records up to 100 refunds, each once for its source and external id, by line and quantity: over all
 * refunds of an order never more than was bought, however many are sent at once. Points that were spent on
 * the order come back, what it earned is taken back, and a plan that it bought ends. A refund that cannot be recorded is refused by
 * itself. Two requests to the database.
 */
export async function recordRefunds<Row>(
  context: Context,
  input: RecordRefundsInput,
  read: Read<RecordRefundsOutcome, Row>,
) {
  const sent = input.refunds.slice(0, MOST_FACTS_AT_ONCE);
  return commit(context, {
    name: "recordRefunds",
    input,
    load: () => readForRefunds(context, sent),
    decide: (rows) => {
      if (sent.length === 0 || input.refunds.length > MOST_FACTS_AT_ONCE)
        return InvalidValue({ field: "refunds", reason: `must be 1 to ${MOST_FACTS_AT_ONCE}` });
      const { book, ...recorded } = decideRefunds(context, sent, rows);
      const { results } = book;
      const refundIds = [...new Set(results.flatMap(({ factId }) => factId ?? []))];
      return { outcome: { results, refundIds }, ...recorded };
    },
    read,
  });
}
