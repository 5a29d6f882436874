import type { PointsPolicy } from "../../schema/tables/brands.ts";
import { isRefusal, type Refusal } from "../errors.ts";
import type { OrderDiscount, ReturnedOrder } from "../orders/discount-back.ts";
import type { Refunded } from "../orders/refund.ts";
import {
  type EarnedPoints,
  type Making,
  type Purse,
  returnSpent,
  takeBack,
  takeGrowthValueBack,
} from "../points/purse.ts";
import { amountOf, leftOf, type Spend } from "../points/reversal.ts";
import { dueBack, spentBack } from "./due-back.ts";

/** An order as it is after what went back. */
export interface SettledOrder extends ReturnedOrder {
  source: string;
  externalId: string;
  memberId: string | null;
}

/** What an order earned, and what of it was taken back so far. */
export interface AwardState extends EarnedPoints {
  id: string;
  points: number;
  growthValue: number;
  pointsBack: number;
  growthValueBack: number;
  decision: Parameters<typeof dueBack>[0]["decision"];
}

/** Points that a coupon gave on top of an order, and that are to be taken back. */
export interface GivenPoints {
  couponId: string;
  points: number;
  earned: EarnedPoints;
}

/** What goes back of an order. */
interface OrderBack {
  order: SettledOrder;
  refunds: readonly Refunded[];
  /** What coupons gave that are free again. */
  given: readonly GivenPoints[];
  /** What points took off it, where a checkout says so. */
  took?: OrderDiscount | undefined;
}

/** A member's points as what goes back is settled, one after the other. */
export interface MemberState {
  purse: Purse;
  /** On the orders that are settled, by their references. */
  spends: readonly ReferredSpend[];
  policy: PointsPolicy;
}

type ReferredSpend = Spend & { cause: { reference?: string | undefined; source?: string | undefined } };

/** What a refund, or cancelling an order, does to a member's points. */
export interface Settled {
  member: MemberState;
  award: AwardState | undefined;
  /** Points spent on the order that come back. */
  returned: number;
  /** What is taken back of what it earned; of these points, what the member owes, and what is let be. */
  points: number;
  growthValue: number;
  owed: number;
  forgiven: number;
  /** Growth value that should be taken back as well, and that the member no longer has. */
  growthValueShort: number;
  /** What is taken back of what coupons gave. */
  given: { couponId: string; points: number; owed: number; forgiven: number }[];
}

/**
 * What an order that goes back, in part or whole, does to its member's points: first what was spent on it
 * comes back, then what its coupons gave and it earned is taken, so that as little as can be is owed. Refuses where the policy
 * says so, but for an order that was cancelled: what is missing there is owed. PURE, apart from new ids.
 */
export function settleOrder(
  member: MemberState,
  award: AwardState | undefined,
  facts: OrderBack,
  making: Making & { grace: number },
): Settled | Refusal {
  const { policy } = member;
  const { order, refunds, given } = facts;
  const { returned, ...back } = returnOf(member, facts, making);
  const isFact = policy.onMissingPoints === "REFUSE" && order.cancelledAt !== null;
  const onMissingPoints = isFact ? "DEBT" : policy.onMissingPoints;
  const ofCoupons = takeGivenBack(back.purse, given, { ...making, onMissingPoints });
  if (isRefusal(ofCoupons)) return ofCoupons;
  const purse = ofCoupons.purse;
  const settled = { returned, given: ofCoupons.taken };
  const none = { points: 0, growthValue: 0, owed: 0, forgiven: 0, growthValueShort: 0 };
  if (!award) return { ...none, ...settled, member: { ...member, ...back, purse }, award };
  const due = dueBack(award, order, refunds);
  const points = due.points - award.pointsBack;
  const ofAward = { ...making, cause: { ...making.cause, awardId: award.id } };
  const taken = takeBack(purse, award, points, { ...ofAward, onMissingPoints });
  if (isRefusal(taken)) return taken;
  const growthValueDue = due.growthValue - award.growthValueBack;
  const left = takeGrowthValueBack(taken.purse, growthValueDue, ofAward);
  const growthValue = taken.purse.growthValue - left.growthValue;
  return {
    ...settled,
    member: { ...member, ...back, purse: left },
    award: { ...award, ...taken.earned, pointsBack: due.points, growthValueBack: due.growthValue },
    ...{ points, growthValue, owed: taken.owed, forgiven: taken.forgiven },
    growthValueShort: growthValueDue - growthValue,
  };
}

/** Takes back what coupons gave. */
function takeGivenBack(
  purse: Purse,
  given: readonly GivenPoints[],
  making: Parameters<typeof takeBack>[3],
): { purse: Purse; taken: Settled["given"] } | Refusal {
  const taken: Settled["given"] = [];
  let left = purse;
  for (const { couponId, points, earned } of given) {
    const back = takeBack(left, earned, points, { ...making, cause: { ...making.cause, couponId } });
    if (isRefusal(back)) return back;
    left = back.purse;
    taken.push({ couponId, points, owed: back.owed, forgiven: back.forgiven });
  }
  return { purse: left, taken };
}

/** Gives back of what was spent on an order as much as is due and did not come back before, by hand or not. */
function returnOf(
  { purse, spends, policy }: MemberState,
  { order, refunds, took }: OrderBack,
  making: Making & { grace: number },
) {
  const own = spends.filter(
    ({ cause: { reference, source = order.source } }) =>
      reference === order.externalId && source === order.source,
  );
  const spent = amountOf(own);
  const back = spent - own.reduce((sum, spend) => sum + leftOf(spend), 0);
  const returned = Math.max(0, spentBack(spent, order, refunds, took) - back);
  if (!policy.returnsSpentPoints || returned === 0) return { purse, spends, returned: 0 };
  const given = returnSpent(purse, own, returned, making);
  const others = spends.filter((spend) => !own.includes(spend));
  return { purse: given.purse, spends: [...others, ...given.spends], returned };
}
