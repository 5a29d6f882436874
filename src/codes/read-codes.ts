import { and, eq, getColumns, type SQL, sql } from "drizzle-orm";
import type { BatchResponse } from "drizzle-orm/batch";
import { codeBatches, sharedCodes } from "../../schema/tables/codes.ts";
import { coupons } from "../../schema/tables/coupons.ts";
import { offers, offerVersions } from "../../schema/tables/offers.ts";
import { actorOf, type Context } from "../context.ts";
import { eachOf } from "../database/bulk.ts";
import { type CodeFormat, isChecked, parseCode } from "./code.ts";
import { type CodeBook, knownBook, oneOfEachFormat, readFormats } from "./code-book.ts";

/** A serial number that a code would have in a format. */
export interface Place extends CodeFormat {
  code: string;
  serial: number;
}

/** Where codes would be in these formats. @param codes as they would be stored. */
export const placesOf = (book: CodeBook, formats: readonly CodeFormat[], codes: readonly string[]): Place[] =>
  codes.flatMap((code) =>
    formats.flatMap(({ prefix, alphabet, length }) => {
      const format = { prefix, alphabet, length };
      const serial = isChecked(code, format) ? book.codecOf(format).serialOf(code) : undefined;
      return serial === undefined ? [] : [{ ...format, code, serial }];
    }),
  );

/** Those of the codes as they were entered that may be codes at all; the others need no look-up. */
export const codesIn = (entered: readonly string[]): string[] => [
  ...new Set(entered.flatMap((text) => parseCode(text) ?? [])),
];

/** What of an offer matters whichever version a coupon has. */
const presentOffer = {
  ...{ brandId: offers.brandId, id: offers.id, title: offers.title, state: offers.state },
  ...{ terms: offers.terms, version: offers.version, perMemberLimit: offers.perMemberLimit },
  ...{ issueLimit: offers.issueLimit, issuedCount: offers.issuedCount },
};
/** What a coupon keeps of the version that it was issued under. */
const keptVersion = {
  version: offerVersions.version,
  title: offerVersions.title,
  terms: offerVersions.terms,
};

/** Compares a column with codes; with one, as in most cases, it costs the least. */
const among = (codes: readonly string[]): SQL =>
  codes.length === 1 ? sql`= ${codes[0]}` : sql`in (${eachOf(codes)})`;

/** Reads what may be behind codes: coupons, shared codes, and the batches that could have made them. */
export function readCodes(context: Context, entered: readonly string[]) {
  const codes = codesIn(entered);
  return [
    readFormats(context, codes),
    readCoupons(context, sql`${coupons.code} ${among(codes)}`),
    readSharedCodes(context, codes),
    readBatches(context, placesKnown(context, codes)),
  ] as const;
}

export type CodeRows = BatchResponse<ReturnType<typeof readCodes>>;

/** Reads coupons, each with its offer as it is now and what it keeps of the version that it was issued under. */
export const readCoupons = ({ database, actor }: Context, which: SQL) =>
  database
    .select({ ...getColumns(coupons), offer: presentOffer, version: keptVersion })
    .from(coupons)
    .innerJoin(offers, and(eq(offers.brandId, coupons.brandId), eq(offers.id, coupons.offerId)))
    .innerJoin(offerVersions, isVersionOf(coupons))
    .where(and(eq(coupons.brandId, actorOf({ actor }).brandId), which));

/** Reads codes for everybody, each with its offer. @param codes as they are stored. */
export const readSharedCodes = ({ database, actor }: Context, codes: readonly string[]) =>
  database
    .select({ ...getColumns(sharedCodes), offer: presentOffer })
    .from(sharedCodes)
    .innerJoin(offers, and(eq(offers.brandId, sharedCodes.brandId), eq(offers.id, sharedCodes.offerId)))
    .where(
      and(eq(sharedCodes.brandId, actorOf({ actor }).brandId), sql`${sharedCodes.code} ${among(codes)}`),
    );

/** Reads the batch around each place, the last that begins at or before it, with its offer and its version. */
export function readBatches({ database, actor }: Context, places: readonly Place[]) {
  const { brandId } = actorOf({ actor });
  return database
    .select({ ...getColumns(codeBatches), offer: presentOffer, version: keptVersion })
    .from(codeBatches)
    .innerJoin(offers, and(eq(offers.brandId, codeBatches.brandId), eq(offers.id, codeBatches.offerId)))
    .innerJoin(offerVersions, isVersionOf(codeBatches))
    .where(
      and(
        eq(codeBatches.brandId, brandId),
        sql`${codeBatches.id} in (${ofBatchesAround(brandId, places, "id")})`,
      ),
    );
}

const isVersionOf = ({ brandId, offerId, offerVersion }: typeof coupons | typeof codeBatches) =>
  and(
    ...[eq(offerVersions.brandId, brandId), eq(offerVersions.offerId, offerId)],
    eq(offerVersions.version, offerVersion),
  );

/** Where codes would be in the formats that this isolate has opened. @param codes as they would be stored. */
export function placesKnown({ actor }: Pick<Context, "actor">, codes: readonly string[]): Place[] {
  const book = knownBook(actorOf({ actor }).brandId);
  return book ? placesOf(book, book.formats(), codes) : [];
}

const ofBatchesAround = (brandId: string, places: readonly Place[], what: "id" | "offer_id"): SQL =>
  sql`select (select b.${sql.raw(what)} from code_batches b where b.brand_id = ${brandId}
    and b.prefix = p.value ->> 'prefix' and b.alphabet = p.value ->> 'alphabet'
    and b.length = p.value ->> 'length' and b.first_serial <= p.value ->> 'serial'
    order by b.first_serial desc limit 1) from json_each(${JSON.stringify(places)}) p`;

/**
 * Selects the offers of the batches that could have made codes in a format that this isolate has not opened:
 * of all batches whose codes look like them.
 */
function offersOfUnopened({ actor }: Pick<Context, "actor">, codes: readonly string[]): SQL {
  const { brandId } = actorOf({ actor });
  const opened = knownBook(brandId)?.formats() ?? [];
  return sql`select b.offer_id from code_batches l join json_each(${JSON.stringify(codes)}) e
      on length(e.value) = length(l.prefix) + l.length + 1 and substr(e.value, 1, length(l.prefix)) = l.prefix
      join code_batches b on b.brand_id = ${brandId} and b.prefix = l.prefix and b.alphabet = l.alphabet
        and b.length = l.length
    where l.rowid in (${oneOfEachFormat(brandId)})
      and not exists (select 1 from json_each(${JSON.stringify(opened)}) k where k.value ->> 'prefix' = l.prefix
        and k.value ->> 'alphabet' = l.alphabet and k.value ->> 'length' = l.length)`;
}

/**
 * Selects the offers whose coupon codes can be: those of coupons, of codes for everybody, and of batches in the
 * formats that this isolate has opened.
 */
export function offersOfOpened(context: Pick<Context, "actor">, codes: readonly string[]): SQL {
  const { brandId } = actorOf(context);
  const places = placesKnown(context, codes);
  return sql`select c.offer_id from coupons c where c.brand_id = ${brandId} and c.code ${among(codes)}
    union all select s.offer_id from shared_codes s where s.brand_id = ${brandId} and s.code ${among(codes)}${
      places.length > 0 ? sql` union all ${ofBatchesAround(brandId, places, "offer_id")}` : sql``
    }`;
}

/** Selects the offers whose coupon codes can be, also in formats that this isolate has not opened. */
export function offersOfCodes(context: Pick<Context, "actor">, entered: readonly string[]): SQL {
  const codes = codesIn(entered);
  return sql`${offersOfOpened(context, codes)} union ${offersOfUnopened(context, codes)}`;
}
