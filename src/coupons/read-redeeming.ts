import { and, eq, sql } from "drizzle-orm";
import type { BatchResponse } from "drizzle-orm/batch";
import { brands } from "../../schema/tables/brands.ts";
import { coupons } from "../../schema/tables/coupons.ts";
import { members } from "../../schema/tables/members.ts";
import { tiers } from "../../schema/tables/tiers.ts";
import { madeFor, readStaleCheckouts } from "../carts/held-checkouts.ts";
import { parseCode } from "../codes/code.ts";
import { readFormats } from "../codes/code-book.ts";
import { foundCoupon, openCodes, wereBatchesRead } from "../codes/open-codes.ts";
import {
  offersOfOpened,
  placesKnown,
  readBatches,
  readCoupons,
  readSharedCodes,
} from "../codes/read-codes.ts";
import { actorOf, type Context } from "../context.ts";
import { countedWithout, readCounters } from "../offers/limits.ts";
import { paidOrdersOf } from "../orders/read-paid-orders.ts";
import { readHeldByOffer } from "./new-coupons.ts";
import { freed } from "./stale-hold.ts";

interface Asked {
  code: string;
  memberId: string | null;
  store: string | null;
}

/** All that using one code on an order is decided on, in statements of one batch: few, and short. */
export function readRedeeming(context: Context, { code: entered, memberId, store }: Asked) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const code = parseCode(entered) ?? "";
  // Whose the coupon is; nobody's becomes that of the member who is named.
  const holder = sql`(select coalesce((select c.member_id from coupons c where c.brand_id = ${brandId} and c.code = ${code}), ${memberId}))`;
  const offerIds = offersOfOpened(context, [code]);
  const places = placesKnown(context, [code]);
  return [
    database
      .select({
        brand: {
          currency: brands.currency,
          timeZone: brands.timeZone,
          wrappedDataKey: brands.wrappedDataKey,
        },
        member: {
          ...{ id: members.id, state: members.state, closedAt: members.closedAt },
          ...{ enrolledAt: members.enrolledAt, profile: members.profile },
        },
        tier: { id: tiers.id, rank: tiers.rank },
        paidOrders: paidOrdersOf(brandId, members.id),
      })
      .from(brands)
      .leftJoin(members, and(eq(members.brandId, brandId), sql`${members.id} = ${holder}`))
      .leftJoin(tiers, and(eq(tiers.brandId, brandId), eq(tiers.id, members.tierId)))
      .where(eq(brands.id, brandId)),
    // How it was used; and that it was given away: who did that knows its code still.
    database
      .select({
        redeemedAt: sql<number | null>`(select r.redeemed_at from redemptions r where r.brand_id = ${brandId}
          and r.coupon_id = coupons.id and r.rolled_back_at is null)`,
        isGiven: sql<number>`exists (select 1 from coupon_changes h where h.brand_id = ${brandId}
          and h.coupon_id = coupons.id and h.kind = 'GIVEN')`,
      })
      .from(coupons)
      .where(and(eq(coupons.brandId, brandId), eq(coupons.code, code))),
    readHeldByOffer(context, memberId ?? "", offerIds),
    readCounters(context, sql`(${offerIds})`, { memberId: holder, store }),
    readFormats(context, [code]),
    // The coupon; and of a code for everybody, what the member has already, or had in a checkout that is over.
    readCoupons(
      context,
      sql`${coupons.id} in (select c.id from coupons c where c.brand_id = ${brandId} and c.code = ${code}
        union all select id from (select c.id from coupons c where c.brand_id = ${brandId} and c.offer_id = (
            select s.offer_id from shared_codes s where s.brand_id = ${brandId} and s.code = ${code})
          and c.member_id = ${memberId} and c.state in ('AVAILABLE', 'HELD') and c.expiry_order > ${now}
          and coalesce(c.starts_at <= ${now}, true) and coalesce(c.held_until <= ${now}, true)
        order by c.expiry_order, c.id limit 1))`,
    ),
    readSharedCodes(context, [code]),
    readStaleCheckouts(context, holder),
    ...(places.length > 0 ? [readBatches(context, places)] : []),
  ] as const;
}

export type RedeemingRows = BatchResponse<ReturnType<typeof readRedeeming>>;

/** What is behind the code, and who uses it. */
export async function openRedeeming(context: Context, asked: Asked, loaded: RedeemingRows) {
  const rows = await withBatches(context, asked, loaded);
  const [[who], [history], holdings, taken, , , , stale] = rows;
  const { byCode, own } = codeRowsOf(asked, rows);
  const behind = (await openCodes(context, [asked.code], byCode)).get(asked.code) ?? {
    kind: "NONE" as const,
  };
  const coupon = behind.kind === "SHARED" ? own : behind.kind === "COUPON" ? behind.coupon : undefined;
  const free = freed(context, coupon, stale);
  // What goes with its checkout stands in the way of no other.
  const isGone = behind.kind === "SHARED" && free.coupon?.state !== "AVAILABLE";
  const found = free.coupon && !isGone ? foundCoupon(free.coupon) : behind;
  const gone = stale.flatMap(madeFor);
  const heldOf = ({ offerId, held }: (typeof holdings)[number]) =>
    held - gone.filter((one) => one.offerId === offerId).length;
  const ended = stale.flatMap((checkout) => checkout.coupons);
  return {
    ...{ brand: who?.brand, member: who?.member && who.tier ? { ...who.member, tier: who.tier } : undefined },
    ...{ found, free, counted: countedWithout(taken, ended), paidOrders: who?.paidOrders ?? 0 },
    held: holdings.map((row) => ({ ...row, held: heldOf(row) })),
    ...{ redeemedAt: history?.redeemedAt ?? null, isGiven: Boolean(history?.isGiven) },
  };
}

/** The facts, read once more where the isolate had not seen codes of such a kind before. */
async function withBatches(context: Context, asked: Asked, rows: RedeemingRows): Promise<RedeemingRows> {
  const { byCode } = codeRowsOf(asked, rows);
  return (await wereBatchesRead(context, [asked.code], byCode))
    ? rows
    : context.database.batch([...readRedeeming(context, asked)]);
}

/** What `openCodes` is given; and of a code for everybody, the coupon that the member has already. */
function codeRowsOf({ code }: Asked, rows: RedeemingRows) {
  const [[who], , , , formats, couponRows, shared, , batches = []] = rows;
  const isNamed = (coupon: (typeof couponRows)[number]) => coupon.code === parseCode(code);
  const codeRows = [formats, couponRows.filter(isNamed), shared, batches] as const;
  const byCode = { wrappedDataKey: who?.brand.wrappedDataKey, rows: codeRows };
  return { byCode, own: couponRows.find((coupon) => !isNamed(coupon)) };
}
