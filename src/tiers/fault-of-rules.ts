import type { CountingWindow, TierCondition, TierConditions, TierRules } from "../../schema/tables/rules.ts";
import { firstRefusal, InvalidValue, type Refusal } from "../errors.ts";
import type { Rung } from "./ladder.ts";

const LARGEST_THRESHOLD = 1_000_000_000_000;
const LONGEST_WINDOW_DAYS = 1_096;
const LONGEST_TERM_MONTHS = 36;
const LONGEST_GRACE_DAYS = 90;
const MOST_CONDITIONS = 5;
const MOST_WARNINGS = 5;
const EARLIEST_WARNING_DAYS = 90;
/** A warning can come so many days before what a standing is next looked at for. */
export const LONGEST_NOTICE_DAYS = EARLIEST_WARNING_DAYS + 1;

/** Which part of tier rules cannot stand, with its path in the input; undefined where all can. PURE. */
export function faultOfTierRules(rules: TierRules, ladder: readonly Rung[]): Refusal | undefined {
  return firstRefusal([
    ...rules.tiers.map((_, position) => () => faultOfTier(rules, position, ladder)),
    () => faultOfLadder(rules, ladder),
    () => faultOfTerm(rules),
  ]);
}

const wrong = (field: string, reason: string): Refusal => InvalidValue({ field: `rules.${field}`, reason });

function range(field: string, value: number, least: number, most: number): Refusal | undefined {
  return value < least || value > most ? wrong(field, `must lie between ${least} and ${most}`) : undefined;
}

function faultOfTier({ tiers, term, downgrade }: TierRules, position: number, ladder: readonly Rung[]) {
  const rule = tiers[position];
  if (!rule) return undefined;
  const path = `tiers.${position}`;
  const tier = ladder.find(({ id }) => id === rule.tierId);
  if (!tier) return wrong(`${path}.tierId`, "must be a tier of the ladder");
  if (tier.rank === 1) return wrong(`${path}.tierId`, "everyone has the first tier: it has no rule");
  if (tiers.some((other, place) => place < position && other.tierId === rule.tierId))
    return wrong(`${path}.tierId`, "must be there once");
  const { reach, keep } = rule;
  const fault =
    faultOfConditions(`${path}.reach`, reach) ?? (keep && faultOfConditions(`${path}.keep`, keep));
  if (fault || !keep) return fault ?? undefined;
  const harder = keep.conditions.findIndex((own) =>
    reach.conditions.some((other) => isSameCount(own, other) && own.atLeast > other.atLeast),
  );
  if (harder >= 0)
    return wrong(`${path}.keep.conditions.${harder}.atLeast`, "must not be more than to reach the tier");
  const lasting = ({ window }: TierCondition) => window.kind === "LIFETIME";
  const isForEver = reach.match === "ALL" ? reach.conditions.every(lasting) : reach.conditions.some(lasting);
  return isForEver && term && downgrade !== "NEVER"
    ? wrong(
        `${path}.reach`,
        "must count in a window that ends, or who loses the tier reaches it again at once",
      )
    : undefined;
}

function faultOfConditions(path: string, { conditions }: TierConditions): Refusal | undefined {
  if (conditions.length === 0 || conditions.length > MOST_CONDITIONS)
    return wrong(`${path}.conditions`, `must be 1 to ${MOST_CONDITIONS}`);
  return firstRefusal(
    conditions.map(({ atLeast, window }, position) => () => {
      const place = `${path}.conditions.${position}`;
      return (
        range(`${place}.atLeast`, atLeast, 1, LARGEST_THRESHOLD) ?? faultOfWindow(`${place}.window`, window)
      );
    }),
  );
}

function faultOfWindow(path: string, { kind, days, period }: CountingWindow): Refusal | undefined {
  if ((kind === "ROLLING_DAYS") !== (days != null))
    return wrong(`${path}.days`, "must be given with ROLLING_DAYS, and with no other kind");
  if ((kind === "CALENDAR") !== (period != null))
    return wrong(`${path}.period`, "must be given with CALENDAR, and with no other kind");
  return days == null ? undefined : range(`${path}.days`, days, 1, LONGEST_WINDOW_DAYS);
}

/** A higher tier asks for no less of the same than a lower one. */
function faultOfLadder({ tiers }: TierRules, ladder: readonly Rung[]): Refusal | undefined {
  const rankOf = (tierId: string) => ladder.find(({ id }) => id === tierId)?.rank ?? 0;
  for (const [position, rule] of tiers.entries()) {
    const lower = tiers.filter((other) => rankOf(other.tierId) < rankOf(rule.tierId));
    const below = lower.flatMap(({ reach }) => reach.conditions);
    const place = rule.reach.conditions.findIndex((own) =>
      below.some((other) => isSameCount(own, other) && own.atLeast < other.atLeast),
    );
    if (place >= 0)
      return wrong(
        `tiers.${position}.reach.conditions.${place}.atLeast`,
        "must not be less than in a lower tier",
      );
  }
  return undefined;
}

const isSameCount = (a: TierCondition, b: TierCondition): boolean =>
  a.measure === b.measure &&
  a.window.kind === b.window.kind &&
  (a.window.days ?? null) === (b.window.days ?? null) &&
  (a.window.period ?? null) === (b.window.period ?? null);

function faultOfTerm({
  term,
  upgrade,
  downgrade,
  graceDays,
  warnDaysBefore,
}: TierRules): Refusal | undefined {
  if (!term && upgrade === "AT_TERM_END") return wrong("term", "must be given with AT_TERM_END");
  if (!term && downgrade !== "NEVER") return wrong("term", `must be given with ${downgrade}`);
  if (term && term.months == null && term.period == null) return wrong("term", "needs months or a period");
  if (warnDaysBefore.length > MOST_WARNINGS || new Set(warnDaysBefore).size < warnDaysBefore.length)
    return wrong("warnDaysBefore", `must be up to ${MOST_WARNINGS} different days`);
  return firstRefusal([
    () => (term?.months == null ? undefined : range("term.months", term.months, 1, LONGEST_TERM_MONTHS)),
    () => range("graceDays", graceDays, 0, LONGEST_GRACE_DAYS),
    ...warnDaysBefore.map(
      (days, position) => () => range(`warnDaysBefore.${position}`, days, 1, EARLIEST_WARNING_DAYS),
    ),
  ]);
}
