import { sql } from "drizzle-orm";
import type { PointsPolicy } from "../../schema/tables/brands.ts";
import { lots } from "../../schema/tables/points.ts";
import { actorOf, type Context } from "../context.ts";
import { changesOf } from "../database/bulk.ts";
import type { Statement } from "../database/commit.ts";
import { expiryOf } from "./expiry.ts";

/** That a member earned, spent or did something, and when: the fact's own moment. */
export interface Activity {
  memberId: string;
  at: number;
}

/**
 * Lets the points of active members live on, where the brand's points expire by inactivity: one statement,
 * however many members there are; none under any other rule. It belongs into the commit of what they did,
 * before it takes points. Expiry moves forward only, and points that have expired stay so; those that are
 * wholly held just then keep the expiry they were held with.
 *
 * @param brand its policy, defaults filled in by `policyOf`, and its time zone.
 */
export function keepAlive(
  { actor, database, now }: Context,
  { policy, timeZone }: { policy: PointsPolicy; timeZone: string },
  activities: readonly Activity[],
): Statement[] {
  const { expiry } = policy;
  if (expiry.rule !== "AFTER_INACTIVITY" || activities.length === 0) return [];
  const latest = [...Map.groupBy(activities, ({ memberId }) => memberId)].map(([memberId, own]) => ({
    memberId,
    expiresAt: expiryOf(expiry, Math.max(...own.map(({ at }) => at)), timeZone),
  }));
  return [
    database.run(sql`
      update ${lots} set expires_at = f.value ->> '$.expiresAt'
      from ${changesOf(actorOf({ actor }).brandId, latest)}
      where ${lots.brandId} = f.value ->> '$.brandId' and ${lots.memberId} = f.value ->> '$.memberId'
        and ${lots.remaining} > 0 and ${lots.expiresAt} > ${now}
        and ${lots.expiresAt} < f.value ->> '$.expiresAt'`),
  ];
}
