import type { PointsPolicy } from "../../schema/tables/brands.ts";
import { endOfDayAfter } from "../calendar.ts";
import { expiryOf } from "../points/expiry.ts";
import type { NewLot } from "../points/move-points.ts";

/**
 * When an order's pending points become spendable: at the end of the day, in the brand's time zone, that lies
 * so many days after its completion; with 0 days, when it is completed.
 */
export const spendableAfter = (completedAt: number, pendingDays: number, timeZone: string): number =>
  pendingDays === 0 ? completedAt : endOfDayAfter(completedAt, pendingDays, timeZone);

/**
 * The lot that an award's points come in.
 *
 * @param since when its life begins: when the points were earned or, of pending ones, became spendable. It
 * may be long ago, and so may its end.
 */
export const lotOfAward = (
  { id, points, since }: { id: string; points: number; since: number },
  { policy, timeZone }: { policy: PointsPolicy; timeZone: string },
  now: number,
): NewLot & { id: string } => ({
  ...{ id, amount: points, spendableAt: now },
  expiresAt: expiryOf(policy.expiry, since, timeZone),
  // A thousandth of what 1,000 points are worth, in millionths.
  costMicroMinor: policy.worthMinorPer1000Points * 1_000,
});
