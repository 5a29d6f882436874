import { and, eq, isNull, sql } from "drizzle-orm";
import type { BatchResponse } from "drizzle-orm/batch";
import { couponChanges, redemptions } from "../../schema/tables/coupons.ts";
import { readStaleCheckouts } from "../carts/end-checkouts.ts";
import { parseCode } from "../codes/code.ts";
import { foundCoupon, offersOfCodes, openCodes, readCodes } from "../codes/resolve.ts";
import { actorOf, type Context } from "../context.ts";
import { countedWithout, readCounters } from "../offers/limits.ts";
import { readPaidOrders } from "../orders/read-paid-orders.ts";
import { readHeldByOffer } from "./new-coupons.ts";
import { freed } from "./stale-hold.ts";

interface Asked {
  code: string;
  memberId: string | null;
  store: string | null;
}

/** All that using one code on an order is decided on, in statements of one batch. */
export function readRedeeming(context: Context, { code: entered, memberId, store }: Asked) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const code = parseCode(entered) ?? "";
  // Whose the coupon is; nobody's becomes that of the member who is named.
  const holder = sql`(select coalesce((select c.member_id from coupons c where c.brand_id = ${brandId} and c.code = ${code}), ${memberId}))`;
  return [
    ...readCodes(context, [entered]),
    database.query.brands.findFirst({
      where: { id: brandId },
      columns: { currency: true, timeZone: true, wrappedDataKey: true },
    }),
    database.query.members.findFirst({
      where: { brandId, RAW: ({ id }) => sql`${id} = ${holder}` },
      columns: { id: true, state: true, closedAt: true, enrolledAt: true, profile: true },
      with: { tier: { columns: { id: true, rank: true } } },
    }),
    readPaidOrders(context, holder),
    readHeldByOffer(context, holder),
    readCounters(context, sql`(${offersOfCodes(context, [entered])})`, { memberId: holder, store }),
    database
      .select({ redeemedAt: redemptions.redeemedAt })
      .from(redemptions)
      .where(
        and(
          ...[eq(redemptions.brandId, brandId), isNull(redemptions.rolledBackAt)],
          sql`${redemptions.couponId} = (select c.id from coupons c where c.brand_id = ${brandId} and c.code = ${code})`,
        ),
      ),
    // Of a code for everybody, the coupon that the member has already, or had in a checkout that is over.
    database.query.coupons.findFirst({
      where: {
        ...{
          brandId,
          memberId: memberId ?? "",
          state: { in: ["AVAILABLE", "HELD"] },
          expiryOrder: { gt: now },
        },
        RAW: ({ offerId, startsAt, heldUntil }) => sql`coalesce(${startsAt} <= ${now}, true)
          and coalesce(${heldUntil} <= ${now}, true) and ${offerId} in (
          select s.offer_id from shared_codes s where s.brand_id = ${brandId} and s.code = ${code})`,
      },
      orderBy: { expiryOrder: "asc", id: "asc" },
      with: { offer: true, version: true },
    }),
    readStaleCheckouts(context, holder),
    // Who gave a coupon away knows its code still.
    database
      .select({ id: couponChanges.id })
      .from(couponChanges)
      .where(
        and(
          ...[eq(couponChanges.brandId, brandId), eq(couponChanges.kind, "GIVEN")],
          sql`${couponChanges.couponId} = (select c.id from coupons c where c.brand_id = ${brandId} and c.code = ${code})`,
        ),
      )
      .limit(1),
  ] as const;
}

export type RedeemingRows = BatchResponse<ReturnType<typeof readRedeeming>>;

/** What is behind the code, and who uses it. */
export async function openRedeeming(context: Context, { code }: Asked, rows: RedeemingRows) {
  const [, , , , , brand, member, [orderCount], held, taken, [redemption], own, stale, [given]] = rows;
  const behind = (await openCodes(context, [code], rows as never)).get(code) ?? { kind: "NONE" as const };
  const coupon = behind.kind === "SHARED" ? own : behind.kind === "COUPON" ? behind.coupon : undefined;
  const freedOne = coupon && freed(context, coupon, stale);
  // What goes with its checkout stands in the way of no other.
  const isGone = behind.kind === "SHARED" && freedOne?.coupon.state !== "AVAILABLE";
  const free = isGone ? undefined : freedOne;
  const found = free ? foundCoupon(free.coupon) : behind;
  const ended = (free?.ended ?? []).flatMap((checkout) => checkout.coupons);
  const counted = countedWithout(taken, ended);
  const paidOrders = orderCount?.paid ?? 0;
  const isGiven = given !== undefined;
  return { brand, member, found, free, held, counted, redemption, paidOrders, isGiven };
}
