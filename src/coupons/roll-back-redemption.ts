import { and, eq, isNull } from "drizzle-orm";
import { coupons, redemptions } from "../../schema/tables/coupons.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustChange, type Read } from "../database/commit.ts";
import { NotFound } from "../errors.ts";
import { RedemptionAlreadyRolledBack } from "./refusals.ts";

export interface RollBackRedemptionInput {
  redemptionId: string;
  reason: string;
  idempotencyKey: string;
}

/** Undoes a redemption: the coupon can be used again, for as long as it had been valid. */
export async function rollBackRedemption<Row>(
  context: Context,
  input: RollBackRedemptionInput,
  read: Read<{ couponId: string; redemptionId: string }, Row>,
) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const { redemptionId, reason } = input;
  const isTheRedemption = and(eq(redemptions.brandId, brandId), eq(redemptions.id, redemptionId));
  return commit(context, {
    name: "rollBackRedemption",
    input,
    load: () => [database.select().from(redemptions).where(isTheRedemption)],
    decide: ([[redemption]]) => {
      if (!redemption) return NotFound({ id: redemptionId });
      const { couponId, rolledBackAt } = redemption;
      if (rolledBackAt !== null) return RedemptionAlreadyRolledBack({ redemptionId, rolledBackAt });
      return {
        outcome: { couponId, redemptionId },
        effects: [
          database
            .update(redemptions)
            .set({ rolledBackAt: now, rollbackReason: reason })
            .where(and(isTheRedemption, isNull(redemptions.rolledBackAt))),
          mustChange(database),
          database
            .update(coupons)
            .set({ state: "AVAILABLE" })
            .where(
              and(eq(coupons.brandId, brandId), eq(coupons.id, couponId), eq(coupons.state, "REDEEMED")),
            ),
          mustChange(database),
        ],
        audit: [{ subjectId: couponId, detail: { redemptionId, reason } }],
        events: [{ type: "coupon.rolled_back", payload: { couponId, redemptionId } }],
      };
    },
    read,
  });
}
