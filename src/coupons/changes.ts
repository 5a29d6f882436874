import { couponChanges } from "../../schema/tables/coupons.ts";
import { actorOf, type Context } from "../context.ts";
import { insertRows } from "../database/bulk.ts";
import type { Statement } from "../database/commit.ts";

/** What happened to a coupon, as its history will tell it. */
export interface CouponChange {
  couponId: string;
  kind: typeof couponChanges.$inferSelect.kind;
  /** Who has it since. */
  memberId: string | null;
  redemptionId?: string | null;
  /** The order, as the caller names it, or why. */
  reference?: string | null;
}

/** Tells the histories of coupons what happens to them in this commit; after what it happens by. */
export function changed(
  { actor, database, newId, now }: Context,
  changes: readonly CouponChange[],
): Statement[] {
  const { brandId } = actorOf({ actor });
  return insertRows(
    database,
    couponChanges,
    changes.map(({ redemptionId = null, reference = null, ...change }) => ({
      ...change,
      ...{ brandId, id: newId("CouponChange"), redemptionId, reference, createdAt: now },
    })),
  );
}
