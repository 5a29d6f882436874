import { and, eq, inArray, sql } from "drizzle-orm";
import { brands } from "../../schema/tables/brands.ts";
import { members } from "../../schema/tables/members.ts";
import { offers } from "../../schema/tables/offers.ts";
import { actorOf, type Context } from "../context.ts";
import { eachOf } from "../database/bulk.ts";
import { commit, type Read } from "../database/commit.ts";
import { InvalidValue, NotFound, type Refusal } from "../errors.ts";
import { MemberClosed } from "../members/refusals.ts";
import { couponsLeft, whyNotAnother, whyNotIssuable } from "../offers/issuing.ts";
import { OfferExhausted } from "../offers/refusals.ts";
import { newCoupons, readHoldings } from "./new-coupons.ts";

export const MOST_AT_ONCE = 500;

export interface IssueCouponsInput {
  offerId: string;
  memberIds: string[];
  idempotencyKey: string;
}

export interface IssueCouponsOutcome {
  couponIds: string[];
  /** The members who got none, and why; the others are not held up by them. */
  refused: { memberId: string; refusal: Refusal }[];
}

/**
 * Gives each of up to 500 members a coupon of an offer. A member who cannot have one is left out and
 * named; the offer itself refuses for all.
 */
export async function issueCoupons<Row>(
  context: Context,
  input: IssueCouponsInput,
  read: Read<IssueCouponsOutcome, Row>,
) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const { offerId } = input;
  // More than may be named are refused, and not looked up.
  const memberIds = [...new Set(input.memberIds.slice(0, MOST_AT_ONCE))];
  return commit(context, {
    name: "issueCoupons",
    input,
    load: () => [
      database.select({ timeZone: brands.timeZone }).from(brands).where(eq(brands.id, brandId)),
      database
        .select()
        .from(offers)
        .where(and(eq(offers.brandId, brandId), eq(offers.id, offerId))),
      database
        .select({ id: members.id, state: members.state, closedAt: members.closedAt })
        .from(members)
        .where(and(eq(members.brandId, brandId), inArray(members.id, memberIds))),
      readHoldings(context, offerId, sql`(${eachOf(memberIds)})`),
    ],
    decide: ([[brand], [offer], found, holdings]) => {
      if (!brand || !offer) return NotFound({ id: offerId });
      if (memberIds.length === 0 || input.memberIds.length > MOST_AT_ONCE) {
        return InvalidValue({ field: "memberIds", reason: `must name 1 to ${MOST_AT_ONCE} members` });
      }
      const fault = whyNotIssuable(offer, now);
      if (fault) return fault;
      const refused = memberIds.flatMap((memberId) => {
        const member = found.find(({ id }) => id === memberId);
        const held = holdings.find((holding) => holding.memberId === memberId)?.held ?? 0;
        const refusal = !member
          ? NotFound({ id: memberId })
          : member.state === "CLOSED"
            ? MemberClosed({ memberId, closedAt: member.closedAt })
            : whyNotAnother(offer, memberId, held);
        return refusal ? [{ memberId, refusal }] : [];
      });
      const without = new Set(refused.map(({ memberId }) => memberId));
      const holders = memberIds.filter((memberId) => !without.has(memberId));
      const left = couponsLeft(offer);
      if (holders.length > left) return OfferExhausted({ offerId, left });
      const issued =
        holders.length > 0
          ? newCoupons(context, offer, brand.timeZone, holders, { issuedByBrandId: brandId })
          : { rows: [], effects: [] };
      const couponIds = issued.rows.map(({ id }) => id);
      return {
        outcome: { couponIds, refused },
        effects: issued.effects,
        audit: [{ subjectId: offerId, detail: { couponIds } }],
        events: [{ type: "coupons.issued", payload: { offerId, couponIds } }],
      };
    },
    read,
  });
}
