import type { PointsPolicy } from "../../schema/tables/brands.ts";
import { DAY_MS, monthOf } from "../calendar.ts";
import { InvalidValue, type Refusal } from "../errors.ts";
import { GiftLimitReached, GiftsNotOffered, GiftTooLarge } from "./refusals.ts";

/** What a member gave before. */
export interface GivenPoints {
  amount: number;
  createdAt: number;
}

/** How far back gifts of the same calendar month can lie, whatever the time zone. */
export const MONTH_AT_MOST_MS = 32 * DAY_MS;

/**
 * Why a member may not give so many points now, whoever gets them: the brand does not let it, or they are
 * more than a gift, or the calendar month in the brand's time zone, may have. PURE.
 */
export function whyNotGivable(
  { gifts }: Pick<PointsPolicy, "gifts">,
  { memberId, points }: { memberId: string; points: number },
  given: readonly GivenPoints[],
  { now, timeZone }: { now: number; timeZone: string },
): Refusal | undefined {
  const { enabled, maximumPoints, maximumPointsPerMonth } = gifts;
  if (!enabled) return GiftsNotOffered({ memberId });
  if (points < 1) return InvalidValue({ field: "points", reason: "must be at least 1" });
  if (points > maximumPoints) return GiftTooLarge({ maximumPoints });
  const month = monthOf(now, timeZone);
  const before = given
    .filter(({ createdAt }) => createdAt >= month.startsAt && createdAt < month.endsAt)
    .reduce((sum, { amount }) => sum + amount, 0);
  const left = Math.max(0, maximumPointsPerMonth - before);
  return points > left
    ? GiftLimitReached({ maximumPointsPerMonth, left, renewsAt: month.endsAt })
    : undefined;
}
