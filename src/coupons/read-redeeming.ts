import { and, count, eq, isNotNull, isNull, ne, type SQL, sql } from "drizzle-orm";
import type { BatchResponse } from "drizzle-orm/batch";
import { couponChanges, coupons, redemptions } from "../../schema/tables/coupons.ts";
import { orders } from "../../schema/tables/orders.ts";
import { openDataKey } from "../brands/data-key.ts";
import { daysFromBirthday } from "../carts/birthday.ts";
import type { Buyer } from "../carts/cart.ts";
import { readStaleCheckouts } from "../carts/end-checkouts.ts";
import { parseCode } from "../codes/code.ts";
import { type FoundCode, openCodes, readCodes } from "../codes/resolve.ts";
import { actorOf, type Context } from "../context.ts";
import { openProfile } from "../members/profile.ts";
import { readCounters } from "../offers/limits.ts";
import { countedWithout, freed } from "./stale-hold.ts";

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
    database
      .select({ paid: count() })
      .from(orders)
      .where(
        and(
          ...[eq(orders.brandId, brandId), eq(orders.memberId, holder)],
          ...[isNotNull(orders.paidAt), isNull(orders.cancelledAt)],
        ),
      ),
    // How many coupons the member has, by offer.
    database
      .select({ offerId: coupons.offerId, held: count() })
      .from(coupons)
      .where(and(eq(coupons.brandId, brandId), eq(coupons.memberId, holder), ne(coupons.state, "REVOKED")))
      .groupBy(coupons.offerId),
    readCounters(context, sql`(${offersBehind(brandId, code)})`, { memberId: holder, store }),
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

/** The offers whose coupon a code can be. */
const offersBehind = (brandId: string, code: string): SQL =>
  sql`select c.offer_id from coupons c where c.brand_id = ${brandId} and c.code = ${code}
    union select s.offer_id from shared_codes s where s.brand_id = ${brandId} and s.code = ${code}
    union select b.offer_id from code_batches b where b.brand_id = ${brandId}`;

export type RedeemingRows = BatchResponse<ReturnType<typeof readRedeeming>>;

/** What is behind the code, and who uses it. */
export async function openRedeeming(context: Context, { code }: Asked, rows: RedeemingRows) {
  const [, , , , , brand, member, [orderCount], held, taken, [redemption], own, stale, [given]] = rows;
  const behind = (await openCodes(context, [code], rows as never)).get(code) ?? { kind: "NONE" };
  const coupon = behind.kind === "SHARED" ? own : behind.kind === "COUPON" ? behind.coupon : undefined;
  const freedOne = coupon && freed(context, coupon, stale);
  // What goes with its checkout stands in the way of no other.
  const isGone = behind.kind === "SHARED" && freedOne?.coupon.state !== "AVAILABLE";
  const free = isGone ? undefined : freedOne;
  const found: FoundCode = free
    ? {
        kind: "COUPON",
        ...free,
        code: free.coupon.code,
        offer: free.coupon.offer,
        version: free.coupon.version,
      }
    : behind;
  const counted = countedWithout(taken, free?.ended ?? []);
  const paidOrders = orderCount?.paid ?? 0;
  const isGiven = given !== undefined;
  return { brand, member, found, free, held, counted, redemption, paidOrders, isGiven };
}

/** The member as offers ask for one; the birthday only where it matters. */
export async function buyerOf(
  { environment, now }: Context,
  brand: NonNullable<RedeemingRows[5]>,
  member: NonNullable<RedeemingRows[6]>,
  { paidOrders, asksForBirthday }: { paidOrders: number; asksForBirthday: boolean },
): Promise<Buyer> {
  const { id: memberId, tier, enrolledAt } = member;
  const buyer = { memberId, tierId: tier.id, tierRank: tier.rank, enrolledAt, paidOrders };
  if (!asksForBirthday) return { ...buyer, daysFromBirthday: null };
  const key = await openDataKey(environment.encryptionKeys, brand.wrappedDataKey);
  const { birthday } = await openProfile(member, key);
  return { ...buyer, daysFromBirthday: birthday ? daysFromBirthday(birthday, now, brand.timeZone) : null };
}
