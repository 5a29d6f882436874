import { and, eq } from "drizzle-orm";
import { allianceBrands } from "../../schema/tables/alliances.ts";
import { tiers } from "../../schema/tables/tiers.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustChange, type Read } from "../database/commit.ts";
import { NotFound } from "../errors.ts";
import { AlreadyInAlliance } from "./refusals.ts";
import { faultOfTierLevels, type TierLevelInput, tierLevelsOf } from "./tier-levels.ts";

export interface TakePartInput {
  allianceId: string;
  tierLevels: TierLevelInput[];
}

/** Takes part in an alliance that the brand was invited to. Refuses with NotFound without an invitation. */
export async function acceptAllianceInvitation<Row>(
  context: Context,
  input: TakePartInput,
  read: Read<{ allianceId: string }, Row>,
) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const { allianceId, tierLevels } = input;
  return commit(context, {
    name: "acceptAllianceInvitation",
    input,
    load: () => [
      database.query.allianceBrands.findMany({
        columns: { brandId: true, state: true },
        where: { allianceId, state: { in: ["INVITED", "ACTIVE"] } },
        with: { brand: { columns: { slug: true } } },
      }),
      database.select({ id: tiers.id, rank: tiers.rank }).from(tiers).where(eq(tiers.brandId, brandId)),
    ],
    decide: ([parts, ladder]) => {
      const part = parts.find((candidate) => candidate.brandId === brandId);
      if (!part) return NotFound({ id: allianceId });
      if (part.state === "ACTIVE") return AlreadyInAlliance({ brand: part.brand.slug, state: part.state });
      const fault = faultOfTierLevels(tierLevels, ladder);
      if (fault) return fault;
      const others = parts.filter(({ state }) => state === "ACTIVE");
      return {
        outcome: { allianceId },
        effects: [
          database
            .update(allianceBrands)
            .set({ state: "ACTIVE", tierLevels: tierLevelsOf(tierLevels), joinedAt: now })
            .where(
              and(
                eq(allianceBrands.allianceId, allianceId),
                eq(allianceBrands.brandId, brandId),
                eq(allianceBrands.state, "INVITED"),
              ),
            ),
          mustChange(database),
        ],
        audit: [{ subjectId: allianceId }],
        events: others.map((other) => ({
          brandId: other.brandId,
          type: "alliance.joined",
          payload: { allianceId, brandId },
        })),
      };
    },
    read,
  });
}
