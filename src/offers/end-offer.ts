import { and, eq } from "drizzle-orm";
import { offers } from "../../schema/tables/offers.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustChange, type Read } from "../database/commit.ts";
import { NotFound } from "../errors.ts";
import { OfferEnded } from "./refusals.ts";

/** Ends an offer: no more coupons of it are given out; those that are out stay valid. */
export async function endOffer<Row>(
  context: Context,
  input: { offerId: string },
  read: Read<{ offerId: string }, Row>,
) {
  const { database } = context;
  const { brandId } = actorOf(context);
  const { offerId } = input;
  const isTheOffer = and(eq(offers.brandId, brandId), eq(offers.id, offerId));
  return commit(context, {
    name: "endOffer",
    input,
    load: () => [database.select({ state: offers.state }).from(offers).where(isTheOffer)],
    decide: ([[offer]]) => {
      if (!offer) return NotFound({ id: offerId });
      if (offer.state === "ENDED") return OfferEnded({ offerId, endedAt: null });
      return {
        outcome: { offerId },
        effects: [
          database
            .update(offers)
            .set({ state: "ENDED" })
            .where(and(isTheOffer, eq(offers.state, "ACTIVE"))),
          mustChange(database),
        ],
        audit: [{ subjectId: offerId }],
      };
    },
    read,
  });
}
