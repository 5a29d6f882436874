import { eq } from "drizzle-orm";
import { ruleSets, type TierRules } from "../../schema/tables/rules.ts";
import { tiers } from "../../schema/tables/tiers.ts";
import { nextProgramVersion, programVersion } from "../brands/program-version.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, type Read } from "../database/commit.ts";
import { InvalidValue } from "../errors.ts";
import { faultOfTierRules } from "./fault-of-rules.ts";

export interface SetTierRulesInput {
  rules: TierRules;
  /** Milliseconds since 1970; null for at once. */
  startsAt: number | null;
}

/**
 * Sets the rules by which members rise and fall from a moment on. Once they are in force all members are
 * reviewed under them; a term that is running then stays as it is. Refuses with InvalidValue what cannot stand.
 */
export async function setTierRules<Row>(
  context: Context,
  input: SetTierRulesInput,
  read: Read<{ ruleSetId: string }, Row>,
) {
  const { database, newId, now } = context;
  const { brandId } = actorOf(context);
  return commit(context, {
    name: "setTierRules",
    input,
    load: () => [
      programVersion(database, brandId),
      database.select().from(tiers).where(eq(tiers.brandId, brandId)),
    ],
    decide: ([[program], ladder]) => {
      if (!program) throw new Error(`Brand ${brandId} of a valid token does not exist.`);
      const { rules } = input;
      const startsAt = input.startsAt ?? now;
      if (startsAt < now) return InvalidValue({ field: "startsAt", reason: "must not be in the past" });
      const fault = faultOfTierRules(rules, ladder);
      if (fault) return fault;
      const ruleSetId = newId("RuleSet");
      return {
        outcome: { ruleSetId },
        effects: [
          ...nextProgramVersion(database, brandId, program.version),
          database
            .insert(ruleSets)
            .values({ brandId, id: ruleSetId, kind: "TIERS", startsAt, rules, createdAt: now }),
        ],
        audit: [{ subjectId: ruleSetId, detail: { startsAt } }],
      };
    },
    read,
  });
}
