import { and, count, eq, ne, type SQL, sql } from "drizzle-orm";
import { coupons } from "../../schema/tables/coupons.ts";
import { type OfferTerms, offers } from "../../schema/tables/offers.ts";
import { newCode } from "../codes/code.ts";
import { actorOf, type Context } from "../context.ts";
import { eachOf, insertRows, type NewRow } from "../database/bulk.ts";
import { mustChange, mustHold, type Statement } from "../database/commit.ts";
import { areActiveMembers } from "../members/conditions.ts";
import { validityOf } from "../offers/issuing.ts";

export type NewCoupon = NewRow<typeof coupons>;

interface IssuingOffer {
  brandId: string;
  id: string;
  version: number;
  terms: OfferTerms;
  perMemberLimit: number | null;
}

/**
 * New coupons of an offer, one for each holder (null makes a code that anyone may claim), and the
 * statements that put them there: they abort the commit rather than exceed a limit.
 *
 * @param issuedByBrandId who gives them out: the offer's brand, or a partner in a joint campaign.
 * @param codes theirs, where they come from elsewhere; new ones otherwise.
 */
export function newCoupons(
  { database, newId, now }: Context,
  offer: IssuingOffer,
  timeZone: string,
  holders: readonly (string | null)[],
  {
    issuedByBrandId,
    jointCampaignId = null,
    codes,
  }: { issuedByBrandId: string; jointCampaignId?: string | null; codes?: readonly string[] },
): { rows: NewCoupon[]; effects: Statement[] } {
  const named = holders.filter((holder) => holder !== null);
  const validity = validityOf(offer.terms, timeZone, now);
  const unclaimed = { startsAt: validity.startsAt, expiresAt: offer.terms.endsAt ?? null };
  const rows = holders.map(
    (memberId, position): NewCoupon => ({
      brandId: offer.brandId,
      id: newId("Coupon"),
      offerId: offer.id,
      memberId,
      code: codes?.[position] ?? newCode(),
      state: "AVAILABLE",
      issuedAt: now,
      claimedAt: memberId === null ? null : now,
      ...(memberId === null ? unclaimed : validity),
      jointCampaignId,
      issuedByBrandId,
      offerVersion: offer.version,
      heldUntil: null,
    }),
  );
  return {
    rows,
    effects: [
      ...countIssued(database, offer, rows.length),
      ...insertRows(database, coupons, rows),
      mustHold(database, areActiveMembers(offer.brandId, named)),
      ...(offer.perMemberLimit === null ? [] : [mustHold(database, withinMemberLimit(offer, named))]),
    ],
  };
}

/** Counts coupons that are given out. The table's check refuses a count above the limit. */
export const countIssued = (
  database: Context["database"],
  { brandId, id, version }: Pick<IssuingOffer, "brandId" | "id" | "version">,
  count: number,
): Statement[] => [
  database
    .update(offers)
    .set({ issuedCount: sql`${offers.issuedCount} + ${count}` })
    .where(
      and(
        ...[eq(offers.brandId, brandId), eq(offers.id, id)],
        ...[eq(offers.state, "ACTIVE"), eq(offers.version, version)],
      ),
    ),
  mustChange(database),
];

/** Reads how many coupons of an offer some members have. @param memberIds a list in brackets. */
export const readHoldings = ({ database, actor }: Context, offerId: string | SQL, memberIds: SQL) =>
  database
    .select({ memberId: coupons.memberId, held: count() })
    .from(coupons)
    .where(
      and(
        eq(coupons.brandId, actorOf({ actor }).brandId),
        sql`${coupons.offerId} = ${offerId} and ${coupons.memberId} in ${memberIds}`,
        ne(coupons.state, "REVOKED"),
      ),
    )
    .groupBy(coupons.memberId);

/** Reads how many coupons of some offers a member has, by offer. @param offerIds a query of them. */
export const readHeldByOffer = ({ database, actor }: Context, memberId: string, offerIds: SQL) =>
  database
    .select({ offerId: coupons.offerId, held: count() })
    .from(coupons)
    .where(
      and(
        ...[eq(coupons.brandId, actorOf({ actor }).brandId), eq(coupons.memberId, memberId)],
        ...[ne(coupons.state, "REVOKED"), sql`${coupons.offerId} in (${offerIds})`],
      ),
    )
    .groupBy(coupons.offerId);

/** A condition: none of the holders has more coupons of the offer than one member may have. */
export function withinMemberLimit(
  offer: Omit<IssuingOffer, "terms" | "version">,
  memberIds: readonly string[],
) {
  return sql`not exists (
    select 1 from ${coupons} where ${coupons.brandId} = ${offer.brandId} and ${coupons.offerId} = ${offer.id}
      and ${coupons.memberId} in (${eachOf(memberIds)}) and ${coupons.state} <> 'REVOKED'
    group by ${coupons.memberId} having count(*) > ${offer.perMemberLimit})`;
}
