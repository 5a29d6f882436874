import type { DataCategory, SharingConsent } from "../../schema/tables/alliances.ts";
import { zoned } from "../calendar.ts";
import { InvalidValue, type Refusal } from "../errors.ts";

const MOST_YEARS = 2;

/** A consent as its row keeps it. */
export interface ConsentFacts {
  categories: readonly DataCategory[];
  consentExpiresAt: number;
  consentWithdrawnAt: number | null;
  endedAt: number | null;
}

/** Whether a consent counts at a moment: given, not withdrawn, not expired, and its link not ended. */
export function isConsentActive(
  { consentExpiresAt, consentWithdrawnAt, endedAt }: Omit<ConsentFacts, "categories">,
  now: number,
): boolean {
  return consentWithdrawnAt === null && endedAt === null && now < consentExpiresAt;
}

/** Whether a partner may see a category of a member's data at a moment. */
export const shows = (consent: ConsentFacts, category: DataCategory, now: number): boolean =>
  isConsentActive(consent, now) && consent.categories.includes(category);

/** Why a consent cannot be given now: it names a purpose, and ends within two years. */
export function faultOfConsent({ purposes, expiresAt }: SharingConsent, now: number): Refusal | undefined {
  if (purposes.length === 0) {
    return InvalidValue({ field: "consent.purposes", reason: "must name at least one" });
  }
  if (expiresAt <= now || expiresAt > zoned(now, "UTC").add({ years: MOST_YEARS }).epochMilliseconds) {
    return InvalidValue({
      field: "consent.expiresAt",
      reason: `must lie in the future, at most ${MOST_YEARS} years ahead`,
    });
  }
  return undefined;
}

/** The consent as it is kept: each category and purpose once. */
export const normaliseConsent = ({ categories, purposes, expiresAt }: SharingConsent): SharingConsent => ({
  categories: [...new Set(categories)],
  purposes: [...new Set(purposes)],
  expiresAt,
});
