import { type InferSelectModel, type SQL, sql } from "drizzle-orm";
import type { awards } from "../../schema/tables/earning.ts";
import { orders } from "../../schema/tables/orders.ts";
import { actorOf, type Context } from "../context.ts";
import { isAmong } from "../database/bulk.ts";
import { spendParts } from "../points/reversal.ts";
import { walletParts } from "../points/wallet.ts";

const breakage = { kind: "BREAKAGE" } as const;
const inBreakage = { OR: [{ debit: breakage }, { credit: breakage }] };

/** What is read of an order's award when goods go back: what of its lot expired is in breakage. */
export const awardParts = {
  with: {
    lot: {
      columns: { id: true },
      with: {
        uses: {
          where: { transfer: inBreakage },
          with: { transfer: { with: { credit: { columns: { kind: true } } } } },
        },
      },
    },
  },
} as const;

/** Reads whose the orders are that these keys name, and what was spent on them; rides in one request. */
export const readReturns = (context: Context, keys: readonly (readonly [string, string])[]) =>
  [readOwners(context, keys), readSpends(context, keys), readBrandAccounts(context)] as const;

const readOwners = ({ actor, database, now }: Context, keys: Parameters<typeof readReturns>[1]) => {
  const { brandId } = actorOf({ actor });
  return database.query.members.findMany({
    where: { brandId, RAW: ({ id }) => sql`${id} in (${ofOrders(brandId, keys, sql`${orders.memberId}`)})` },
    columns: { id: true, state: true },
    with: { ...walletParts(now), accounts: true, standing: { columns: { version: true } } },
  });
};

const readSpends = ({ actor, database }: Context, keys: Parameters<typeof readReturns>[1]) => {
  const { brandId } = actorOf({ actor });
  const owners = ofOrders(brandId, keys, sql`${orders.memberId}`);
  const references = ofOrders(brandId, keys, sql`${orders.memberId}, ${orders.externalId}`);
  return database.query.transfers.findMany({
    where: {
      brandId,
      credit: { kind: "REDEMPTION" },
      // The index by member finds them.
      RAW: ({ memberId, cause }) => sql`${memberId} in (${owners})
        and ${cause} ->> '$.operation' in ('spendPoints', 'captureHold')
        and (${memberId}, ${cause} ->> '$.reference') in (${references})`,
    },
    with: spendParts,
  });
};

/** Of both units. */
const readBrandAccounts = ({ actor, database }: Context) =>
  database.query.accounts.findMany({
    where: { brandId: actorOf({ actor }).brandId, memberId: { isNull: true } },
  });

const ofOrders = (brandId: string, keys: Parameters<typeof readReturns>[1], columns: SQL): SQL =>
  sql`select ${columns} from ${orders} where ${orders.brandId} = ${brandId}
    and ${isAmong([orders.source, orders.externalId], keys)} and ${orders.memberId} is not null`;

export type Owner = Awaited<ReturnType<typeof readOwners>>[number];
export type AwardRow = InferSelectModel<typeof awards> & {
  lot: { uses: readonly { amount: number; transfer: { credit: { kind: string } } }[] } | null;
};
type Spends = Awaited<ReturnType<typeof readSpends>>;

/** What was read of the members concerned. */
export interface ReturnFacts {
  owners: readonly Owner[];
  spends: Spends;
  brandAccounts: Awaited<ReturnType<typeof readBrandAccounts>>;
}
