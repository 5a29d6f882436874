import { type SQL, type SQLWrapper, sql } from "drizzle-orm";
import { checkouts } from "../../schema/tables/carts.ts";
import { orders } from "../../schema/tables/orders.ts";
import { isUsedFor, readUsed } from "../carts/read-used.ts";
import { actorOf, type Context } from "../context.ts";
import { eachOf, isAmong } from "../database/bulk.ts";
import { idsNamed, type MemberName } from "../members/named-members.ts";
import { expiryParts } from "../points/expired-of.ts";
import { spendingOperations, spendParts } from "../points/reversal.ts";
import { walletParts } from "../points/wallet.ts";

/** What refunds are of, or orders that were cancelled. */
export interface Concerned {
  /** Of the orders: source and external id. */
  keys: readonly (readonly [string, string])[];
  /** Whose they are where they are not recorded yet. */
  names: readonly MemberName[];
}

/** Reads what these orders earned, whose they are and what was used on them; rides in one request. */
export const readReturns = (context: Context, concerned: Concerned) =>
  [
    readOwners(context, concerned),
    readSpends(context, concerned),
    readAwards(context, concerned),
    readBrandAccounts(context),
    readUsed(context, concerned.keys),
  ] as const;

const readOwners = ({ actor, database, now }: Context, concerned: Concerned) => {
  const { brandId } = actorOf({ actor });
  return database.query.members.findMany({
    where: { brandId, RAW: ({ id }) => sql`${id} in ${ownersOf(brandId, concerned)}` },
    columns: { id: true, state: true },
    with: { ...walletParts(now), accounts: true, standing: { columns: { version: true } } },
  });
};

const readSpends = ({ actor, database }: Context, concerned: Concerned) => {
  const { brandId } = actorOf({ actor });
  const references = concerned.keys.map(([, externalId]) => externalId);
  return database.query.transfers.findMany({
    where: {
      brandId,
      credit: { kind: "REDEMPTION" },
      RAW: ({ memberId, cause }) => sql`${memberId} in ${ownersOf(brandId, concerned)}
        and ${cause} ->> '$.operation' in (${eachOf(spendingOperations)})
        and ${cause} ->> '$.reference' in (${eachOf(references)})`,
    },
    with: spendParts,
  });
};

const readAwards = ({ actor, database }: Context, { keys }: Concerned) => {
  const { brandId } = actorOf({ actor });
  return database.query.awards.findMany({
    where: { brandId, RAW: ({ orderId }) => sql`${orderId} in (${ofOrders(brandId, keys, orders.id)})` },
    with: { lot: { columns: { id: true }, with: expiryParts } },
  });
};

/** Of both units. */
const readBrandAccounts = ({ actor, database }: Context) =>
  database.query.accounts.findMany({
    where: { brandId: actorOf({ actor }).brandId, memberId: { isNull: true } },
  });

/** Nulls among them match nothing; to leave them out would make all of the brand's orders be looked at. */
const ofOrders = (brandId: string, keys: Concerned["keys"], column: SQLWrapper): SQL =>
  sql`select ${column} from ${orders} where ${orders.brandId} = ${brandId}
    and ${isAmong([orders.source, orders.externalId], keys)}`;

/** An order that was recorded without a member is of whoever checked it out. */
const ownersOf = (brandId: string, { keys, names }: Concerned): SQL =>
  sql`(${ofOrders(brandId, keys, orders.memberId)} union select * from ${idsNamed(brandId, names)}
    union select ${checkouts.memberId} from ${checkouts} where ${checkouts.brandId} = ${brandId}
      and ${isUsedFor(checkouts, keys)})`;

type Rows = {
  [At in 0 | 1 | 2 | 3 | 4]: Awaited<ReturnType<typeof readReturns>[At]>;
};
/** As `readReturns` read it. */
export type ReturnRows = [Rows[0], Rows[1], Rows[2], Rows[3], Rows[4]];
export type Owner = ReturnRows[0][number];
export type AwardRow = ReturnRows[2][number];
