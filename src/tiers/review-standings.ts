import { type SQL, sql } from "drizzle-orm";
import type { Context } from "../context.ts";
import type { Database } from "../database/client.ts";
import { idsNamed, type MemberNames } from "../members/named-members.ts";
import type { CountedFact } from "./counted-fact.ts";
import { type CountedRow, countedByMember, readCountedFacts } from "./counted-facts.ts";
import { decideStanding, type Standing, type StandingFacts } from "./decide-standing.ts";
import { decideTier } from "./decide-tier.ts";
import { movedUp } from "./plan-grants.ts";
import { type Review, recordReviews, type TierEffects, type TierInput } from "./record-reviews.ts";
import type { TierRuleSet } from "./tier-rules.ts";

/** A review that is late by more sets of rules than these decides by the oldest of them. */
const MOST_RULE_SETS = 20;

const standingColumns = { tierId: true, since: true, until: true, reviewAt: true, version: true } as const;

/**
 * The statements that read what the tiers of some members are decided on: the brand's program, the members,
 * and what counts. `memberIds` is a list in brackets, of ids or a query.
 */
export const tierFacts = (database: Database, brandId: string, memberIds: SQL, now: number) =>
  [
    database.query.brands.findFirst({
      where: { id: brandId },
      columns: { timeZone: true },
      with: {
        tiers: { columns: { id: true, rank: true, requirement: true } },
        tierRuleSets: {
          where: { kind: "TIERS", startsAt: { lte: now } },
          orderBy: { startsAt: "desc", id: "desc" },
          limit: MOST_RULE_SETS,
        },
        membershipPlans: true,
      },
    }),
    database.query.members.findMany({
      where: { brandId, RAW: (t) => sql`${t.id} in ${memberIds}` },
      columns: { id: true, state: true, tierId: true },
      with: { standing: { columns: standingColumns }, tierGrants: { where: { endedAt: { isNull: true } } } },
    }),
    readCountedFacts(database, brandId, memberIds, now),
  ] as const;

/** The same, of the members of a brand that are named. */
export const tierFactsOfNamed = (database: Database, brandId: string, names: MemberNames, now: number) =>
  tierFacts(database, brandId, idsNamed(brandId, names), now);

type Loaded<Statements> = { [Name in keyof Statements]: Awaited<Statements[Name]> };
type Facts = Loaded<ReturnType<typeof tierFacts>>;
/** The rows that `tierFacts` finds, in turn. */
export type TierRows = readonly [TierProgram, readonly TierMember[], readonly CountedRow[]];
export type TierProgram = Facts[0];
export type TierMember = Facts[1][number];

/**
 * Decides the tiers of members whose facts or grants a commit changes, and answers the statements that
 * record it: a handful, however many members. The caller moves the versions of `standings` on before them,
 * so that the commit stands only if nothing that was decided on has changed.
 */
export function reviewStandings(
  context: Context,
  [program, found, facts]: TierRows,
  input: TierInput,
): TierEffects {
  const reviewed = new Set(input.memberIds);
  const factsOf = countedByMember(facts);
  const newFactsOf = Map.groupBy(input.newFacts ?? [], ({ memberId }) => memberId);
  const reviews = found
    .filter(({ id }) => reviewed.has(id))
    .map((member) =>
      reviewOf(
        { program, member, facts: [...(factsOf.get(member.id) ?? []), ...(newFactsOf.get(member.id) ?? [])] },
        input,
        context.now,
      ),
    );
  return recordReviews(context, reviews, input);
}

/** A member's part of what was read, as the rules take it. */
export function standingFacts(
  program: TierProgram,
  standing: Standing,
  facts: readonly CountedFact[],
): StandingFacts {
  if (!program) throw new Error("A member without a brand.");
  const { timeZone, tiers: ladder, tierRuleSets } = program;
  return { standing, ladder, ruleSets: tierRuleSets as TierRuleSet[], facts, timeZone };
}

/** When a grant began: one that began as it was given has, also for a job that decides as of a moment before. */
const begunAt = ({ startsAt, createdAt }: TierMember["tierGrants"][number], now: number): number =>
  startsAt <= createdAt ? Math.min(startsAt, now) : startsAt;

function reviewOf(
  { program, member, facts }: { program: TierProgram; member: TierMember; facts: readonly CountedFact[] },
  { granted = [], endedGrantIds = [] }: TierInput,
  now: number,
): Review {
  const { standing: before, tierId } = member;
  const given = standingFacts(program, before, facts);
  const moved = movedUp(member.tierGrants, endedGrantIds, now, given.timeZone);
  const grants = [...member.tierGrants, ...granted.filter(({ memberId }) => memberId === member.id)]
    .filter(({ id }) => !endedGrantIds.includes(id))
    .map((grant) => ({ ...grant, ...moved.find(({ id }) => id === grant.id) }))
    .map((grant) => ({ ...grant, startsAt: begunAt(grant, now) }));
  // A closed membership keeps what it had, and is looked at no more.
  const isOpen = member.state === "ACTIVE";
  const { standing, steps } = isOpen
    ? decideStanding(given, now)
    : { standing: { ...before, reviewAt: null }, steps: [] };
  const decided = decideTier(
    { tierId, earnedTierId: before.tierId, ladder: given.ladder, grants },
    { steps },
    now,
  );
  return { member, moved, standing, decided: isOpen ? decided : { ...decided, tierId, moves: [] } };
}
