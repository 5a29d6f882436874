import { and, eq } from "drizzle-orm";
import { type OfferState, offers } from "../../schema/tables/offers.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustChange, type Read } from "../database/commit.ts";
import { NotFound } from "../errors.ts";
import { OfferEnded, OfferStateConflict } from "./refusals.ts";

/** The states of an offer in which each can be done, and what comes of it. */
const changes = {
  activateOffer: { from: ["DRAFT", "PAUSED"], to: "ACTIVE" },
  pauseOffer: { from: ["ACTIVE"], to: "PAUSED" },
  endOffer: { from: ["DRAFT", "ACTIVE", "PAUSED"], to: "ENDED" },
} as const satisfies Record<string, { from: readonly OfferState[]; to: OfferState }>;

/** Changes an offer's state. Refuses with OfferEnded, for good, or with OfferStateConflict. */
export async function changeState<Row>(
  context: Context,
  name: keyof typeof changes,
  input: { offerId: string },
  read: Read<{ offerId: string }, Row>,
) {
  const { database } = context;
  const { brandId } = actorOf(context);
  const { offerId } = input;
  const { from, to } = changes[name];
  const isTheOffer = and(eq(offers.brandId, brandId), eq(offers.id, offerId));
  return commit(context, {
    name,
    input,
    load: () => [database.select({ state: offers.state }).from(offers).where(isTheOffer)],
    decide: ([[offer]]) => {
      if (!offer) return NotFound({ id: offerId });
      const { state } = offer;
      if (state === "ENDED") return OfferEnded({ offerId, endedAt: null });
      if (!(from as readonly OfferState[]).includes(state)) return OfferStateConflict({ offerId, state });
      return {
        outcome: { offerId },
        effects: [
          database
            .update(offers)
            .set({ state: to })
            .where(and(isTheOffer, eq(offers.state, state))),
          mustChange(database),
        ],
        audit: [{ subjectId: offerId, detail: { from: state, to } }],
      };
    },
    read,
  });
}
