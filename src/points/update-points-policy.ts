import { eq } from "drizzle-orm";
import { brands, type PointsPolicy } from "../../schema/tables/brands.ts";
import { nextProgramVersion } from "../brands/program-version.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustChange, type Read } from "../database/commit.ts";
import { given } from "../given.ts";
import { faultOfPolicy, policyOf } from "./policy.ts";

export type UpdatePointsPolicyInput = { [Part in keyof PointsPolicy]?: PointsPolicy[Part] | null };

/**
 * Changes how points expire and are spent; what is left out stays. It holds for points that come in from
 * now on and for what is spent from now on: a lot keeps its expiry, a hold its terms.
 */
export async function updatePointsPolicy<Row>(
  context: Context,
  input: UpdatePointsPolicyInput,
  read: Read<{ brandId: string }, Row>,
) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  return commit(context, {
    name: "updatePointsPolicy",
    input,
    load: () => [
      database
        .select({ set: brands.pointsPolicy, version: brands.programVersion })
        .from(brands)
        .where(eq(brands.id, brandId)),
    ],
    decide: ([[brand]]) => {
      if (!brand) throw new Error(`Brand ${brandId} of a valid token does not exist.`);
      // The one part that null is a value of.
      const { approvalAbovePoints } = input;
      const pointsPolicy: Partial<PointsPolicy> = {
        ...{ ...brand.set, ...given(input) },
        ...(approvalAbovePoints === null ? { approvalAbovePoints } : {}),
      };
      const fault = faultOfPolicy(policyOf(pointsPolicy));
      if (fault) return fault;
      return {
        outcome: { brandId },
        effects: [
          ...nextProgramVersion(database, brandId, brand.version),
          database.update(brands).set({ pointsPolicy, updatedAt: now }).where(eq(brands.id, brandId)),
          mustChange(database),
        ],
        audit: [{ subjectId: brandId, detail: { pointsPolicy } }],
      };
    },
    read,
  });
}
