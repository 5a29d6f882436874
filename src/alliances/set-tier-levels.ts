import { and, eq } from "drizzle-orm";
import { allianceBrands } from "../../schema/tables/alliances.ts";
import { tiers } from "../../schema/tables/tiers.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustChange, type Read } from "../database/commit.ts";
import { NotFound } from "../errors.ts";
import type { TakePartInput } from "./accept-alliance-invitation.ts";
import { faultOfTierLevels, tierLevelsOf } from "./tier-levels.ts";

/** Puts the brand's tiers on the alliance's scale anew, for all its members and partners at once. */
export async function setTierLevels<Row>(
  context: Context,
  input: TakePartInput,
  read: Read<{ allianceId: string }, Row>,
) {
  const { database } = context;
  const { brandId } = actorOf(context);
  const { allianceId } = input;
  const isThePart = and(
    eq(allianceBrands.allianceId, allianceId),
    eq(allianceBrands.brandId, brandId),
    eq(allianceBrands.state, "ACTIVE"),
  );
  return commit(context, {
    name: "setTierLevels",
    input,
    load: () => [
      database.select({ before: allianceBrands.tierLevels }).from(allianceBrands).where(isThePart),
      database.select({ id: tiers.id, rank: tiers.rank }).from(tiers).where(eq(tiers.brandId, brandId)),
    ],
    decide: ([[part], ladder]) => {
      if (!part) return NotFound({ id: allianceId });
      const fault = faultOfTierLevels(input.tierLevels, ladder);
      if (fault) return fault;
      const tierLevels = tierLevelsOf(input.tierLevels);
      return {
        outcome: { allianceId },
        effects: [database.update(allianceBrands).set({ tierLevels }).where(isThePart), mustChange(database)],
        audit: [{ subjectId: allianceId, detail: { before: part.before, tierLevels } }],
      };
    },
    read,
  });
}
