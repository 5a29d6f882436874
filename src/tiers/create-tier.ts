import { eq } from "drizzle-orm";
import type { LocalizedText } from "../../schema/tables/columns.ts";
import { tiers } from "../../schema/tables/tiers.ts";
import { nextProgramVersion, programVersion } from "../brands/program-version.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, type Read } from "../database/commit.ts";
import { faultOfRung } from "./ladder.ts";

export interface CreateTierInput {
  rank: number;
  name: LocalizedText;
  description: LocalizedText | null;
  color: string;
  requiredGrowthValue: number;
}

/** Adds a tier to the brand's ladder. Refuses with InvalidValue a rung that the ladder cannot hold. */
export async function createTier<Row>(
  context: Context,
  input: CreateTierInput,
  read: Read<{ tierId: string }, Row>,
) {
  const { database, newId, now } = context;
  const { brandId } = actorOf(context);
  const { requiredGrowthValue, ...settings } = input;
  const requirement = { growthValue: requiredGrowthValue };
  return commit(context, {
    name: "createTier",
    input,
    load: () => [
      programVersion(database, brandId),
      database.select().from(tiers).where(eq(tiers.brandId, brandId)),
    ],
    decide: ([[program], ladder]) => {
      if (!program) throw new Error(`Brand ${brandId} of a valid token does not exist.`);
      const fault = faultOfRung(ladder, { ...input, requirement });
      if (fault) return fault;
      const tierId = newId("Tier");
      return {
        outcome: { tierId },
        effects: [
          ...nextProgramVersion(database, brandId, program.version),
          database.insert(tiers).values({ ...settings, brandId, id: tierId, requirement, createdAt: now }),
        ],
        audit: [{ subjectId: tierId }],
      };
    },
    read,
  });
}
