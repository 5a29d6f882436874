import type { couponChangeKinds, couponChanges, coupons } from "../../schema/tables/coupons.ts";
import { statusOf } from "./redeemable.ts";

export type CouponEventKind = "ISSUED" | "EXPIRED" | (typeof couponChangeKinds)[number];

/** Something in the life of a coupon. */
export interface CouponEvent {
  kind: CouponEventKind;
  at: number;
  memberId: string | null;
  redemptionId: string | null;
  reference: string | null;
}

type Lived = Pick<typeof coupons.$inferSelect, "state" | "startsAt" | "expiresAt" | "heldUntil" | "issuedAt">;
type Change = Pick<
  typeof couponChanges.$inferSelect,
  "kind" | "memberId" | "redemptionId" | "reference" | "createdAt"
>;

/** What is on record with a reason, in the words of the brand's people, and not with an order. */
const withReasons: readonly CouponEventKind[] = ["PARTLY_ROLLED_BACK", "ROLLED_BACK", "REVOKED"];

/**
 * The life of a coupon, what came last at the end. That it was issued and that its time has passed stands on
 * the coupon itself. PURE.
 *
 * @param changes what is on record, newest first.
 * @param readerId a member who asks: it learns nothing of those who had the coupon before it was given the
 * coupon, nor the brand's reasons.
 */
export function historyOf(
  coupon: Lived,
  changes: readonly Change[],
  { now, readerId }: { now: number; readerId?: string | undefined },
): CouponEvent[] {
  const nothing = { memberId: null, redemptionId: null, reference: null };
  const given = readerId === undefined ? -1 : changes.findIndex(({ kind }) => kind === "GIVEN");
  const shown = given === -1 ? changes : changes.slice(0, given + 1);
  const events = shown.map(
    ({ createdAt, kind, ...change }): CouponEvent => ({
      ...change,
      ...{ kind, at: createdAt },
      reference: readerId !== undefined && withReasons.includes(kind) ? null : change.reference,
    }),
  );
  const expired = statusOf(coupon, now) === "EXPIRED" && coupon.expiresAt !== null;
  return [
    { ...nothing, kind: "ISSUED", at: coupon.issuedAt },
    ...[
      ...events.reverse(),
      // What was rolled back after its time had passed expired before that.
      ...(expired ? [{ ...nothing, kind: "EXPIRED" as const, at: coupon.expiresAt as number }] : []),
    ].sort((one, other) => one.at - other.at),
  ];
}
