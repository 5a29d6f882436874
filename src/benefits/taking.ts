import { sql } from "drizzle-orm";
import { type benefits, benefitUsages, benefitUses } from "../../schema/tables/benefits.ts";
import { members } from "../../schema/tables/members.ts";
import type { offers } from "../../schema/tables/offers.ts";
import { tierBenefits } from "../../schema/tables/tiers.ts";
import { actorOf, type Context } from "../context.ts";
import { changesOf, insertRows } from "../database/bulk.ts";
import { mustChange, mustHold, type Statement } from "../database/commit.ts";
import type { Refusal } from "../errors.ts";
import { couponsLeft, whyNotIssuable } from "../offers/issuing.ts";
import { OfferEnded, OfferExhausted } from "../offers/refusals.ts";

export type BenefitRow = typeof benefits.$inferSelect;
export type UsageRow = typeof benefitUsages.$inferSelect;
export type OfferRow = typeof offers.$inferSelect;

/**
 * The statements that write down uses of one benefit: each in its member's history, and counted. They abort
 * the commit as `takeUses` does.
 */
export const takings = (context: Context, benefit: BenefitRow, usages: readonly UsageRow[]): Statement[] => [
  ...insertRows(context.database, benefitUsages, usages),
  ...takeUses(context, benefit, usages),
];

/**
 * Counts uses of one benefit where there is a quota, which the row's own check holds, however many use it at
 * once. Aborts the commit when the benefit is no longer one of the member's tier, or the membership was closed.
 */
export function takeUses(
  { database }: Context,
  { brandId, id: benefitId, quota }: Pick<BenefitRow, "brandId" | "id" | "quota">,
  takers: readonly Pick<UsageRow, "memberId" | "periodStart">[],
): Statement[] {
  const counted = JSON.stringify(takers.map(({ memberId, periodStart }) => ({ memberId, periodStart })));
  return [
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

/** Gives uses back that were counted; of which member, benefit and period. */
export function giveUsesBack(
  context: Context,
  uses: readonly Pick<UsageRow, "memberId" | "benefitId" | "periodStart">[],
): Statement[] {
  if (uses.length === 0) return [];
  const counters = Map.groupBy(uses, ({ memberId, benefitId, periodStart }) =>
    JSON.stringify([memberId, benefitId, periodStart]),
  );
  // One row a counter: of several, an `update … from` would see only one.
  const rows = [...counters.values()].map((same) => ({ ...same[0], count: same.length }));
  return [
    context.database.run(sql`
      update ${benefitUses} set used = used - (f.value ->> '$.count')
      from ${changesOf(actorOf(context).brandId, rows)}
      where ${benefitUses.brandId} = f.value ->> '$.brandId' and ${benefitUses.memberId} = f.value ->> '$.memberId'
        and ${benefitUses.benefitId} = f.value ->> '$.benefitId' and ${benefitUses.periodStart} = f.value ->> '$.periodStart'`),
    mustChange(context.database, rows.length),
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
