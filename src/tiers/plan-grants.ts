import type { InferSelectModel } from "drizzle-orm";
import type { OrderLine } from "../../schema/tables/orders.ts";
import type { membershipPlans, tierGrants } from "../../schema/tables/standings.ts";
import { startOfDay, zoned } from "../calendar.ts";
import { termEnd } from "./windows.ts";

type GrantRow = InferSelectModel<typeof tierGrants>;

/** What of a plan decides what its purchase gives. */
export type PlanTerms = Pick<
  InferSelectModel<typeof membershipPlans>,
  "id" | "sku" | "termMonths" | "tierId" | "retiredAt" | "createdAt"
>;

/** An order that was paid; moments in milliseconds since 1970. */
export interface PlanOrder {
  id: string;
  memberId: string;
  paidAt: number;
  lines: readonly Pick<OrderLine, "sku" | "quantity">[];
}

/**
 * The grants that orders bought: a line with a plan's sku gives its tier for its term, two of it for two
 * terms, from the payment on, or from when what was bought of the plan before ends. PURE, but for new ids.
 *
 * @param grants the members' grants that have not ended.
 */
export function plansBought(
  orders: readonly PlanOrder[],
  plans: readonly PlanTerms[],
  grants: readonly GrantRow[],
  {
    brandId,
    timeZone,
    now,
    newGrantId,
  }: { brandId: string; timeZone: string; now: number; newGrantId: () => string },
): GrantRow[] {
  const bought: GrantRow[] = [];
  for (const { id: orderId, memberId, paidAt, lines } of orders.toSorted((a, b) => a.paidAt - b.paidAt)) {
    const bySku = Map.groupBy(lines, ({ sku }) => sku);
    for (const [sku, same] of bySku) {
      const plan = planSold(plans, sku, paidAt);
      if (!plan) continue;
      const terms = same.reduce((sum, { quantity }) => sum + quantity, 0);
      const own = [...grants, ...bought].filter((it) => it.memberId === memberId && it.planId === plan.id);
      if (own.some((it) => it.orderId === orderId)) continue;
      // A source's clock may be ahead of ours: what is paid is bought, and nobody looks again when it begins.
      const startsAt = Math.max(Math.min(paidAt, now), ...own.map(({ endsAt }) => endsAt ?? 0));
      const months = Math.min(terms * plan.termMonths, MOST_MONTHS);
      bought.push({
        ...{ brandId, id: newGrantId(), memberId, tierId: plan.tierId, kind: "PLAN", reason: null },
        ...{ planId: plan.id, orderId, startsAt, endsAt: termEnd({ months }, startsAt, timeZone) },
        ...{ endedAt: null, createdAt: now },
      });
    }
  }
  return bought;
}

/** A mistyped quantity must not reach beyond the calendar. */
const MOST_MONTHS = 1_200;

/** The plan that was sold under a sku at a moment; a sku may have been another plan's before. */
const planSold = (plans: readonly PlanTerms[], sku: string, moment: number): PlanTerms | undefined =>
  plans
    .filter((plan) => plan.sku === sku && (plan.retiredAt === null || moment < plan.retiredAt))
    .sort((a, b) => b.createdAt - a.createdAt)[0];

/**
 * Which grants end because an order goes back: all that it bought, or those of the plans with these skus. For
 * refunds and cancellations alike. PURE.
 */
export function grantsBoughtBy(
  grants: readonly Pick<GrantRow, "id" | "orderId" | "planId">[],
  plans: readonly Pick<PlanTerms, "id" | "sku">[],
  { orderId, skus }: { orderId: string; skus?: readonly string[] },
): string[] {
  const skuOf = new Map(plans.map(({ id, sku }) => [id, sku]));
  return grants
    .filter((grant) => grant.orderId === orderId)
    .filter(({ planId }) => !skus || skus.includes(skuOf.get(planId ?? "") ?? ""))
    .map(({ id }) => id);
}

/**
 * What was bought of a plan after a grant that ends now begins as many days earlier as are left of that one.
 * PURE.
 */
export function movedUp(
  grants: readonly GrantRow[],
  endedIds: readonly string[],
  now: number,
  timeZone: string,
): Pick<GrantRow, "id" | "startsAt" | "endsAt">[] {
  let current = grants;
  for (const ended of grants.filter(({ id }) => endedIds.includes(id))) {
    const { endsAt = null, planId, startsAt } = current.find(({ id }) => id === ended.id) ?? ended;
    if (planId === null || endsAt === null || endsAt <= now) continue;
    const dayOf = (moment: number) => zoned(moment, timeZone).toPlainDate();
    const from = Math.max(startsAt, now);
    const days =
      dayOf(from).until(dayOf(endsAt - 1), { largestUnit: "days" }).days + (from === startsAt ? 1 : 0);
    const earlier = (moment: number) => startOfDay(dayOf(moment).subtract({ days }), timeZone);
    current = current.map((grant) =>
      grant.memberId === ended.memberId && grant.planId === planId && grant.startsAt >= endsAt
        ? {
            ...grant,
            startsAt: grant.startsAt === endsAt ? from : earlier(grant.startsAt),
            endsAt: grant.endsAt === null ? null : earlier(grant.endsAt),
          }
        : grant,
    );
  }
  return current.filter((grant, position) => grant !== grants[position] && !endedIds.includes(grant.id));
}
