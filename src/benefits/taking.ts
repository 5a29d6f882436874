import { sql } from "drizzle-orm";
import { type benefits, benefitUsages, benefitUses } from "../../schema/tables/benefits.ts";
import { members } from "../../schema/tables/members.ts";
import type { offers } from "../../schema/tables/offers.ts";
import { tierBenefits } from "../../schema/tables/tiers.ts";
import type { Context } from "../context.ts";
import { insertRows } from "../database/bulk.ts";
import { mustHold, type Statement } from "../database/commit.ts";
import type { Refusal } from "../errors.ts";
import { OfferEnded, OfferExhausted } from "../offers/refusals.ts";
import { couponsLeft, whyNotIssuable } from "../offers/terms.ts";

export type BenefitRow = typeof benefits.$inferSelect;
export type UsageRow = typeof benefitUsages.$inferSelect;
export type OfferRow = typeof offers.$inferSelect;

/**
 * The statements that write down uses of one benefit: each in its member's history, and counted where there
 * is a quota, which the row's own check holds, however many use it at once. They abort the commit when the
 * benefit is no longer one of the member's tier, or the membership was closed.
 */
export function takings(
  { database }: Context,
  benefit: BenefitRow,
  usages: readonly UsageRow[],
): Statement[] {
  const { brandId, id: benefitId, quota } = benefit;
  const counted = JSON.stringify(usages.map(({ memberId, periodStart }) => ({ memberId, periodStart })));
  return [
    ...insertRows(database, benefitUsages, usages),
    ...(quota === null
      ? []
      : [
          database.run(sql`
            insert into ${benefitUses} (brand_id, member_id, benefit_id, period_start, used, quota)
            select ${brandId}, value ->> '$.memberId', ${benefitId}, value ->> '$.periodStart', 1, ${quota}
            from json_each(${counted}) where true
            on conflict (brand_id, member_id, benefit_id, period_start)
            do update set used = used + 1, quota = excluded.quota`),
        ]),
    mustHold(database, haveBenefit(brandId, benefitId, counted)),
  ];
}

/** A condition: all of them are members whose tier has the benefit. */
const haveBenefit = (brandId: string, benefitId: string, takers: string) => sql`not exists (
  select 1 from json_each(${takers}) t where not exists (
    select 1 from ${members} join ${tierBenefits} on ${tierBenefits.brandId} = ${members.brandId}
      and ${tierBenefits.tierId} = ${members.tierId} and ${tierBenefits.benefitId} = ${benefitId}
    where ${members.brandId} = ${brandId} and ${members.id} = t.value ->> '$.memberId'
      and ${members.state} = 'ACTIVE'))`;

/** Why a benefit's coupon cannot be given now, to anyone. @param offerId what the benefit's terms name. */
export function whyNoCoupon(offer: OfferRow | undefined, offerId: string, now: number): Refusal | undefined {
  if (!offer) return OfferEnded({ offerId, endedAt: null });
  return (
    whyNotIssuable(offer, now) ?? (couponsLeft(offer) < 1 ? OfferExhausted({ offerId, left: 0 }) : undefined)
  );
}
