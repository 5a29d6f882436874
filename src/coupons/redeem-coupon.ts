import { and, eq, sql } from "drizzle-orm";
import { coupons, redemptions } from "../../schema/tables/coupons.ts";
import { callerOf } from "../access/actor.ts";
import { buyerOf } from "../carts/buyer.ts";
import type { CartLine } from "../carts/cart.ts";
import { faultOfCart } from "../carts/cart-fault.ts";
import { couponOfCode } from "../codes/coupon-of-code.ts";
import type { FoundCode } from "../codes/open-codes.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustChange, mustHold, type Read, type Statement } from "../database/commit.ts";
import { InvalidValue, isRefusal, NotFound, type Refusal } from "../errors.ts";
import { outside } from "../faults.ts";
import { isActiveMember } from "../members/conditions.ts";
import { MemberClosed } from "../members/refusals.ts";
import { areAsRead, countersOf, takeFromLimits, takenOf } from "../offers/limits.ts";
import { OfferNotActive } from "../offers/refusals.ts";
import { LARGEST_AMOUNT } from "../shares.ts";
import { applyCoupon } from "./apply-coupon.ts";
import { changed } from "./changes.ts";
import { openRedeeming, readRedeeming } from "./read-redeeming.ts";
import { whyNotFree, whyNotTheirs } from "./redeemable.ts";
import {
  CouponAlreadyRedeemed,
  CouponNotApplicable,
  CouponNotClaimed,
  CouponNotYetValid,
  CurrencyMismatch,
} from "./refusals.ts";

export interface RedeemCouponInput {
  code: string;
  /** The member at the till, if known: the coupon must then be theirs, or nobody's yet. */
  memberId?: string | null;
  orderReference: string;
  orderAmountMinor: number;
  currency: string;
  /** What is bought: all of the order. */
  lines?: readonly CartLine[] | null;
  channel?: string | null;
  store?: string | null;
  paymentMethod?: string | null;
  idempotencyKey: string;
}

export interface RedeemCouponOutcome {
  couponId: string;
  redemptionId: string;
  discountMinor: number;
  payableMinor: number;
}

/**
 * Uses a coupon on an order, and answers the discount: as its terms say, within the limits of its offer. One
 * coupon is redeemed once, however many try. A code that is no coupon yet becomes one in the same commit.
 */
export async function redeemCoupon<Row>(
  context: Context,
  input: RedeemCouponInput,
  read: Read<RedeemCouponOutcome, Row>,
) {
  const { database, newId, now } = context;
  const actor = actorOf(context);
  const { brandId } = actor;
  const { orderReference, orderAmountMinor, currency, lines = null } = input;
  const { channel = null, store = null, paymentMethod = null } = input;
  const asked = { code: input.code, memberId: input.memberId ?? null, store };
  return commit(context, {
    name: "redeemCoupon",
    input,
    load: () => readRedeeming(context, asked),
    decide: async (rows) => {
      const facts = await openRedeeming(context, asked, rows);
      const { brand, member, found, counted, redeemedAt } = facts;
      if (!brand || found.kind === "NONE") return NotFound({ id: input.code });
      const fault = faultOfOrder(input);
      if (fault) return fault;
      if (member?.state === "CLOSED") return MemberClosed({ memberId: member.id, closedAt: member.closedAt });
      const { offer, version } = found;
      const { timeZone } = brand;
      const held = facts.held.find(({ offerId }) => offerId === offer.id)?.held ?? 0;
      const coupon = useOf(context, found, { ...asked, timeZone, held, isGiven: facts.isGiven });
      if (isRefusal(coupon))
        return redeemedAt !== null && coupon.refusal === "CouponAlreadyRedeemed"
          ? CouponAlreadyRedeemed({ couponId: String(coupon.data.couponId), redeemedAt })
          : coupon;
      const { couponId, memberId, startsAt } = coupon;
      if (!member) return NotFound({ id: memberId });
      if (startsAt !== null && now < startsAt) return CouponNotYetValid({ couponId, startsAt });
      if (currency !== brand.currency) return CurrencyMismatch({ currency: brand.currency });

      const { terms, title } = version;
      const asksForBirthday = terms.birthday != null;
      const { paidOrders } = facts;
      const buyer = await buyerOf(context, brand, member, { at: now, paidOrders, asksForBirthday });
      const counters = countersOf(offer.terms.limits, { memberId, store, at: now, timeZone });
      const given = applyCoupon(
        {
          ...{ couponId, startsAt, expiresAt: coupon.expiresAt, taken: takenOf(offer.id, counters, counted) },
          offer: { id: offer.id, version: version.version, title, terms },
        },
        { orderAmountMinor, lines, channel, store, paymentMethod },
        { buyer, currency, timeZone, now },
      );
      if (isRefusal(given)) return given;
      const { discountMinor } = given;
      const redemptionId = newId("Redemption");
      const isTheCoupon = and(eq(coupons.brandId, brandId), eq(coupons.id, couponId));
      return {
        outcome: { couponId, redemptionId, discountMinor, payableMinor: orderAmountMinor - discountMinor },
        effects: [
          ...facts.free.ends,
          ...coupon.effects,
          database
            .update(coupons)
            .set({ state: "REDEEMED" })
            .where(and(isTheCoupon, eq(coupons.state, "AVAILABLE"), eq(coupons.memberId, memberId))),
          mustChange(database),
          mustHold(database, sql`${isActiveMember(brandId, memberId)} and ${areAsRead(brandId, [offer])}`),
          database.insert(redemptions).values({
            ...{ brandId, id: redemptionId, couponId, offerId: offer.id, memberId },
            ...{ orderReference, orderAmountMinor, discountMinor, currency, channel, store },
            ...{ lines: given.lines, redeemedAt: now, redeemedBy: callerOf(actor) },
          }),
          ...takeFromLimits(context, [{ offerId: offer.id, counters, discountMinor }]),
          ...changed(context, [
            ...(coupon.isNew ? [{ couponId, kind: "CLAIMED" as const, memberId }] : []),
            { couponId, kind: "REDEEMED", memberId, redemptionId, reference: orderReference },
          ]),
        ],
        audit: [
          { subjectId: couponId, detail: { redemptionId, orderReference, discountMinor } },
          ...facts.free.records.audit,
        ],
        events: [
          ...facts.free.records.events,
          {
            type: "coupon.redeemed",
            payload: { couponId, redemptionId, memberId, orderReference, discountMinor },
          },
        ],
      };
    },
    read,
  });
}

/** Why an order cannot be one. PURE. */
function faultOfOrder({ orderAmountMinor, lines }: RedeemCouponInput): Refusal | undefined {
  const outOfRange = outside("orderAmountMinor", orderAmountMinor, 0, LARGEST_AMOUNT);
  if (outOfRange || !lines) return outOfRange;
  const fault = faultOfCart({
    ...{ lines, couponIds: [], codes: [], segments: [], shippingMinor: 0, pointsToSpend: 0 },
    ...{ memberId: null, channel: null, store: null, paymentMethod: null, choice: "ASKED", at: 0 },
  });
  if (fault) return fault;
  const sum = lines.reduce((total, { amountMinor }) => total + amountMinor, 0);
  return sum === orderAmountMinor
    ? undefined
    : InvalidValue({ field: "lines", reason: `must come to orderAmountMinor, and come to ${sum}` });
}

/** A member's coupon that is used, and what makes it theirs where it is not yet. */
interface Use {
  couponId: string;
  memberId: string;
  startsAt: number | null;
  expiresAt: number | null;
  /** Whether it becomes theirs in this commit. */
  isNew: boolean;
  effects: Statement[];
}

/** The coupon behind a code, or why it cannot be used, whatever the order is. */
function useOf(
  context: Context,
  found: Exclude<FoundCode, { kind: "NONE" }>,
  {
    memberId,
    timeZone,
    held,
    isGiven,
  }: { memberId: string | null; timeZone: string; held: number; isGiven: boolean },
): Use | Refusal {
  const { offer } = found;
  const coupon = found.kind === "COUPON" ? found.coupon : undefined;
  const fault = coupon && (whyNotFree(coupon, context.now) ?? whyNotTheirs(coupon, memberId));
  if (fault) return fault;
  if (offer.state === "DRAFT" || offer.state === "PAUSED")
    return OfferNotActive({ offerId: offer.id, state: offer.state });
  const memberNeeded = () =>
    CouponNotApplicable({
      ...{ offerId: offer.id, reason: "MEMBER_NEEDED", missingQuantity: null, from: null },
    });
  if (coupon && coupon.memberId !== null) {
    if (isGiven && memberId === null) return memberNeeded();
    const { id: couponId, memberId: holderId, startsAt, expiresAt } = coupon;
    return { couponId, memberId: holderId, startsAt, expiresAt, isNew: false, effects: [] };
  }
  if (memberId === null) {
    return coupon ? CouponNotClaimed({ couponId: coupon.id }) : memberNeeded();
  }
  const made = couponOfCode(context, found, { memberId, timeZone, held });
  return isRefusal(made) ? made : { ...made, memberId, isNew: true };
}
