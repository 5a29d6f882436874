import type { RefundLine } from "../../schema/tables/orders.ts";
import { actorOf, type Context } from "../context.ts";
import type { Book, OrderRow } from "../orders/order-book.ts";
import type { RefundBook, RefundRow } from "../orders/refund-book.ts";
import type { CountedFact } from "./counted-fact.ts";
import { grantsBoughtBy, type PlanOrder, plansBought } from "./plan-grants.ts";
import type { TierEffects } from "./record-reviews.ts";
import { reviewStandings, type TierRows } from "./review-standings.ts";

type OfMember = OrderRow & { memberId: string };

/**
 * What orders that are recorded do to tiers, in the commit that records them: what becomes paid counts, and
 * buys the plans in it; what is cancelled counts no more, which lowers nobody at once, and ends what it bought.
 *
 * @param recorded what is new for tiers to count: of the orders, and of what they earned.
 */
export function tiersOfOrders(
  context: Context,
  rows: TierRows,
  { added, advanced }: Pick<Book, "added" | "advanced">,
  recorded: readonly CountedFact[],
): TierEffects {
  const { newId, now } = context;
  const { brandId } = actorOf(context);
  const [program, members] = rows;
  const paid = [
    ...added,
    ...advanced.flatMap(({ was, is }) => (was.paidAt === null && is.paidAt !== null ? [is] : [])),
  ].filter((order): order is OfMember & PlanOrder => isOfMember(order) && isCounted(order));
  const cancelled = advanced
    .filter(({ was, is }) => isCounted(was) && is.cancelledAt !== null)
    .flatMap(({ was }) => (isOfMember(was) ? [was] : []));
  const newFacts = [...recorded, ...cancelled.flatMap(noLongerCounted)];
  const grants = members.flatMap(({ tierGrants }) => tierGrants);
  const plans = program?.membershipPlans ?? [];
  const zone = { brandId, timeZone: program?.timeZone ?? "UTC", now };
  return reviewStandings(context, rows, {
    memberIds: [...new Set(newFacts.map(({ memberId }) => memberId))],
    newFacts,
    granted: plansBought(paid, plans, grants, { ...zone, newGrantId: () => newId("TierGrant") }),
    endedGrantIds: cancelled.flatMap(({ id }) => grantsBoughtBy(grants, plans, { orderId: id })),
  });
}

/**
 * What goods that go back do to tiers: they count no more, which lowers nobody at once, and end the plans
 * whose units all went back.
 *
 * @param refundsOf all refunds of an order, those of this commit included.
 */
export function tiersOfRefunds(
  context: Context,
  rows: TierRows,
  changed: RefundBook["changed"],
  refundsOf: (orderId: string) => readonly Pick<RefundRow, "lines">[],
  takenBack: readonly CountedFact[],
): TierEffects {
  const [program, members] = rows;
  const grants = members.flatMap(({ tierGrants }) => tierGrants);
  const endedGrantIds = changed.flatMap(({ is }) => {
    const back = refundsOf(is.id).flatMap(({ lines }) => lines);
    return grantsBoughtBy(grants, program?.membershipPlans ?? [], {
      orderId: is.id,
      skus: skusGone(is, back),
    });
  });
  const ended = grants.filter(({ id }) => endedGrantIds.includes(id));
  return reviewStandings(context, rows, {
    memberIds: [...new Set(ended.map(({ memberId }) => memberId))],
    newFacts: [...takenBack, ...changed.flatMap(lessSpent)],
    endedGrantIds,
  });
}

/** The skus of which all units went back. */
function skusGone({ lines }: OrderRow, back: readonly RefundLine[]): string[] {
  const unitsBack = (lineId: string) =>
    back.reduce((sum, line) => sum + (line.lineId === lineId ? line.quantity : 0), 0);
  const isKept = (sku: string) =>
    lines.some((line) => line.sku === sku && unitsBack(line.lineId) < line.quantity);
  return [...new Set(lines.map(({ sku }) => sku))].filter((sku) => !isKept(sku));
}

function lessSpent({ was, is }: RefundBook["changed"][number]): CountedFact[] {
  if (!isOfMember(is) || !isCounted(is)) return [];
  const { memberId, paidAt } = is;
  const at = paidAt ?? 0;
  const isGone = is.state === "REFUNDED" && was.state !== "REFUNDED";
  return [
    { memberId, at, measure: "SPEND", amount: was.refundedMinor - is.refundedMinor },
    { memberId, at, measure: "ORDERS", amount: isGone ? -1 : 0 },
  ];
}

/** What activities that are recorded do to tiers, in the commit that records them. */
export const tiersOfActivities = (
  context: Context,
  rows: TierRows,
  newFacts: readonly CountedFact[],
): TierEffects =>
  reviewStandings(context, rows, {
    memberIds: [...new Set(newFacts.map(({ memberId }) => memberId))],
    newFacts,
  });

const isOfMember = (order: OrderRow): order is OfMember => order.memberId !== null;

const isCounted = ({ paidAt, cancelledAt }: OrderRow): boolean => paidAt !== null && cancelledAt === null;

function noLongerCounted({ memberId, paidAt, totalMinor, refundedMinor, state }: OfMember): CountedFact[] {
  const at = paidAt ?? 0;
  return [
    { memberId, at, measure: "SPEND", amount: refundedMinor - totalMinor },
    { memberId, at, measure: "ORDERS", amount: state === "REFUNDED" ? 0 : -1 },
  ];
}
