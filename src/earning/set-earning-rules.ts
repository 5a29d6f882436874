import { eq } from "drizzle-orm";
import { type EarningRules, ruleSets } from "../../schema/tables/rules.ts";
import { tiers } from "../../schema/tables/tiers.ts";
import { nextProgramVersion, programVersion } from "../brands/program-version.ts";
import { zoned } from "../calendar.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, type Read } from "../database/commit.ts";
import { InvalidValue } from "../errors.ts";
import { faultOfRules } from "./fault-of-rules.ts";

export interface SetEarningRulesInput {
  /** Now, unless said otherwise; also in the past, for facts of the past that are still to be told. */
  startsAt?: number | null;
  rules: EarningRules;
}

const LONGEST_AHEAD_YEARS = 10;

/**
 * Sets how facts earn from a moment on, until a later set starts. What was recorded before is not looked at
 * again, also when the rules start in the past.
 */
export async function setEarningRules<Row>(
  context: Context,
  input: SetEarningRulesInput,
  read: Read<{ ruleSetId: string }, Row>,
) {
  const { database, newId, now } = context;
  const { brandId } = actorOf(context);
  const { rules } = input;
  const startsAt = input.startsAt ?? now;
  return commit(context, {
    name: "setEarningRules",
    input,
    load: () => [
      programVersion(database, brandId),
      database.select({ id: tiers.id }).from(tiers).where(eq(tiers.brandId, brandId)),
    ],
    decide: ([[program], ladder]) => {
      if (!program) throw new Error(`Brand ${brandId} of a valid token does not exist.`);
      const latest = zoned(now, "UTC").add({ years: LONGEST_AHEAD_YEARS }).epochMilliseconds;
      if (startsAt < 0 || startsAt > latest) {
        const reason = `must lie between 1970 and ${LONGEST_AHEAD_YEARS} years ahead`;
        return InvalidValue({ field: "startsAt", reason });
      }
      const tierIds = ladder.map(({ id }) => id);
      const fault = faultOfRules(rules, tierIds);
      if (fault) return fault;
      const ruleSetId = newId("RuleSet");
      return {
        outcome: { ruleSetId },
        effects: [
          ...nextProgramVersion(database, brandId, program.version),
          database
            .insert(ruleSets)
            .values({ brandId, id: ruleSetId, kind: "EARNING", startsAt, rules, createdAt: now }),
        ],
        audit: [{ subjectId: ruleSetId, detail: { startsAt } }],
        events: [{ type: "earning_rules.set", payload: { ruleSetId, startsAt } }],
      };
    },
    read,
  });
}
