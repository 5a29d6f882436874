import { and, eq, inArray, lt, sql } from "drizzle-orm";
import { Temporal } from "temporal-polyfill";
import { lots } from "../../schema/tables/points.ts";
import { startOfDay, zoned } from "../calendar.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustChange, type Read } from "../database/commit.ts";
import { InvalidValue, NotFound } from "../errors.ts";
import { MemberClosed } from "../members/refusals.ts";
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

/**
 * Lets a member's points expire later: at the end of a day in the brand's time zone. Never sooner, and
 * neither points that have expired nor those that are held just now.
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
          brand: { columns: { timeZone: true } },
          lots: { where: { ...hasRemaining, expiresAt: { gt: now } } },
        },
      }),
    ],
    decide: ([member]) => {
      if (!member) return NotFound({ id: memberId });
      if (member.state === "CLOSED") return MemberClosed({ memberId, closedAt: member.closedAt });
      const { timeZone } = member.brand;
      const expiresAt = startOfDay(Temporal.PlainDate.from(until).add({ days: 1 }), timeZone);
      const latest = startOfDay(zoned(now, timeZone).toPlainDate().add({ years: LONGEST_YEARS }), timeZone);
      if (expiresAt <= now || expiresAt > latest) {
        const reason = `must be today or later, and within ${LONGEST_YEARS} years`;
        return InvalidValue({ field: "until", reason });
      }
      const before = Math.min(expiresAt, input.expiringBefore ?? expiresAt);
      const chosen = member.lots.filter((lot) => lot.expiresAt !== null && lot.expiresAt < before);
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
