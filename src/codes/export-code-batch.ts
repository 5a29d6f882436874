import { and, eq } from "drizzle-orm";
import { brands } from "../../schema/tables/brands.ts";
import { codeBatches } from "../../schema/tables/codes.ts";
import { actorOf, type Context } from "../context.ts";
import { commit } from "../database/commit.ts";
import { InvalidValue, isRefusal, NotFound } from "../errors.ts";
import { grouped } from "./code.ts";
import { openBook } from "./code-book.ts";

export interface ExportCodeBatchInput {
  codeBatchId: string;
  /** How many codes to leave out at the start; 0. */
  from?: number | undefined;
  /** How many at most; all that are left. */
  count?: number | undefined;
}

/** A part of a batch, to be written out. */
export interface ExportedCodes {
  count: number;
  /** CSV: a header where it begins with the first code, then a code a line. */
  lines: () => Generator<string, void>;
}

/** How many codes are computed at once: what is in memory however many are written. */
const AT_ONCE = 500;

/** Opens a batch, or a part of it, to be written out; who did is on record. */
export async function exportCodeBatch(context: Context, input: ExportCodeBatchInput) {
  const { database } = context;
  const { brandId } = actorOf(context);
  const { codeBatchId, from = 0 } = input;
  const result = await commit(context, {
    name: "exportCodeBatch",
    input,
    load: () => [
      database
        .select()
        .from(codeBatches)
        .where(and(eq(codeBatches.brandId, brandId), eq(codeBatches.id, codeBatchId))),
      database.select({ wrappedDataKey: brands.wrappedDataKey }).from(brands).where(eq(brands.id, brandId)),
    ],
    decide: ([[batch], [brand]]) => {
      if (!batch || !brand) return NotFound({ id: codeBatchId });
      if (from >= batch.count)
        return InvalidValue({ field: "from", reason: `must lie between 0 and ${batch.count - 1}` });
      const count = Math.min(input.count ?? batch.count, batch.count - from);
      return {
        outcome: { batch, wrappedDataKey: brand.wrappedDataKey, count },
        effects: [],
        audit: [{ subjectId: codeBatchId, detail: { from, count } }],
      };
    },
  });
  if (isRefusal(result)) return result;
  const { batch, wrappedDataKey, count } = result.outcome;
  const codec = (await openBook(context, brandId, wrappedDataKey)).codecOf(batch);
  function* lines() {
    if (from === 0) yield "code\n";
    for (let done = 0; done < count; done += AT_ONCE) {
      const codes = codec.codesOf(batch.firstSerial + from + done, Math.min(AT_ONCE, count - done));
      yield codes.map((code) => `${grouped(code, batch.grouping)}\n`).join("");
    }
  }
  return { count, lines } satisfies ExportedCodes;
}
