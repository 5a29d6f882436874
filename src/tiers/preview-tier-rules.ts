import { and, asc, eq, gt, sql } from "drizzle-orm";
import { members } from "../../schema/tables/members.ts";
import type { TierRules } from "../../schema/tables/rules.ts";
import { actorOf, type Context } from "../context.ts";
import { InvalidValue, isRefusal, type Refusal } from "../errors.ts";
import type { CountedFact } from "./counted-fact.ts";
import { countedByMember } from "./counted-facts.ts";
import { decideStanding } from "./decide-standing.ts";
import { decideTier } from "./decide-tier.ts";
import { movesAhead } from "./fall-ahead.ts";
import { faultOfTierRules } from "./fault-of-rules.ts";
import {
  standingFacts,
  type TierMember,
  type TierProgram,
  type TierRows,
  tierFacts,
} from "./review-standings.ts";
import type { TierRuleSet } from "./tier-rules.ts";

/** Members who would move from one tier to another. */
export interface Movement {
  fromTierId: string;
  toTierId: string;
  /** At once, or at the end of a term that then runs. */
  when: "IN_FORCE" | "TERM_END";
  memberIds: string[];
}

export interface TierRulesPreview {
  movements: Movement[];
  /** How many members were looked at, and the last of them. */
  memberCount: number;
  endCursor: string | null;
  hasNextPage: boolean;
}

export const MOST_PREVIEWED = 5_000;

/** How the draft is called while it is looked at; after every id of rules that are in force. */
const DRAFT_ID = "rul_~draft";

/**
 * What tier rules would do to a page of the brand's active members if they came into force now, by the very
 * rules that then decide. Refuses with InvalidValue what could not be set. One request to the database.
 *
 * @param after where an earlier page ended.
 */
export async function previewTierRules(
  context: Context,
  { rules, first, after }: { rules: TierRules; first: number; after: string | null },
): Promise<TierRulesPreview | Refusal> {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  if (first < 1 || first > MOST_PREVIEWED)
    return InvalidValue({ field: "first", reason: `must lie between 1 and ${MOST_PREVIEWED}` });
  const page = database
    .select({ id: members.id })
    .from(members)
    .where(and(eq(members.brandId, brandId), eq(members.state, "ACTIVE"), gt(members.id, after ?? "")))
    .orderBy(asc(members.id))
    // One more tells whether there is more.
    .limit(first + 1);
  const [program, found, facts] = await Promise.all(tierFacts(database, brandId, sql`(${page})`, now));
  const fault = faultOfTierRules(rules, program?.tiers ?? []);
  if (isRefusal(fault)) return fault;
  const inTurn = found.toSorted((a, b) => (a.id < b.id ? -1 : 1)).slice(0, first);
  return {
    movements: movementsOf([program, inTurn, facts], rules, now),
    memberCount: inTurn.length,
    endCursor: inTurn.at(-1)?.id ?? null,
    hasNextPage: found.length > first,
  };
}

function movementsOf([program, found, facts]: TierRows, rules: TierRules, now: number): Movement[] {
  const draft = { id: DRAFT_ID, startsAt: now, rules };
  const factsOf = countedByMember(facts);
  const movements = new Map<string, Movement>();
  for (const member of found) {
    for (const move of movesOf({ ...program, draft } as Drafted, member, factsOf.get(member.id) ?? [], now)) {
      const key = JSON.stringify(Object.values(move));
      const known = movements.get(key) ?? { ...move, memberIds: [] };
      known.memberIds.push(member.id);
      movements.set(key, known);
    }
  }
  return [...movements.values()].sort((a, b) => b.memberIds.length - a.memberIds.length);
}

type Drafted = NonNullable<TierProgram> & { draft: TierRuleSet };

function movesOf(
  { draft, ...program }: Drafted,
  { tierId, standing, tierGrants: grants }: TierMember,
  facts: readonly CountedFact[],
  now: number,
): Omit<Movement, "memberIds">[] {
  const given = standingFacts(program, standing, facts);
  const drafted = { ...given, ruleSets: [...given.ruleSets, draft] };
  const decision = decideStanding(drafted, now);
  const { ladder } = given;
  const decided = decideTier({ tierId, earnedTierId: standing.tierId, ladder, grants }, decision, now);
  const then = { ...drafted, standing: decision.standing };
  const ahead = movesAhead(then, { tierId: decided.tierId, grants }, now);
  const byTerm = ahead.find(({ cause }) => cause === "LOWERED" || cause === "EARNED");
  return [
    ...(decided.tierId === tierId
      ? []
      : [{ fromTierId: tierId, toTierId: decided.tierId, when: "IN_FORCE" as const }]),
    ...(byTerm ? [{ fromTierId: byTerm.from, toTierId: byTerm.to, when: "TERM_END" as const }] : []),
  ];
}
