import { type InferSelectModel, sql } from "drizzle-orm";
import { members } from "../../schema/tables/members.ts";
import { standings, type TierDecision, tierChanges, tierGrants } from "../../schema/tables/standings.ts";
import { actorOf, type Context } from "../context.ts";
import { changesOf, eachOf, insertRows } from "../database/bulk.ts";
import type { Database } from "../database/client.ts";
import { type Decision, mustChange, type Statement } from "../database/commit.ts";
import type { CountedFact } from "./counted-fact.ts";
import type { Standing } from "./decide-standing.ts";
import type { TierDecision as Decided, TierMove } from "./decide-tier.ts";
import type { TierMember } from "./review-standings.ts";
import type { StandingRead } from "./standing-version.ts";

type GrantTime = Pick<TierGrantRow, "id" | "startsAt" | "endsAt">;
export type TierGrantRow = InferSelectModel<typeof tierGrants>;

/** What a commit changes of what tiers are decided on. */
export interface TierInput {
  /** Whose: others that were read stay as they are. */
  memberIds: readonly string[];
  /** Facts that are recorded in this very commit. */
  newFacts?: readonly CountedFact[];
  /** Grants that are given now, and that end now, before their time. */
  granted?: readonly TierGrantRow[];
  endedGrantIds?: readonly string[];
}

/** What a verb does about tiers, to be done in its commit. */
export interface TierEffects extends Required<Pick<Decision<unknown>, "effects" | "audit" | "events">> {
  /** What it was decided on: the commit moves their versions on, once. */
  standings: StandingRead[];
  /** Those of them that are written: all that a commit without facts of its own was decided on. */
  written: StandingRead[];
}

export interface Review {
  member: TierMember;
  /** Grants that run at another time than they did. */
  moved: GrantTime[];
  standing: Standing;
  decided: Decided;
}

/** The statements that record what was decided of members, and who is told: a handful, however many. */
export function recordReviews(context: Context, reviews: readonly Review[], input: TierInput): TierEffects {
  const { database, newId, now } = context;
  const { brandId } = actorOf(context);
  const changed = reviews.filter(({ decided }) => decided.moves.length > 0);
  const ended = new Map(
    reviews.flatMap(({ member, decided }) => [
      ...member.tierGrants
        .filter(({ id }) => input.endedGrantIds?.includes(id))
        .map(({ id }) => [id, member.id] as const),
      ...decided.ended.map(({ id }) => [id, member.id] as const),
    ]),
  );
  const changes = changed.flatMap(({ member, decided }) =>
    decided.moves.map((move) => ({
      ...{ brandId, id: newId("TierChange"), memberId: member.id, createdAt: now },
      ...{ fromTierId: move.from, toTierId: move.to, cause: move.cause, decision: decisionOf(move) },
    })),
  );
  const granted = (input.granted ?? []).map((grant) =>
    ended.has(grant.id) ? { ...grant, endedAt: now } : grant,
  );
  const endedBefore = [...ended.keys()].filter((id) => !granted.some((grant) => grant.id === id));
  const renewed = reviews.filter(
    ({ member, standing, decided }) =>
      decided.moves.length === 0 && standing.since !== member.standing.since && standing.until !== null,
  );
  const readOf = ({ member: { id, standing } }: Review) => ({ memberId: id, version: standing.version });
  return {
    standings: reviews.map(readOf),
    written: reviews.filter(isWritten).map(readOf),
    effects: [
      ...moveStandings(database, brandId, reviews),
      ...insertRows(database, tierGrants, granted),
      ...moveGrants(
        database,
        brandId,
        reviews.flatMap(({ moved }) => moved),
      ),
      ...endGrants(database, brandId, endedBefore, now),
      ...changeTiers(database, brandId, changed, now),
      ...insertRows(database, tierChanges, changes),
    ],
    audit: [
      ...changes.map(({ id, memberId, fromTierId: from, toTierId: to, cause }) => ({
        subjectId: memberId,
        detail: { tierChangeId: id, from, to, cause },
      })),
      ...renewed.map((review) => ({ subjectId: review.member.id, detail: termOf(review) })),
      ...granted.map(({ id, memberId, tierId, kind }) => ({
        subjectId: memberId,
        detail: { tierGrantId: id, tierId, kind },
      })),
      ...endedBefore.map((id) => ({
        subjectId: ended.get(id) as string,
        detail: { tierGrantId: id, endedAt: now },
      })),
    ],
    events: [
      ...granted.map(({ id, memberId, tierId, endsAt }) => ({
        type: "tier.granted",
        payload: { memberId, tierGrantId: id, tierId, endsAt },
      })),
      ...endedBefore.map((id) => ({
        type: "tier.grant_ended",
        payload: { memberId: ended.get(id), tierGrantId: id },
      })),
      ...changes.map(({ id, memberId, fromTierId: from, toTierId: to, cause }) => ({
        type: "tier.changed",
        payload: { memberId, from, to, cause, tierChangeId: id },
      })),
      ...renewed.map((review) => ({
        type: "tier.renewed",
        payload: { memberId: review.member.id, ...termOf(review) },
      })),
    ],
  };
}

const termOf = ({ standing: { tierId, since, until } }: Review) => ({ tierId, since, until });

const isMoved = ({ member: { standing: was }, standing: is }: Review): boolean =>
  (["tierId", "since", "until", "reviewAt"] as const).some((field) => was[field] !== is[field]);

const isWritten = (review: Review): boolean =>
  isMoved(review) || review.moved.length + review.decided.moves.length + review.decided.ended.length > 0;

const decisionOf = ({ at, step, grant }: TierMove): TierDecision => ({
  ruleSetId: step?.ruleSetId ?? null,
  asOf: at,
  ...(grant ? { grantId: grant.id, reason: grant.reason } : {}),
  counted: (step?.counted ?? []).map(({ measure, window, atLeast, value }) => ({
    ...{ measure, atLeast, value },
    window: [window.kind, window.days ?? window.period].filter((part) => part != null).join(":"),
  })),
});

/** Writes the standings that are others now; that they are as they were read, their versions say. */
function moveStandings(database: Database, brandId: string, reviews: readonly Review[]): Statement[] {
  const moved = reviews.filter(isMoved);
  if (moved.length === 0) return [];
  const rows = moved.map(({ member, standing: { tierId, since, until, reviewAt } }) => ({
    ...{ memberId: member.id, tierId, since, until, reviewAt },
  }));
  return [
    database.run(sql`
      update ${standings} set
        tier_id = f.value ->> '$.tierId', since = f.value ->> '$.since', until = f.value ->> '$.until',
        review_at = f.value ->> '$.reviewAt'
      from ${changesOf(brandId, rows)}
      where ${standings.brandId} = f.value ->> '$.brandId' and ${standings.memberId} = f.value ->> '$.memberId'`),
    mustChange(database, rows.length),
  ];
}

function changeTiers(
  database: Database,
  brandId: string,
  changed: readonly Review[],
  now: number,
): Statement[] {
  if (changed.length === 0) return [];
  const rows = changed.map(({ member, decided }) => ({
    ...{ id: member.id, was: member.tierId, is: decided.tierId, since: decided.moves.at(-1)?.at },
  }));
  return [
    database.run(sql`
      update ${members} set
        tier_id = f.value ->> '$.is', tier_since = f.value ->> '$.since', updated_at = ${now}
      from ${changesOf(brandId, rows)}
      where ${members.brandId} = f.value ->> '$.brandId' and ${members.id} = f.value ->> '$.id'
        and ${members.tierId} = f.value ->> '$.was' and ${members.state} = 'ACTIVE'`),
    mustChange(database, rows.length),
  ];
}

function moveGrants(database: Database, brandId: string, moved: readonly GrantTime[]): Statement[] {
  if (moved.length === 0) return [];
  return [
    database.run(sql`
      update ${tierGrants} set starts_at = f.value ->> '$.startsAt', ends_at = f.value ->> '$.endsAt'
      from ${changesOf(brandId, moved)}
      where ${tierGrants.brandId} = f.value ->> '$.brandId' and ${tierGrants.id} = f.value ->> '$.id'
        and ${tierGrants.endedAt} is null`),
    mustChange(database, moved.length),
  ];
}

function endGrants(database: Database, brandId: string, ids: readonly string[], now: number): Statement[] {
  if (ids.length === 0) return [];
  return [
    database.run(sql`
      update ${tierGrants} set ended_at = ${now}
      where ${tierGrants.brandId} = ${brandId} and ${tierGrants.endedAt} is null
        and ${tierGrants.id} in (${eachOf(ids)})`),
    mustChange(database, ids.length),
  ];
}
