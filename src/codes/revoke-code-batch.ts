import { and, eq, isNull } from "drizzle-orm";
import { codeBatches } from "../../schema/tables/codes.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustChange, type Read } from "../database/commit.ts";
import { NotFound } from "../errors.ts";
import { CodesRevoked } from "./refusals.ts";

export interface RevokeCodeBatchInput {
  codeBatchId: string;
  reason: string;
  idempotencyKey: string;
}

/** From now on the batch's codes that nobody has touched are worth nothing; coupons of it stay. */
export async function revokeCodeBatch<Row>(
  context: Context,
  input: RevokeCodeBatchInput,
  read: Read<{ codeBatchId: string }, Row>,
) {
  const { database, now } = context;
  const { codeBatchId, reason } = input;
  const isTheBatch = and(eq(codeBatches.brandId, actorOf(context).brandId), eq(codeBatches.id, codeBatchId));
  return commit(context, {
    name: "revokeCodeBatch",
    input,
    load: () => [database.select({ revokedAt: codeBatches.revokedAt }).from(codeBatches).where(isTheBatch)],
    decide: ([[batch]]) => {
      if (!batch) return NotFound({ id: codeBatchId });
      if (batch.revokedAt !== null) return CodesRevoked({ revokedAt: batch.revokedAt });
      return {
        outcome: { codeBatchId },
        effects: [
          database
            .update(codeBatches)
            .set({ revokedAt: now })
            .where(and(isTheBatch, isNull(codeBatches.revokedAt))),
          mustChange(database),
        ],
        audit: [{ subjectId: codeBatchId, detail: { reason } }],
        events: [{ type: "codes.revoked", payload: { codeBatchId } }],
      };
    },
    read,
  });
}
