import { sql } from "drizzle-orm";
import type { BatchResponse } from "drizzle-orm/batch";
import { DAY_MS } from "../calendar.ts";
import { offersOfCodes, readCodes } from "../codes/read-codes.ts";
import { actorOf, type Context, hasScope } from "../context.ts";
import { readHeldByOffer } from "../coupons/new-coupons.ts";
import { eachOf } from "../database/bulk.ts";
import { readEarning } from "../earning/earning-facts.ts";
import { readCounters } from "../offers/limits.ts";
import { readPaidOrders } from "../orders/read-paid-orders.ts";
import { walletParts } from "../points/wallet.ts";
import type { Cart } from "./cart.ts";
import { readStaleCheckouts } from "./held-checkouts.ts";

/** A cart as the caller tells of it. */
export interface CartInput extends Cart {
  /** Null for a guest. */
  memberId: string | null;
  /** Coupons and codes that were asked for. */
  couponIds: readonly string[];
  codes: readonly string[];
}

/** Coupons are told of for so long after they expired. */
const TOLD_AFTER_EXPIRY_MS = 30 * DAY_MS;
const MOST_EXPIRED = 20;
/** Of a member's coupons, those that expire first are considered. */
const MOST_OF_MEMBER = 500;
const MOST_AUTOMATIC = 200;
const YEAR_MS = 366 * DAY_MS;

/** What of an offer matters whichever version a coupon has. */
const present = {
  columns: {
    id: true,
    brandId: true,
    title: true,
    state: true,
    terms: true,
    version: true,
    issueLimit: true,
    issuedCount: true,
    perMemberLimit: true,
  },
} as const;
const couponParts = {
  offer: present,
  version: { columns: { version: true, title: true, terms: true } },
} as const;

/** What a brand plans is not for members to find out before. */
export const rulesMoment = (context: Context, at: number): number =>
  hasScope(context, "program:read") ? at : Math.min(at, context.now);

/** All that a cart is decided on, in statements of one batch; `openCart` makes facts of what they find. */
export function readCart(context: Context, input: CartInput) {
  const { at, codes, couponIds, store } = input;
  const { database } = context;
  const { brandId } = actorOf(context);
  const memberId = input.memberId ?? "";
  const [, , , , earned] = readEarning(context, [{ id: input.memberId }], [at]);
  return [
    ...readCodes(context, codes),
    readProgram(context, at),
    readBuyer(context, memberId, at),
    database.query.coupons.findMany({
      where: { brandId, RAW: ({ id }) => sql`${id} in (${eachOf(couponIds)})` },
      with: couponParts,
    }),
    readPaidOrders(context, memberId),
    readHeldByOffer(context, memberId, offersToGiveOut(context, input)),
    readCounters(context, sql`(${offersInPlay(context, input)})`, { memberId: input.memberId, store, at }),
    earned,
    readStaleCheckouts(context, memberId),
  ] as const;
}

export type CartRows = BatchResponse<ReturnType<typeof readCart>>;
export type CouponRow = CartRows[6][number];
export type PresentOffer = CouponRow["offer"];
export type CountedUse = CartRows[9][number];
export type BuyerRow = NonNullable<CartRows[5]>;

/** The brand, its tiers, the rules in force, and the offers that apply by themselves. */
function readProgram(context: Context, at: number) {
  const inForce = { startsAt: { lte: rulesMoment(context, at) } };
  const newest = { orderBy: { startsAt: "desc", id: "desc" }, limit: 1 } as const;
  return context.database.query.brands.findFirst({
    where: { id: actorOf(context).brandId },
    columns: { currency: true, timeZone: true, wrappedDataKey: true, pointsPolicy: true, pointsName: true },
    with: {
      tiers: {
        columns: { id: true, name: true },
        with: {
          benefits: {
            columns: { terms: true, startsAt: true, endsAt: true },
            where: { kind: "POINTS_MULTIPLIER" },
            orderBy: { id: "asc" },
          },
        },
        orderBy: { rank: "asc" },
      },
      stackingRuleSets: { where: { kind: "STACKING", ...inForce }, ...newest },
      earningRuleSets: { where: { kind: "EARNING", ...inForce }, ...newest },
      automaticOffers: {
        ...present,
        // Written out, so that the index of the active automatic offers answers it.
        where: { RAW: (offer) => sql`${offer.isAutomatic} = 1 and ${offer.state} = 'ACTIVE'` },
        orderBy: { id: "asc" },
        limit: MOST_AUTOMATIC,
      },
    },
  });
}

/** The member, with its points, benefits and coupons. */
function readBuyer(context: Context, memberId: string, at: number) {
  const { database, now } = context;
  const past = Math.min(at, now);
  const soonest = {
    with: couponParts,
    orderBy: { expiryOrder: "asc", id: "asc" },
    limit: MOST_OF_MEMBER,
  } as const;
  return database.query.members.findFirst({
    where: { brandId: actorOf(context).brandId, id: memberId },
    columns: {
      ...{ id: true, state: true, closedAt: true, profile: true },
      ...{ enrolledAt: true, tierId: true, locale: true },
    },
    with: {
      ...walletParts(now),
      accounts: { where: { unit: "POINTS" } },
      tier: {
        columns: { id: true, rank: true },
        with: {
          benefits: {
            where: { kind: { in: ["PERCENTAGE_DISCOUNT", "MEMBER_PRICE", "FREE_SHIPPING"] } },
            orderBy: { id: "asc" },
          },
        },
      },
      // 0 is the period of quotas that never renew.
      benefitUses: { where: { OR: [{ periodStart: 0 }, { periodStart: { gte: past - YEAR_MS } }] } },
      availableCoupons: { where: { state: "AVAILABLE", expiryOrder: { gt: past } }, ...soonest },
      heldCoupons: { where: { state: "HELD", expiryOrder: { gt: past } }, ...soonest },
      expiredCoupons: {
        where: { state: "AVAILABLE", expiryOrder: { gt: past - TOLD_AFTER_EXPIRY_MS, lte: past } },
        ...{ with: couponParts, orderBy: { expiryOrder: "desc", id: "asc" }, limit: MOST_EXPIRED },
      },
    },
  });
}

/** The offers that the member need hold no coupon of: automatic ones, and those behind codes. */
function offersToGiveOut(context: Context, { codes }: CartInput) {
  const { brandId } = actorOf(context);
  const automatic = sql`select o.id from offers o where o.brand_id = ${brandId} and o.is_automatic = 1 and o.state = 'ACTIVE'`;
  return codes.length === 0 ? automatic : sql`${automatic} union ${offersOfCodes(context, codes)}`;
}

/** Those, and the offers of the coupons that are considered. */
function offersInPlay(context: Context, input: CartInput) {
  const { brandId } = actorOf(context);
  return sql`${offersToGiveOut(context, input)}
    union select c.offer_id from coupons c where c.brand_id = ${brandId} and c.id in (${eachOf(input.couponIds)})
    union select c.offer_id from coupons c where c.brand_id = ${brandId} and c.member_id = ${input.memberId}
      and c.state in ('AVAILABLE', 'HELD')`;
}
