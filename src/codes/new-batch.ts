import { and, desc, eq } from "drizzle-orm";
import { codeBatches } from "../../schema/tables/codes.ts";
import type { offers } from "../../schema/tables/offers.ts";
import { actorOf, type Context } from "../context.ts";
import { countIssued } from "../coupons/new-coupons.ts";
import type { Statement } from "../database/commit.ts";
import { InvalidValue, type Refusal } from "../errors.ts";
import { couponsLeft, whyNotIssuable } from "../offers/issuing.ts";
import { OfferExhausted } from "../offers/refusals.ts";
import { type CodeFormat, HOUSE_FORMAT } from "./code.ts";

export const MOST_IN_BATCH = 100_000_000;
const LONGEST_CODE = 40;
/** What the count of an offer's coupons may come to; GraphQL's Int ends soon after. */
const MOST_ISSUED = 2_000_000_000;

/** Whoever guesses a code is right less than once in so many times. */
const GUESSES = 2n ** 40n;

/** The shortest code of an alphabet at which guesses stay hopeless, though so many serial numbers are given. */
export function leastLength(alphabet: string, serials: number): number {
  const codes = BigInt(serials) * GUESSES;
  let length = 1;
  for (let all = BigInt(alphabet.length); all < codes; all *= BigInt(alphabet.length)) length += 1;
  return length;
}

/** Which part of a batch's look cannot stand. PURE. */
export function faultOfFormat({ prefix, alphabet, length }: CodeFormat): Refusal | undefined {
  const fault = (field: string, reason: string) => InvalidValue({ field, reason });
  if (!/^[A-Z0-9]{0,10}$/.test(prefix)) return fault("prefix", "must be up to 10 of A–Z and 0–9");
  if (!/^[A-Z0-9]{10,36}$/.test(alphabet) || new Set(alphabet).size < alphabet.length)
    return fault("alphabet", "must be 10 to 36 different letters of A–Z and 0–9");
  if (length < 1 || prefix.length + length + 1 > LONGEST_CODE)
    return fault("length", `must leave the whole code at most ${LONGEST_CODE} letters`);
  const isHouse = prefix === "" && alphabet === HOUSE_FORMAT.alphabet && length === HOUSE_FORMAT.length;
  // What looks like ours is told from a mistyped code by its check character alone.
  return !isHouse && prefix.length + length === HOUSE_FORMAT.length
    ? fault("length", `codes of ${HOUSE_FORMAT.length + 1} letters are the house's own: make it longer`)
    : undefined;
}

/** Reads where the serial numbers of a format go on. */
export const readLastBatch = (
  { database, actor }: Pick<Context, "database" | "actor">,
  { prefix, alphabet, length }: CodeFormat,
) =>
  database
    .select({ firstSerial: codeBatches.firstSerial, count: codeBatches.count })
    .from(codeBatches)
    .where(
      and(
        eq(codeBatches.brandId, actorOf({ actor }).brandId),
        eq(codeBatches.prefix, prefix),
        eq(codeBatches.alphabet, alphabet),
        eq(codeBatches.length, length),
      ),
    )
    .orderBy(desc(codeBatches.firstSerial))
    .limit(1);

interface NewBatch {
  format: CodeFormat;
  grouping: number;
  count: number;
  /** Of the same format. */
  last: { firstSerial: number; count: number } | undefined;
}

/**
 * A new batch: one row, however many codes. It begins where the last of its format ended, of two at once one
 * aborts; and all its codes count against the offer's limit.
 */
export function newBatch(
  context: Context,
  offer: typeof offers.$inferSelect,
  { format, grouping, count, last }: NewBatch,
): Refusal | { batch: typeof codeBatches.$inferSelect; effects: Statement[] } {
  const { database, newId, now } = context;
  const fault = whyNotIssuable(offer, now);
  if (fault) return fault;
  const left = Math.min(couponsLeft(offer), MOST_ISSUED - offer.issuedCount);
  if (count > left) return OfferExhausted({ offerId: offer.id, left });
  const firstSerial = last ? last.firstSerial + last.count : 0;
  const least = leastLength(format.alphabet, firstSerial + count);
  if (format.length < least) {
    return InvalidValue({ field: "length", reason: `must be at least ${least} for so many codes` });
  }
  const batch = {
    ...{ brandId: offer.brandId, id: newId("CodeBatch"), offerId: offer.id, offerVersion: offer.version },
    ...{ prefix: format.prefix, alphabet: format.alphabet, length: format.length, grouping },
    ...{ firstSerial, count, revokedAt: null, createdAt: now },
  };
  return {
    batch,
    effects: [...countIssued(database, offer, count), database.insert(codeBatches).values(batch)],
  };
}
