import { and, eq } from "drizzle-orm";
import type { LocalizedText } from "../../schema/tables/columns.ts";
import { type OfferTerms, offers, offerVersions } from "../../schema/tables/offers.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustChange, type Read } from "../database/commit.ts";
import { InvalidValue, NotFound } from "../errors.ts";
import { faultOfTerms } from "./fault-of-terms.ts";
import { readNamedTiers } from "./named-tiers.ts";
import { OfferEnded } from "./refusals.ts";

export interface ReviseOfferInput {
  offerId: string;
  /** What is left out stays; null takes away what an offer can be without. */
  title?: LocalizedText | null | undefined;
  description?: LocalizedText | null | undefined;
  terms?: OfferTerms | null | undefined;
  issueLimit?: number | null | undefined;
  perMemberLimit?: number | null | undefined;
}

/**
 * Makes a new version of an offer. Coupons that are out keep the terms of theirs; the limits, and what is given
 * out from now on, are those of the new one.
 */
export async function reviseOffer<Row>(
  context: Context,
  input: ReviseOfferInput,
  read: Read<{ offerId: string; version: number }, Row>,
) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const { offerId } = input;
  const isTheOffer = and(eq(offers.brandId, brandId), eq(offers.id, offerId));
  return commit(context, {
    name: "reviseOffer",
    input,
    load: () => [database.select().from(offers).where(isTheOffer), readNamedTiers(context, input.terms)],
    decide: ([[offer], named]) => {
      if (!offer) return NotFound({ id: offerId });
      if (offer.state === "ENDED") return OfferEnded({ offerId, endedAt: null });
      const or = <T>(next: T | undefined, present: T) => (next === undefined ? present : next);
      const revised = {
        title: input.title ?? offer.title,
        terms: input.terms ?? offer.terms,
        description: or(input.description, offer.description),
        issueLimit: or(input.issueLimit, offer.issueLimit),
        perMemberLimit: or(input.perMemberLimit, offer.perMemberLimit),
        version: offer.version + 1,
      };
      // Tiers are never deleted: those that stand in the terms already are there.
      const tierIds = input.terms ? named.map(({ id }) => id) : (offer.terms.tierIds ?? []);
      const fault = faultOfTerms(revised.terms, revised, tierIds);
      if (fault) return fault;
      if (revised.issueLimit !== null && revised.issueLimit < offer.issuedCount) {
        const reason = `must be at least ${offer.issuedCount}: so many were given out`;
        return InvalidValue({ field: "issueLimit", reason });
      }
      return {
        outcome: { offerId, version: revised.version },
        effects: [
          // Of two revisions at once one comes upon the other's version, and begins again.
          database.insert(offerVersions).values({ ...revised, brandId, offerId, createdAt: now }),
          database
            .update(offers)
            .set(revised)
            .where(and(isTheOffer, eq(offers.version, offer.version))),
          mustChange(database),
        ],
        audit: [{ subjectId: offerId, detail: { version: revised.version } }],
      };
    },
    read,
  });
}
