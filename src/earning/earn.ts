import type { EarningDecision, EarningStep } from "../../schema/tables/earning.ts";
import type { OrderLine } from "../../schema/tables/orders.ts";
import type { PointUnit } from "../../schema/tables/points.ts";
import type { ActivityEarning, EarningRate, EarningRules } from "../../schema/tables/rules.ts";
import { paidFor } from "../orders/refund.ts";
import { LARGEST_AMOUNT } from "../shares.ts";
import { type Factor, factorsOn, type Occasion } from "./multipliers.ts";

/** Goods that are bought together, in minor units; what is paid for shipping earns nothing. */
export interface Purchase {
  lines: readonly Pick<OrderLine, "lineId" | "sku" | "categories" | "amountMinor" | "discountMinor">[];
  shippingMinor: number;
  discountMinor: number;
}

/** The points that were earned on the same day and in the same month before, whatever was taken back. */
export interface EarnedBefore {
  day: number;
  month: number;
}

/** What a fact earns, and why. */
export interface Earning {
  points: number;
  growthValue: number;
  decision: EarningDecision;
}

/**
 * What a purchase earns, by what was paid for the goods: each line's share, times the multipliers that hold
 * for it, all summed exactly and rounded once, then capped, then spread over the lines without remainder.
 * PURE; the order of the lines does not matter.
 */
export function earnOnPurchase(
  rules: EarningRules,
  purchase: Purchase,
  occasion: Occasion,
  before: EarnedBefore,
): Earning {
  const { lines: paid } = paidFor(purchase);
  const lines = purchase.lines
    .map((line) => ({ ...line, paidMinor: paid.get(line.lineId) ?? 0 }))
    .sort((a, b) => (a.lineId < b.lineId ? -1 : 1));
  const factors = factorsOn(rules, occasion);
  const points = amountOf("POINTS", rules.points, lines, factors, rules.combination);
  const growth = amountOf("GROWTH_VALUE", rules.growthValue, lines, factors, rules.combination);
  const capped = withinCaps(points.amount, [
    ["ORDER", rules.pointsPerOrder, 0],
    ["DAY", rules.pointsPerDay, before.day],
    ["MONTH", rules.pointsPerMonth, before.month],
  ]);
  const ofPoints = spread(capped.points, points.weights);
  const ofGrowth = spread(growth.amount, growth.weights);
  return {
    points: capped.points,
    growthValue: growth.amount,
    decision: {
      steps: [...points.steps, ...capped.steps, ...growth.steps],
      lines: lines.map(({ lineId }, position) => ({
        ...{ lineId, points: ofPoints[position] ?? 0, growthValue: ofGrowth[position] ?? 0 },
      })),
    },
  };
}

/**
 * What an activity earns, undefined where it earns nothing; its points count under the caps of its day and
 * month. PURE.
 *
 * @param times how often the member earned with this activity before.
 */
export function earnOnActivity(
  rules: EarningRules,
  activity: Pick<ActivityEarning, "kind" | "name">,
  times: { day: number; ever: number },
  before: EarnedBefore,
): Earning | undefined {
  const rule = rules.activities.find(
    ({ kind, name }) => kind === activity.kind && (name ?? null) === (activity.name ?? null),
  );
  if (!rule || times.day >= (rule.timesPerDay ?? Infinity) || times.ever >= (rule.timesEver ?? Infinity))
    return undefined;
  const capped = withinCaps(rule.points, [
    ["DAY", rules.pointsPerDay, before.day],
    ["MONTH", rules.pointsPerMonth, before.month],
  ]);
  const stepOf = (unit: PointUnit, amount: number): EarningStep[] =>
    amount > 0 ? [{ kind: "ACTIVITY", unit, amount }] : [];
  const steps = [
    ...[...stepOf("POINTS", rule.points), ...capped.steps],
    ...stepOf("GROWTH_VALUE", rule.growthValue),
  ];
  return { points: capped.points, growthValue: rule.growthValue, decision: { steps, lines: [] } };
}

type PaidLine = Purchase["lines"][number] & { paidMinor: number };

interface Amount {
  amount: number;
  steps: EarningStep[];
  /** What each line contributes, over a denominator that they have in common. */
  weights: bigint[];
}

/** 1 ×, in basis points. */
const ONCE = 10_000n;

function amountOf(
  unit: PointUnit,
  rate: EarningRate | null,
  lines: readonly PaidLine[],
  factors: readonly Factor[],
  combination: EarningRules["combination"],
): Amount {
  if (!rate) return { amount: 0, steps: [], weights: [] };
  const base = lines.map(({ paidMinor }) => BigInt(paidMinor) * BigInt(rate.points));
  // Each line's factor, over a denominator that they have in common.
  let ofLines = lines.map(() => ONCE);
  let denominator = ONCE * BigInt(rate.perAmountMinor);
  let weights = base.map((value) => value * ONCE);
  const rounded = () => roundedAmount(sumOf(weights), denominator, rate.rounding);
  const steps: EarningStep[] = [{ kind: "BASE", unit, amount: rounded() }];
  for (const { name, multiplierBasisPoints, on } of holding(unit, lines, factors, combination)) {
    const by = BigInt(multiplierBasisPoints);
    if (combination === "ADD") {
      ofLines = ofLines.map((factor, line) => (on[line] ? factor + by - ONCE : factor));
    } else {
      ofLines = ofLines.map((factor, line) => factor * (on[line] ? by : ONCE));
      denominator *= ONCE;
    }
    weights = base.map((value, line) => value * atLeast0(ofLines[line] as bigint));
    steps.push({ kind: "MULTIPLIER", unit, name, multiplierBasisPoints, amount: rounded() });
  }
  return { amount: rounded(), steps, weights };
}

/** The multipliers of a unit that hold for a line or more, each with the lines; of BEST, each line's best. */
function holding(
  unit: PointUnit,
  lines: readonly PaidLine[],
  factors: readonly Factor[],
  combination: EarningRules["combination"],
) {
  const all = factors
    .filter((factor) => factor.unit === "BOTH" || factor.unit === unit)
    .map((factor) => ({ ...factor, on: lines.map(factor.appliesTo) }));
  const best = lines.map((_, line) =>
    Math.max(...all.map(({ on, multiplierBasisPoints }) => (on[line] ? multiplierBasisPoints : 0))),
  );
  // Of equals the first: its line is then served.
  const isServed = lines.map(() => false);
  const chosen = all.map((factor) => {
    if (combination !== "BEST") return factor;
    const on = factor.on.map((applies, line) => {
      const isBest = applies && !isServed[line] && factor.multiplierBasisPoints === best[line];
      if (isBest) isServed[line] = true;
      return isBest;
    });
    return { ...factor, on };
  });
  return chosen.filter(({ on }) => on.includes(true));
}

type Cap = [cap: NonNullable<EarningStep["cap"]>, limit: number | null, before: number];

/** What of some points the caps leave, with a step for each that binds. */
function withinCaps(points: number, caps: readonly Cap[]): { points: number; steps: EarningStep[] } {
  const steps: EarningStep[] = [];
  let left = points;
  for (const [cap, limit, before] of caps) {
    const most = limit === null ? left : Math.max(0, limit - before);
    if (left <= most) continue;
    left = most;
    steps.push({ kind: "CAP", unit: "POINTS", amount: left, cap, limit: limit ?? left });
  }
  return { points: left, steps };
}

/** Spreads an amount by weights: each gets the difference of two running shares, rounded down. */
function spread(amount: number, weights: readonly bigint[]): number[] {
  const whole = sumOf(weights);
  if (whole === 0n) return weights.map(() => 0);
  let before = 0n;
  return weights.map((weight) => {
    const after = before + weight;
    const share = (BigInt(amount) * after) / whole - (BigInt(amount) * before) / whole;
    before = after;
    return Number(share);
  });
}

/** A fraction as an amount, rounded as the rate says; half goes up. No order earns more than the house keeps. */
function roundedAmount(numerator: bigint, denominator: bigint, rounding: EarningRate["rounding"]): number {
  const up = { DOWN: 0n, NEAREST: denominator / 2n, UP: denominator - 1n }[rounding];
  const amount = (numerator + up) / denominator;
  return amount > BigInt(LARGEST_AMOUNT) ? LARGEST_AMOUNT : Number(amount);
}

const sumOf = (values: readonly bigint[]): bigint => values.reduce((sum, value) => sum + value, 0n);
const atLeast0 = (value: bigint): bigint => (value < 0n ? 0n : value);
