import type { OfferState, OfferTerms } from "../../schema/tables/offers.ts";
import { endOfDayAfter } from "../calendar.ts";
import { InvalidValue, type Refusal } from "../errors.ts";
import { MemberLimitReached, OfferEnded, OfferNotActive } from "./refusals.ts";

/** In minor units; far enough below 2^53 for sums to stay exact. */
const LARGEST_AMOUNT = 1_000_000_000_000;

/** The time in which a coupon claimed now can be used: the offer's dates, or so many days, whichever ends first. */
export function validityOf(terms: OfferTerms, timeZone: string, now: number) {
  const { startsAt, endsAt, validDaysAfterClaim } = terms;
  // Days in which it cannot be used yet do not count.
  const begins = Math.max(now, startsAt ?? now);
  const byClaim = validDaysAfterClaim ? endOfDayAfter(begins, validDaysAfterClaim, timeZone) : null;
  const ends = [endsAt, byClaim].filter((moment) => moment !== null && moment !== undefined);
  return { startsAt: startsAt ?? null, expiresAt: ends.length > 0 ? Math.min(...ends) : null };
}

/** Why no coupons of an offer can be given out now. */
export function whyNotIssuable(
  offer: { id: string; state: OfferState; terms: OfferTerms },
  now: number,
): Refusal | undefined {
  const endsAt = offer.terms.endsAt ?? null;
  const over = endsAt !== null && endsAt <= now;
  if (offer.state === "ENDED" || over)
    return OfferEnded({ offerId: offer.id, endedAt: over ? endsAt : null });
  return offer.state === "ACTIVE" ? undefined : OfferNotActive({ offerId: offer.id, state: offer.state });
}

/** How many coupons of an offer can still be issued. */
export const couponsLeft = ({
  issueLimit,
  issuedCount,
}: {
  issueLimit: number | null;
  issuedCount: number;
}): number => (issueLimit === null ? Number.POSITIVE_INFINITY : issueLimit - issuedCount);

/** Why a member cannot have another coupon of an offer. @param held how many of it the member has. */
export const whyNotAnother = (
  { perMemberLimit }: { perMemberLimit: number | null },
  memberId: string,
  held: number,
): Refusal | undefined =>
  perMemberLimit !== null && held >= perMemberLimit
    ? MemberLimitReached({ memberId, limit: perMemberLimit })
    : undefined;

/** Which term of a new offer cannot stand. */
export function faultOfTerms(
  terms: OfferTerms,
  limits: { issueLimit: number | null; perMemberLimit: number | null },
): Refusal | undefined {
  const { percentageBasisPoints, amountOffMinor, startsAt, endsAt } = terms;
  if ((percentageBasisPoints == null) === (amountOffMinor == null)) {
    return InvalidValue({ field: "terms", reason: "give either percentageBasisPoints or amountOffMinor" });
  }
  const ranges: [name: string, value: number | null | undefined, least: number, most: number][] = [
    ["terms.percentageBasisPoints", percentageBasisPoints, 1, 10_000],
    ["terms.amountOffMinor", amountOffMinor, 1, LARGEST_AMOUNT],
    ["terms.maximumDiscountMinor", terms.maximumDiscountMinor, 1, LARGEST_AMOUNT],
    ["terms.minimumSpendMinor", terms.minimumSpendMinor, 0, LARGEST_AMOUNT],
    ["terms.validDaysAfterClaim", terms.validDaysAfterClaim, 1, 3_650],
    ["terms.pricePoints", terms.pricePoints, 1, LARGEST_AMOUNT],
    ["issueLimit", limits.issueLimit, 1, 2_000_000_000],
    ["perMemberLimit", limits.perMemberLimit, 1, 10_000],
  ];
  for (const [field, value, least, most] of ranges) {
    if (value != null && (value < least || value > most)) {
      return InvalidValue({ field, reason: `must lie between ${least} and ${most}` });
    }
  }
  if (startsAt != null && endsAt != null && startsAt >= endsAt) {
    return InvalidValue({ field: "terms.endsAt", reason: "must come after startsAt" });
  }
  return undefined;
}
