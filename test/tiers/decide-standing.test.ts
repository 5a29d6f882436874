import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TierRules } from "../../schema/tables/rules.ts";
import type { CountedFact } from "../../src/tiers/counted-fact.ts";
import {
  decideStanding,
  type StandingDecision,
  type StandingFacts,
} from "../../src/tiers/decide-standing.ts";
import { at, fact, goldMember, growth, ladder, yearlyRules } from "./support.ts";

const at2026 = (day: string) => at(`2026-${day}T16:00:00Z`);
const tierAfter = (given: StandingFacts, now: number) => decideStanding(given, now).standing.tierId;
const movesOf = ({ steps }: StandingDecision) => steps.map((step) => [step.from, step.to, step.at]);

describe("at the end of a term", () => {
  test("what is earned again begins a new one, in the same tier", () => {
    const given = goldMember([fact("2025-06-01T00:00:00Z", 2_000)]);
    const { standing, steps } = decideStanding(given, at2026("03-10"));
    const until = at("2027-03-10T16:00:00Z");
    expect(standing).toEqual({ tierId: "gold", since: at2026("03-10"), until, reviewAt: until });
    expect(steps).toEqual([]);
  });

  test("a millisecond before, nothing has ended", () => {
    const given = goldMember([]);
    expect(decideStanding(given, at2026("03-10") - 1)).toEqual({ standing: given.standing, steps: [] });
  });

  test("facts up to its last moment count, those after it do not", () => {
    const last = goldMember([fact("2026-03-10T15:59:59Z", 2_000)]);
    expect(tierAfter(last, at2026("03-20"))).toBe("gold");
    const late = { ...goldMember([fact("2026-03-10T16:00:00Z", 2_000)], { upgrade: "AT_TERM_END" }) };
    expect(tierAfter(late, at2026("03-20"))).toBe("classic");
  });

  test.each([
    ["NEVER", 0, "gold"],
    ["NEVER", 1_999, "gold"],
    ["TO_EARNED", 0, "classic"],
    ["TO_EARNED", 499, "classic"],
    ["TO_EARNED", 500, "silver"],
    ["TO_EARNED", 2_000, "gold"],
    ["ONE_STEP", 0, "silver"],
    ["ONE_STEP", 1_999, "silver"],
    ["ONE_STEP", 2_000, "gold"],
  ] as const)("the rule %s with %i of 2,000 earned leaves a Gold member %s", (downgrade, amount, tierId) => {
    const given = goldMember([fact("2025-06-01T00:00:00Z", amount)], { downgrade });
    const { standing, steps } = decideStanding(given, at2026("03-10"));
    expect(standing.tierId).toBe(tierId);
    expect(steps.length).toBe(tierId === "gold" ? 0 : 1);
    // The lowest tier has no term; the others have a new one.
    expect(standing.until).toBe(tierId === "classic" ? null : at("2027-03-10T16:00:00Z"));
  });

  test("one step at a time, a term each", () => {
    const given = goldMember([], { downgrade: "ONE_STEP", term: { months: 1 } });
    expect(movesOf(decideStanding(given, at2026("06-01")))).toEqual([
      ["gold", "silver", at2026("03-10")],
      ["silver", "classic", at2026("04-10")],
    ]);
  });

  test("the tier is kept by its own rule, where it has one", () => {
    const keep = growth(1_000, { kind: "ROLLING_DAYS", days: 365 });
    const tiers = yearlyRules().tiers.map((rule) => (rule.tierId === "gold" ? { ...rule, keep } : rule));
    expect(tierAfter(goldMember([fact("2025-06-01T00:00:00Z", 1_000)], { tiers }), at2026("03-11"))).toBe(
      "gold",
    );
    expect(tierAfter(goldMember([fact("2025-06-01T00:00:00Z", 999)], { tiers }), at2026("03-11"))).toBe(
      "silver",
    );
  });

  test("what was counted is in the decision", () => {
    const { steps } = decideStanding(goldMember([fact("2025-06-01T00:00:00Z", 700)]), at2026("03-11"));
    expect(steps).toEqual([
      {
        ...{ at: at2026("03-10"), from: "gold", to: "silver", ruleSetId: "rul_1" },
        counted: [
          {
            ...{ measure: "GROWTH_VALUE", atLeast: 2_000, value: 700 },
            window: { kind: "ROLLING_DAYS", days: 365 },
          },
        ],
      },
    ]);
  });

  test("where members rise at its end, they rise then and not before", () => {
    const given = goldMember([fact("2025-06-01T00:00:00Z", 6_000)], { upgrade: "AT_TERM_END" });
    expect(tierAfter(given, at2026("03-10") - 1)).toBe("gold");
    const { standing, steps } = decideStanding(given, at2026("03-10"));
    expect([standing.tierId, standing.since, steps.length]).toEqual(["black", at2026("03-10"), 1]);
  });
});

describe("in the time of grace", () => {
  const graceDays = 30;
  test("the tier is still held, and the end of the grace is when to look", () => {
    const { standing, steps } = decideStanding(goldMember([], { graceDays }), at2026("03-10"));
    expect(standing).toEqual({ ...goldMember([]).standing, reviewAt: at2026("04-09") });
    expect(steps).toEqual([]);
  });

  test("it can be kept: the window is that of the term, and facts of the grace count", () => {
    const given = goldMember([fact("2025-03-11T04:00:00Z", 1_500), fact("2026-04-01T00:00:00Z", 500)], {
      graceDays,
    });
    const until = at("2027-03-10T16:00:00Z");
    const kept = { tierId: "gold", since: at2026("03-10"), until, reviewAt: until };
    // As soon as it is, and also when nobody looked before the grace was over.
    expect(decideStanding(given, at2026("04-01")).standing).toEqual(kept);
    expect(decideStanding(given, at2026("04-20")).standing).toEqual(kept);
  });

  test("what comes after it is too late", () => {
    const facts = [fact("2025-03-11T04:00:00Z", 1_500), fact("2026-04-09T16:00:00Z", 500)];
    expect(movesOf(decideStanding(goldMember(facts, { graceDays }), at2026("04-20")))).toEqual([
      ["gold", "classic", at2026("04-09")],
      ["classic", "silver", at2026("04-20")],
    ]);
  });
});

test("what is to come counts only as far as a source's clock may be ahead", () => {
  const now = at2026("02-01");
  const rises = (ahead: number) => {
    const { steps } = decideStanding(
      goldMember([{ ...fact("2026-02-01T00:00:00Z", 9_000), at: now + ahead }]),
      now,
    );
    return steps.length > 0;
  };
  expect([0, 5 * 60_000, 5 * 60_000 + 1].map(rises)).toEqual([true, true, false]);
  const grace = decideStanding(
    goldMember([fact("2026-04-05T00:00:00Z", 2_000)], { graceDays: 30 }),
    at2026("04-01"),
  );
  expect(grace.standing.since).toBe(goldMember([]).standing.since);
});

describe("when rules change", () => {
  const setOf = (id: string, day: string, changes: Partial<TierRules>) => ({
    ...{ id, startsAt: at(day), rules: yearlyRules(changes) },
  });

  test("nobody falls before a term that is running ends", () => {
    const given = goldMember([]);
    const ruleSets = [...given.ruleSets, setOf("rul_2", "2025-07-01T00:00:00Z", { term: { months: 1 } })];
    expect(decideStanding({ ...given, ruleSets }, at("2026-01-01T00:00:00Z")).standing).toEqual(
      given.standing,
    );
  });

  test("a term begins with the rules, for those who had none", () => {
    const standing = { tierId: "gold", since: at("2020-01-01T00:00:00Z"), until: null, reviewAt: null };
    const given = { ...goldMember([]), standing };
    const { until } = decideStanding(given, at("2025-02-01T00:00:00Z")).standing;
    expect(until).toBe(at("2026-01-01T16:00:00Z"));
  });

  test("without a term, what was to end does not", () => {
    const given = goldMember([]);
    const ruleSets = [setOf("rul_2", "2025-07-01T00:00:00Z", { term: null })];
    const { standing } = decideStanding({ ...given, ruleSets }, at("2027-01-01T00:00:00Z"));
    expect(standing).toEqual({ ...given.standing, until: null, reviewAt: null });
  });

  test("a term that ended under the old rules is judged by them, however late", () => {
    const given = goldMember([]);
    const ruleSets = [...given.ruleSets, setOf("rul_2", "2026-03-15T00:00:00Z", { downgrade: "NEVER" })];
    expect(tierAfter({ ...given, ruleSets }, at2026("04-01"))).toBe("classic");
  });

  test("without rules, the growth value alone decides, at once, and nobody falls", () => {
    const given = { ...goldMember([fact("2010-01-01T00:00:00Z", 6_000)]), ruleSets: [] };
    expect(decideStanding(given, at2026("03-11")).standing).toMatchObject({ tierId: "black", until: null });
    expect(tierAfter({ ...given, facts: [] }, at2026("03-11"))).toBe("gold");
  });
});

test.each([
  ["ALL", 0, "classic"],
  ["ANY", 0, "silver"],
  ["ALL", 3, "silver"],
] as const)("of conditions, %s: 500 growth value and %i visits make %s", (match, visits, tierId) => {
  const conditions = [
    { measure: "GROWTH_VALUE", atLeast: 500, window: { kind: "LIFETIME" } },
    { measure: "VISITS", atLeast: 3, window: { kind: "CALENDAR", period: "MONTH" } },
  ] as const;
  const reach = { match, conditions: [...conditions] };
  const given = goldMember(
    [fact("2026-01-01T00:00:00Z", 500), fact("2026-01-02T00:00:00Z", visits, "VISITS")],
    { tiers: [{ tierId: "silver", reach, keep: null }] },
  );
  const standing = { tierId: "classic", since: 0, until: null, reviewAt: null };
  expect(tierAfter({ ...given, standing }, at("2026-01-03T00:00:00Z"))).toBe(tierId);
});

describe("whatever the rules and the facts", () => {
  const START = at("2024-01-15T00:00:00Z");
  const DAY_MS = 86_400_000;
  const DAYS = 800;
  const window = fc.constantFrom(
    ...([{ kind: "LIFETIME" }, { kind: "ROLLING_DAYS", days: 45 }, { kind: "SINCE_TIER" }] as const),
    ...([{ kind: "CALENDAR", period: "QUARTER" }] as const),
  );
  const rulesOf = fc.record({
    window,
    keepShare: fc.constantFrom(null, 0.5, 1),
    upgrade: fc.constantFrom("AT_ONCE", "AT_TERM_END"),
    term: fc.constantFrom(
      null,
      { months: 1 },
      { months: 3 },
      { period: "QUARTER" },
      { months: 2, period: "MONTH" },
    ),
    downgrade: fc.constantFrom("NEVER", "TO_EARNED", "ONE_STEP"),
    graceDays: fc.constantFrom(0, 1, 20),
  });
  const arbitraryFacts = fc.array(
    fc.tuple(fc.integer({ min: 0, max: DAYS * 24 }), fc.integer({ min: 1, max: 900 })),
    { maxLength: 40 },
  );
  const zone = fc.constantFrom("Asia/Shanghai", "America/New_York", "Pacific/Auckland");

  const arbitrary = fc
    .tuple(rulesOf, arbitraryFacts, zone)
    .map(([{ window: counting, keepShare, ...rest }, events, timeZone]) => {
      const tiers = ladder.slice(1).map(({ id, requirement: { growthValue } }) => ({
        tierId: id,
        reach: growth(growthValue, counting),
        keep: keepShare === null ? null : growth(growthValue * keepShare, counting),
      }));
      const rules = { tiers, warnDaysBefore: [], ...rest } as TierRules;
      const facts = events
        .map(([hours, amount]): CountedFact => {
          return { memberId: "m", at: START + hours * 3_600_000 + 1, measure: "GROWTH_VALUE", amount };
        })
        .sort((a, b) => a.at - b.at);
      return { ruleSets: [{ id: "rul_1", startsAt: START, rules }], facts, timeZone, ladder };
    });

  const newMember = { tierId: "classic", since: START, until: null, reviewAt: null };

  /** The life of a member: each fact is decided on at once, and a job looks every so many days. */
  function live(given: Omit<StandingFacts, "standing">, jobEveryDays: number) {
    let standing: StandingFacts["standing"] = newMember;
    const moves: unknown[] = [];
    const decide = (now: number) => {
      const facts = given.facts.filter((it) => it.at <= now);
      const decided = decideStanding({ ...given, facts, standing }, now);
      standing = decided.standing;
      moves.push(...movesOf(decided));
    };
    const jobs = Array.from({ length: Math.ceil(DAYS / jobEveryDays) }, (_, turn) => {
      return START + (turn + 1) * jobEveryDays * DAY_MS;
    });
    const moments = [...given.facts.map((it) => it.at), ...jobs, START + DAYS * DAY_MS].sort((a, b) => a - b);
    for (const moment of moments) decide(moment);
    return { standing, moves };
  }

  test("a job that runs late decides what one in time would have", () => {
    fc.assert(
      fc.property(arbitrary, (given) => {
        expect(live(given, 400)).toEqual(live(given, 1));
      }),
      { numRuns: 60 },
    );
  });

  test("deciding twice is deciding once", () => {
    fc.assert(
      fc.property(arbitrary, fc.integer({ min: 0, max: DAYS }), (given, day) => {
        const now = START + day * DAY_MS;
        const facts = given.facts.filter((it) => it.at <= now);
        const once = decideStanding({ ...given, facts, standing: newMember }, now);
        expect(decideStanding({ ...given, facts, standing: once.standing }, now)).toEqual({
          ...once,
          steps: [],
        });
      }),
    );
  });

  test("more of what counts never makes a tier lower", () => {
    fc.assert(
      fc.property(arbitrary, (given) => {
        // Where what was counted is not counted again: else more may mean a term that began earlier.
        const rules = given.ruleSets[0]?.rules as TierRules;
        fc.pre(rules.term === null);
        const end = START + DAYS * DAY_MS;
        const rankOf = (facts: CountedFact[]) => {
          const { standing } = decideStanding({ ...given, facts, standing: newMember }, end);
          return ladder.find(({ id }) => id === standing.tierId)?.rank ?? 0;
        };
        expect(rankOf([...given.facts, ...given.facts])).toBeGreaterThanOrEqual(rankOf(given.facts));
      }),
    );
  });
});
