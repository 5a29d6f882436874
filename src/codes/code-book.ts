import { and, eq, type SQL, sql } from "drizzle-orm";
import { codeBatches } from "../../schema/tables/codes.ts";
import { openDataKey } from "../brands/data-key.ts";
import { actorOf, type Context } from "../context.ts";
import { type CodeFormat, HOUSE_FORMAT, isHouseLook } from "./code.ts";
import { type Codec, createCodec } from "./codec.ts";

/** What a brand's codes are made with: its key, and the formats that it has used. */
export interface CodeBook {
  codecOf: (format: CodeFormat) => Codec;
  /** Those asked for so far in this isolate. */
  formats: () => CodeFormat[];
}

/** By brand, for this isolate. A brand's key never changes, and of formats there are only more. */
const books = new Map<string, CodeBook>();

const PURPOSE = "coupon-codes";

/** The brand's book, where this isolate has opened it. */
export const knownBook = (brandId: string): CodeBook | undefined => books.get(brandId);

/** Opens the brand's book. @param wrappedDataKey the brand's. */
export async function openBook(
  { environment }: Pick<Context, "environment">,
  brandId: string,
  wrappedDataKey: string,
): Promise<CodeBook> {
  const known = books.get(brandId);
  if (known) return known;
  const dataKey = await openDataKey(environment.encryptionKeys, wrappedDataKey);
  const key = await dataKey.secretFor(PURPOSE);
  const codecs = new Map<string, { format: CodeFormat; codec: Codec }>();
  const book: CodeBook = {
    codecOf: ({ prefix, alphabet, length }) => {
      const name = `${prefix}|${alphabet}|${length}`;
      const one = codecs.get(name) ?? {
        format: { prefix, alphabet, length },
        codec: createCodec(key, { prefix, alphabet, length }),
      };
      codecs.set(name, one);
      return one.codec;
    },
    formats: () => [...codecs.values()].map(({ format }) => format),
  };
  books.set(brandId, book);
  return book;
}

/**
 * Reads the formats of a brand's batches that codes can be of, however many batches have each: of codes that look
 * like ours only our own, else it leaps from one to the next.
 */
export function readFormats({ database, actor }: Context, codes: readonly string[]) {
  const { brandId } = actorOf({ actor });
  const { prefix, alphabet, length } = codeBatches;
  const isOfBrand = eq(codeBatches.brandId, brandId);
  const formats = database.select({ prefix, alphabet, length }).from(codeBatches);
  if (!codes.every(isHouseLook))
    return formats.where(and(isOfBrand, sql`${codeBatches}.rowid in (${oneOfEachFormat(brandId)})`));
  const isHouse = and(
    eq(prefix, HOUSE_FORMAT.prefix),
    eq(alphabet, HOUSE_FORMAT.alphabet),
    eq(length, HOUSE_FORMAT.length),
  );
  return formats.where(and(isOfBrand, isHouse)).limit(1);
}

/** Selects a batch of each format of a brand, by its row's number. */
export function oneOfEachFormat(brandId: string): SQL {
  const look = (name: string): SQL => sql.raw(`${name}.prefix, ${name}.alphabet, ${name}.length`);
  return sql`with recursive f(id) as (
    select (select b.rowid from ${codeBatches} b where b.brand_id = ${brandId} order by ${look("b")} limit 1)
    union all
    select (select n.rowid from ${codeBatches} n where n.brand_id = ${brandId}
      and (${look("n")}) > (${look("c")}) order by ${look("n")} limit 1)
    from f join ${codeBatches} c on c.rowid = f.id)
    select id from f`;
}
