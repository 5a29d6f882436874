import { and, eq, sql } from "drizzle-orm";
import { brands } from "../../schema/tables/brands.ts";
import { sharedCodes } from "../../schema/tables/codes.ts";
import { offers } from "../../schema/tables/offers.ts";
import { actorOf, type Context } from "../context.ts";
import { newCoupons } from "../coupons/new-coupons.ts";
import { eachOf } from "../database/bulk.ts";
import { commit, mustHold } from "../database/commit.ts";
import { InvalidValue, isRefusal, NotFound, type Refusal } from "../errors.ts";
import { couponsLeft, whyNotIssuable } from "../offers/issuing.ts";
import { OfferExhausted } from "../offers/refusals.ts";
import { type FoundCode, openCodes } from "./open-codes.ts";
import { faultOfOwnCode, ownCode } from "./own-code.ts";
import { readCodes } from "./read-codes.ts";
import { CodeTaken } from "./refusals.ts";

export const MOST_IMPORTED_AT_ONCE = 5_000;

export interface ImportCouponCodesInput {
  offerId: string;
  codes: readonly string[];
  idempotencyKey?: string;
}

/** What became of a code: one that a coupon of the same offer has already is KNOWN, and stays as it is. */
export interface ImportedCode {
  code: string;
  status: "IMPORTED" | "KNOWN" | "REFUSED";
  refusal: Refusal | null;
}

/**
 * Makes coupons that anyone may claim of codes from elsewhere, each accepted or refused by itself; those that
 * are accepted count against the offer's limit.
 *
 * @param dryRun decides what would become of each, and writes nothing.
 */
export async function importCouponCodes(
  context: Context,
  input: ImportCouponCodesInput,
  { dryRun = false }: { dryRun?: boolean } = {},
) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const { offerId } = input;
  // More than may be sent are refused, and not looked up.
  const codes = input.codes.slice(0, MOST_IMPORTED_AT_ONCE).map(ownCode);
  const isShared = sql`select 1 from ${sharedCodes} where ${sharedCodes.brandId} = ${brandId}`;
  return commit(context, {
    name: "importCouponCodes",
    input,
    load: () => [
      ...readCodes(context, codes),
      database
        .select({ timeZone: brands.timeZone, wrappedDataKey: brands.wrappedDataKey })
        .from(brands)
        .where(eq(brands.id, brandId)),
      database
        .select()
        .from(offers)
        .where(and(eq(offers.brandId, brandId), eq(offers.id, offerId))),
    ],
    decide: async (rows) => {
      const [, , , , [brand], [offer]] = rows;
      if (!brand || !offer) return NotFound({ id: offerId });
      if (codes.length === 0 || input.codes.length > MOST_IMPORTED_AT_ONCE)
        return InvalidValue({ field: "codes", reason: `must be 1 to ${MOST_IMPORTED_AT_ONCE}` });
      const fault = whyNotIssuable(offer, now);
      if (fault) return fault;
      const results = enter(offerId, codes, await openCodes(context, codes, { ...brand, rows }));
      const added = results.flatMap(({ status, code }) => (status === "IMPORTED" ? [code] : []));
      const left = couponsLeft(offer);
      if (added.length > left) return OfferExhausted({ offerId, left });
      if (dryRun || added.length === 0) return { outcome: results, effects: [], audit: [] };
      const nobody = added.map(() => null);
      const how = { issuedByBrandId: brandId, codes: added };
      return {
        outcome: results,
        effects: [
          ...newCoupons(context, offer, brand.timeZone, nobody, how).effects,
          mustHold(
            database,
            sql`not exists (${isShared} and ${sharedCodes.code} in (${eachOf(added)}) and ${sharedCodes.revokedAt} is null)`,
          ),
        ],
        audit: [{ subjectId: offerId, detail: { count: added.length } }],
      };
    },
  });
}

/** What becomes of each code, of one that is sent twice the second time as well. PURE. */
function enter(offerId: string, codes: readonly string[], found: ReadonlyMap<string, FoundCode>) {
  const seen = new Set<string>();
  return codes.map((code): ImportedCode => {
    const fault = faultOfOwnCode(code);
    if (fault) return { code, status: "REFUSED", refusal: InvalidValue({ field: "codes", reason: fault }) };
    const behind = found.get(code) ?? { kind: "NONE" };
    if (behind.kind === "COUPON" && behind.offer.id === offerId)
      return { code, status: "KNOWN", refusal: null };
    if (seen.has(code) || behind.kind !== "NONE")
      return { code, status: "REFUSED", refusal: CodeTaken({ takenCode: code }) };
    seen.add(code);
    return { code, status: "IMPORTED", refusal: null };
  });
}

/** The results, or why there are none. */
export const resultsOf = (result: Awaited<ReturnType<typeof importCouponCodes>>): Refusal | ImportedCode[] =>
  isRefusal(result) ? result : result.outcome;
