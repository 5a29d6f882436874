import { and, eq, inArray, lt, sql } from "drizzle-orm";
import { Temporal } from "temporal-polyfill";
import { lots } from "../../schema/tables/points.ts";
import { startOfDay, zoned } from "../calendar.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustChange, type Read } from "../database/commit.ts";
import { InvalidValue, NotFound } from "../errors.ts";
import { MemberClosed } from "../members/refusals.ts";
import { isInGrace } from "./expiry.ts";
import { LONGEST_EXPIRED_GRACE_DAYS, policyOf } from "./policy.ts";
import { hasRemaining } from "./wallet.ts";

export interface ExtendPointsInput {
  memberId: string;
  /** Only points that expire before then; without it, all that expire before the new day is over. */
  expiringBefore?: number | null;
  /** The last calendar day on which they can be spent. */
  until: string;
  reason: string;
  idempotencyKey: string;
}

const LONGEST_YEARS = 10;
const LONGEST_GRACE_MS = (LONGEST_EXPIRED_GRACE_DAYS + 1) * 86_400_000;

/**
 * Lets a member's points expire later: at the end of a day in the brand's time zone. Never sooner, and
 * neither points that have expired, but for the policy's grace, nor those that are held just now.
 */
export async function extendPoints<Row>(
  context: Context,
  input: ExtendPointsInput,
  read: Read<{ memberId: string; points: number; expiresAt: number }, Row>,
) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const { memberId, reason, until } = input;
  return commit(context, {
    name: "extendPoints",
    input,
    load: () => [
      database.query.members.findFirst({
        where: { brandId, id: memberId },
        columns: { state: true, closedAt: true },
        with: {
          brand: { columns: { timeZone: true, pointsPolicy: true } },
          lots: { where: { ...hasRemaining, expiresAt: { gt: now - LONGEST_GRACE_MS } } },
        },
      }),
    ],
    decide: ([member]) => {
      if (!member) return NotFound({ id: memberId });
      if (member.state === "CLOSED") return MemberClosed({ memberId, closedAt: member.closedAt });
      const { timeZone, pointsPolicy } = member.brand;
      const { expiredGraceDays: graceDays } = policyOf(pointsPolicy);
      const expiresAt = startOfDay(Temporal.PlainDate.from(until).add({ days: 1 }), timeZone);
      const latest = startOfDay(zoned(now, timeZone).toPlainDate().add({ years: LONGEST_YEARS }), timeZone);
      if (expiresAt <= now || expiresAt > latest) {
        const reason = `must be today or later, and within ${LONGEST_YEARS} years`;
        return InvalidValue({ field: "until", reason });
      }
      const before = Math.min(expiresAt, input.expiringBefore ?? expiresAt);
      const canLive = (lot: { expiresAt: number }) =>
        lot.expiresAt > now || isInGrace(lot, { now, graceDays, timeZone });
      const chosen = member.lots.filter(
        ({ expiresAt: at }) => at !== null && at < before && canLive({ expiresAt: at }),
      );
      const points = chosen.reduce((sum, { remaining }) => sum + remaining, 0);
      const ids = chosen.map(({ id }) => id);
      return {
        outcome: { memberId, points, expiresAt },
        effects: [
          database
            .update(lots)
            .set({ expiresAt })
            .where(
              and(
                eq(lots.brandId, brandId),
                inArray(lots.id, ids),
                lt(lots.expiresAt, before),
                sql`${lots.remaining} > 0`,
              ),
            ),
          mustChange(database, ids.length),
        ],
        audit: [{ subjectId: memberId, detail: { points, expiresAt, reason } }],
        events: [{ type: "points.extended", payload: { memberId, points, expiresAt } }],
      };
    },
    read,
  });
}
