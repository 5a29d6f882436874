import { and, eq } from "drizzle-orm";
import type { LocalizedText } from "../../schema/tables/columns.ts";
import { tiers } from "../../schema/tables/tiers.ts";
import { nextProgramVersion, programVersion } from "../brands/program-version.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustChange, type Read } from "../database/commit.ts";
import { NotFound } from "../errors.ts";
import { faultOfRung } from "./ladder.ts";

export interface UpdateTierInput {
  tierId: string;
  name?: LocalizedText | null;
  description?: LocalizedText | null;
  color?: string | null;
  requiredGrowthValue?: number | null;
}

/** Changes a tier of the brand's ladder; what is left out stays. */
export async function updateTier<Row>(
  context: Context,
  input: UpdateTierInput,
  read: Read<{ tierId: string }, Row>,
) {
  const { database } = context;
  const { brandId } = actorOf(context);
  const { tierId } = input;
  return commit(context, {
    name: "updateTier",
    input,
    load: () => [
      programVersion(database, brandId),
      database.select().from(tiers).where(eq(tiers.brandId, brandId)),
    ],
    decide: ([[program], ladder]) => {
      const tier = ladder.find(({ id }) => id === tierId);
      if (!program || !tier) return NotFound({ id: tierId });
      const changed = {
        name: input.name ?? tier.name,
        description: input.description ?? tier.description,
        color: input.color ?? tier.color,
        requirement: { growthValue: input.requiredGrowthValue ?? tier.requirement.growthValue },
      };
      const others = ladder.filter(({ id }) => id !== tierId);
      const fault = faultOfRung(others, { rank: tier.rank, ...changed });
      if (fault) return fault;
      return {
        outcome: { tierId },
        effects: [
          ...nextProgramVersion(database, brandId, program.version),
          database
            .update(tiers)
            .set(changed)
            .where(and(eq(tiers.brandId, brandId), eq(tiers.id, tierId))),
          mustChange(database),
        ],
        audit: [{ subjectId: tierId, detail: { ...changed } }],
      };
    },
    read,
  });
}
