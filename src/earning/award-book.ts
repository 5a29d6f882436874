import type { InferSelectModel } from "drizzle-orm";
import type { awards } from "../../schema/tables/earning.ts";
import type { activities, orders } from "../../schema/tables/orders.ts";
import { inForceAt } from "../brands/rules-in-force.ts";
import type { IdType } from "../ids.ts";
import type { NewLot } from "../points/move-points.ts";
import { policyOf } from "../points/policy.ts";
import { debtOf, repayment } from "../points/repay-debt.ts";
import { type Earning, earnOnActivity, earnOnPurchase } from "./earn.ts";
import type { Earner, EarningRows, EarningRuleSet, TimesEarned } from "./earning-facts.ts";
import { lotOfAward, spendableAfter } from "./spendable.ts";
import { newTally } from "./tally.ts";

export type AwardRow = InferSelectModel<typeof awards>;
export type OrderRow = InferSelectModel<typeof orders>;
export type ActivityRow = InferSelectModel<typeof activities>;

/** An award with what its points do. */
export interface NewAward {
  award: AwardRow;
  earner: Earner;
  /** The lot that they come in; null for pending ones, and for none. */
  lot: (NewLot & { id: string }) | null;
  /** How many of them pay what the member owes. */
  repaid: number;
  /** What a person knows the fact by: the order's number, what was done. */
  reference: string;
}

/**
 * The awards of facts that are told together; each counts after the ones before it, so the caps hold over
 * all. PURE, apart from the new ids.
 *
 * @param now milliseconds since 1970.
 */
export function openAwardBook(
  [[brand], , ruleSets, earners, earned]: EarningRows,
  now: number,
  newId: (type: IdType) => string,
) {
  if (!brand) throw new Error("The brand of a valid token does not exist.");
  const { timeZone } = brand;
  const policy = policyOf(brand.pointsPolicy);
  const earnerOf = new Map(earners.map((earner) => [earner.id, earner]));
  const debts = new Map(earners.map((earner) => [earner.id, debtOf(earner.accounts)]));
  const points = newTally(timeZone);
  for (const { memberId, at, points: amount } of earned) points.add(memberId, at, amount);
  const times = newTally(timeZone);
  const made: NewAward[] = [];

  const enter = (
    earner: Earner,
    { id: ruleSetId, rules }: EarningRuleSet,
    earning: Earning,
    fact: Pick<AwardRow, "brandId" | "orderId" | "activityId" | "earnedAt"> & {
      reference: string;
      /** Of an order whose points are pending; null while it is not completed. */
      completedAt?: number | null;
    },
  ) => {
    const { reference, completedAt, ...of } = fact;
    const waits = earning.points > 0 && of.orderId !== null && rules.pendingDays !== null;
    const dueAt =
      waits && completedAt != null ? spendableAfter(completedAt, rules.pendingDays ?? 0, timeZone) : null;
    const isPending = waits && (dueAt === null || now < dueAt);
    const since = dueAt ?? of.earnedAt;
    const lot =
      isPending || earning.points === 0
        ? null
        : lotOfAward({ id: newId("Lot"), points: earning.points, since }, { policy, timeZone }, now);
    const debt = debts.get(earner.id) ?? 0;
    const repaid = lot ? repayment(debt, lot, now) : 0;
    debts.set(earner.id, debt - repaid);
    points.add(earner.id, of.earnedAt, earning.points);
    const award: AwardRow = {
      ...{ ...of, ...earning, id: newId("Award"), memberId: earner.id, ruleSetId },
      ...{ pointsBack: 0, growthValueBack: 0, state: isPending ? "PENDING" : "SPENDABLE" },
      spendableAt: waits ? dueAt : now,
      ...{ transferId: lot && newId("Transfer"), lotId: lot?.id ?? null, createdAt: now, updatedAt: now },
    };
    made.push({ award, earner, lot, repaid, reference });
  };

  return {
    made,
    earnerOf,
    /** Awards an order that was paid, by the rules of that moment; nothing where none were in force. */
    addOrder(order: OrderRow, paidAt: number): void {
      const earner = earnerOf.get(order.memberId ?? "");
      const set = inForceAt(ruleSets as EarningRuleSet[], paidAt);
      if (!earner || !set || (!set.rules.points && !set.rules.growthValue)) return;
      const { channel, store, completedAt } = order;
      const occasion = { at: paidAt, timeZone, tier: earner.tier, channel, store };
      const earning = earnOnPurchase(set.rules, order, occasion, points.of(earner.id, paidAt));
      const of = { brandId: order.brandId, orderId: order.id, activityId: null, earnedAt: paidAt };
      enter(earner, set, earning, { ...of, reference: order.externalId, completedAt });
    },
    /** Counts how often members earned with what they did before. */
    addTimes(rows: TimesEarned): void {
      for (const row of rows) times.add(keyOf(row), row.at, row.times);
    },
    /** Awards an activity, by the rules of its moment. */
    addActivity(activity: ActivityRow): void {
      const { brandId, id, memberId, kind, name, occurredAt } = activity;
      const earner = earnerOf.get(memberId);
      const set = inForceAt(ruleSets as EarningRuleSet[], occurredAt);
      if (!earner || !set) return;
      const before = times.of(keyOf(activity), occurredAt);
      const earning = earnOnActivity(set.rules, { kind, name }, before, points.of(memberId, occurredAt));
      if (!earning) return;
      times.add(keyOf(activity), occurredAt, 1);
      const of = { brandId, orderId: null, activityId: id, earnedAt: occurredAt };
      enter(earner, set, earning, { ...of, reference: name ?? kind });
    },
  };
}

const keyOf = ({ memberId, kind, name }: { memberId: string; kind: string; name: string | null }): string =>
  JSON.stringify([memberId, kind, name]);
