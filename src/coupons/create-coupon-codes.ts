import { and, eq } from "drizzle-orm";
import { brands } from "../../schema/tables/brands.ts";
import { offers } from "../../schema/tables/offers.ts";
import { grouped, HOUSE_FORMAT, HOUSE_GROUPING } from "../codes/code.ts";
import { openBook } from "../codes/code-book.ts";
import { newBatch, readLastBatch } from "../codes/new-batch.ts";
import { actorOf, type Context } from "../context.ts";
import { commit } from "../database/commit.ts";
import { isRefusal, NotFound } from "../errors.ts";
import { outside } from "../faults.ts";
import { MOST_AT_ONCE } from "./issue-coupons.ts";

export interface CreateCouponCodesInput {
  offerId: string;
  count: number;
  idempotencyKey: string;
}

/** Makes a batch of up to 500 codes of an offer, and answers them; each counts against the offer's limit. */
export async function createCouponCodes(context: Context, input: CreateCouponCodesInput) {
  const { database } = context;
  const { brandId } = actorOf(context);
  const { offerId, count } = input;
  return commit(context, {
    name: "createCouponCodes",
    input,
    load: () => [
      database.select({ wrappedDataKey: brands.wrappedDataKey }).from(brands).where(eq(brands.id, brandId)),
      database
        .select()
        .from(offers)
        .where(and(eq(offers.brandId, brandId), eq(offers.id, offerId))),
      readLastBatch(context, HOUSE_FORMAT),
    ],
    decide: async ([[brand], [offer], [last]]) => {
      if (!brand || !offer) return NotFound({ id: offerId });
      const fault = outside("count", count, 1, MOST_AT_ONCE);
      if (fault) return fault;
      const made = newBatch(context, offer, { format: HOUSE_FORMAT, grouping: HOUSE_GROUPING, count, last });
      if (isRefusal(made)) return made;
      const book = await openBook(context, brandId, brand.wrappedDataKey);
      const codes = book.codecOf(HOUSE_FORMAT).codesOf(made.batch.firstSerial, count);
      const codeBatchId = made.batch.id;
      return {
        outcome: { codeBatchId, codes: codes.map((code) => grouped(code, HOUSE_GROUPING)) },
        effects: made.effects,
        audit: [{ subjectId: offerId, detail: { count, codeBatchId } }],
      };
    },
  });
}
