import { and, eq } from "drizzle-orm";
import { offers } from "../../schema/tables/offers.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, type Read } from "../database/commit.ts";
import { isRefusal, NotFound } from "../errors.ts";
import { outside } from "../faults.ts";
import { HOUSE_FORMAT, HOUSE_GROUPING } from "./code.ts";
import { faultOfFormat, MOST_IN_BATCH, newBatch, readLastBatch } from "./new-batch.ts";

export interface CreateCodeBatchInput {
  offerId: string;
  count: number;
  /** Without them, codes look as the house's do. */
  prefix?: string | null | undefined;
  alphabet?: string | null | undefined;
  length?: number | null | undefined;
  grouping?: number | null | undefined;
  idempotencyKey?: string;
}

/** Makes up to 100 million codes of an offer, in one row; each counts against the offer's limit. */
export async function createCodeBatch<Row = undefined>(
  context: Context,
  input: CreateCodeBatchInput,
  read?: Read<{ codeBatchId: string }, Row>,
) {
  const { database } = context;
  const { brandId } = actorOf(context);
  const { offerId, count } = input;
  const grouping = input.grouping ?? HOUSE_GROUPING;
  const format = {
    prefix: input.prefix?.toUpperCase() ?? HOUSE_FORMAT.prefix,
    alphabet: [...(input.alphabet?.toUpperCase() ?? HOUSE_FORMAT.alphabet)].sort().join(""),
    length: input.length ?? HOUSE_FORMAT.length,
  };
  return commit(context, {
    name: "createCodeBatch",
    input,
    load: () => [
      database
        .select()
        .from(offers)
        .where(and(eq(offers.brandId, brandId), eq(offers.id, offerId))),
      readLastBatch(context, format),
    ],
    decide: ([[offer], [last]]) => {
      if (!offer) return NotFound({ id: offerId });
      const fault =
        outside("count", count, 1, MOST_IN_BATCH) ??
        outside("grouping", grouping, 0, 10) ??
        faultOfFormat(format);
      if (fault) return fault;
      const made = newBatch(context, offer, { format, grouping, count, last });
      if (isRefusal(made)) return made;
      const codeBatchId = made.batch.id;
      return {
        outcome: { codeBatchId },
        effects: made.effects,
        audit: [{ subjectId: codeBatchId, detail: { offerId, count } }],
        events: [{ type: "codes.created", payload: { codeBatchId, offerId, count } }],
      };
    },
    read,
  });
}
