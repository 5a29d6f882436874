import type { Refusal } from "../errors.ts";

export const MOST_FACTS_AT_ONCE = 100;

/** A source's clock may be ahead of ours by so much. */
const CLOCK_SKEW_MS = 5 * 60_000;

export type FactStatus = "RECORDED" | "ADVANCED" | "UNCHANGED" | "REFUSED";

/** What names a fact: the system that tells of it, and its id there. Each is recorded once. */
export interface FactKey {
  source: string;
  externalId: string;
}

/** A place in which what was sent is not what is recorded; null is nothing. */
export interface Difference {
  field: string;
  recorded: string | null;
  sent: string | null;
}

/** What became of a fact that was sent; the others of its call are not held up by it. */
export interface FactResult extends FactKey {
  status: FactStatus;
  /** The order, refund or activity; null when it was refused. */
  factId: string | null;
  refusal: Refusal | null;
  differences: Difference[];
  /** Of a refund that was recorded: what it did to its member's points, and to coupons. */
  returned?: ReturnedPoints | undefined;
  rolledBack?: RolledBackCoupon[] | undefined;
}

/** What goods that go back do besides. */
export interface Returned {
  points?: ReturnedPoints;
  coupons: RolledBackCoupon[];
}

/** A coupon whose discount was rolled back, in minor units: a part of it, or the last. */
export interface RolledBackCoupon {
  couponId: string;
  redemptionId: string;
  discountMinor: number;
  /** Whether it can be used again. */
  isWhole: boolean;
}

/** What a refund did to its member's points. */
export interface ReturnedPoints {
  /** Spent on the order, and given back. */
  pointsGivenBack: number;
  /** Earned with the goods, and taken back; of them, what the member owes now. */
  pointsTakenBack: number;
  pointsOwed: number;
  growthValueTakenBack: number;
}

/** A fact's content, field by field, each with a path; null and missing are the same. */
export type Content = Record<string, string | number | null>;

export const keyOf = ({ source, externalId }: FactKey): string => JSON.stringify([source, externalId]);

export const accepted = (
  { source, externalId }: FactKey,
  status: Exclude<FactStatus, "REFUSED">,
  factId: string,
): FactResult => ({ source, externalId, status, factId, refusal: null, differences: [] });

export const refused = (
  { source, externalId }: FactKey,
  refusal: Refusal,
  differences: Difference[] = [],
): FactResult => ({ source, externalId, status: "REFUSED", factId: null, refusal, differences });

/** Where two contents differ, sorted by field. */
export function differencesBetween(recorded: Content, sent: Content): Difference[] {
  const textOf = (value: string | number | null | undefined) => (value == null ? null : String(value));
  return [...new Set([...Object.keys(recorded), ...Object.keys(sent)])]
    .sort()
    .map((field) => ({ field, recorded: textOf(recorded[field]), sent: textOf(sent[field]) }))
    .filter((difference) => difference.recorded !== difference.sent);
}

/** The fields of differences, for a message. */
export const fieldsOf = (differences: readonly Difference[]): string =>
  differences.map(({ field }) => field).join(", ");

/** The last moment that can have come, by a source's clock. */
export const latestMoment = (now: number): number => now + CLOCK_SKEW_MS;

/** Whether a moment has not come, also by a source's clock. */
export const isToCome = (moment: number, now: number): boolean => moment > latestMoment(now);

/** A moment as the API writes it. */
export const momentText = (moment: number): string => new Date(moment).toISOString();
