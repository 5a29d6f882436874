import type { Temporal } from "temporal-polyfill";
import type { BenefitKind, BenefitTerms, QuotaPeriod } from "../../schema/tables/benefits.ts";
import { periodAround, type Span, startOfDay, zoned } from "../calendar.ts";

export interface BenefitFacts {
  kind: BenefitKind;
  terms: BenefitTerms;
  quota: number | null;
  quotaPeriod: QuotaPeriod | null;
  startsAt: number | null;
  endsAt: number | null;
}

export interface MemberFacts {
  /** The brand's. */
  timeZone: string;
  /** `YYYY-MM-DD` */
  birthday?: string | null | undefined;
  /** Nothing can be used by a membership that was closed. */
  isClosed?: boolean;
}

/** A benefit as one member has it at a moment. */
export interface Entitlement {
  /** Whether it can be used now: by a membership that is not closed, in its time, and with quota left. */
  usable: boolean;
  /** Whether now lies in the time in which it can be used. */
  inTime: boolean;
  /** The period that its uses are counted in; 0 when they are counted for ever. */
  periodStart: number;
  used: number;
  /** What is left in this period; null without a quota. */
  left: number | null;
  /** When the quota is whole again; null without a quota, or when it never is. */
  renewsAt: number | null;
  /** The time in which it can be used; null for an open end. */
  usableFrom: number | null;
  usableUntil: number | null;
}

/**
 * What a member has of a benefit now.
 *
 * @param uses how often it was used, by the period that the uses were counted in.
 */
export function entitlementOf(
  benefit: BenefitFacts,
  member: MemberFacts,
  uses: ReadonlyMap<number, number>,
  now: number,
): Entitlement {
  const { startsAt, endsAt } = benefit;
  const special = specialDays(benefit, member, Math.max(now, startsAt ?? now));
  if (special === "never" || (special && endsAt !== null && endsAt <= special.start)) {
    return {
      usable: false,
      inTime: false,
      periodStart: 0,
      used: 0,
      left: benefit.quota,
      renewsAt: null,
      usableFrom: null,
      usableUntil: null,
    };
  }
  // A birthday window may lie across a new year: its uses are counted in the window itself.
  const period =
    special ?? (benefit.quotaPeriod ? periodAround(benefit.quotaPeriod, member.timeZone, now) : undefined);
  const periodStart = period?.start ?? 0;
  const used = uses.get(periodStart) ?? 0;
  const left = benefit.quota === null ? null : Math.max(0, benefit.quota - used);
  const usableFrom = latest(startsAt, special?.start ?? null);
  const usableUntil = earliest(endsAt, special?.end ?? null);
  const next = benefit.quota === null ? null : (period?.next ?? null);
  const inTime = (usableFrom === null || usableFrom <= now) && (usableUntil === null || now < usableUntil);
  return {
    usable: inTime && left !== 0 && !member.isClosed,
    ...{ inTime, periodStart, used, left, usableFrom, usableUntil },
    // One that is over by then never is.
    renewsAt: next !== null && endsAt !== null && endsAt <= next ? null : next,
  };
}

/** The days on which a benefit of these kinds can be used: those of a moment, or the next to come. */
function specialDays(
  { kind, terms }: BenefitFacts,
  member: MemberFacts,
  now: number,
): Span | "never" | undefined {
  if (kind === "BIRTHDAY_GIFT") {
    if (!member.birthday) return "never";
    const [, month, day] = member.birthday.split("-").map(Number) as [number, number, number];
    const birthdayIn = (year: number) => clampedDay(zoned(now, member.timeZone), { year, month, day });
    const { daysBefore = 0, daysAfter = 0 } = terms;
    const year = zoned(now, member.timeZone).year;
    return firstNotOver([year - 1, year, year + 1, year + 2], now, (candidate) => {
      const birthday = birthdayIn(candidate);
      return {
        start: startOfDay(birthday.subtract({ days: daysBefore ?? 0 }), member.timeZone),
        end: startOfDay(birthday.add({ days: (daysAfter ?? 0) + 1 }), member.timeZone),
      };
    });
  }
  if (kind === "PRIVILEGE_DAY" && terms.dayOfMonth) {
    const today = zoned(now, member.timeZone).toPlainDate();
    const day = terms.dayOfMonth;
    return firstNotOver([0, 1, 2], now, (months) => {
      const { year, month } = today.with({ day: 1 }).add({ months });
      const privilege = clampedDay(zoned(now, member.timeZone), { year, month, day });
      return {
        start: startOfDay(privilege, member.timeZone),
        end: startOfDay(privilege.add({ days: 1 }), member.timeZone),
      };
    });
  }
  return undefined;
}

/** The first span that is not over, and when the one after it begins. */
function firstNotOver(
  candidates: readonly number[],
  now: number,
  spanOf: (candidate: number) => Omit<Span, "next">,
): Span {
  const spans = candidates.map(spanOf);
  const position = spans.findIndex(({ end }) => now < end);
  const span = spans[position] as Omit<Span, "next">;
  return { ...span, next: (spans[position + 1] as Omit<Span, "next">).start };
}

/** A day of a month, or the month's last where it has no such day: 29 February is 28 in most years. */
const clampedDay = (
  near: Temporal.ZonedDateTime,
  date: { year: number; month: number; day: number },
): Temporal.PlainDate => near.toPlainDate().with(date, { overflow: "constrain" });

const latest = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.max(a, b);
const earliest = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);
