import type { LocalizedText } from "../../schema/tables/columns.ts";
import { type OfferTerms, offers } from "../../schema/tables/offers.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, type Read } from "../database/commit.ts";
import { faultOfTerms } from "./terms.ts";

export interface CreateOfferInput {
  title: LocalizedText;
  description: LocalizedText | null;
  terms: OfferTerms;
  issueLimit: number | null;
  perMemberLimit: number | null;
}

/** Adds an offer. Its terms and limits never change: another offer is made instead. */
export async function createOffer<Row>(
  context: Context,
  input: CreateOfferInput,
  read: Read<{ offerId: string }, Row>,
) {
  const { database, newId, now } = context;
  const { brandId } = actorOf(context);
  return commit(context, {
    name: "createOffer",
    input,
    load: () => [],
    decide: () => {
      const fault = faultOfTerms(input.terms, input);
      if (fault) return fault;
      const offerId = newId("Offer");
      return {
        outcome: { offerId },
        effects: [
          database.insert(offers).values({ ...input, brandId, id: offerId, state: "ACTIVE", createdAt: now }),
        ],
        audit: [{ subjectId: offerId }],
      };
    },
    read,
  });
}
