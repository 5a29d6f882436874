import { and, eq, sql } from "drizzle-orm";
import { brands } from "../../schema/tables/brands.ts";
import { sharedCodes } from "../../schema/tables/codes.ts";
import { coupons } from "../../schema/tables/coupons.ts";
import { offers } from "../../schema/tables/offers.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustHold, type Read } from "../database/commit.ts";
import { InvalidValue, NotFound } from "../errors.ts";
import { outside } from "../faults.ts";
import { OfferEnded } from "../offers/refusals.ts";
import { openCodes } from "./open-codes.ts";
import { faultOfOwnCode, ownCode } from "./own-code.ts";
import { readCodes } from "./read-codes.ts";
import { CodeTaken } from "./refusals.ts";

export interface CreateSharedCodeInput {
  offerId: string;
  code: string;
  claimLimit?: number | null | undefined;
  idempotencyKey: string;
}

/** Makes one code for everybody: who uses it gets a coupon of the offer. A code is used once, for good. */
export async function createSharedCode<Row>(
  context: Context,
  input: CreateSharedCodeInput,
  read: Read<{ sharedCodeId: string }, Row>,
) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const { offerId } = input;
  const claimLimit = input.claimLimit ?? null;
  const code = ownCode(input.code);
  return commit(context, {
    name: "createSharedCode",
    input,
    load: () => [
      ...readCodes(context, [code]),
      database.select({ wrappedDataKey: brands.wrappedDataKey }).from(brands).where(eq(brands.id, brandId)),
      database
        .select({ state: offers.state })
        .from(offers)
        .where(and(eq(offers.brandId, brandId), eq(offers.id, offerId))),
      database
        .select({ code: sharedCodes.code })
        .from(sharedCodes)
        .where(and(eq(sharedCodes.brandId, brandId), eq(sharedCodes.code, code))),
    ],
    decide: async (rows) => {
      const [, , , , [brand], [offer], [same]] = rows;
      if (!brand || !offer) return NotFound({ id: offerId });
      if (offer.state === "ENDED") return OfferEnded({ offerId, endedAt: null });
      const fault = faultOfOwnCode(code);
      if (fault) return InvalidValue({ field: "code", reason: fault });
      const outOfRange = outside("claimLimit", claimLimit, 1, 2_000_000_000);
      if (outOfRange) return outOfRange;
      const found = (await openCodes(context, [code], { ...brand, rows })).get(code);
      if (same || found?.kind !== "NONE") return CodeTaken({ takenCode: code });
      return {
        outcome: { sharedCodeId: code },
        effects: [
          database
            .insert(sharedCodes)
            .values({ brandId, code, offerId, claimLimit, claimedCount: 0, revokedAt: null, createdAt: now }),
          mustHold(
            database,
            sql`not exists (select 1 from ${coupons} where ${coupons.brandId} = ${brandId} and ${coupons.code} = ${code})`,
          ),
        ],
        audit: [{ subjectId: offerId, detail: { code, claimLimit } }],
      };
    },
    read,
  });
}
