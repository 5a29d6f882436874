import { fewestPoints, mostPointsFor, worthOf } from "../points/policy.ts";
import type { PointsFacts, PointsReason } from "./cart.ts";

/** What is paid with points: all that were asked for, or none and why. */
export interface PaidWithPoints {
  spent: number;
  worthMinor: number;
  reason: PointsReason | null;
}

/**
 * What points pay of a cart, by the rules that they are spent by on an order. PURE.
 *
 * @param policy null for a guest. @param payableMinor what is left to pay, shipping included.
 */
export function payWithPoints(
  policy: PointsFacts | null,
  asked: number,
  payableMinor: number,
): PaidWithPoints {
  const none = (code: PointsReason["code"], mostPoints: number): PaidWithPoints => ({
    ...{ spent: 0, worthMinor: 0 },
    reason: { code, mostPoints },
  });
  if (asked <= 0) return { spent: 0, worthMinor: 0, reason: null };
  if (!policy) return none("MEMBER_NEEDED", 0);
  const { balance, stepPoints } = policy;
  const mostOfOrder = mostPointsFor(policy, payableMinor);
  const fewest = fewestPoints(policy);
  const most = Math.min(mostOfOrder, balance - (balance % stepPoints));
  const mostPoints = most < fewest ? 0 : most;
  if (asked < fewest) return none("BELOW_MINIMUM", mostPoints);
  if (asked % stepPoints !== 0) return none("NOT_A_MULTIPLE", mostPoints);
  if (asked > mostOfOrder) return none("SHARE_EXCEEDED", mostPoints);
  if (asked > balance) return none("BALANCE_TOO_LOW", mostPoints);
  return { spent: asked, worthMinor: worthOf(policy, asked), reason: null };
}
