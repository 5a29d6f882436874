import type { LocalizedText } from "../../schema/tables/columns.ts";
import type { OfferTerms } from "../../schema/tables/offers.ts";
import { actorOf, type Context } from "../context.ts";
import { type CodeFormat, isChecked, parseCode } from "./code.ts";
import { openBook } from "./code-book.ts";
import { type CodeRows, codesIn, type Place, placesOf, readBatches } from "./read-codes.ts";

type CouponRow = CodeRows[1][number];
type BatchRow = CodeRows[3][number];
type OfferRow = CouponRow["offer"];

/** What a coupon of a code gives; of a shared code, as its offer says now. */
export interface CodeVersion {
  version: number;
  title: LocalizedText;
  terms: OfferTerms;
}

interface Behind {
  /** As it is stored. */
  code: string;
  offer: OfferRow;
  version: CodeVersion;
}

export type FoundCode =
  /** A coupon's row, claimed or not. */
  | (Behind & { kind: "COUPON"; coupon: CouponRow })
  /** A code of a batch that nobody has touched. */
  | (Behind & { kind: "BATCH"; batch: BatchRow })
  | (Behind & { kind: "SHARED"; shared: CodeRows[2][number] })
  /** Mistyped, of no brand or another, or revoked: nobody learns which. */
  | { kind: "NONE" };

/** A coupon, as what is behind its code. */
export const foundCoupon = (coupon: CouponRow): FoundCode => ({
  ...{ kind: "COUPON", code: coupon.code, coupon, offer: coupon.offer, version: coupon.version },
});

/** What codes are opened by. */
interface LoadedCodes {
  /** The brand's. */
  wrappedDataKey: string | undefined;
  /** What `readCodes` found. */
  rows: readonly [...CodeRows, ...unknown[]];
}

/**
 * What is behind each code, by the code as it was entered. Where this isolate has not seen the brand's codes
 * before, or a new kind of them, it makes one more request.
 */
export async function openCodes(
  context: Context,
  entered: readonly string[],
  loaded: LoadedCodes,
): Promise<Map<string, FoundCode>> {
  const { known, places, wereRead } = await openLoaded(context, entered, loaded);
  const batches = wereRead ? loaded.rows[3] : await readBatches(context, places);

  const resolve = (code: string): FoundCode => {
    const own = places.filter((place) => place.code === code);
    const batch = batches.find((one) => one.revokedAt === null && own.some((place) => holds(one, place)));
    return (
      known.get(code) ??
      (batch ? { kind: "BATCH", code, batch, offer: batch.offer, version: batch.version } : { kind: "NONE" })
    );
  };
  return new Map(
    entered.map((text) => {
      const code = parseCode(text);
      return [text, code === undefined ? { kind: "NONE" } : resolve(code)];
    }),
  );
}

/** Whether a load has read all batches that could have made the codes; the next one will. */
export const wereBatchesRead = async (context: Context, entered: readonly string[], loaded: LoadedCodes) =>
  (await openLoaded(context, entered, loaded)).wereRead;

/** What is known of the codes, and where the others would be in the formats that a load has found. */
async function openLoaded(
  context: Context,
  entered: readonly string[],
  { wrappedDataKey, rows }: LoadedCodes,
) {
  const [formats, couponRows, sharedRows, batchRows] = rows;
  const known = new Map<string, FoundCode>();
  for (const shared of sharedRows) {
    const { code, offer } = shared;
    if (shared.revokedAt === null) known.set(code, { kind: "SHARED", code, shared, offer, version: offer });
  }
  for (const coupon of couponRows) known.set(coupon.code, foundCoupon(coupon));

  const codes = codesIn(entered).filter((code) => !known.has(code));
  const candidates = formats.filter((format) => codes.some((code) => isChecked(code, format)));
  const book =
    wrappedDataKey !== undefined && candidates.length > 0
      ? await openBook(context, actorOf(context).brandId, wrappedDataKey)
      : undefined;
  const places = book ? placesOf(book, candidates, codes) : [];
  // Each format's first batch begins at 0: where none of a format was found, it was not asked for.
  const wereRead = places.every((place) => batchRows.some((batch) => isOfFormat(batch, place)));
  return { known, places, wereRead };
}

const isOfFormat = (batch: CodeFormat, place: CodeFormat): boolean =>
  batch.prefix === place.prefix && batch.alphabet === place.alphabet && batch.length === place.length;

const holds = (batch: BatchRow, place: Place): boolean =>
  isOfFormat(batch, place) &&
  batch.firstSerial <= place.serial &&
  place.serial < batch.firstSerial + batch.count;
