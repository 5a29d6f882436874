import { type SQL, sql } from "drizzle-orm";
import type { BatchResponse } from "drizzle-orm/batch";
import type { LocalizedText } from "../../schema/tables/columns.ts";
import type { OfferTerms } from "../../schema/tables/offers.ts";
import { actorOf, type Context } from "../context.ts";
import { eachOf } from "../database/bulk.ts";
import { type CodeFormat, isChecked, parseCode } from "./code.ts";
import { type CodeBook, knownBook, oneOfEachFormat, openBook, readFormats } from "./code-book.ts";

/** A serial number that a code would have in a format. */
interface Place extends CodeFormat {
  code: string;
  serial: number;
}

const placesOf = (book: CodeBook, formats: readonly CodeFormat[], codes: readonly string[]): Place[] =>
  codes.flatMap((code) =>
    formats.flatMap(({ prefix, alphabet, length }) => {
      const format = { prefix, alphabet, length };
      const serial = isChecked(code, format) ? book.codecOf(format).serialOf(code) : undefined;
      return serial === undefined ? [] : [{ ...format, code, serial }];
    }),
  );

/** Those of the codes as they were entered that may be codes at all; the others need no look-up. */
const parsed = (entered: readonly string[]): string[] => [
  ...new Set(entered.flatMap((text) => parseCode(text) ?? [])),
];

/**
 * Reads what may be behind codes: coupons, shared codes, and the batches that could have made them. They
 * stand first in a load, and its rows are what `openCodes` is given.
 */
export function readCodes(context: Context, entered: readonly string[]) {
  const { database } = context;
  const { brandId } = actorOf(context);
  const codes = parsed(entered);
  const book = knownBook(brandId);
  return [
    database.query.brands.findFirst({ where: { id: brandId }, columns: { wrappedDataKey: true } }),
    readFormats(context),
    database.query.coupons.findMany({
      where: { brandId, RAW: (t) => sql`${t.code} in (${eachOf(codes)})` },
      with: { offer: true, version: true },
    }),
    database.query.sharedCodes.findMany({
      where: { brandId, RAW: (t) => sql`${t.code} in (${eachOf(codes)})` },
      with: { offer: true },
    }),
    readBatches(context, book ? placesOf(book, book.formats(), codes) : []),
  ] as const;
}

/** The batch around each place: the last that begins at or before it. */
function readBatches({ database, actor }: Pick<Context, "database" | "actor">, places: readonly Place[]) {
  const { brandId } = actorOf({ actor });
  return database.query.codeBatches.findMany({
    where: {
      brandId,
      RAW: (t) => sql`${t.id} in (${ofBatchesAround(brandId, places, "id")})`,
    },
    with: { offer: true, version: true },
  });
}

const ofBatchesAround = (brandId: string, places: readonly Place[], what: "id" | "offer_id"): SQL =>
  sql`select (select b.${sql.raw(what)} from code_batches b where b.brand_id = ${brandId}
    and b.prefix = p.value ->> 'prefix' and b.alphabet = p.value ->> 'alphabet'
    and b.length = p.value ->> 'length' and b.first_serial <= p.value ->> 'serial'
    order by b.first_serial desc limit 1) from json_each(${JSON.stringify(places)}) p`;

/**
 * Selects the offers of the batches that could have made codes: of a format that this isolate has opened, of the
 * batch around the code's place; of any other, of all batches whose codes look like it.
 */
export function offersOfBatches({ actor }: Pick<Context, "actor">, entered: readonly string[]): SQL {
  const { brandId } = actorOf({ actor });
  const codes = parsed(entered);
  const book = knownBook(brandId);
  const opened = book?.formats() ?? [];
  const places = book ? placesOf(book, opened, codes) : [];
  return sql`${ofBatchesAround(brandId, places, "offer_id")}
    union select b.offer_id from code_batches l join json_each(${JSON.stringify(codes)}) e
      on length(e.value) = length(l.prefix) + l.length + 1 and substr(e.value, 1, length(l.prefix)) = l.prefix
      join code_batches b on b.brand_id = ${brandId} and b.prefix = l.prefix and b.alphabet = l.alphabet
        and b.length = l.length
    where l.rowid in (${oneOfEachFormat(brandId)})
      and not exists (select 1 from json_each(${JSON.stringify(opened)}) k where k.value ->> 'prefix' = l.prefix
        and k.value ->> 'alphabet' = l.alphabet and k.value ->> 'length' = l.length)`;
}

/** Selects the offers whose coupon codes can be: those of coupons, of codes for everybody, and of batches. */
export function offersOfCodes(context: Pick<Context, "actor">, entered: readonly string[]): SQL {
  const { brandId } = actorOf(context);
  const codes = eachOf(parsed(entered));
  return sql`select c.offer_id from coupons c where c.brand_id = ${brandId} and c.code in (${codes})
    union select s.offer_id from shared_codes s where s.brand_id = ${brandId} and s.code in (${codes})
    union ${offersOfBatches(context, entered)}`;
}

export type CodeRows = BatchResponse<ReturnType<typeof readCodes>>;
type OfferRow = CodeRows[3][number]["offer"];

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
  | (Behind & { kind: "COUPON"; coupon: CodeRows[2][number] })
  /** A code of a batch that nobody has touched. */
  | (Behind & { kind: "BATCH"; batch: CodeRows[4][number] })
  | (Behind & { kind: "SHARED"; shared: CodeRows[3][number] })
  /** Mistyped, of no brand or another, or revoked: nobody learns which. */
  | { kind: "NONE" };

/** A coupon, as what is behind its code. */
export const foundCoupon = (coupon: CodeRows[2][number]): FoundCode => ({
  ...{ kind: "COUPON", code: coupon.code, coupon, offer: coupon.offer, version: coupon.version },
});

/**
 * What is behind each code, by the code as it was entered. Where this isolate has not seen the brand's codes
 * before, or a new kind of them, it makes one more request.
 *
 * @param rows of a load that begins with `readCodes`.
 */
export async function openCodes(
  context: Context,
  entered: readonly string[],
  [brand, formats, coupons, shared, found]: readonly [...CodeRows, ...unknown[]],
): Promise<Map<string, FoundCode>> {
  const { brandId } = actorOf(context);
  const codes = parsed(entered);
  const candidates = formats.filter((format) => codes.some((code) => isChecked(code, format)));
  const book =
    brand && candidates.length > 0 ? await openBook(context, brandId, brand.wrappedDataKey) : undefined;
  const places = book ? placesOf(book, candidates, codes) : [];
  // Each format's first batch begins at 0: where none of a format was found, it was not asked for.
  const wereRead = places.every((place) => found.some((row) => isOfFormat(row, place)));
  const batches = wereRead ? found : await readBatches(context, places);
  const couponsByCode = new Map(coupons.map((coupon) => [coupon.code, coupon]));

  const resolve = (code: string): FoundCode => {
    const coupon = couponsByCode.get(code);
    if (coupon) return foundCoupon(coupon);
    const one = shared.find((row) => row.code === code && row.revokedAt === null);
    if (one) return { kind: "SHARED", code, shared: one, offer: one.offer, version: one.offer };
    const own = places.filter((place) => place.code === code);
    const batch = batches.find((row) => row.revokedAt === null && own.some((place) => holds(row, place)));
    return batch
      ? { kind: "BATCH", code, batch, offer: batch.offer, version: batch.version }
      : { kind: "NONE" };
  };
  return new Map(
    entered.map((text) => {
      const code = parseCode(text);
      return [text, code === undefined ? { kind: "NONE" } : resolve(code)];
    }),
  );
}

const isOfFormat = (batch: CodeFormat, place: CodeFormat): boolean =>
  batch.prefix === place.prefix && batch.alphabet === place.alphabet && batch.length === place.length;

const holds = (batch: CodeRows[4][number], place: Place): boolean =>
  isOfFormat(batch, place) &&
  batch.firstSerial <= place.serial &&
  place.serial < batch.firstSerial + batch.count;
