import { ruleSets, type StackingRules } from "../../schema/tables/rules.ts";
import { nextProgramVersion, programVersion } from "../brands/program-version.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, type Read } from "../database/commit.ts";
import { InvalidValue } from "../errors.ts";
import { faultOfStacking } from "./stacking.ts";

export interface SetStackingRulesInput {
  rules: StackingRules;
  /** Milliseconds since 1970; null for at once. */
  startsAt: number | null;
}

/** Sets how coupons are used together from a moment on, until a later set starts. */
export async function setStackingRules<Row>(
  context: Context,
  input: SetStackingRulesInput,
  read: Read<{ ruleSetId: string }, Row>,
) {
  const { database, newId, now } = context;
  const { brandId } = actorOf(context);
  const { rules } = input;
  return commit(context, {
    name: "setStackingRules",
    input,
    load: () => [programVersion(database, brandId)],
    decide: ([[program]]) => {
      if (!program) throw new Error(`Brand ${brandId} of a valid token does not exist.`);
      const startsAt = input.startsAt ?? now;
      if (startsAt < now) return InvalidValue({ field: "startsAt", reason: "must not be in the past" });
      const fault = faultOfStacking(rules);
      if (fault) return fault;
      const ruleSetId = newId("RuleSet");
      return {
        outcome: { ruleSetId },
        effects: [
          ...nextProgramVersion(database, brandId, program.version),
          database
            .insert(ruleSets)
            .values({ brandId, id: ruleSetId, kind: "STACKING", startsAt, rules, createdAt: now }),
        ],
        audit: [{ subjectId: ruleSetId, detail: { startsAt } }],
      };
    },
    read,
  });
}
