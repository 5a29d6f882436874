import { and, eq, isNull } from "drizzle-orm";
import { brands } from "../../schema/tables/brands.ts";
import { membershipPlans } from "../../schema/tables/standings.ts";
import { nextVersion } from "../brands/program-version.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustChange, type Read } from "../database/commit.ts";
import { NotFound } from "../errors.ts";
import { PlanRetired } from "./refusals.ts";

/** Sells a plan no more: orders that are paid from now on buy nothing with its sku. What was bought runs on. */
export async function retireMembershipPlan<Row>(
  context: Context,
  input: { membershipPlanId: string },
  read: Read<{ membershipPlanId: string }, Row>,
) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const { membershipPlanId } = input;
  const isThePlan = and(eq(membershipPlans.brandId, brandId), eq(membershipPlans.id, membershipPlanId));
  return commit(context, {
    name: "retireMembershipPlan",
    input,
    load: () => [
      database.select({ retiredAt: membershipPlans.retiredAt }).from(membershipPlans).where(isThePlan),
    ],
    decide: ([[plan]]) => {
      if (!plan) return NotFound({ id: membershipPlanId });
      if (plan.retiredAt !== null) return PlanRetired({ retiredAt: plan.retiredAt });
      return {
        outcome: { membershipPlanId },
        effects: [
          database
            .update(membershipPlans)
            .set({ retiredAt: now })
            .where(and(isThePlan, isNull(membershipPlans.retiredAt))),
          mustChange(database),
          database.update(brands).set(nextVersion(brandId)).where(eq(brands.id, brandId)),
        ],
        audit: [{ subjectId: membershipPlanId }],
      };
    },
    read,
  });
}
