import { and, eq, sql } from "drizzle-orm";
import { benefits } from "../../schema/tables/benefits.ts";
import { offers } from "../../schema/tables/offers.ts";
import { openDataKey } from "../brands/data-key.ts";
import { actorOf, type Context, mayActFor } from "../context.ts";
import { newCoupons, readHoldings } from "../coupons/new-coupons.ts";
import { commit, type Read } from "../database/commit.ts";
import { NotFound } from "../errors.ts";
import { openProfile } from "../members/profile.ts";
import { MemberClosed } from "../members/refusals.ts";
import { whyNotAnother } from "../offers/issuing.ts";
import { entitlementOf } from "./entitlement.ts";
import { BenefitNotHeld, BenefitNotUsableNow, BenefitUsedUp } from "./refusals.ts";
import { takings, whyNoCoupon } from "./taking.ts";

export interface TakeBenefitInput {
  memberId: string;
  benefitId: string;
  reference?: string | null;
  idempotencyKey: string;
}

export interface TakeBenefitOutcome {
  memberId: string;
  usageId: string;
  /** The coupon that it gave. */
  couponId: string | null;
}

/**
 * Takes a benefit once: it must be the member's, be in its time, and have quota left. One that is claimed
 * gives its coupon in the same commit, within the limits of its offer; a use gives nothing.
 */
export async function takeBenefit<Row>(
  context: Context,
  kind: "USED" | "CLAIMED",
  input: TakeBenefitInput,
  read: Read<TakeBenefitOutcome, Row>,
) {
  const { database, environment, newId, now } = context;
  const { brandId } = actorOf(context);
  const { memberId, benefitId } = input;
  const reference = input.reference ?? null;
  return commit(context, {
    name: kind === "USED" ? "useBenefit" : "claimBenefit",
    input,
    load: () => [
      database.query.members.findFirst({
        where: { brandId, id: memberId },
        with: {
          brand: { columns: { timeZone: true, wrappedDataKey: true } },
          tier: { with: { benefits: { where: { id: benefitId } } } },
          benefitUses: { where: { benefitId } },
        },
      }),
      database
        .select()
        .from(offers)
        .where(and(eq(offers.brandId, brandId), sql`${offers.id} = ${offerOf(context, benefitId)}`)),
      readHoldings(context, offerOf(context, benefitId), sql`(${memberId})`),
    ],
    decide: async ([member, [offer], [holding]]) => {
      if (!member || !mayActFor(context, memberId)) return NotFound({ id: memberId });
      if (member.state === "CLOSED") return MemberClosed({ memberId, closedAt: member.closedAt });
      const [benefit] = member.tier.benefits;
      if (!benefit) return BenefitNotHeld({ benefitId, memberId });
      const { timeZone, wrappedDataKey } = member.brand;
      const { birthday } = await openProfile(
        member,
        await openDataKey(environment.encryptionKeys, wrappedDataKey),
      );
      const uses = new Map(member.benefitUses.map(({ periodStart, used }) => [periodStart, used]));
      const entitlement = entitlementOf(benefit, { timeZone, birthday }, uses, now);
      const { usable, inTime, left, renewsAt, usableFrom, usableUntil, periodStart } = entitlement;
      if (inTime && left === 0) return BenefitUsedUp({ quota: benefit.quota ?? 0, renewsAt });
      if (!usable) return BenefitNotUsableNow({ usableFrom, usableUntil });
      const offerId = kind === "CLAIMED" ? benefit.terms.offerId : null;
      const fault =
        offerId &&
        (whyNoCoupon(offer, offerId, now) ?? (offer && whyNotAnother(offer, memberId, holding?.held ?? 0)));
      if (fault) return fault;
      const issued =
        offerId && offer
          ? newCoupons(context, offer, timeZone, [memberId], { issuedByBrandId: brandId })
          : { rows: [], effects: [] };
      const couponId = issued.rows[0]?.id ?? null;
      const usageId = newId("BenefitUsage");
      const usage = { brandId, id: usageId, memberId, benefitId, kind, reference, couponId, periodStart };
      const told = { memberId, benefitId, reference, ...(couponId ? { couponId } : {}) };
      return {
        outcome: { memberId, usageId, couponId },
        effects: [...issued.effects, ...takings(context, benefit, [{ ...usage, createdAt: now }])],
        audit: [{ subjectId: memberId, detail: { ...told, periodStart } }],
        events: [
          { type: kind === "USED" ? "benefit.used" : "benefit.claimed", payload: told },
          ...(couponId ? [{ type: "coupons.issued", payload: { offerId, couponIds: [couponId] } }] : []),
        ],
      };
    },
    read,
  });
}

/** The offer whose coupon a benefit gives. */
const offerOf = (context: Context, benefitId: string) =>
  sql`(select ${benefits.terms} ->> '$.offerId' from ${benefits} where ${benefits.brandId} = ${actorOf(context).brandId}
    and ${benefits.id} = ${benefitId})`;
