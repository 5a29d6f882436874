import { eq } from "drizzle-orm";
import { allianceBrands, alliances } from "../../schema/tables/alliances.ts";
import type { LocalizedText } from "../../schema/tables/columns.ts";
import { tiers } from "../../schema/tables/tiers.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, type Read } from "../database/commit.ts";
import { faultOfTierLevels, type TierLevelInput, tierLevelsOf } from "./tier-levels.ts";

export interface CreateAllianceInput {
  name: LocalizedText;
  tierLevels: TierLevelInput[];
}

/** Founds an alliance, in which the brand takes part at once. Refuses with InvalidValue, or NotFound for a tier. */
export async function createAlliance<Row>(
  context: Context,
  input: CreateAllianceInput,
  read: Read<{ allianceId: string }, Row>,
) {
  const { database, newId, now } = context;
  const { brandId } = actorOf(context);
  const { name, tierLevels } = input;
  return commit(context, {
    name: "createAlliance",
    input,
    load: () => [
      database.select({ id: tiers.id, rank: tiers.rank }).from(tiers).where(eq(tiers.brandId, brandId)),
    ],
    decide: ([ladder]) => {
      const fault = faultOfTierLevels(tierLevels, ladder);
      if (fault) return fault;
      const allianceId = newId("Alliance");
      return {
        outcome: { allianceId },
        effects: [
          database.insert(alliances).values({ id: allianceId, brandId, name, createdAt: now }),
          database.insert(allianceBrands).values({
            ...{ allianceId, brandId, state: "ACTIVE" },
            tierLevels: tierLevelsOf(tierLevels),
            ...{ invitedAt: now, joinedAt: now },
          }),
        ],
        audit: [{ subjectId: allianceId }],
      };
    },
    read,
  });
}
