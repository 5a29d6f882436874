import { and, asc, eq, gt, isNull, type SQL, sql } from "drizzle-orm";
import { members } from "../../schema/tables/members.ts";
import { ruleSets } from "../../schema/tables/rules.ts";
import { standings, tierGrants } from "../../schema/tables/standings.ts";
import { eachOf } from "../database/bulk.ts";
import type { Database } from "../database/client.ts";
import { commit, mustChange } from "../database/commit.ts";
import type { Environment } from "../environment.ts";
import { isRefusal } from "../errors.ts";
import { readDue } from "../jobs/due.ts";
import { asPlatform, eachBrand } from "../jobs/platform.ts";
import { reviewStandings, tierFacts } from "./review-standings.ts";
import { nextStandingVersions } from "./standing-version.ts";

/** What a review goes through, one after the other. */
const phases = ["STANDINGS", "GRANTS", "RULES"] as const;

/** How far a review has come: in which phase, after which row; with rules, of which since `at`. */
export interface ReviewPlace {
  phase: (typeof phases)[number];
  at: number;
  brandId: string;
  id: string;
}

export interface ReviewResult {
  /** How many members were looked at, and how often one's tier changed. */
  members: number;
  changes: number;
  /** How many brands' commits failed; theirs stay due. */
  failed: number;
  next: ReviewPlace | null;
}

/**
 * Does what became due about tiers: terms and times of grace that are over, grants whose time has passed, and,
 * once, all members of a brand whose new rules came into force. At most `limit` members, a commit a brand.
 * Going on after `next`, until it is null, does all; doing it again changes nothing.
 *
 * @param now milliseconds since 1970.
 */
export async function reviewTiers(
  database: Database,
  environment: Environment,
  now: number,
  limit: number,
  after?: ReviewPlace | null,
): Promise<ReviewResult> {
  const phase = after?.phase ?? "STANDINGS";
  if (phase === "RULES") return reviewUnderNewRules(database, environment, now, limit, after);
  const page = { now, limit, after };
  const due =
    phase === "STANDINGS"
      ? await readDue(
          database,
          standings,
          { at: standings.reviewAt, brandId: standings.brandId, id: standings.memberId },
          sql`${standings.reviewAt} is not null`,
          page,
        )
      : await readDue(
          database,
          tierGrants,
          { at: tierGrants.endsAt, brandId: tierGrants.brandId, id: tierGrants.id },
          isNull(tierGrants.endedAt),
          page,
        );
  const { done, failed } = await eachBrand("reviewTiers", due.byBrand, (brandId, ids) => {
    const among = sql`(${eachOf(ids)})`;
    const memberIds =
      phase === "STANDINGS"
        ? among
        : sql`(select g.member_id from ${tierGrants} g where (g.brand_id, g.id) in (select ${brandId}, value from ${among}))`;
    return reviewMembers(database, environment, { brandId, memberIds }, now);
  });
  const next = due.next ? { phase, ...due.next } : startOf(phases[phases.indexOf(phase) + 1]);
  return { members: due.count, changes: done, failed, next };
}

const startOf = (phase: ReviewPlace["phase"] | undefined): ReviewPlace | null =>
  phase ? { phase, at: 0, brandId: "", id: "" } : null;

/** Reviews members of one brand; `memberIds` is a list in brackets. Answers how many changes there were. */
async function reviewMembers(
  database: Database,
  environment: Environment,
  { brandId, memberIds }: { brandId: string; memberIds: SQL },
  now: number,
): Promise<number> {
  const context = asPlatform(database, environment, brandId, now);
  const result = await commit(context, {
    name: "reviewTiers",
    input: {},
    load: () => tierFacts(database, brandId, memberIds, now),
    decide: (facts) => {
      const { effects, written, audit, events } = reviewStandings(context, facts, {
        memberIds: facts[1].map(({ id }) => id),
      });
      return {
        outcome: events.filter(({ type }) => type === "tier.changed").length,
        // Those who stay as they are hinder nobody else's commit.
        effects: [...nextStandingVersions(database, brandId, written), ...effects],
        ...{ audit, events },
      };
    },
  });
  return isRefusal(result) ? 0 : result.outcome;
}

/** A page of the members of the next brand whose rules in force nobody has been reviewed under. */
async function reviewUnderNewRules(
  database: Database,
  environment: Environment,
  now: number,
  limit: number,
  after: ReviewPlace | null | undefined,
): Promise<ReviewResult> {
  const isInForce = sql`${ruleSets.kind} = 'TIERS' and ${ruleSets.startsAt} <= ${now} and not exists (
    select 1 from ${ruleSets} later where later.brand_id = ${ruleSets.brandId} and later.kind = 'TIERS'
      and later.starts_at <= ${now} and (later.starts_at, later.id) > (${ruleSets.startsAt}, ${ruleSets.id}))`;
  const [set] = await database
    .select({ brandId: ruleSets.brandId, id: ruleSets.id, at: ruleSets.startsAt })
    .from(ruleSets)
    .where(and(isNull(ruleSets.reviewedAt), isInForce, sql`${ruleSets.brandId} >= ${after?.brandId ?? ""}`))
    .orderBy(asc(ruleSets.brandId))
    .limit(1);
  if (!set) return { members: 0, changes: 0, failed: 0, next: null };
  const { brandId, at } = set;
  // Other rules have come into force since that page: they are for those before it, too.
  const isSameSet = after?.brandId === brandId && after.at === at;
  const page = await database
    .select({ id: members.id })
    .from(members)
    .where(
      and(
        eq(members.brandId, brandId),
        eq(members.state, "ACTIVE"),
        gt(members.id, isSameSet ? after.id : ""),
      ),
    )
    .orderBy(asc(members.id))
    .limit(limit);
  const ids = page.map(({ id }) => id);
  const memberIds = sql`(${eachOf(ids)})`;
  const last = ids.length === limit ? ids.at(-1) : undefined;
  const { done, failed } = await eachBrand("reviewTiers", [[brandId, ids]], async () => {
    const changes =
      ids.length > 0 ? await reviewMembers(database, environment, { brandId, memberIds }, now) : 0;
    if (!last) await finishRules(database, environment, set, now);
    return changes;
  });
  // Of a brand that fails the next run begins anew; with a blank behind it, its id sorts just after it.
  const from = failed > 0 ? { brandId: `${brandId} `, id: "" } : { brandId, id: last ?? "" };
  return { members: ids.length, changes: done, failed, next: { phase: "RULES", at, ...from } };
}

/** Notes that everyone was reviewed under the rules. */
async function finishRules(
  database: Database,
  environment: Environment,
  { brandId, id }: { brandId: string; id: string },
  now: number,
): Promise<void> {
  const context = asPlatform(database, environment, brandId, now);
  const isTheSet = and(eq(ruleSets.brandId, brandId), eq(ruleSets.id, id), isNull(ruleSets.reviewedAt));
  await commit(context, {
    name: "reviewTiers",
    input: {},
    load: () => [database.select({ id: ruleSets.id }).from(ruleSets).where(isTheSet)],
    decide: ([open]) =>
      open.length === 0
        ? { outcome: null, effects: [], audit: [] }
        : {
            outcome: null,
            effects: [
              database.update(ruleSets).set({ reviewedAt: now }).where(isTheSet),
              mustChange(database),
            ],
            audit: [{ subjectId: id }],
          },
  });
}
