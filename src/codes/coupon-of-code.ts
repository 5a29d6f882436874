import { and, eq, isNull, sql } from "drizzle-orm";
import { codeBatches, sharedCodes } from "../../schema/tables/codes.ts";
import { coupons } from "../../schema/tables/coupons.ts";
import { actorOf, type Context } from "../context.ts";
import { newCoupons, withinMemberLimit } from "../coupons/new-coupons.ts";
import { statusOf } from "../coupons/redeemable.ts";
import { CouponAlreadyClaimed, CouponExpired, CouponRevoked } from "../coupons/refusals.ts";
import { insertRows } from "../database/bulk.ts";
import { mustChange, mustHold, type Statement } from "../database/commit.ts";
import type { Refusal } from "../errors.ts";
import { isActiveMember } from "../members/conditions.ts";
import { couponsLeft, validityOf, whyNotAnother, whyNotIssuable } from "../offers/issuing.ts";
import { OfferEnded, OfferExhausted } from "../offers/refusals.ts";
import type { FoundCode } from "./open-codes.ts";
import { SharedCodeUsedUp } from "./refusals.ts";

type Of<Kind extends FoundCode["kind"]> = Extract<FoundCode, { kind: Kind }>;

/** Whose it becomes. */
export interface Holder {
  memberId: string;
  /** The brand's. */
  timeZone: string;
  /** How many coupons of the offer the member has, without those that were revoked. */
  held: number;
}

/** A coupon that a member has by a code, and the statements that make it theirs within all limits. */
export interface CouponOfCode {
  couponId: string;
  /** What it gives, and when it can be used. */
  startsAt: number | null;
  expiresAt: number | null;
  effects: Statement[];
}

/**
 * Makes a member's coupon of a code that nobody has claimed: its row appears, or gets its holder, or a shared
 * code's offer issues one. Of two at once, one aborts and finds the code claimed when it looks again.
 */
export function couponOfCode(
  context: Context,
  found: Exclude<FoundCode, { kind: "NONE" }>,
  holder: Holder,
): Refusal | CouponOfCode {
  if (found.kind === "COUPON") return claimedCoupon(context, found, holder);
  return found.kind === "BATCH"
    ? couponOfBatch(context, found, holder)
    : couponOfShared(context, found, holder);
}

function claimedCoupon(context: Context, { coupon, offer, version }: Of<"COUPON">, holder: Holder) {
  const { database, now } = context;
  const { id: couponId, brandId } = coupon;
  const { memberId, timeZone, held } = holder;
  const status = statusOf(coupon, now);
  if (status === "REVOKED") return CouponRevoked({ couponId });
  if (coupon.memberId !== null) return CouponAlreadyClaimed({ couponId });
  if (status === "EXPIRED") return CouponExpired({ couponId, expiredAt: coupon.expiresAt ?? now });
  const fault = whyNotAnother(offer, memberId, held);
  if (fault) return fault;
  const validity = validityOf(version.terms, timeZone, now);
  return {
    ...{ couponId, ...validity },
    effects: [
      database
        .update(coupons)
        .set({ memberId, claimedAt: now, ...validity })
        .where(
          and(
            eq(coupons.brandId, brandId),
            eq(coupons.id, couponId),
            isNull(coupons.memberId),
            eq(coupons.state, "AVAILABLE"),
          ),
        ),
      mustChange(database),
      ...withinLimits(context, offer, memberId),
    ],
  };
}

function couponOfBatch(context: Context, { code, batch, offer, version }: Of<"BATCH">, holder: Holder) {
  const { database, newId, now } = context;
  const { brandId } = actorOf(context);
  const { memberId, timeZone, held } = holder;
  const endsAt = version.terms.endsAt ?? null;
  if (endsAt !== null && endsAt <= now) return OfferEnded({ offerId: offer.id, endedAt: endsAt });
  const fault = whyNotAnother(offer, memberId, held);
  if (fault) return fault;
  const couponId = newId("Coupon");
  const validity = validityOf(version.terms, timeZone, now);
  const coupon = {
    ...{ brandId, id: couponId, offerId: offer.id, memberId, code, state: "AVAILABLE" as const },
    ...{ issuedAt: batch.createdAt, claimedAt: now, ...validity, jointCampaignId: null },
    ...{ issuedByBrandId: brandId, offerVersion: batch.offerVersion, heldUntil: null },
  };
  return {
    ...{ couponId, ...validity },
    effects: [
      // The code is unique: whoever is second begins again, and finds it claimed.
      ...insertRows(database, coupons, [coupon]),
      mustHold(
        database,
        sql`exists (select 1 from ${codeBatches} where ${codeBatches.brandId} = ${brandId}
          and ${codeBatches.id} = ${batch.id} and ${codeBatches.revokedAt} is null)`,
      ),
      ...withinLimits(context, offer, memberId),
    ],
  };
}

function couponOfShared(context: Context, { shared, offer }: Of<"SHARED">, holder: Holder) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const { memberId, timeZone, held } = holder;
  const { code, claimLimit, claimedCount } = shared;
  const fault = whyNotIssuable(offer, now) ?? whyNotAnother(offer, memberId, held);
  if (fault) return fault;
  if (claimLimit !== null && claimedCount >= claimLimit) return SharedCodeUsedUp({ claimLimit });
  if (couponsLeft(offer) < 1) return OfferExhausted({ offerId: offer.id, left: 0 });
  const { rows, effects } = newCoupons(context, offer, timeZone, [memberId], { issuedByBrandId: brandId });
  const [coupon] = rows;
  if (!coupon) throw new Error("An offer that issues one coupon has issued none.");
  const { id: couponId, startsAt, expiresAt } = coupon;
  return {
    ...{ couponId, startsAt, expiresAt },
    effects: [
      // The table's check refuses a count above the limit.
      database
        .update(sharedCodes)
        .set({ claimedCount: sql`${sharedCodes.claimedCount} + 1` })
        .where(
          and(eq(sharedCodes.brandId, brandId), eq(sharedCodes.code, code), isNull(sharedCodes.revokedAt)),
        ),
      mustChange(database),
      ...effects,
    ],
  };
}

function withinLimits({ database }: Context, offer: Of<"COUPON">["offer"], memberId: string): Statement[] {
  return [
    mustHold(database, isActiveMember(offer.brandId, memberId)),
    ...(offer.perMemberLimit === null ? [] : [mustHold(database, withinMemberLimit(offer, [memberId]))]),
  ];
}
