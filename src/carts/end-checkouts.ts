import { and, eq, inArray, sql } from "drizzle-orm";
import { checkoutBenefits, checkouts } from "../../schema/tables/carts.ts";
import { coupons } from "../../schema/tables/coupons.ts";
import { offers } from "../../schema/tables/offers.ts";
import { giveUsesBack } from "../benefits/taking.ts";
import { actorOf, type Context } from "../context.ts";
import { changed } from "../coupons/changes.ts";
import { changesOf, eachOf, isAmong } from "../database/bulk.ts";
import { mustChange, type Statement } from "../database/commit.ts";
import { giveBackToLimits } from "../offers/limits.ts";
import { endHold } from "../points/wallet.ts";
import { type HeldCheckout, madeFor } from "./held-checkouts.ts";

/**
 * Ends open checkouts, so that all that they hold is free again: coupons, what of limits and quotas they took,
 * and points. Aborts the commit when one was settled in the meantime.
 *
 * @param operation what ends them, for the history of the points.
 * @param released holds that the same commit releases anyway.
 */
export function endCheckouts(
  context: Context,
  ended: readonly HeldCheckout[],
  operation: "releaseHold" | "releaseStaleHolds",
  released: readonly string[] = [],
): Statement[] {
  if (ended.length === 0) return [];
  return [
    ...settleCheckouts(context, ended, { state: "CANCELLED" }),
    ...freeCoupons(context, ended),
    ...giveBackToLimits(
      context,
      ended.flatMap((checkout) => checkout.coupons.map((use) => ({ ...use, uses: 1 as const }))),
    ),
    ...giveBenefitsBack(context, ended),
    ...ended.flatMap(({ hold, accounts }) =>
      hold?.state === "OPEN" && !released.includes(hold.id)
        ? endHold(context, hold, accounts, operation)
        : [],
    ),
  ];
}

/** Ends a member's checkouts whose time is over, before what they held is wanted again in the same commit. */
export const endStaleCheckouts = (
  context: Context,
  stale: readonly HeldCheckout[],
  released: readonly string[] = [],
): Statement[] => endCheckouts(context, stale, "releaseStaleHolds", released);

/** Settles open checkouts, or aborts the commit: of those that try, one comes first. */
export function settleCheckouts(
  context: Context,
  open: readonly { id: string }[],
  settled: { state: "COMPLETED" | "CANCELLED"; orderId?: string | null },
): Statement[] {
  const { database, now } = context;
  const areThey = and(
    eq(checkouts.brandId, actorOf(context).brandId),
    inArray(checkouts.id, sql`(${eachOf(open.map(({ id }) => id))})`),
    eq(checkouts.state, "OPEN"),
  );
  return [
    database
      .update(checkouts)
      .set({ ...settled, settledAt: now })
      .where(areThey),
    mustChange(database, open.length),
  ];
}

/** Lets go of held coupons: to be used elsewhere, or for good. */
export function letGo(
  { actor, database }: Context,
  couponIds: readonly string[],
  state: "AVAILABLE" | "REDEEMED" | "REVOKED",
): Statement[] {
  if (couponIds.length === 0) return [];
  const { brandId } = actorOf({ actor });
  // With their brand: given apart, SQLite would begin with all that the brand has.
  const areThey = and(
    isAmong(
      [coupons.brandId, coupons.id],
      couponIds.map((id) => [brandId, id]),
    ),
    eq(coupons.state, "HELD"),
  );
  return [
    database.update(coupons).set({ state, heldUntil: null }).where(areThey),
    mustChange(database, couponIds.length),
  ];
}

function freeCoupons(context: Context, ended: readonly HeldCheckout[]): Statement[] {
  const held = ended.flatMap((checkout) =>
    checkout.coupons.map(({ couponId, memberId }) => ({
      ...{ couponId, kind: "RELEASED" as const, memberId },
      reference: checkout.orderReference,
    })),
  );
  const gone = new Map(ended.flatMap(madeFor).map(({ couponId, offerId }) => [couponId, offerId]));
  const isGone = ({ couponId }: { couponId: string }) => gone.has(couponId);
  const revoked = held.filter(isGone).map((change) => ({ ...change, kind: "REVOKED" as const }));
  const free = held.filter((change) => !isGone(change)).map(({ couponId }) => couponId);
  return [
    ...letGo(context, free, "AVAILABLE"),
    ...letGo(context, [...gone.keys()], "REVOKED"),
    ...neverIssued(context, [...gone.values()]),
    ...changed(context, [...held, ...revoked]),
  ];
}

/** Counts coupons as not issued, so that others can have them. @param offerIds one for each coupon. */
function neverIssued({ actor, database }: Context, offerIds: readonly string[]): Statement[] {
  if (offerIds.length === 0) return [];
  const counts = [...Map.groupBy(offerIds, (id) => id)].map(([id, { length }]) => ({ id, count: length }));
  return [
    database.run(sql`
      update ${offers} set issued_count = issued_count - (f.value ->> '$.count')
      from ${changesOf(actorOf({ actor }).brandId, counts)}
      where ${offers.brandId} = f.value ->> '$.brandId' and ${offers.id} = f.value ->> '$.id'`),
  ];
}

/** Gives uses of benefits back that checkouts took, each once: then they are taken no more. */
export function giveBenefitsBack(
  context: Context,
  taken: readonly Pick<HeldCheckout, "memberId" | "benefits">[],
): Statement[] {
  const { database } = context;
  const uses = taken.flatMap(({ memberId, benefits }) => benefits.map((use) => ({ ...use, memberId })));
  if (uses.length === 0) return [];
  const pairs = uses.map(({ checkoutId, benefitId }) => [checkoutId, benefitId] as const);
  return [
    database
      .delete(checkoutBenefits)
      .where(
        and(
          eq(checkoutBenefits.brandId, actorOf(context).brandId),
          isAmong([checkoutBenefits.checkoutId, checkoutBenefits.benefitId], pairs),
        ),
      ),
    mustChange(database, uses.length),
    ...giveUsesBack(context, uses),
  ];
}

/** What the brand is told of checkouts that ended without an order. */
export const recordsOfEnded = (ended: readonly HeldCheckout[], reason: "CANCELLED" | "EXPIRED") => ({
  audit: ended.map(({ id, source, orderReference }) => ({
    subjectId: id,
    detail: { source, orderReference, reason },
  })),
  events: ended.map(({ id, memberId, source, orderReference, coupons: uses }) => ({
    type: "checkout.cancelled",
    payload: {
      ...{ checkoutId: id, memberId, source, orderReference, reason },
      couponIds: uses.map(({ couponId }) => couponId),
    },
  })),
});
