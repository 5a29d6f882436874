import type { InferSelectModel } from "drizzle-orm";
import { activities } from "../../schema/tables/orders.ts";
import { actorOf, type Context } from "../context.ts";
import { insertRows, isAmong } from "../database/bulk.ts";
import { commit, mustHold, type Read } from "../database/commit.ts";
import { awardActivities } from "../earning/award-facts.ts";
import { readEarning, readTimesEarned } from "../earning/earning-facts.ts";
import { InvalidValue } from "../errors.ts";
import { areActiveMembers } from "../members/conditions.ts";
import { membersNamed } from "../members/named-members.ts";
import { tierFactsOfNamed } from "../tiers/review-standings.ts";
import { tiersOfActivities } from "../tiers/tiers-of-facts.ts";
import { enterActivities, type SentActivity } from "./activity-book.ts";
import { type FactResult, MOST_FACTS_AT_ONCE } from "./fact.ts";
import { withReactions } from "./reaction.ts";

export interface RecordActivitiesInput {
  activities: SentActivity[];
  idempotencyKey: string;
}

export interface RecordActivitiesOutcome {
  results: FactResult[];
  activityIds: string[];
}

/**
 * Records up to 100 activities of members, each once for its source and external id. One that cannot be
 * recorded is refused by itself; what the rules give points for earns. Two requests to the database.
 */
export async function recordActivities<Row>(
  context: Context,
  input: RecordActivitiesInput,
  read: Read<RecordActivitiesOutcome, Row>,
) {
  const { database, newId, now } = context;
  const { brandId } = actorOf(context);
  const sent = input.activities.slice(0, MOST_FACTS_AT_ONCE);
  const keys = sent.map(({ source, externalId }) => [source, externalId] as const);
  const names = sent.map(({ member }) => member);
  const kinds = sent.map(({ kind }) => kind);
  const moments = sent.map(({ occurredAt }) => occurredAt);
  return commit(context, {
    name: "recordActivities",
    input,
    load: () => [
      database.query.activities.findMany({
        where: { brandId, RAW: (t) => isAmong([t.source, t.externalId], keys) },
        with: { member: { columns: { id: true, externalId: true } } },
      }),
      membersNamed(database, brandId, names),
      readTimesEarned(context, names, kinds, moments),
      ...tierFactsOfNamed(database, brandId, names, now),
      ...readEarning(context, names, moments),
    ],
    decide: ([recorded, members, times, program, standings, counted, ...earning]) => {
      if (sent.length === 0 || input.activities.length > MOST_FACTS_AT_ONCE)
        return InvalidValue({ field: "activities", reason: `must be 1 to ${MOST_FACTS_AT_ONCE}` });
      const facts = { brandId, recorded, members };
      const { results, added } = enterActivities(sent, facts, now, () => newId("Activity"));
      const awarded = awardActivities(context, added, earning, times);
      const tiers = tiersOfActivities(context, [program, standings, counted], awarded.counted);
      const memberIds = [...new Set(added.map(({ memberId }) => memberId))];
      const told = {
        effects: [
          ...insertRows(database, activities, added),
          ...(memberIds.length > 0 ? [mustHold(database, areActiveMembers(brandId, memberIds))] : []),
        ],
        audit: added.map((activity) => ({ subjectId: activity.memberId, detail: namesOf(activity) })),
        events: added.map((activity) => ({
          type: "activity.recorded",
          payload: { memberId: activity.memberId, ...namesOf(activity) },
        })),
      };
      return {
        outcome: { results, activityIds: [...new Set(results.flatMap(({ factId }) => factId ?? []))] },
        ...withReactions(context, told, [awarded], tiers),
      };
    },
    read,
  });
}

/** Without its detail, which is the source's own. */
const namesOf = ({ id, kind, name, source, externalId }: InferSelectModel<typeof activities>) => ({
  ...{ activityId: id, kind, name, source, externalId },
});
