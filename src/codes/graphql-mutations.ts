import * as z from "zod/mini";
import { InvalidValue, isRefusal, NotFound, type Refusal } from "../errors.ts";
import { listOf } from "../graphql/bounds.ts";
import { builder } from "../graphql/builder.ts";
import { idempotencyKey, mutation, payloadType, rowMutation } from "../graphql/mutation.ts";
import { RefusalInterface } from "../graphql/refusals.ts";
import { OfferEnded, OfferExhausted, OfferNotActive } from "../offers/refusals.ts";
import { shortText } from "../texts.ts";
import { createCodeBatch } from "./create-code-batch.ts";
import { createSharedCode } from "./create-shared-code.ts";
import { CodeBatch, SharedCode } from "./graphql.ts";
import { importCouponCodes, MOST_IMPORTED_AT_ONCE, resultsOf } from "./import-coupon-codes.ts";
import { CodesRevoked, CodeTaken } from "./refusals.ts";
import { revokeCodeBatch } from "./revoke-code-batch.ts";
import { revokeSharedCode } from "./revoke-shared-code.ts";

/** How they must be is for the verb to say. */
const letters = z.string().check(z.maxLength(100));

const batchRow = { row: "codeBatch", type: CodeBatch, table: "codeBatches" } as const;
const sharedRow = {
  row: "sharedCode",
  type: SharedCode,
  table: "sharedCodes",
  where: (code: string, brandId: string) => ({ brandId, code }),
} as const;

rowMutation("createCodeBatch", {
  description:
    "Makes up to 100,000,000 codes of an offer at once, each for one coupon. They are computed, not stored: GET /code-batches/{id}.csv streams them. All count against the offer's limit at once.",
  scopes: ["coupons:issue"],
  input: (t) => ({
    offerId: t.id({ required: true, description: "Of which offer." }),
    count: t.int({ required: true, description: "How many, 1 to 100,000,000." }),
    prefix: t.string({
      description: "What each begins with: up to 10 of A–Z and 0–9. Without it, nothing.",
      validate: letters,
    }),
    alphabet: t.string({
      description:
        "What comes after it: 10 to 36 different letters of A–Z and 0–9. Without it, Crockford's 32, in which none is mistaken for another.",
      validate: letters,
    }),
    length: t.int({
      description:
        "How many letters, without the check character; 15 by default. Refused where a guess could succeed once in 2^40 times.",
    }),
    grouping: t.int({ description: "Written in groups of so many letters, 0 to 10; 4 by default." }),
    idempotencyKey: idempotencyKey(t),
  }),
  ...batchRow,
  rowDescription: "The new batch.",
  refusals: [NotFound, InvalidValue, OfferEnded, OfferNotActive, OfferExhausted],
  resolve: (input, context, read) => createCodeBatch(context, input, read),
});

rowMutation("revokeCodeBatch", {
  description:
    "Makes the codes of a batch that nobody has touched worth nothing; coupons that came of it stay.",
  scopes: ["coupons:revoke"],
  input: (t) => ({
    codeBatchId: t.id({ required: true, description: "Which batch." }),
    reason: t.string({ required: true, description: "Why, for the record.", validate: shortText }),
    idempotencyKey: idempotencyKey(t),
  }),
  ...batchRow,
  rowDescription: "The batch as it is now.",
  refusals: [NotFound, CodesRevoked],
  resolve: (input, context, read) => revokeCodeBatch(context, input, read),
});

rowMutation("createSharedCode", {
  description:
    "Makes one code for everybody: who uses it gets a coupon of the offer. It cannot be made twice.",
  scopes: ["coupons:issue"],
  input: (t) => ({
    offerId: t.id({ required: true, description: "What it gives coupons of." }),
    code: t.string({
      required: true,
      description: "4 to 40 of A–Z, 0–9, _ and -, in any case; hyphens do not count.",
      validate: shortText,
    }),
    claimLimit: t.int({ description: "How many coupons it gives at most; without it, without limit." }),
    idempotencyKey: idempotencyKey(t),
  }),
  ...sharedRow,
  rowDescription: "The new code.",
  refusals: [NotFound, InvalidValue, OfferEnded, CodeTaken],
  resolve: (input, context, read) => createSharedCode(context, input, read),
});

rowMutation("revokeSharedCode", {
  description: "Lets a shared code give no more coupons; those that it gave stay.",
  scopes: ["coupons:revoke"],
  input: (t) => ({
    code: t.string({ required: true, description: "Which, as typed.", validate: shortText }),
    reason: t.string({ required: true, description: "Why, for the record.", validate: shortText }),
    idempotencyKey: idempotencyKey(t),
  }),
  ...sharedRow,
  rowDescription: "The code as it is now.",
  refusals: [NotFound, CodesRevoked],
  resolve: (input, context, read) => revokeSharedCode(context, input, read),
});

const RefusedCode = builder.objectRef<{ code: string; refusal: Refusal }>("RefusedCode").implement({
  description: "A code that was not imported, and why.",
  authScopes: { public: true },
  fields: (t) => ({
    code: t.exposeString("code", { description: "As it would have been stored." }),
    refusal: t.expose("refusal", {
      type: RefusalInterface,
      description: "Why not: InvalidValue or CodeTaken.",
    }),
  }),
});

mutation("importCouponCodes", {
  description:
    "Makes coupons that members can claim of up to 5,000 codes from elsewhere. Those that cannot be are left out and named with the reason.",
  scopes: ["coupons:issue"],
  input: (t) => ({
    offerId: t.id({ required: true, description: "Of which offer." }),
    codes: t.stringList({
      required: true,
      description: "Each 4 to 40 of A–Z, 0–9, _ and -, in any case; hyphens do not count.",
      validate: listOf(letters, MOST_IMPORTED_AT_ONCE),
    }),
    idempotencyKey: idempotencyKey(t),
  }),
  payload: payloadType<{ importedCount: number; refused: { code: string; refusal: Refusal }[] }>(
    "ImportCouponCodesPayload",
    "What was imported, and what was not.",
    (t) => ({
      importedCount: t.exposeInt("importedCount", {
        description: "How many are coupons now; each counts against the offer's limit.",
      }),
      refused: t.expose("refused", { type: [RefusedCode], description: "The codes that are not." }),
    }),
  ),
  refusals: [NotFound, InvalidValue, OfferEnded, OfferNotActive, OfferExhausted],
  resolve: async (input, context) => {
    const results = resultsOf(await importCouponCodes(context, input));
    if (isRefusal(results)) return results;
    return {
      importedCount: results.filter(({ status }) => status === "IMPORTED").length,
      refused: results.flatMap(({ code, status, refusal }) =>
        status === "IMPORTED" ? [] : [{ code, refusal: refusal ?? CodeTaken({ takenCode: code }) }],
      ),
    };
  },
});
