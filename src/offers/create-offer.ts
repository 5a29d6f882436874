import type { LocalizedText } from "../../schema/tables/columns.ts";
import { type OfferTerms, offers } from "../../schema/tables/offers.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, type Read } from "../database/commit.ts";
import { faultOfTerms } from "./fault-of-terms.ts";
import { readNamedTiers } from "./named-tiers.ts";

export interface CreateOfferInput {
  title: LocalizedText;
  description: LocalizedText | null;
  terms: OfferTerms;
  issueLimit: number | null;
  perMemberLimit: number | null;
  isDraft?: boolean | null | undefined;
  isAutomatic?: boolean | null | undefined;
}

/** Adds an offer: its first version. */
export async function createOffer<Row>(
  context: Context,
  input: CreateOfferInput,
  read: Read<{ offerId: string }, Row>,
) {
  const { database, newId, now } = context;
  const { brandId } = actorOf(context);
  const { isDraft, isAutomatic, ...said } = input;
  return commit(context, {
    name: "createOffer",
    input,
    load: () => [readNamedTiers(context, input.terms)],
    decide: ([named]) => {
      const fault = faultOfTerms(
        input.terms,
        input,
        named.map(({ id }) => id),
      );
      if (fault) return fault;
      const offerId = newId("Offer");
      return {
        outcome: { offerId },
        effects: [
          database.insert(offers).values({
            ...{ ...said, brandId, id: offerId, createdAt: now },
            state: isDraft ? "DRAFT" : "ACTIVE",
            isAutomatic: isAutomatic ?? false,
          }),
        ],
        audit: [{ subjectId: offerId }],
      };
    },
    read,
  });
}
