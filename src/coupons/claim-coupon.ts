import { and, eq } from "drizzle-orm";
import { brands } from "../../schema/tables/brands.ts";
import { members } from "../../schema/tables/members.ts";
import { parseCode } from "../codes/code.ts";
import { couponOfCode } from "../codes/coupon-of-code.ts";
import { openCodes } from "../codes/open-codes.ts";
import { offersOfCodes, readCodes } from "../codes/read-codes.ts";
import { actorOf, type Context, mayActFor } from "../context.ts";
import { commit, type Read } from "../database/commit.ts";
import { isRefusal, NotFound } from "../errors.ts";
import { MemberClosed } from "../members/refusals.ts";
import { mayKnow } from "../offers/may-know.ts";
import { changed } from "./changes.ts";
import { readHeldByOffer } from "./new-coupons.ts";

export interface ClaimCouponInput {
  code: string;
  memberId: string;
  idempotencyKey: string;
}

/** Gives what a code is good for to a member; its days begin to count. */
export async function claimCoupon<Row>(
  context: Context,
  input: ClaimCouponInput,
  read: Read<{ couponId: string }, Row>,
) {
  const { database } = context;
  const { brandId } = actorOf(context);
  const { code, memberId } = input;
  // A mistyped code is told from its letters; nobody need ask the database.
  if (parseCode(code) === undefined) return NotFound({ id: code });
  return commit(context, {
    name: "claimCoupon",
    input,
    load: () => [
      ...readCodes(context, [code]),
      database
        .select({ timeZone: brands.timeZone, wrappedDataKey: brands.wrappedDataKey })
        .from(brands)
        .where(eq(brands.id, brandId)),
      database
        .select({ state: members.state, closedAt: members.closedAt })
        .from(members)
        .where(and(eq(members.brandId, brandId), eq(members.id, memberId))),
      readHeldByOffer(context, memberId, offersOfCodes(context, [code])),
    ],
    decide: async (rows) => {
      const [, , , , [brand], [member], holdings] = rows;
      if (!brand || !member || !mayActFor(context, memberId)) return NotFound({ id: memberId });
      if (member.state === "CLOSED") return MemberClosed({ memberId, closedAt: member.closedAt });
      const found = (await openCodes(context, [code], { ...brand, rows })).get(code);
      if (!found || found.kind === "NONE" || !mayKnow(context, found.offer)) return NotFound({ id: code });
      const offerId = found.offer.id;
      const held = holdings.find((one) => one.offerId === offerId)?.held ?? 0;
      const coupon = couponOfCode(context, found, { memberId, timeZone: brand.timeZone, held });
      if (isRefusal(coupon)) return coupon;
      const { couponId, effects } = coupon;
      return {
        outcome: { couponId },
        effects: [...effects, ...changed(context, [{ couponId, kind: "CLAIMED", memberId }])],
        audit: [{ subjectId: couponId, detail: { memberId } }],
        events: [{ type: "coupon.claimed", payload: { couponId, memberId, offerId } }],
      };
    },
    read,
  });
}
