import type { BenefitClaim, BenefitKind, BenefitTerms, QuotaPeriod } from "../../schema/tables/benefits.ts";
import { firstRefusal, InvalidValue } from "../errors.ts";
import { type Fault, misplaced, outside } from "../faults.ts";
import { faultOfGoods } from "../offers/fault-of-terms.ts";

/** So far from a birthday that the nearest one is meant. */
const MOST_BIRTHDAY_DAYS = 180;

interface TermRule {
  kinds: readonly BenefitKind[];
  range?: readonly [least: number, most: number];
  /** Whether these kinds cannot do without it. */
  isNeeded?: true;
}

const reduced = ["PERCENTAGE_DISCOUNT", "MEMBER_PRICE"] as const;

/** Which kinds have each term, and in which range. */
const termRules: Record<keyof BenefitTerms, TermRule> = {
  rateBasisPoints: { kinds: reduced, range: [1, 10_000], isNeeded: true },
  goods: { kinds: reduced },
  multiplierBasisPoints: { kinds: ["POINTS_MULTIPLIER"], range: [10_000, 1_000_000], isNeeded: true },
  hoursBefore: { kinds: ["EARLY_ACCESS"], range: [1, 8_760], isNeeded: true },
  daysBefore: { kinds: ["BIRTHDAY_GIFT"], range: [0, MOST_BIRTHDAY_DAYS] },
  daysAfter: { kinds: ["BIRTHDAY_GIFT"], range: [0, MOST_BIRTHDAY_DAYS], isNeeded: true },
  dayOfMonth: { kinds: ["PRIVILEGE_DAY"], range: [1, 31], isNeeded: true },
};

/** Which of the terms that a caller sends for a kind cannot stand, by its path. PURE. */
export const faultOfTerms = (kind: BenefitKind, terms: BenefitTerms): Fault =>
  firstRefusal([
    ...Object.entries(termRules).map(([term, { kinds, range, isNeeded }]) => () => {
      const field = `terms.${term}`;
      const value = terms[term as keyof BenefitTerms];
      if (!range || !kinds.includes(kind)) return misplaced(field, value, kinds, kind);
      return value == null && isNeeded
        ? InvalidValue({ field, reason: `${kind} needs it, between ${range[0]} and ${range[1]}` })
        : outside(field, value as number | null | undefined, ...range);
    }),
    () => faultOfGoods("terms.goods", terms.goods),
  ]);

/** The period that a kind's uses are counted in, where its own days say so. */
const onlyPeriods: Partial<Record<BenefitKind, QuotaPeriod>> = {
  BIRTHDAY_GIFT: "YEAR",
  PRIVILEGE_DAY: "MONTH",
};

interface Settings {
  terms: BenefitClaim;
  quota: number | null;
  quotaPeriod: QuotaPeriod | null;
  startsAt: number | null;
  endsAt: number | null;
}

/** Which setting of a benefit, besides its terms, cannot stand with the others. PURE. */
export function faultOfBenefit(
  kind: BenefitKind,
  { terms, quota, quotaPeriod, startsAt, endsAt }: Settings,
): Fault {
  if (terms.granted && !terms.offerId)
    return InvalidValue({ field: "granted", reason: "needs offerId: what is granted is a coupon" });
  if ((quota === null) !== (quotaPeriod === null) || (quota !== null && quota < 1)) {
    return InvalidValue({ field: "quota", reason: "must be at least 1, and come with quotaPeriod" });
  }
  const only = onlyPeriods[kind];
  if (only && quotaPeriod !== null && quotaPeriod !== only) {
    return InvalidValue({
      field: "quotaPeriod",
      reason: `must be ${only}: a ${kind} is counted by its own days`,
    });
  }
  return startsAt !== null && endsAt !== null && startsAt >= endsAt
    ? InvalidValue({ field: "endsAt", reason: "must come after startsAt" })
    : undefined;
}
