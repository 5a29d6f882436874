import {
  importCouponCodes,
  MOST_IMPORTED_AT_ONCE as MOST_CODES,
} from "../../src/codes/import-coupon-codes.ts";
import { isRefusal } from "../../src/errors.ts";
import { type ImportedMember, importMembers } from "../../src/members/import-members.ts";
import { keyOf } from "../../src/orders/fact.ts";
import { importOrders, MOST_IMPORTED_AT_ONCE } from "../../src/orders/import-orders.ts";
import type { SentOrder } from "../../src/orders/order-book.ts";
import type { BulkBrand } from "./bulk-brand.ts";
import { cdnowFormat } from "./cdnow.ts";
import { codeFormat } from "./code-rows.ts";
import { type ImportOptions, importFile, type Summary } from "./import-file.ts";
import { memberFormat } from "./member-rows.ts";
import { orderFormat } from "./order-rows.ts";
import { reasonOf } from "./reasons.ts";
import type { Outcome } from "./record-in-turn.ts";

type FileOptions = Pick<ImportOptions<never>, "file" | "output" | "signal"> & { dryRun: boolean };

export interface OrdersOptions extends FileOptions {
  mapping?: "cdnow" | undefined;
  /** The source of orders that name none. */
  source: string;
  /** Whether those whom nobody knows become members on the way. */
  enrol: boolean;
}

/** Imports a file of orders. */
export async function importOrdersFile(brand: BulkBrand, options: OrdersOptions): Promise<Summary> {
  const { mapping, source, enrol, dryRun } = options;
  const { timeZone, currency, slug } = brand;
  if (mapping === "cdnow" && currency !== "USD")
    throw new Error(`CDNOW's amounts are dollars, and ${slug} counts in ${currency}: choose a brand in USD.`);
  /** What the batch before tells of: facts that it changes are read when it is written. */
  let toldBefore = new Set<string>();
  return importFile<SentOrder>({
    ...options,
    format: mapping === "cdnow" ? cdnowFormat(timeZone) : orderFormat({ source, currency, timeZone }),
    of: `orders ${brand.brandId} ${mapping ?? source} ${enrol}`,
    batchSize: MOST_IMPORTED_AT_ONCE,
    record: async (orders, turn) => {
      const told = namesIn(orders);
      if (enrol || [...told].some((name) => toldBefore.has(name))) await turn;
      toldBefore = told;
      const strangers = enrol ? await enrolThoseOf(brand, orders, dryRun) : [];
      // A dry run enrols nobody, and looks at the orders of those it would as at orders of nobody.
      const toCome = new Set(dryRun ? strangers.map(({ externalId }) => externalId) : []);
      const sent = orders.map((order) =>
        toCome.has(order.member?.externalId ?? "") ? { ...order, member: null } : order,
      );
      const results = await importOrders(brand.context(Date.now(), turn), sent, { dryRun });
      return results.map(({ status, refusal, differences }) => ({
        status,
        reason: refusal ? reasonOf(refusal, differences) : undefined,
      }));
    },
  });
}

/** The orders that are told of, and whose they are. */
const namesIn = (orders: readonly SentOrder[]): Set<string> =>
  new Set(orders.flatMap((order) => [keyOf(order), order.member?.externalId ?? []].flat()));

/** Makes members of those who have ordered and are none yet. */
async function enrolThoseOf(
  brand: BulkBrand,
  orders: readonly SentOrder[],
  dryRun: boolean,
): Promise<ImportedMember[]> {
  const externalIds = new Set(orders.flatMap(({ member }) => member?.externalId ?? []));
  if (externalIds.size === 0) return [];
  const strangers = [...externalIds].map((externalId) => ({ externalId, sourceChannel: "import" }));
  const results = await importMembers(brand.context(), strangers, { dryRun });
  return results.filter(({ status }) => status === "ENROLLED");
}

/** Imports a file of members. */
export async function importMembersFile(brand: BulkBrand, options: FileOptions): Promise<Summary> {
  const { dryRun } = options;
  return importFile({
    ...options,
    format: memberFormat,
    of: `members ${brand.brandId}`,
    batchSize: MOST_IMPORTED_AT_ONCE,
    record: async (members, turn) => {
      await turn;
      const results = await importMembers(brand.context(), members, { dryRun });
      return results.map(
        ({ status, refusal }): Outcome => ({ status, reason: refusal ? reasonOf(refusal) : undefined }),
      );
    },
  });
}

/** Imports a file of codes from elsewhere, as coupons of an offer that anyone may claim. */
export async function importCodesFile(
  brand: BulkBrand,
  { offerId, ...options }: FileOptions & { offerId: string },
): Promise<Summary> {
  const { dryRun } = options;
  return importFile({
    ...options,
    format: codeFormat,
    of: `codes ${brand.brandId} ${offerId}`,
    batchSize: MOST_CODES,
    record: async (codes, turn) => {
      await turn;
      const result = await importCouponCodes(brand.context(), { offerId, codes }, { dryRun });
      if (isRefusal(result)) throw new Error(reasonOf(result));
      return result.outcome.map(
        ({ status, refusal }): Outcome => ({ status, reason: refusal ? reasonOf(refusal) : undefined }),
      );
    },
  });
}
